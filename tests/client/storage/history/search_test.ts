import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { DatabaseSync } from "node:sqlite";
import { message, TempHistory, texts } from "./temp_history.ts";

Deno.test("search: all words, in any order and chat, newest first", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  history.append(message("bob", "Lunch at noon?"));
  history.append(message("carol", "noon is fine for lunch"));
  history.append(message("carol", "at noon"));
  assertEquals(texts(history.search("lunch noon", 9)), [
    "noon is fine for lunch",
    "Lunch at noon?",
  ]);
  assertEquals(texts(history.search("noon", 2)), ["at noon", "noon is fine for lunch"]);
  assertEquals(history.search("dinner", 9), []);
});

Deno.test("search: each word may be a beginning, accents, case and ß don't matter", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  for (const text of ["Füße und Hände", "the kernel panics", "a kern", "o'brien's", "e-mail me"]) {
    history.append(message("bob", text));
  }
  assertEquals(texts(history.search("fusse", 9)), ["Füße und Hände"]);
  assertEquals(texts(history.search("fuße", 9)), ["Füße und Hände"]);
  assertEquals(texts(history.search("HANDE", 9)), ["Füße und Hände"]);
  assertEquals(texts(history.search("kern", 9)), ["a kern", "the kernel panics"]);
  assertEquals(texts(history.search("kern pan", 9)), ["the kernel panics"]);
  assertEquals(texts(history.search("ern pan", 9)), []);
  assertEquals(texts(history.search("o'bri", 9)), ["o'brien's"]);
  assertEquals(texts(history.search("e-mail", 9)), ["e-mail me"]);
  assertEquals(texts(history.search("a", 9)), ["a kern"]);
});

Deno.test("search: in scripts without spaces, what stands in the middle is found", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  for (const text of ["明日の会議は中止です", "สวัสดีครับ", "안녕하세요 여러분"]) {
    history.append(message("bob", text));
  }
  assertEquals(texts(history.search("会議", 9)), ["明日の会議は中止です"]);
  assertEquals(texts(history.search("議会", 9)), []);
  assertEquals(texts(history.search("中", 9)), ["明日の会議は中止です"]);
  assertEquals(texts(history.search("สวัส", 9)), ["สวัสดีครับ"]);
  assertEquals(texts(history.search("안녕", 9)), ["안녕하세요 여러분"]);
});

Deno.test("search: symbols are found as they are, alone and with words", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  for (const text of ["lunch 👍", "lunch? :-)", "❤️", "2 * 3", "dinner 👍🏽"]) {
    history.append(message("bob", text));
  }
  assertEquals(texts(history.search("👍", 9)), ["dinner 👍🏽", "lunch 👍"]);
  assertEquals(texts(history.search("👍 lunch", 9)), ["lunch 👍"]);
  assertEquals(texts(history.search(":-)", 9)), ["lunch? :-)"]);
  assertEquals(texts(history.search("*", 9)), ["2 * 3"]);
  assertEquals(texts(history.search("❤", 9)), ["❤️"]);
  assertEquals(texts(history.search("👍", 1)), ["dinner 👍🏽"]);
});

Deno.test("search: widths and ß make no difference, and no word is dropped", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  const many = Array.from({ length: 40 }, (_, at) => `w${at}`);
  for (const text of ["Hauptstraße 5", "STRASSE", "ｶﾞﾗｽ", "ガラス", "ｗｉｄｅ", many.join(" ")]) {
    history.append(message("bob", text));
  }
  assertEquals(texts(history.search("hauptstrasse", 9)), ["Hauptstraße 5"]);
  assertEquals(texts(history.search("straße", 9)), ["STRASSE"]);
  assertEquals(texts(history.search("ガラス", 9)), ["ガラス", "ｶﾞﾗｽ"]);
  assertEquals(texts(history.search("ｶﾞﾗｽ", 9)), ["ガラス", "ｶﾞﾗｽ"]);
  assertEquals(texts(history.search("wide", 9)), ["ｗｉｄｅ"]);
  assertEquals(history.search(many.join(" "), 9).length, 1);
  assertEquals(history.search([...many.slice(1), "missing"].join(" "), 9), []);
  assertEquals(temp.notes, []);
});

Deno.test("search: a history of before is indexed anew", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  history.append(message("bob", "Straße"));
  await history.close();
  const db = new DatabaseSync(temp.path);
  db.exec("DROP VIEW words_folded; INSERT INTO words (words) VALUES ('delete-all')");
  db.close();
  const again = await temp.open();
  assertEquals(texts(again.search("strasse", 9)), ["Straße"]);
  assertEquals(await again.forget("bob"), 1);
});

Deno.test("search: what users type is never a query's syntax", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  history.append(message("bob", "this AND that"));
  for (
    const words of [
      '"',
      "'",
      "*",
      "a*",
      "AND",
      "NOT x",
      "(",
      "text:this",
      "^this",
      "-",
      "\0",
      '""',
      "{}",
    ]
  ) {
    history.search(words, 9);
  }
  assertEquals(texts(history.search("AND", 9)), ["this AND that"]);
  assertEquals(texts(history.search('"this" (that)', 9)), ["this AND that"]);
  assertEquals(history.search("text:this", 9), []);
  fc.assert(fc.property(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.constantFrom('"', "*", "a", " ", "OR", "NEAR(", ")", ":", "+", "^", "\0", "你"))
        .map((parts) => parts.join("")),
    ),
    (words) => void history.search(words, 1),
  ));
  history.search("many words ".repeat(10_000), 1);
  history.search("x".repeat(100_000) + "-", 1);
  assertEquals(temp.notes, []);
});

Deno.test("search: a text is found by all of itself", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  const character = fc.constantFrom(..."aZéß1 ,'\"-*λжक你は한👍\n".match(/./gsu) ?? []);
  fc.assert(fc.property(fc.string({ unit: character, maxLength: 30 }), (text) => {
    fc.pre(text.trim() !== "");
    history.append(message("bob", text));
    assertEquals(texts(history.search(text, 1)), [text]);
  }));
});
