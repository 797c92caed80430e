/** Whom the first line of a conversation calls. */

import { assertEquals } from "@std/assert";
import { MessageArchive } from "../../../../client/app/mod.ts";
import { Profile } from "../../../../client/storage/mod.ts";
import { CallRequests } from "../../../../client/window/api/call_requests.ts";
import { WindowState } from "../../../../client/window/state/mod.ts";
import { newIdentity } from "../../../fixtures/keys.ts";
import { TempFolder } from "../../../helpers/disk.ts";
import { TestEnvironment } from "../../../helpers/test_environment.ts";
import { assertRefused } from "../../../helpers/test_user.ts";

Deno.test("window: a line to a name that belongs to a key calls nobody without one, unless chosen", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at } = env.serve({ data: folder.path });
  const owner = env.user("bob", at, undefined, { identity: newIdentity() });
  await owner.login();
  await owner.quit();
  const squatter = env.user("bob", at);
  await squatter.login();
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  await ada.login();
  const { user } = await ada.saw("online", { name: "bob" });
  const state = new WindowState(
    ada,
    new MessageArchive(new Profile(undefined, {}, "a test"), () => {}),
  );
  const calls = new CallRequests(state);
  const old = state.conversations.openWith({ name: "bob", address: "192.0.2.200", port: 4000 });
  const error = await assertRefused("peer-unconfirmed", () => calls.chatFor(old));
  assertEquals(error.details, { name: "bob", isNotOwner: true });
  assertEquals(squatter.events.all.filter(({ event }) => event === "chat-opened"), []);
  state.conversations.leave(old);
  await calls.call({ ...user, own: false }, () => {});
  await squatter.saw("chat-opened");
  state.close();
});
