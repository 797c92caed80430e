import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { TestProcess } from "../../../helpers/process.ts";
import { TempHistory, texts } from "./temp_history.ts";

const WRITER = "tests/client/storage/history/writer.ts";
const OPENER = "tests/client/storage/history/opener.ts";

Deno.test("history: four clients write 1,000 messages each at once, none is lost", async () => {
  await using temp = new TempHistory();
  const names = ["ada", "bob", "carol", "dave"];
  const writers = names.map((name) =>
    TestProcess.deno(WRITER, [temp.path, name, "1000"], { name })
  );
  try {
    for (const writer of writers) {
      assertEquals(await writer.exitCode(), 0);
      assertEquals(writer.unread, [], "no note");
    }
  } finally {
    for (const writer of writers) await writer[Symbol.asyncDispose]();
  }
  const history = await temp.open();
  const expected = Array.from({ length: 1_000 }, (_, index) => `message ${index}`);
  for (const name of names) assertEquals(texts(history.last(name, 2_000)), expected);
  assertEquals(history.search("message 999", 9).length, names.length);
});

Deno.test("history: killed while it writes, it is whole again at the next start", async () => {
  await using temp = new TempHistory();
  let total = 0;
  for (const name of ["first", "second", "third"]) {
    await using writer = TestProcess.deno(WRITER, [temp.path, name]);
    await writer.waitFor(/^written \d{3,}$/);
    writer.kill();
    await writer.exitCode();
    const written = Number(writer.unread.at(-1)?.split(" ")[1]);
    await using history = await temp.open();
    const kept = texts(history.last(name, 1e6));
    assert(kept.length >= written, `expected at least ${written} messages, got ${kept.length}`);
    assertEquals(kept, kept.map((_, index) => `message ${index}`));
    total += kept.length;
    assertEquals(history.search("message", 1e6).length, total);
  }
  assertEquals(temp.notes, []);
  using db = new DatabaseSync(temp.path);
  const [check] = db.prepare("PRAGMA integrity_check").all();
  assertEquals(check?.integrity_check, "ok");
});

Deno.test("history: of six clients that begin one at the same time, each keeps what it has", async () => {
  await using temp = new TempHistory();
  await using clients = new AsyncDisposableStack();
  const openers = Array.from(
    { length: 6 },
    (_, index) => clients.use(TestProcess.deno(OPENER, [], { name: `client ${index + 1}` })),
  );
  for (let round = 1; round <= 20; round++) {
    const path = `${temp.folder}/${round}.db`;
    await Promise.all(openers.map((opener) => opener.send(path)));
    for (const opener of openers) {
      await opener.waitFor("done");
      assertEquals(opener.unread, [], "no note");
    }
    using db = new DatabaseSync(path);
    assertEquals(db.prepare("SELECT count(*) AS count FROM message").get()?.count, openers.length);
  }
});
