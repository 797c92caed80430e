import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { message, TempHistory, texts } from "./temp_history.ts";

/** How much SQLite reads and writes at once, in bytes. */
const PAGE = 4096;

/** Asserts that the old file has another name, that this was said, and that a new one works. */
async function assertSetAside(temp: TempHistory, old: Uint8Array): Promise<void> {
  const history = await temp.open();
  assertEquals(temp.notes.length, 1);
  const [aside = ""] = temp.files();
  assertMatch(aside, /^history\.damaged-\d{4}-\d\d-\d\d\.db$/);
  assertStringIncludes(temp.notes[0] ?? "", aside);
  assertEquals(await Deno.readFile(`${temp.folder}/${aside}`), old);
  history.append(message("bob", "new"));
  assertEquals(texts(history.last("bob", 9)), ["new"]);
}

async function filled(temp: TempHistory): Promise<Uint8Array> {
  const history = await temp.open();
  for (let index = 0; index < 2_000; index++) history.append(message("bob", `message ${index}`));
  await history.close();
  return await Deno.readFile(temp.path);
}

/** Fills a history, and spoils what is neither its first message nor its last. */
async function hurtMiddle(temp: TempHistory): Promise<void> {
  const bytes = await filled(temp);
  for (let at = 0; at < bytes.length; at += PAGE) {
    const text = new TextDecoder("latin1").decode(bytes.subarray(at, at + PAGE));
    if (!/message 9\d\d\b/.test(text)) continue;
    bytes.fill(0xff, at, at + 64);
  }
  await Deno.writeFile(temp.path, bytes);
}

Deno.test("damage: garbage is set aside", async () => {
  await using temp = new TempHistory();
  const garbage = new TextEncoder().encode("no database at all ".repeat(1_000));
  await Deno.writeFile(temp.path, garbage);
  await assertSetAside(temp, garbage);
});

Deno.test("damage: a file that ends too early is set aside", async () => {
  await using temp = new TempHistory();
  const half = (await filled(temp)).slice(0, 20_000);
  await Deno.writeFile(temp.path, half);
  await assertSetAside(temp, half);
});

Deno.test("damage: another program's database is set aside", async () => {
  await using temp = new TempHistory();
  using db = new DatabaseSync(temp.path);
  db.exec("CREATE TABLE message (id)");
  db.close();
  await assertSetAside(temp, await Deno.readFile(temp.path));
});

Deno.test("damage: an empty file becomes a history", async () => {
  await using temp = new TempHistory();
  await Deno.writeFile(temp.path, new Uint8Array());
  (await temp.open()).append(message("bob", "hello"));
  assertEquals(temp.notes, []);
});

Deno.test("damage: what is set aside never takes the place of another file", async () => {
  await using temp = new TempHistory();
  for (const garbage of ["first", "second", "third"]) {
    await Deno.writeTextFile(temp.path, garbage.repeat(1_000));
    await (await temp.open()).close();
  }
  const aside = temp.files().filter((name) => name.includes("damaged"));
  assertEquals(aside.length, 3);
  const texts = await Promise.all(aside.map((name) => Deno.readTextFile(`${temp.folder}/${name}`)));
  assertEquals(texts.map((text) => text.slice(0, 5)).sort(), ["first", "secon", "third"]);
});

Deno.test("damage: in the middle, found late: nothing throws, new messages are kept", async () => {
  await using temp = new TempHistory();
  await hurtMiddle(temp);
  const history = await temp.open();
  assertEquals(temp.notes, [], "the ends are whole, so opening finds nothing");
  assertEquals(history.last("bob", 2_000), []);
  history.append(message("bob", "still here"));
  assertEquals(texts(history.last("bob", 2_000)), ["still here"]);
  assertEquals(temp.notes.length, 1);
  assert(temp.files().some((name) => name.includes("damaged")));
});

Deno.test("damage: of two clients that find it, one sets it aside, and both go on", async () => {
  await using temp = new TempHistory();
  await hurtMiddle(temp);
  const [one, other] = [await temp.open(), await temp.open()];
  one.last("bob", 2_000);
  one.append(message("bob", "from one"));
  one.last("bob", 1);
  other.append(message("bob", "from the other"));
  await other.close();
  one.append(message("bob", "from one again"));
  assertEquals(texts(one.last("bob", 9)), ["from one", "from the other", "from one again"]);
  assertEquals(temp.notes.length, 1);
});

Deno.test("damage: a newer version's file is left alone, and no history is kept", async () => {
  await using temp = new TempHistory();
  await filled(temp);
  using db = new DatabaseSync(temp.path);
  db.exec("PRAGMA user_version = 2");
  db.close();
  const before = await Deno.readFile(temp.path);
  assertEquals(await temp.tryToOpen(), undefined);
  assertStringIncludes(temp.notes.join(), "a newer MIM has written it");
  assertEquals(temp.files(), ["history.db", "history.lock"]);
  assertEquals(await Deno.readFile(temp.path), before);
});

Deno.test("damage: where no file can be made, no history is kept and the reason is told", async () => {
  await using temp = new TempHistory();
  await Deno.mkdir(temp.path);
  assertEquals(await temp.tryToOpen(), undefined);
  assertMatch(temp.notes.join(), /^No history is kept: cannot open /);
});
