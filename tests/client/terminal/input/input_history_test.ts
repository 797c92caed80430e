import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { HistoryWalk, InputHistory } from "../../../../client/terminal/input/input_history.ts";
import { HistorySearch } from "../../../../client/terminal/input/history_search.ts";

async function withFile(test: (path: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    test(`${folder}/input.jsonl`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("what was entered is there at the next start, line breaks included", () =>
  withFile((path) => {
    const history = new InputHistory(path);
    for (const text of ["one", "two\nlines", "two\nlines", " ", "x".repeat(5000)]) {
      history.add(text);
    }
    assertEquals(history.entries, ["one", "two\nlines"]);
    assertEquals(new InputHistory(path).entries, ["one", "two\nlines"]);
    if (Deno.build.os !== "windows") assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
  }));

Deno.test("two clients add to one file, also while one makes it short", () =>
  withFile((path) => {
    const first = new InputHistory(path);
    first.add("from the first");
    for (let count = 0; count < 2500; count++) first.add(`entry ${count}`);
    const second = new InputHistory(path);
    assertEquals(Deno.readTextFileSync(path).split("\n").length - 1, 1000);
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    first.add("from the first again");
    second.add("from the second");
    const { entries } = new InputHistory(path);
    assertEquals(entries.length, 1000);
    assertEquals(entries.slice(-2), ["from the first again", "from the second"]);
  }));

Deno.test("another program's lock holds nobody up: lines are saved when it is gone", () =>
  withFile((path) => {
    const history = new InputHistory(path);
    history.add("before");
    {
      using lock = Deno.openSync(path, { read: true });
      lock.lockSync(true);
      const start = performance.now();
      for (let count = 0; count < 100; count++) history.add(`meanwhile ${count}`);
      assert(performance.now() - start < 10_000, "it does not wait");
      assertEquals(new InputHistory(path).entries, []);
      assertThrows(() => history.forget("bob"), Error, "has been locked by another program");
    }
    history.add("after");
    assertEquals(new InputHistory(path).entries.length, 102);
  }));

Deno.test("a pipe or folder in its place holds nobody up; a link stays a link", {
  ignore: Deno.build.os === "windows",
}, () =>
  withFile((path) => {
    new Deno.Command("mkfifo", { args: [path] }).outputSync();
    const history = new InputHistory(path);
    history.add("kept in memory");
    assertEquals(history.entries, ["kept in memory"]);
    Deno.removeSync(path);
    Deno.writeTextFileSync(`${path}.real`, '"old"\n', { mode: 0o644 });
    Deno.symlinkSync(`${path}.real`, path);
    for (let count = 0; count < 2_100; count++) history.add(`line ${count}`);
    assertEquals(new InputHistory(path).entries.length, 1_000, "made short at the start");
    assertEquals(Deno.lstatSync(path).isSymlink, true);
    assertEquals(Deno.readTextFileSync(`${path}.real`).split("\n").length - 1, 1_000);
    assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600, "and closed to others");
  }));

Deno.test("a file that can't be used is told of once; a lock, or a folder to come, is not", {
  ignore: Deno.build.os === "windows",
}, () =>
  withFile((path) => {
    const faults: string[] = [];
    const use = (file: string) => {
      const history = new InputHistory(file, (reason) => faults.push(reason));
      for (const text of ["one", "two"]) history.add(text);
      assertEquals(history.entries, ["one", "two"]);
      return faults.splice(0);
    };
    Deno.symlinkSync(`${path}.gone`, path);
    const [fault, ...others] = use(path);
    assertStringIncludes(String(fault), `${path} is a link that leads nowhere`);
    assertEquals(others, []);
    assertThrows(() => Deno.lstatSync(`${path}.gone`), Deno.errors.NotFound);
    Deno.removeSync(path);
    Deno.mkdirSync(path);
    assertEquals(use(path).length, 1, "a folder in its place");
    Deno.removeSync(path);
    assertEquals(use(`${path}/to come`), []);
    using lock = Deno.openSync(path, { write: true, create: true });
    lock.lockSync(true);
    assertEquals(use(path), []);
  }));

Deno.test("lines that are no entries are left out; without a file it lasts until the end", () =>
  withFile((path) => {
    Deno.writeTextFileSync(path, '"good"\n{"half\n7\n"too"\n');
    assertEquals(new InputHistory(path).entries, ["good", "too"]);
    const history = new InputHistory(`${path}/nowhere`);
    history.add("kept");
    assertEquals(history.entries, ["kept"]);
  }));

Deno.test("what was said to somebody can be forgotten, in the file too, and nothing else with it", () =>
  withFile((path) => {
    const first = new InputHistory(path);
    first.add("/talk bob");
    first.add("a secret", "bob");
    first.add("lunch?", "carol");
    const second = new InputHistory(path);
    second.add("another", "BOB");
    assertEquals(first.forget("Bob"), 2, "also what another client has added");
    assertEquals(first.entries, ["/talk bob", "lunch?"]);
    assertEquals(new InputHistory(path).entries, ["/talk bob", "lunch?"]);
    if (Deno.build.os !== "windows") assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    assertEquals(first.forget("bob"), 0);
    const alone = new InputHistory();
    alone.add("a secret", "bob");
    assertEquals([alone.forget("bob"), alone.entries], [1, []]);
  }));

Deno.test("up and down go through the history and back to the draft", () => {
  const walk = new HistoryWalk(["one", "two"], "draft");
  assertEquals([walk.older(), walk.older(), walk.older()], ["two", "one", undefined]);
  assertEquals([walk.newer(), walk.newer(), walk.newer()], ["two", "draft", undefined]);
});

Deno.test("what is changed on the way stays, and the draft is the newest line", () => {
  const walk = new HistoryWalk(["one", "two"], "draft");
  assertEquals([walk.draft, walk.older(), walk.draft], [undefined, "two", "draft"]);
  walk.keep("two!");
  assertEquals([walk.older(), walk.newer(), walk.newer()], ["one", "two!", "draft"]);
  assertEquals([walk.goTo(0), walk.draft], ["one", "draft"]);
});

Deno.test("a search finds the newest, then older ones, whatever their case", () => {
  const search = new HistorySearch(["/talk Bob", "hello", "/talk bob again"]);
  assertEquals(search.found, undefined);
  search.look("BOB");
  assertEquals(search.found, "/talk bob again");
  search.older();
  assertEquals(search.found, "/talk Bob");
  search.older();
  assertEquals(search.found, "/talk Bob");
  search.look("nothing like it");
  assertEquals(search.found, undefined);
});
