/** The window's list says of users what /who says. */

import { assertEquals, assertMatch } from "@std/assert";
import { MessageArchive, UNCERTIFIED_NOTE } from "../../../client/app/mod.ts";
import type { Messenger } from "../../../client/core/mod.ts";
import { Profile } from "../../../client/storage/mod.ts";
import type { UserRow } from "../../../client/window/messages.ts";
import { WindowState } from "../../../client/window/state/mod.ts";
import { newIdentity, testKey } from "../../fixtures/keys.ts";
import { bytes, Mim2Server, row } from "../../helpers/fake_server.ts";
import { TableServer } from "../../helpers/table_server.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";

/** The row of a user in the window's list, and what its log says of names. */
function listed(messenger: Messenger, name: string): UserRow | undefined {
  const archive = new MessageArchive(new Profile(undefined, {}, "a test"), () => {});
  const window = new WindowState(messenger, archive);
  const { users } = window.snapshot;
  window.close();
  return users.find((user) => user.name === name);
}

Deno.test("window list: a contact under another certified name is shown with the known one", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  await server.pin(ada, "bob", testKey(8));
  ada.logout();
  await ada.login();
  const robert = await server.user("robert", { key: testKey(8) });
  const user = listed(ada, robert.name);
  assertEquals([user?.security, user?.knownAs], ["pinned", "bob"]);
});

Deno.test("window list: a classic user whose name belongs to a key is marked", async () => {
  await using env = TestEnvironment.fake();
  const at = new Mim2Server().listen(env, async (visit) => {
    await visit.logIn(row({ name: "bob", isNameClaimed: true }), row({ name: "carol" }));
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  await ada.login();
  assertEquals(listed(ada, "bob")?.isNotOwner, true);
  assertEquals(listed(ada, "carol")?.isNotOwner, undefined);
});

Deno.test("window list: a user without a key can't be invited to a room", async () => {
  await using env = TestEnvironment.fake();
  const at = new Mim2Server().listen(env, async (visit) => {
    await visit.logIn(row({ name: "carol" }));
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  await ada.login();
  const carol = listed(ada, "carol");
  assertEquals([carol?.security, carol?.key], ["classic", undefined]);
  const { canBeGuest } = await import(`../../../client/window/page/${"guests"}.js`);
  assertEquals(canBeGuest(carol, []), false);
});

Deno.test("window list: a server that certifies nobody is said once, and not at each row", async () => {
  await using env = TestEnvironment.fake();
  const server = new Mim2Server();
  server.isUncertified = true;
  const at = server.listen(env, async (visit) => {
    await visit.logIn(row({ name: "bob", identity: bytes(32, 3) }));
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  const archive = new MessageArchive(new Profile(undefined, {}, "a test"), () => {});
  const window = new WindowState(ada, archive);
  await ada.login();
  ada.logout();
  await ada.login();
  const { users, info } = window.snapshot;
  const bob = users.find(({ name }) => name === "bob");
  assertEquals([bob?.security, bob?.isUncertified], ["unconfirmed", true]);
  assertEquals(info.filter(({ text }) => text === UNCERTIFIED_NOTE).length, 1);
  window.close();
});

Deno.test("window list: whoever has a member's name and another key can be invited to the room", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  await server.pin(ada, "cyd", testKey(9));
  ada.logout();
  await ada.login();
  await server.user("bob", { key: testKey(8) });
  const online = listed(ada, "bob");
  const offline = listed(ada, "cyd");
  assertMatch(`${online?.key} ${offline?.key}`, /^[0-9a-f]{64} [0-9a-f]{64}$/);
  const { canBeGuest } = await import(`../../../client/window/page/${"guests"}.js`);
  assertEquals(canBeGuest(online, [{ name: "bob", key: online?.key }]), false);
  assertEquals(canBeGuest(online, [{ name: "bob", key: offline?.key }]), true);
  assertEquals(canBeGuest(offline, [{ name: "cyd", key: offline?.key }]), false);
  assertEquals(canBeGuest(offline, [{ name: "cyd", key: online?.key }]), true);
});
