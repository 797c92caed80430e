/** Callers in classic MIM that are in no table, at a client with a key. */

import { assertEquals } from "@std/assert";
import { newIdentity } from "../../../fixtures/keys.ts";
import { TempFolder } from "../../../helpers/disk.ts";
import { poll } from "../../../helpers/wait.ts";
import { TestEnvironment } from "../../../helpers/test_environment.ts";

Deno.test("a word from somebody in no table opens nothing, tells nothing and is counted", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at } = env.serve({ data: folder.path });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  await ada.login();
  const { port } = await ada.saw("listening");
  const hostname = [...ada.users][0]?.address ?? "";
  ada.events.clear();
  for (const word of ["foo", "xyzzy", "login"]) {
    const scan = await env.dial({ hostname, port });
    await scan.say(`${word}\r\n`);
    await scan.end();
    await scan.hung();
  }
  await poll(() => ada.calls.rejectedCount === 3, "them to be counted");
  assertEquals(ada.chats.all, []);
  assertEquals(ada.events.all.filter(({ event }) => /chat|call$|message/.test(event)), []);

  const person = await env.dial({ hostname, port });
  await person.say("eve\nhello\n");
  const { caller } = await ada.saw("incoming-call");
  assertEquals([caller.name, caller.doubt?.reason], ["eve", "unconfirmed"]);
  await caller.accept();
  await ada.saw("message", { name: "eve", text: "hello" });
  await person.end();
});
