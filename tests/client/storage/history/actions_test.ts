/** Actions on stored messages: they hold after a restart, in whatever order they came. */

import { assertEquals } from "@std/assert";
import type { NewAction } from "../../../../client/storage/history/mod.ts";
import { message, TempHistory, texts } from "./temp_history.ts";

const KEY = "aa".repeat(32);
let actions = 0;

/** A message of bob's, and what is done with it. */
function from(id: string, text: string) {
  return message("bob", text, { mark: KEY + id });
}

function action(
  id: string,
  type: NewAction["type"],
  body: string,
  more: Partial<NewAction> = {},
): NewAction {
  return {
    ...{ id: String(++actions).padStart(16, "0"), type, body, by: "them", time: actions },
    ...{ target: { id, direction: "incoming" }, mark: KEY + id, peer: "bob", key: KEY },
    ...more,
  };
}

Deno.test("history: edits, a delete and reactions are there in a later run", async () => {
  await using temp = new TempHistory();
  let history = await temp.open();
  for (const [id, text] of [["1", "first text"], ["2", "gone soon"], ["3", "liked"]] as const) {
    history.keepNow(from(id, text));
  }
  assertEquals(history.applyAction(action("1", "edit", "second text"), false), {
    ...{ type: "edited", text: "second text", before: "first text", by: "them" },
    target: { id: "1", direction: "incoming" },
  });
  history.applyAction(action("1", "edit", "third text"), false);
  history.applyAction(action("1", "edit", "an older one", { time: 0 }), false);
  assertEquals(history.applyAction(action("2", "delete", ""), false)?.type, "deleted");
  history.applyAction(action("3", "react", "👍"), false);
  history.applyAction(action("3", "react", "🎉", { by: "me" }), false);
  history.applyAction(action("3", "unreact", "👍"), false);
  await history.close();
  history = await temp.open();
  const [first, second, third] = history.last("bob", 9);
  assertEquals([first?.text, first?.isEdited, first?.isDeleted], ["third text", true, undefined]);
  assertEquals([second?.text, second?.isDeleted], ["", true]);
  assertEquals([third?.text, third?.reactions], ["liked", [{ by: "me", emoji: "🎉" }]]);
  const versions = (id: number | undefined) => texts(history.versions(id ?? 0));
  assertEquals(versions(first?.id), ["first text", "an older one", "second text", "third text"]);
  assertEquals([versions(second?.id), versions(third?.id)], [["gone soon"], []]);
  assertEquals(history.find(`${KEY}2`)?.id, second?.id);
  assertEquals(texts(history.search("text", 9)), ["third text"]);
  assertEquals([history.search("first", 9), history.search("gone", 9)], [[], []]);
  assertEquals(history.applyAction(action("2", "edit", "back again"), false), undefined);
});

Deno.test("history: what comes before its message is kept for it, also in a later run", async () => {
  await using temp = new TempHistory();
  let history = await temp.open();
  assertEquals(history.applyAction(action("1", "edit", "later"), false), undefined);
  history.applyAction(action("2", "edit", "of a message that was here"), true);
  history.applyAction(action("3", "react", "x", { by: "me" }), false); // not by its author
  await history.close();
  history = await temp.open();
  for (const id of ["1", "2", "3"]) history.keepNow(from(id, "as it was"));
  assertEquals(history.takeApplied(`${KEY}1`).map(({ type }) => type), ["edited"]);
  assertEquals(history.takeApplied(`${KEY}1`), []);
  assertEquals(texts(history.last("bob", 9)), ["later", "as it was", "as it was"]);
});

Deno.test("history: 32 texts of a message are kept, and 256 actions of a key", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  history.keepNow(from("1", "as it was"));
  for (let at = 1; at <= 40; at++) history.applyAction(action("1", "edit", `text ${at}`), false);
  const [stored] = history.last("bob", 1);
  const versions = texts(history.versions(stored?.id ?? 0));
  assertEquals([versions.length, versions[0], versions.at(-1)], [32, "text 9", "text 40"]);
  for (let at = 0; at < 260; at++) history.applyAction(action(`k${at}`, "edit", "x"), false);
  for (const at of [3, 4, 259]) history.keepNow(from(`k${at}`, "as it was"));
  assertEquals(texts(history.last("bob", 3)), ["as it was", "x", "x"]);
});

Deno.test("history: with a message all of its texts are forgotten", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  history.keepNow(from("1", "secret one"));
  history.applyAction(action("1", "edit", "secret two"), false);
  history.applyAction(action("9", "edit", "secret three"), false);
  assertEquals(await history.forget("bob"), 1);
  history.keepNow(from("9", "plain"));
  assertEquals(texts(history.last("bob", 9)), ["plain"]);
  await history.close();
  assertEquals(["one", "two", "three"].filter((word) => temp.contains(`secret ${word}`)), []);
});

Deno.test("history: a message that answers another one names it, and what was seen stays", async () => {
  await using temp = new TempHistory();
  let history = await temp.open();
  const own = (id: string) => message("bob", id, { type: "sent", mark: `>${KEY}${id}` });
  for (const id of ["1", "2"]) history.keepNow(own(id));
  history.keepNow({ ...from("3", "yes"), reply: `>${KEY}1` });
  assertEquals([history.markSeen(`>${KEY}2`), history.markSeen(`>${KEY}1`)], [true, false]);
  assertEquals([history.markSeen(`>${KEY}2`), history.markSeen("unknown")], [false, false]);
  await history.close();
  history = await temp.open();
  assertEquals(history.last("bob", 1)[0]?.reply, `>${KEY}1`);
  const [thread] = history.threads(9);
  assertEquals(thread?.seenId, history.find(`>${KEY}2`)?.id);
});

Deno.test("history: messages from and to a key are found by the one that follows it", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  const newKey = "bb".repeat(32);
  history.keepNow(from("1", "theirs"));
  history.keepNow(message("bob", "mine", { type: "sent", mark: `>${KEY}2` }));
  history.keepNow(message("eve", "another's", { mark: `${"ac".repeat(32)}1` }));
  history.rotateKey(Uint8Array.fromHex(KEY), Uint8Array.fromHex(newKey));
  assertEquals(history.find(`${newKey}1`)?.text, "theirs");
  assertEquals(history.find(`>${newKey}2`)?.text, "mine");
  assertEquals(history.find(`${KEY}1`), undefined);
  assertEquals(history.find(`${"ac".repeat(32)}1`)?.text, "another's");
});
