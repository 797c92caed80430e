/** `/kick`, `/ban` and `/unban`: what an admin of the server does from a client. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { newIdentity } from "../../fixtures/keys.ts";
import { BanList } from "../../helpers/ban_list.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { Screen } from "../app/screen.ts";

async function office(env: TestEnvironment, folder: TempFolder) {
  const identity = newIdentity();
  const admins = [identity.publicKey.toHex()];
  const { entries: bans, onBan } = new BanList(admins);
  const { at } = env.serve({ data: folder.path, access: { admins }, onBan });
  const ada = env.user("ada", at, undefined, { identity });
  const bob = env.user("bob", at, undefined, { identity: newIdentity(), reconnect: true });
  const carl = env.user("carl", at); // speaks classic MIM
  for (const user of [ada, bob, carl]) await user.login();
  for (const name of ["bob", "carl"]) await ada.saw("online", { name });
  await bob.saw("online", { name: "ada" });
  return { at, ada, bob, carl, bans, screen: new Screen(ada), other: new Screen(bob) };
}

Deno.test("/kick, /ban and /unban: by key if there is one, and the user reads who is meant", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { ada, bob, carl, bans, screen } = await office(env, folder);
  const tag = bob.publicKey?.tag;
  const key = bob.publicKey?.toHex() ?? "";
  await screen.type("/kick bob");
  assertEquals(screen.told(), [`note: Kicked bob (key ${tag}); 1 session has ended`]);
  await bob.saw("disconnected", {});
  assertEquals(bob.state, "offline"); // and does not come back by itself
  await ada.saw("offline", { name: "bob" });
  await bob.login();
  await ada.saw("online", { name: "bob" });

  await screen.type("/kick carl");
  assertEquals(screen.told(), ["note: Kicked carl (classic); 1 session has ended"]);
  await carl.saw("disconnected", {});

  await screen.type("/ban bob");
  assertEquals(screen.told(), [
    `note: Banned bob (key ${tag}); 1 session has ended; /unban ${key} lifts the ban`,
  ]);
  assertEquals([...bans], [`keys ${key}`]);
  await ada.saw("offline", { name: "bob" });
  await screen.type("/ban bob"); // nobody is called so any more: the name
  assertMatch(screen.told()[0] ?? "", /^note: Banned the name bob; 0 sessions have ended;/);
  await screen.type("/unban bob", `/unban ${key}`, "/unban bob");
  assertEquals(screen.told(), [
    "note: the name bob may log in again",
    `note: the key ${key} may log in again`,
    "error: That is not banned",
  ]);
  assertEquals([...bans], []);
});

Deno.test("/ban: names, networks and quotes; nobody bans by accident", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { ada, at, bans, screen } = await office(env, folder);
  const odd = env.user("10.0.0.1", at, undefined, { identity: newIdentity() });
  await odd.login();
  await ada.saw("online", { name: "10.0.0.1" });
  await screen.type("/ban 192.0.2.0/24", '/ban "192.0.2.9"', "/ban 10.0.0.1");
  assertEquals([...bans], [
    "networks 192.0.2.0/24",
    "names 192.0.2.9",
    `keys ${odd.publicKey?.toHex()}`,
  ]);
  screen.clear();
  await screen.type("/kick", "/kick nobody", "/kick ada", "/ban", "/ban ada");
  const told = screen.told();
  assertMatch(told[0] ?? "", /^error: Expected a user: \/kick NAME/);
  assertMatch(told[1] ?? "", /nobody is not online/);
  assertEquals(told.filter((line) => line.startsWith("note:")), [], told.join("\n"));
  assertEquals(bans.size, 3);
});

Deno.test("/kick: others are refused clearly, and only admins find it in /help", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { ada, screen, other, bans } = await office(env, folder);
  await other.type("/kick ada", "/ban ada", "/unban eve");
  const refusal = "error: Only admins of this server can do that, and your key is not one of " +
    "theirs; the operator names them";
  assertEquals(other.told(), [refusal, refusal, refusal]);
  assertEquals([ada.state, bans.size], ["online", 0]);
  const listed = async (one: Screen) => {
    await one.type("/help");
    return one.told().some((line) => line.includes("/kick WHO"));
  };
  assert(await listed(screen));
  assert(!await listed(other));
  ada.logout();
  assert(!await listed(screen));
  await screen.type("/unban eve");
  assertEquals(screen.told().at(-1), "error: That needs a login at a server that speaks MIM/2");
});
