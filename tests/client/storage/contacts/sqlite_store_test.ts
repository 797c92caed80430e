import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import fc from "fast-check";
import { DatabaseSync } from "node:sqlite";
import { ClientError, type Incoming } from "../../../../client/core/mod.ts";
import { fillDiskOf, freeDiskOf } from "../../../helpers/disk.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { TestProcess } from "../../../helpers/process.ts";
import { TempHistory, texts } from "../history/temp_history.ts";
import { incoming, key, outgoing, pinOf, TempStore } from "./temp_store.ts";

/** Puts messages into a history, as the client does. */
async function keeper(temp: TempHistory): Promise<(message: Incoming) => boolean> {
  const history = await temp.open();
  return ({ identity, id, name, address, port, text, time }) =>
    history.keepNow({
      peer: { name, address: `${address}:${port}` },
      type: "received",
      text,
      at: time,
      mark: identity.toHex() + id,
    });
}

Deno.test("file store: files are for the owner alone", async () => {
  await using temp = new TempStore();
  await (await temp.open()).pinServer("mim.example:4242", key(1));
  for (const { name } of Deno.readDirSync(temp.folder)) {
    assertEquals((Deno.statSync(`${temp.folder}/${name}`).mode ?? 0) & 0o777, 0o600, name);
  }
});

Deno.test("file store: what came in is in the history, once, before it is told", async () => {
  await using history = new TempHistory();
  await using temp = new TempStore();
  const store = await temp.open(await keeper(history));
  assertEquals(await store.receive(incoming("01")), "inserted");
  assertEquals(texts((await history.open()).last("bob", 9)), ["text 01"]);
  assertEquals(await store.receive(incoming("01")), "duplicate");
  assertEquals(texts((await history.open()).last("bob", 9)), ["text 01"]);
});

Deno.test("file store: killed between history and id, the message is kept once, and is new", async () => {
  await using history = new TempHistory();
  await using temp = new TempStore();
  const keep = await keeper(history);
  keep(incoming("01")); // and there it ended
  const store = await temp.open(keep);
  assertEquals(await store.receive(incoming("01")), "inserted", "nobody has been shown it");
  assertEquals(await store.receive(incoming("01")), "duplicate");
  assertEquals(texts((await history.open()).last("bob", 9)), ["text 01"]);
});

Deno.test("file store: what can't be kept is not acknowledged, and comes again", async () => {
  await using temp = new TempStore();
  const failing = await temp.open(() => {
    throw new Error("the disk is full");
  });
  await assertRejects(() => failing.receive(incoming("01")), Error, "the disk is full");
  assertEquals(await (await temp.open()).receive(incoming("01")), "inserted");
});

Deno.test("file store: what comes while the file is locked is kept once, and is new once", async () => {
  await using history = new TempHistory();
  await using temp = new TempStore();
  const store = await temp.open(await keeper(history));
  using other = new DatabaseSync(temp.path);
  other.exec("BEGIN EXCLUSIVE");
  const receiving = [store.receive(incoming("01")), store.receive(incoming("02"))];
  await new Promise((resolve) => setTimeout(resolve)); // the program goes on
  other.exec("ROLLBACK");
  assertEquals(await Promise.all(receiving), ["inserted", "inserted"]);
  assertEquals(await store.receive(incoming("01")), "duplicate");
  assertEquals(texts((await history.open()).last("bob", 9)), ["text 01", "text 02"]);
});

Deno.test("file store: while another client writes, what came in waits", async () => {
  await using temp = new TempStore();
  const store = await temp.open();
  using other = new DatabaseSync(temp.path);
  other.exec("BEGIN IMMEDIATE");
  setTimeout(() => other.exec("COMMIT"), 2_100);
  assertEquals(await store.receive(incoming("01")), "inserted");
});

Deno.test("file store: damage is set aside, and said loudly", async () => {
  await using temp = new TempStore();
  const garbage = "no database at all ".repeat(1_000);
  await Deno.writeTextFile(temp.path, garbage);
  const store = await temp.open();
  assertEquals(await store.pins("aa"), []);
  assertEquals(temp.alarms.length, 1);
  assertMatch(
    temp.alarms[0] ?? "",
    /contacts\.damaged-.*Every user and server is new.*compare the safety numbers/,
  );
  const aside = [...Deno.readDirSync(temp.folder)].find(({ name }) => name.includes("damaged"));
  assertEquals(await Deno.readTextFile(`${temp.folder}/${aside?.name}`), garbage);
});

Deno.test("file store: of two clients that find damage, both go on with one new file", async () => {
  await using temp = new TempStore();
  const [one, other] = [await temp.open(), await temp.open()];
  for (let count = 0; count < 200; count++) await one.keepPin(pinOf(`bob ${count}`));
  one.close();
  other.close();
  const bytes = await Deno.readFile(temp.path);
  await Deno.writeFile(temp.path, bytes.fill(0xff, 4096, 4096 * 8));
  const [again, beside] = [await temp.open(), await temp.open()];
  await again.keepPin(pinOf("carol"));
  assertEquals(await beside.pins("aa"), [pinOf("carol")]);
  assertEquals(temp.alarms.length, 1);
});

Deno.test("file store: whatever bytes are spoilt, it goes on: with what is there, or a new file", async () => {
  await using full = new TempStore();
  const store = await full.open();
  for (let count = 0; count < 100; count++) {
    await store.keepPin(pinOf(`bob ${count}`));
    await store.queue([outgoing(String(count))]);
    await store.receive(incoming(String(count)));
  }
  store.close();
  const whole = await Deno.readFile(full.path);
  const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(0xff)), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(damage, fc.nat(whole.length), async (bytes, end) => {
      await using temp = new TempStore();
      const spoilt = whole.slice(0, end % 2 === 0 ? end : whole.length);
      for (const [at, byte] of bytes) {
        // What says which version it is would make it one of a newer MIM.
        if (at < spoilt.length && (at < 60 || at > 63)) spoilt[at] = byte;
      }
      await Deno.writeFile(temp.path, spoilt);
      const store = await temp.open();
      for (const { name } of await store.pins("aa")) await store.pin("aa", name);
      for (const { id } of await store.outbox()) await store.removeFromOutbox(id);
      await store.queue([outgoing("new")]);
      assertEquals(await store.removeFromOutbox("new"), true);
      assert(temp.alarms.length <= 1, temp.alarms.join());
    }),
    { numRuns: 150 },
  );
});

Deno.test("file store: what can't be kept is said to be, and of several messages none is", async () => {
  await using temp = new TempStore();
  const store = await temp.open();
  await store.queue([outgoing("00")]);
  fillDiskOf(temp.path, "(SELECT count(*) FROM outbox) > 1");
  await assertRejects(() => store.queue([outgoing("01"), outgoing("02")]), ClientError);
  assertEquals((await store.outbox()).map(({ id }) => id), ["00"], "none of them");
  freeDiskOf(temp.path);
  fillDiskOf(temp.path);
  const writes: (() => Promise<unknown>)[] = [
    () => store.queue([outgoing("01"), outgoing("02")]),
    () => store.keepPin(pinOf("bob")),
    () => store.pinServer("mim.example:4242", key(1)),
    () => store.removeFromOutbox("00"),
  ];
  const texts: string[] = [];
  for (const write of writes) {
    const error = await assertRejects(write, ClientError);
    assertEquals(error.code, "storage-failed");
    texts.push(error.message);
  }
  const why = `can't be stored in ${temp.path}: database or disk is full`;
  assertEquals(texts, [
    `nothing was sent: the message ${why}`,
    `the key of bob ${why}`,
    `the server's key ${why}`,
    `a delivered message will be sent again at the next start: its delivery ${why}`,
  ]);
  assertEquals((await store.outbox()).map(({ id }) => id), ["00"]);
});

Deno.test("file store: a header that no SQLite of today has written is damage", async () => {
  // Later versions for writing and of the schema: one is only read, the other said to be no damage.
  for (const [at, byte] of [[18, 3], [18, 0xff], [47, 5], [47, 0xff]] as const) {
    await using temp = new TempStore();
    (await temp.open()).close();
    const spoilt = await Deno.readFile(temp.path);
    spoilt[at] = byte;
    await Deno.writeFile(temp.path, spoilt);
    const store = await temp.open();
    await store.queue([outgoing("new")]);
    assertEquals(await store.removeFromOutbox("new"), true);
    assertEquals(temp.alarms.length, 1, `byte ${at} as ${byte}`);
  }
});

Deno.test("file store: a newer version's file is left alone", async () => {
  await using temp = new TempStore();
  (await temp.open()).close();
  using db = new DatabaseSync(temp.path);
  db.exec("PRAGMA user_version = 99");
  db.close();
  const error = await assertRejects(() => temp.open(), Error, "a newer MIM has written it");
  assertStringIncludes(error.message, temp.path);
  assertEquals(temp.alarms, []);
});

Deno.test("file store: pins of version 1 are folded anew, and one stays of those that are one name now", async () => {
  await using temp = new TempStore();
  (await temp.open()).close();
  const db = new DatabaseSync(temp.path);
  const insert = db.prepare(
    "INSERT INTO pin (server, folded, name, identity, verified, since) VALUES (?, ?, ?, ?, ?, 1)",
  );
  const pins = [
    ["s", "straße", "Straße", 1, 0],
    ["s", "bob", "bob", 2, 0],
    ["s", "bоb", "bоb", 3, 1], // its o is Cyrillic
    ["s", "ada", "ada", 4, 0],
    ["s", "аda", "аda", 5, 0],
    ["t", "bоb", "bоb", 6, 0],
  ] as const;
  for (const [server, folded, name, key, verified] of pins) {
    insert.run(server, folded, name, testKey(key), verified);
  }
  db.exec("DROP TABLE login; PRAGMA user_version = 1");
  db.close();
  using store = await temp.open();
  const found = (await store.pins("s")).map(({ name, identity }) => [name, identity[0]]);
  assertEquals(found, [["Straße", 1], ["bоb", 3], ["ada", 4]], "the verified one, else the oldest");
  assertEquals((await store.pin("s", "STRASSE"))?.name, "Straße");
  assertEquals((await store.pin("s", "bob"))?.identity[0], 3);
  assertEquals((await store.pin("t", "bob"))?.identity[0], 6);
  assertEquals(temp.alarms, []);
  assertEquals((await Deno.stat(`${temp.path}.version1`)).isFile, true, "what was there is kept");
});

Deno.test("file store: four clients that use one at once lose nothing, and take each id once", async () => {
  await using temp = new TempStore();
  await using clients = new AsyncDisposableStack();
  const names = ["ada", "bob", "carol", "dave"];
  const users = names.map((name) =>
    clients.use(
      TestProcess.deno("tests/client/storage/contacts/user.ts", [temp.path, name, "200"], { name }),
    )
  );
  let taken = 0;
  for (const user of users) {
    assertEquals(await user.exitCode(), 0);
    taken += Number((await user.waitFor(/^new \d+$/)).slice(4));
    assertEquals(user.unread, []);
  }
  assertEquals(taken, 200, "each id is new to one of them");
  const ids = (await (await temp.open()).outbox()).map(({ id }) => id);
  const expected = names.flatMap((name) => Array.from({ length: 200 }, (_, at) => `${name} ${at}`));
  assertEquals(ids.toSorted(), expected.toSorted());
});

Deno.test("file store: what waits in version 2 still waits", async () => {
  await using temp = new TempStore();
  (await temp.open()).close();
  const db = new DatabaseSync(temp.path);
  db.exec("DROP TABLE outbox");
  db.exec(`
CREATE TABLE outbox (
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  server TEXT NOT NULL,
  identity BLOB NOT NULL,
  text BLOB NOT NULL,
  at INTEGER NOT NULL,
  rotation BLOB,
  expires INTEGER
) STRICT;`);
  db.prepare("INSERT INTO outbox (id, name, server, identity, text, at) VALUES (?, ?, ?, ?, ?, ?)")
    .run("01", "bob", "aa", key(1), new TextEncoder().encode("text 01"), 7);
  db.exec("DROP TABLE login; PRAGMA user_version = 2");
  db.close();
  const store = await temp.open();
  assertEquals(await store.outbox(), [outgoing("01")]);
  await store.recordLogin("mim.example:4242", key(1));
  await store.recordLogin("mim.example:4242", key(2));
  assertEquals(await store.logins(), [{ server: "mim.example:4242", identity: key(2) }]);
  assertEquals(temp.alarms, []);
});
