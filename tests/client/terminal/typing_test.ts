import { PublicKey } from "../../../client/core/mod.ts";
import { assertEquals } from "@std/assert";
import type { Chat } from "../../../client/core/mod.ts";
import { TypingNotice, Typists } from "../../../client/terminal/typing.ts";
import { FakeTime } from "../../helpers/time.ts";
import { chatWith } from "../../fixtures/events.ts";

const told: string[] = [];
const bob = keyed("bob");
const carol = keyed("carol");

/** A chat with a peer that has a key, which is told who types. */
function keyed(name: string): Chat {
  const setTyping = (isTyping: boolean) => void told.push(`${name} ${isTyping}`);
  return chatWith(name, {
    identity: new PublicKey(new Uint8Array(32)),
    security: "pinned",
    setTyping,
  });
}

function notice(): TypingNotice {
  told.length = 0;
  return new TypingNotice();
}

Deno.test("typing: told at the first key, and when there is a pause", async () => {
  using time = new FakeTime();
  const typing = notice();
  for (const line of ["h", "he", "hel"]) typing.typed(line, bob);
  assertEquals(told, ["bob true"]);
  await time.pass(5_000);
  assertEquals(told, ["bob true", "bob false"]);
  typing.close();
});

Deno.test("typing: commands, classic chats and nobody are told nothing", () => {
  using _ = new FakeTime();
  const typing = notice();
  typing.typed("/who", bob);
  typing.typed("hello", chatWith("eve"));
  typing.typed("hello", undefined);
  typing.typed("  ", bob);
  assertEquals(told, []);
  typing.typed("//hello", bob);
  assertEquals(told, ["bob true"]);
  typing.close();
});

Deno.test("typing: not more often than every three seconds, and each chat for itself", async () => {
  using time = new FakeTime();
  const typing = notice();
  for (const line of ["h", "", "h", "", "h"]) typing.typed(line, bob);
  assertEquals(told, ["bob true", "bob false"]);
  await time.pass(3_000);
  typing.typed("he", bob);
  typing.typed("he", carol);
  assertEquals(told, ["bob true", "bob false", "bob true", "bob false"]);
  typing.close();
});

Deno.test("typing: a peer who says nothing more has stopped", async () => {
  using time = new FakeTime();
  let changes = 0;
  const typists = new Typists(() => changes++);
  typists.set(bob, true);
  assertEquals([typists.has(bob), typists.has(carol)], [true, false]);
  await time.pass(20_000);
  assertEquals([typists.has(bob), changes], [false, 1]);
  typists.set(bob, true);
  typists.set(bob, false);
  assertEquals(typists.has(bob), false);
});
