/** What is sent at once goes only to whom a name means for certain. */

import { assertEquals, assertMatch } from "@std/assert";
import { MessageArchive } from "../../../client/app/mod.ts";
import { Profile } from "../../../client/storage/mod.ts";
import { newIdentity } from "../../fixtures/keys.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { TableServer } from "../../helpers/table_server.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import type { TestUser } from "../../helpers/test_user.ts";
import { Screen } from "./screen.ts";

/** Ada with a screen and a history, at a server that remembers names. */
async function ada(env: TestEnvironment, folder: TempFolder) {
  const { at } = env.serve({ data: `${folder.path}/server` });
  const user = env.user("ada", at, undefined, { identity: newIdentity() });
  const screen = new Screen(user);
  const archive = new MessageArchive(await Profile.read(`${folder.path}/ada`), () => {});
  await archive.open();
  archive.threadNames.messenger = user;
  screen.context.archive = archive;
  await user.login();
  return { at, ada: user, screen, archive };
}

/** All that has reached someone of somebody's lines. */
function gotten(user: TestUser): unknown[] {
  return user.events.all.filter(({ event }) => event === "message" || event === "chat-opened");
}

Deno.test("/msg: gives a user without a key nothing under a name that belongs to one", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at, ada: user, screen, archive } = await ada(env, folder);
  const owner = env.user("qa", at, undefined, { identity: newIdentity() });
  await owner.login();
  await owner.quit();
  const squatter = env.user("qa", at);
  await squatter.login();
  const { user: row } = await user.saw("online", { flags: /classic/ });
  screen.clear();
  await screen.type("/msg qa secret1", "/msg Qa secret2", "/talk qa", "secret3");
  const refused = "error: This is not the owner of the name qa: it belongs to a key, and this " +
    `user has none; qa@${row.address}:${row.port} means this user all the same`;
  assertEquals(screen.told(), [
    refused,
    refused,
    refused,
    "note: Not sent: qa could not be reached; /talk qa tries again",
  ]);
  assertEquals(gotten(squatter), []);
  await screen.type(`/msg qa@${row.address} hello`);
  await squatter.saw("message", { text: "hello" });
  // The chat that is open now is not the owner's, either.
  await screen.type("/msg qa secret4", "/talk qa", "secret5", `/talk qa@${row.address}`, "hi");
  await squatter.saw("message", { text: "hi" });
  assertEquals(squatter.events.all.filter(({ text }) => /secret/.test(String(text))), []);
  await user.quit();
  await archive.close();
});

Deno.test("/msg: another name of a contact means that contact alone", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at, ada: user, screen, archive } = await ada(env, folder);
  const identity = newIdentity();
  const sam = env.user("sam", at, undefined, { identity });
  await sam.login();
  await user.saw("online", { name: "sam" });
  await screen.type("/talk sam", "hello");
  await user.saw("delivered");
  await sam.quit();
  const renamed = env.user("samuel", at, undefined, { identity });
  await renamed.login();
  await user.saw("online", { name: "samuel" });
  await screen.type("/talk samuel", "is that you?");
  await renamed.saw("message", { text: "is that you?" });
  await renamed.quit();
  await user.saw("offline", { name: "samuel" });
  user.events.clear();
  const squatter = env.user("samuel", at);
  await squatter.login();
  await user.saw("online", { name: "samuel" });
  screen.clear();
  await screen.type("/msg samuel the password is 4711", "/talk samuel", "4711");
  assertEquals(
    screen.told().slice(0, 2).every((line) => /not the owner of the name samuel/.test(line)),
    true,
  );
  assertEquals(gotten(squatter), []);
  await user.quit();
  await archive.close();
});

Deno.test("/msg: another name of a contact is known also if the server does not say whose it is", async () => {
  await using server = new TableServer();
  const user = await server.user("ada");
  await server.pin(user, "sam", new Uint8Array(32).fill(9));
  user.logout();
  await user.login();
  const squatter = await server.user("samuel", { key: null });
  const screen = new Screen(user);
  const folder = await Deno.makeTempDir();
  const archive = new MessageArchive(await Profile.read(folder), () => {});
  await archive.open();
  archive.keepThread({ thread: "sam", otherName: "samuel" });
  screen.context.archive = archive;
  await screen.type("/msg samuel the password is 4711");
  assertMatch(screen.told()[0] ?? "", /not the owner of the name samuel/);
  assertEquals(squatter.events.all.filter(({ event }) => event === "chat-opened"), []);
  await user.quit();
  await archive.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("/msg: gives someone whom nothing confirms nothing, and says how to reach them", async () => {
  await using server = new TableServer();
  const user = await server.user("ada");
  const bob = await server.user("bob", { isCertified: false });
  const screen = new Screen(user);
  await screen.type("/msg bob secret");
  assertEquals(screen.told(), [
    "error: Nothing confirms that this is bob: you have not met this key, and the server " +
    "certifies no such name; compare safety numbers with /verify bob, or name the whole key, " +
    "which /whoami shows there: bob#FINGERPRINT; /talk bob starts a chat all the same",
  ]);
  assertEquals(bob.events.all.filter(({ event }) => event === "chat-opened"), []);
  await screen.type(`/msg bob#${bob.publicKey?.toHex()} hello`);
  await bob.saw("message", { text: "hello" });
  await screen.type("/close bob", "/talk bob", "/msg bob in this chat");
  await bob.saw("message", { text: "in this chat" });
});

Deno.test("/msg: gives someone who looks like a contact nothing by the name alone", async () => {
  await using server = new TableServer();
  const user = await server.user("ada");
  await server.pin(user, "bob", new Uint8Array(32).fill(9));
  user.logout();
  await user.login();
  const other = await server.user("b0b", { key: null });
  const screen = new Screen(user);
  await screen.type("/msg b0b secret");
  assertEquals(screen.told(), [
    "error: Not sent: b0b only looks like bob, whom you know, and has no key; /talk b0b starts " +
    "a chat all the same",
  ]);
  assertEquals(other.events.all.filter(({ event }) => event === "chat-opened"), []);
});
