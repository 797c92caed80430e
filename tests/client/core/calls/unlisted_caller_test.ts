/** Callers in classic MIM that are in no table, at a client with a key. */

import { assertEquals } from "@std/assert";
import { newIdentity } from "../../../fixtures/keys.ts";
import { TempFolder } from "../../../helpers/disk.ts";
import { poll } from "../../../helpers/wait.ts";
import { TestEnvironment } from "../../../helpers/test_environment.ts";

/** Ada is online with a key, at a server with a data folder; the place where she listens. */
async function withKey(env: TestEnvironment, folder: TempFolder) {
  const { at } = env.serve({ data: folder.path });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  await ada.login();
  const { port } = await ada.saw("listening");
  return { at, ada, listens: { hostname: [...ada.users][0]?.address ?? "", port } };
}

Deno.test("a word from somebody in no table opens nothing, tells nothing and is counted", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { ada, listens } = await withKey(env, folder);
  ada.events.clear();
  for (const word of ["foo", "xyzzy", "login"]) {
    const scan = await env.dial(listens);
    await scan.say(`${word}\r\n`);
    await scan.end();
    await scan.hung();
  }
  await poll(() => ada.calls.rejectedCount === 3, "them to be counted");
  assertEquals(ada.chats.all, []);
  assertEquals(ada.events.all.filter(({ event }) => /chat|call$|message/.test(event)), []);

  const person = await env.dial(listens);
  await person.say("eve\nhello\n");
  const { caller } = await ada.saw("incoming-call");
  assertEquals([caller.name, caller.doubt?.reason], ["eve", "unconfirmed"]);
  await caller.accept();
  await ada.saw("message", { name: "eve", text: "hello" });
  await person.end();
});

Deno.test("a caller without a key waits unless somebody of its name is online at its very address", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at, ada, listens } = await withKey(env, folder);
  const machine = env.machine();
  await env.user("eve", at, machine).login();
  await env.user("zoe", at).login();
  for (const name of ["eve", "zoe"]) await ada.saw("online", { name });
  // An absent name from where somebody is online, and the name of somebody who is online elsewhere.
  for (const name of ["bob", "zoe"]) {
    const impostor = await env.dial(listens, machine);
    await impostor.say(`${name}\nhello\n`);
    const { caller } = await ada.saw("incoming-call", { name });
    assertEquals(caller.doubt, { reason: "unconfirmed", isUnlisted: true });
    assertEquals(ada.chats.all, []);
    await impostor.end();
  }
  const listed = await env.dial(listens, machine);
  await listed.say("eve\nhello\n");
  await ada.saw("message", { name: "eve", text: "hello" });
  await listed.end();
});

Deno.test("a user without a key whose name ends like the tag of a key is told apart", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at, ada } = await withKey(env, folder);
  for (const name of ["bob~27vi-d2fq", "bоb～27vi–d2fq"]) {
    const told = `${name}~classic`;
    const eve = env.user(name, at);
    await eve.login();
    await ada.saw("online", { name: told });
    const seen = await eve.users.find("ada");
    await (await eve.chats.call(seen)).send("hello");
    await ada.saw("message", { name: told, text: "hello" });
    await eve.quit();
    await ada.saw("offline", { name: told });
  }
});
