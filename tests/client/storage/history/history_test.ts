import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { MessageTable } from "../../../../client/storage/history/message_table.ts";
import { FakeTime, WallClock } from "../../../helpers/time.ts";
import { poll } from "../../../helpers/wait.ts";
import { message, TempHistory, texts } from "./temp_history.ts";

const DAY = 86_400_000;

Deno.test("history: what was kept is there after a restart, all of it", async () => {
  await using temp = new TempHistory();
  const first = await temp.open();
  first.append({
    peer: { name: "bob", address: "192.0.2.7:40001" },
    server: "mim.example:4242",
    type: "failed",
    text: "lunch?",
    at: 1_700_000_000_123,
  });
  first.append(message("bob", "here", { type: "sent" }));
  await first.close();

  const [failed, sent, ...more] = (await temp.open()).last("bob", 10);
  assertEquals(failed, {
    id: 1,
    peer: { name: "bob", address: "192.0.2.7:40001" },
    server: "mim.example:4242",
    type: "failed",
    text: "lunch?",
    at: 1_700_000_000_123,
  });
  assertEquals(sent, { id: 2, ...message("bob", "here", { type: "sent" }) });
  assertEquals(more, []);
  assertEquals(temp.notes, []);
});

Deno.test("history: the last lines of one peer, oldest first, and those before them", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  for (let index = 0; index < 10; index++) {
    history.append(message("bob", `b${index}`));
    history.append(message("Bob", `B${index}`));
  }
  const last = history.last("bob", 3);
  assertEquals(texts(last), ["b7", "b8", "b9"]);
  assertEquals(texts(history.before("bob", last[0]?.id ?? 0, 2)), ["b5", "b6"]);
  assertEquals(texts(history.before("bob", 1, 2)), []);
  assertEquals(texts(history.last("carol", 3)), []);
});

Deno.test("history: a time that no date can have, kept by an earlier version, is the last that one can", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  history.append({ ...message("bob", "from the future"), at: 2 ** 53 - 1 });
  assertEquals(history.last("bob", 1).map(({ at }) => at), [8.64e15]);
});

Deno.test("history: text is kept as it came", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  const hostile = [
    "\x1b]0;title\x07",
    "a\nb\tc",
    "",
    "👩‍🚀 naïve 你好",
    "'; DROP TABLE message; --",
  ];
  for (const text of hostile) history.append(message(text, text));
  for (const text of hostile) assertEquals(texts(history.last(text, 9)), [text]);
  // But for what SQLite can't hold.
  history.append(message("nul\0", "half \ud83d, nul\0nul"));
  assertEquals(texts(history.last("nul\0", 1)), ["half \ufffd, nul\ufffdnul"]);
  assertEquals(history.search("half nul", 1).length, 1);
  assertEquals(await history.forget("nul\0"), 1);
});

Deno.test("history: messages gather and are written together, without being asked for", async () => {
  await using temp = new TempHistory();
  using time = new FakeTime();
  const writer = await temp.open();
  const reader = await temp.open();
  writer.append(message("bob", "one"));
  writer.append(message("bob", "two"));
  assertEquals(reader.last("bob", 9), []);
  await time.pass(49);
  assertEquals(reader.last("bob", 9), []);
  await time.pass(1);
  assertEquals(texts(reader.last("bob", 9)), ["one", "two"]);
});

Deno.test(
  "history: files are for the owner alone",
  { ignore: Deno.build.os === "windows" },
  async () => {
    await using temp = new TempHistory();
    (await temp.open()).append(message("bob", "hello"));
    (await temp.open()).last("bob", 1);
    assertEquals(temp.files(), ["history.db", "history.db-shm", "history.db-wal", "history.lock"]);
    for (const name of temp.files()) {
      const { mode } = await Deno.stat(`${temp.folder}/${name}`);
      assertEquals((mode ?? 0) & 0o777, 0o600, name);
    }
  },
);

Deno.test("history: while another client writes, messages wait, and nothing is said", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  history.append(message("bob", "before"));
  history.last("bob", 1);
  using other = new DatabaseSync(temp.path);
  other.exec("BEGIN IMMEDIATE");
  history.append(message("bob", "one"));
  assertEquals(texts(history.last("bob", 9)), ["before"]);
  history.append(message("bob", "two"));
  const forgetting = history.forget("carol");
  other.exec("COMMIT");
  const reader = await temp.open();
  await poll(() => reader.last("bob", 9).length === 3, "what waited to be written");
  assertEquals(texts(reader.last("bob", 9)), ["before", "one", "two"]);
  assertEquals(await forgetting, 0);
  assertEquals(temp.notes, []);
});

Deno.test("history: what can't be kept is said once, and throws nothing", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  history.append(message("bob", "before"));
  history.last("bob", 1);
  using other = new DatabaseSync(temp.path);
  other.exec("ALTER TABLE message RENAME TO elsewhere");
  history.append(message("bob", "one"));
  assertEquals(history.last("bob", 9), []);
  history.append(message("bob", "two"));
  assertEquals(history.search("one", 9), []);
  assertEquals(temp.notes, ["Cannot save messages: no such table: message"]);
  other.exec("ALTER TABLE elsewhere RENAME TO message");
  assertEquals(texts(history.last("bob", 9)), ["before", "one", "two"]);
});

Deno.test("history: where the file was taken away, a new one begins", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  history.append(message("bob", "one"));
  history.last("bob", 1);
  for (const name of temp.files()) await Deno.remove(`${temp.folder}/${name}`);
  history.append(message("bob", "two"));
  assertEquals(texts(history.last("bob", 9)), ["two"]);
  await history.close();
  assertEquals(texts((await temp.open()).last("bob", 9)), ["two"]);
  assertEquals(temp.notes, []);
});

Deno.test("history: who is forgotten leaves nothing behind, in no file", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  for (let index = 0; index < 120; index++) {
    history.append(message("mallory", `xylophone ${index}`));
    history.append(message("bob", `lunch ${index}`));
  }
  history.append(message("mallory", "quagmire"));
  history.last("bob", 1);
  assert(temp.contains("xylophone 7") && temp.contains("mallory") && temp.contains("quagmire"));
  history.append(message("mallory", "xylophone at last"));

  assertEquals(await history.forget("mallory"), 122);
  for (const word of ["xylophone", "mallory", "quagmire"]) {
    assert(!temp.contains(word), `${word} is still in a file`);
  }
  assertEquals(history.search("xylophone", 9), []);
  assertEquals(history.last("mallory", 9), []);
  assertEquals(history.last("bob", 999).length, 120);
  assertEquals(history.search("lunch", 999).length, 120);
  assertEquals(await history.forget("nobody"), 0);
});

Deno.test("history: what is said while somebody is forgotten stays; the end waits for it", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  for (let index = 0; index < 500; index++) history.append(message("bob", `before ${index}`));
  const forgetting = history.forget("bob");
  history.append(message("bob", "after"));
  await history.close();
  assertEquals(await forgetting, 500);
  assertEquals(texts((await temp.open()).last("bob", 999)), ["after"]);
});

Deno.test("history: a message that comes after the last was deleted, but before that is noticed, stays", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  for (let index = 0; index < 50; index++) history.append(message("bob", `before ${index}`));
  const forgetting = history.forget("bob"); // deletes the 50, and looks for more a moment later
  history.keepNow(message("bob", "after"));
  assertEquals(await forgetting, 50);
  assertEquals(texts(history.last("bob", 9)), ["after"]);
});

Deno.test("history: what is too old goes, whoever said it", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  const now = Date.now();
  for (let at = 0; at < 200; at++) {
    const kept = at < 150 ? now - 31 * DAY : now - 29 * DAY;
    history.append(message(at % 2 === 0 ? "bob" : "carol", `message ${at}`, { at, kept }));
  }
  assertEquals(await history.prune(30), { deleted: 150, doubtedDays: 0 });
  assertEquals(history.last("bob", 999)[0]?.at, 150);
  assertEquals(history.search("message", 999).length, 50);
  assertEquals(await history.prune(30), { deleted: 0, doubtedDays: 0 });
});

Deno.test("history: what a peer's clock says decides nothing about what is deleted", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  history.append(message("bob", "from long ago, he says", { at: 0 }));
  history.append(message("carol", "from the future, she says", { at: Date.now() + 900 * DAY }));
  assertEquals(await history.prune(30), { deleted: 0, doubtedDays: 0 });
  await history.close();
  using time = new WallClock();
  const weeks = [6.5, 6.5, 6.5, 6.5];
  assertEquals(await prunedAfter(temp, time, weeks), { deleted: 0, doubtedDays: 0 });
  assertEquals(await prunedAfter(temp, time, [6.5]), { deleted: 2, doubtedDays: 0 });
});

/** Starts the history so many times, each after that time, and returns what the last one deletes. */
async function prunedAfter(temp: TempHistory, time: WallClock, steps: readonly number[]) {
  let result: { readonly deleted: number; readonly doubtedDays: number } | undefined;
  for (const step of steps) {
    time.advance(step * DAY);
    const history = await temp.open();
    result = await history.prune(30);
    await history.close();
  }
  return result;
}

Deno.test("history: a start with a clock that is wrong deletes nothing, and one put right neither", async () => {
  for (const ahead of [8, 31, 100, 365, 36_500]) {
    await using temp = new TempHistory();
    using time = new WallClock();
    const first = await temp.open();
    first.append(message("bob", "hello"));
    await first.close();
    assertEquals(await prunedAfter(temp, time, [ahead]), { deleted: 0, doubtedDays: ahead });
    assertEquals(await prunedAfter(temp, time, [-ahead]), { deleted: 0, doubtedDays: 0 });
    const steps = [-ahead, ahead, 5, 5, 5, 5];
    assertEquals(await prunedAfter(temp, time, steps), { deleted: 0, doubtedDays: 0 });
  }
});

Deno.test("history: a clock that has gone on for a week from where it jumped is believed", async () => {
  await using temp = new TempHistory();
  using time = new WallClock();
  const first = await temp.open();
  first.append(message("bob", "before the holidays"));
  await first.close();
  assertEquals(await prunedAfter(temp, time, [40, 3]), { deleted: 0, doubtedDays: 40 });
  assertEquals(await prunedAfter(temp, time, [5]), { deleted: 1, doubtedDays: 0 });
});

Deno.test("history: a file of an earlier version goes by the time of its messages", async () => {
  await using temp = new TempHistory();
  {
    using old = new DatabaseSync(temp.path);
    old.exec(`
      CREATE TABLE message (id INTEGER PRIMARY KEY, peer TEXT NOT NULL, address TEXT NOT NULL,
        server TEXT, kind INTEGER NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL) STRICT;
      CREATE INDEX message_peer ON message (peer);
      CREATE INDEX message_at ON message (at);
      CREATE VIRTUAL TABLE words USING fts5(
        text, content='', columnsize=0, tokenize="unicode61 remove_diacritics 2");
      PRAGMA application_id = ${0x4d494d48};
      PRAGMA user_version = 1;`);
    const insert = old.prepare(
      "INSERT INTO message (peer, address, kind, at, text) VALUES ('bob', '', 0, ?, 'hello')",
    );
    for (const days of [40, 20]) insert.run(Date.now() - days * DAY);
  }
  using time = new WallClock();
  time.advance(365 * DAY);
  assertEquals(await (await temp.open()).prune(30), { deleted: 0, doubtedDays: 0 });
  time.advance(-365 * DAY);
  assertEquals(await (await temp.open()).prune(30), { deleted: 0, doubtedDays: 0 });
});

Deno.test("history: what is forgotten is decided at once, also while another client is in the way", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  for (let count = 0; count < 60; count++) history.append(message("bob", `old ${count}`));
  assertEquals(history.last("bob", 99).length, 60); // written
  // SQLite says so to readers as well now and then, for example while another client recovers its log.
  const { extentOf } = MessageTable.prototype;
  MessageTable.prototype.extentOf = () => {
    throw new Error("database is locked");
  };
  const forgetting = history.forget("bob");
  history.append(message("bob", "new"));
  assertThrows(() => history.keepNow(message("bob", "newer", { mark: "1" })), Error, "locked");
  MessageTable.prototype.extentOf = extentOf;
  assertEquals(await forgetting, 60);
  assertEquals(history.keepNow(message("bob", "newer", { mark: "1" })), true);
  assertEquals(texts(history.last("bob", 99)), ["new", "newer"]);
});

Deno.test("history: a closed one does nothing and throws nothing", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  await history.close();
  await history.close();
  history.append(message("bob", "hello"));
  assertEquals(history.last("bob", 1), []);
  assertEquals(history.search("hello", 1), []);
  assertEquals(await history.forget("bob"), 0);
  assertEquals(await history.prune(1), { deleted: 0, doubtedDays: 0 });
  assertEquals(temp.notes, []);
});

Deno.test("history: whom something was sent to is known by name and address together", async () => {
  await using temp = new TempHistory();
  const history = await temp.open();
  const sent = (name: string, address: string) =>
    history.append(message(name, "hi", { type: "sent", peer: { name, address } }));
  sent("bob", "192.0.2.7:40001");
  sent("carol", "[2001:db8::9]:40001");
  history.append(message("eve", "let me in"));
  history.append(message("dave", "are you there?", { type: "failed" }));
  const known = () =>
    [
      ["bob", "192.0.2.7"],
      ["carol", "[2001:db8::9]"],
      ["Bob", "192.0.2.7"],
      ["bob", "192.0.2.70"],
      ["bob", "192.0.2"],
      ["bob", "[2001:db8::9]"],
      ["eve", "192.0.2.7"],
      ["dave", "192.0.2.7"],
    ].filter(([name = "", host = ""]) => history.sentTo(name, host)).map(([name]) => name);
  history.last("", 0); // which has it written
  assertEquals(known(), ["bob", "carol"]);
  await history.forget("bob");
  assertEquals(known(), ["carol"]);
});

Deno.test("history: where it grows too large, the oldest go in the background", async () => {
  await using temp = new TempHistory();
  const most = 2 ** 20;
  const history = await temp.open(most);
  const text = "as long as people write ".repeat(40);
  for (let round = 0; round < 10; round++) {
    for (let index = 0; index < 1_000; index++) {
      history.append(message("mallory", `${round} ${text}`, { at: round }));
    }
    await poll(() => {
      history.append(message("bob", `round ${round}`, { at: round }));
      return history.search(`round ${round}`, 1).length > 0;
    }, "it to be written");
  }
  using db = new DatabaseSync(temp.path);
  const count = () => Number(db.prepare("SELECT count(*) AS count FROM message").get()?.count);
  await poll(() => count() < 2_000, "the oldest to go");
  assertEquals(texts(history.last("bob", 1)), ["round 9"]);
  assertEquals(history.search("round 0", 9), []);
  assert(count() > 100, "no more than has to");
  await history.close();
  assertEquals(temp.notes, []);
});

Deno.test("history: where many come at once they are written then and there, in portions", async () => {
  await using temp = new TempHistory();
  const [writer, reader] = [await temp.open(), await temp.open()];
  for (let index = 0; index < 450; index++) writer.append(message("bob", `message ${index}`));
  assertEquals(reader.last("bob", 1_000).length, 400);
  assertEquals(writer.last("bob", 1_000).length, 450);
});
