import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { readConfig, setConfig } from "../../../../client/storage/config/config_file.ts";
import { UsageError } from "../../../../server/platform/cli/flags.ts";

/** Runs a test with the path of a config file that is not there yet, in a folder of its own. */
async function withFolder(test: (path: string, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  await test(`${folder}/config.json`, folder);
  await Deno.remove(folder, { recursive: true });
}

Deno.test("config file: none is as good as an empty one", () =>
  withFolder(async (path) => {
    assertEquals(await readConfig(path), { config: {}, problems: [] });
  }));

Deno.test("config file: a wrong value is named with file, line and column, and the others hold", () =>
  withFolder(async (path) => {
    await Deno.writeTextFile(path, '{\n  "bell": 1,\n  "joins": 2,\n  "name": "ada"\n}');
    const joins = 'Expected joins to be "on", "off" or "smart", got 2';
    assertEquals(await readConfig(path), {
      config: { name: "ada" },
      problems: [
        `${path}:2:11: Expected bell to be true or false, got 1`,
        `${path}:3:12: ${joins}`,
      ],
    });
    // Setting another value leaves them as they are, and setting one of them puts it right.
    const named = { config: { name: "ada", bell: true }, problems: [`${path}:3:12: ${joins}`] };
    assertEquals(await setConfig(path, "bell", true), named);
    assertEquals((await setConfig(path, "joins", "on")).problems, []);
  }));

Deno.test("config file: a text that is no JSON is named with file, line and column", () =>
  withFolder(async (path) => {
    await Deno.writeTextFile(path, '{\n  "bell": tru\n}');
    const error = await assertRejects(() => readConfig(path), UsageError);
    assertMatch(error.message, /config\.json:2:11: Expected /);
  }));

Deno.test("config file: setting a value keeps comments and all else", () =>
  withFolder(async (path) => {
    await Deno.writeTextFile(path, '{\n  // mine\n  "name": "ada", // me\n\n  "bell": true\n}\n');
    assertEquals((await setConfig(path, "bell", false)).config, { name: "ada", bell: false });
    await setConfig(path, "joins", "on");
    assertEquals(
      await Deno.readTextFile(path),
      '{\n  // mine\n  "name": "ada", // me\n\n  "bell": false,\n  "joins": "on"\n}\n',
    );
  }));

Deno.test("config file: tabs, last commas, lone comments and files of Windows stay valid", () =>
  withFolder(async (path) => {
    for (
      const [before, after] of [
        ['{\n\t"bell": true,\n}\n', '{\n\t"bell": true,\n\t"history": 30,\n}\n'],
        ["// mine\n", '{\n  "history": 30\n} // mine\n'],
        ['{\r\n  "bell": true\r\n}\r\n', '{\r\n  "bell": true,\r\n  "history": 30\r\n}\r\n'],
        ['\ufeff{ "bell": true }', undefined],
      ] as const
    ) {
      await Deno.writeTextFile(path, before);
      const set = await setConfig(path, "history", 30);
      assertEquals(set.config.history, 30);
      assertEquals(await readConfig(path), set);
      if (after !== undefined) assertEquals(await Deno.readTextFile(path), after);
    }
  }));

Deno.test("config file: made for its owner alone, nothing else is left", () =>
  withFolder(async (path, folder) => {
    await setConfig(path, "server", "mim.example");
    assertEquals(await Deno.readTextFile(path), '{\n  "server": "mim.example"\n}\n');
    if (Deno.build.os !== "windows") {
      assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
    }
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["config.json"]);
  }));

Deno.test(
  "config file: a link to it stays a link",
  { ignore: Deno.build.os === "windows" },
  () =>
    withFolder(async (path, folder) => {
      await Deno.writeTextFile(`${folder}/dotfile`, "{}");
      await Deno.symlink(`${folder}/dotfile`, path);
      await setConfig(path, "bell", true);
      assertEquals((await Deno.lstat(path)).isSymlink, true);
      assertEquals((await readConfig(path)).config, { bell: true });
    }),
);

Deno.test("config file: a link to a file that does not exist yet stays a link", {
  ignore: Deno.build.os === "windows",
}, () =>
  withFolder(async (path, folder) => {
    await Deno.symlink("dotfile", path);
    await setConfig(path, "bell", true);
    assertEquals((await Deno.lstat(path)).isSymlink, true);
    assertEquals((await Deno.lstat(`${folder}/dotfile`)).isFile, true);
  }));

Deno.test("config file: in another encoding than UTF-8 it is named, and no byte of it is lost", () =>
  withFolder(async (path) => {
    const bytes = new TextEncoder().encode('{\n  "name": "Zo?"\n}').map((byte) =>
      byte === 0x3f ? 0xeb : byte
    );
    await Deno.writeFile(path, bytes);
    const reason = `Cannot read ${path}: expected text in UTF-8, got another encoding in line 2`;
    await assertRejects(() => readConfig(path), UsageError, reason);
    await assertRejects(() => setConfig(path, "bell", true), UsageError, reason);
    assertEquals(await Deno.readFile(path), bytes);
    await Deno.writeTextFile(path, '\ufeff{ "name": "Zoë" }');
    assertEquals((await readConfig(path)).config, { name: "Zoë" });
  }));

Deno.test(
  "config file: a pipe in its place is named",
  { ignore: Deno.build.os === "windows" },
  () =>
    withFolder(async (path) => {
      await new Deno.Command("mkfifo", { args: [path] }).output();
      await assertRejects(() => readConfig(path), UsageError, "it is a pipe");
      await assertRejects(() => setConfig(path, "bell", true), UsageError, "it is a pipe");
    }),
);

Deno.test("config file: what a killed program has left behind is removed", () =>
  withFolder(async (path, folder) => {
    const old = `${path}.7d0e.new`;
    await Deno.writeTextFile(old, "{}");
    await Deno.utime(old, 0, 0);
    await setConfig(path, "bell", true);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["config.json"]);
  }));

Deno.test("config file: a wrong value is refused, and a file with mistakes stays as it is", () =>
  withFolder(async (path, folder) => {
    const error = await assertRejects(() => setConfig(path, "history", -1), UsageError);
    assertEquals(
      error.message,
      "Expected history to be true, false, or a number of days, got -1",
    );
    assertEquals([...Deno.readDirSync(folder)], []);
    await Deno.writeTextFile(path, '{ "bell": tru }');
    await assertRejects(() => setConfig(path, "bell", true), UsageError, "config.json:1:11: ");
    assertEquals(await Deno.readTextFile(path), '{ "bell": tru }');
  }));
