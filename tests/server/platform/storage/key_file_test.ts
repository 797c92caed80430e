import { assert, assertEquals, assertThrows } from "@std/assert";
import { DataDirError, MimServer } from "../../../../server/mod.ts";
import { readOrCreateKey, replaceKey } from "../../../../server/platform/storage/key_file.ts";
import { quietPort } from "../../../helpers/programs.ts";
import { TempFolder } from "../../../helpers/disk.ts";

const isWindows = Deno.build.os === "windows";

Deno.test("a key is isNew once, for its owner alone, and then is the same", () => {
  using folder = new TempFolder();
  const path = `${folder.path}/server.key`;
  const { key, isNew } = readOrCreateKey(path);
  assertEquals([key.length, isNew], [32, true]);
  assertEquals(readOrCreateKey(path), { key, isNew: false });
  if (!isWindows) assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
});

Deno.test("two keys that are isNew are two", () => {
  using folder = new TempFolder();
  const keys = [1, 2].map((at) => readOrCreateKey(`${folder.path}/${at}`).key.toHex());
  assertEquals(new Set(keys).size, 2);
});

Deno.test("what a start that was cut short left behind is no key", () => {
  using folder = new TempFolder();
  Deno.writeTextFileSync(`${folder.path}/server.key.new`, "00");
  const { key } = readOrCreateKey(`${folder.path}/server.key`);
  assertEquals(readOrCreateKey(`${folder.path}/server.key`).key, key);
});

Deno.test("a key that the disk has no room for leaves no file", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  using folder = new TempFolder();
  const module = new URL("../../../../server/platform/storage/key_file.ts", import.meta.url).href;
  const path = JSON.stringify(`${folder.path}/server.key`);
  const program = `import { readOrCreateKey } from ${JSON.stringify(module)};
    try { readOrCreateKey(${path}); } catch { Deno.exit(7); }`;
  const { code } = await new Deno.Command("sh", {
    // The most that a file may have is 0 bytes; without the signal, writing fails.
    args: [
      "-c",
      `trap '' XFSZ; ulimit -f 0; exec "$0" eval --no-check "$1"`,
      Deno.execPath(),
      program,
    ],
    stderr: "null",
  }).output();
  assertEquals(code, 7);
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["server.key.lock"]);
});

Deno.test("a key that people have edited is the same: a byte order mark, CRLF, comments, blank lines", () => {
  using folder = new TempFolder();
  const path = `${folder.path}/server.key`;
  const hex = "0f".repeat(32);
  for (
    const text of [
      hex,
      `\ufeff${hex}`,
      `${hex}\r\n`,
      `# lab\n${hex} // 2026\r\n\r\n`,
      ` ${hex} \n\n`,
    ]
  ) {
    Deno.writeTextFileSync(path, text);
    assertEquals(readOrCreateKey(path), { key: Uint8Array.fromHex(hex), isNew: false });
    assertEquals(Deno.readTextFileSync(path), text);
  }
});

Deno.test("a file that holds no key is an error, and stays as it is", () => {
  using folder = new TempFolder();
  const path = `${folder.path}/server.key`;
  for (const text of ["", "00".repeat(31), "xy".repeat(32), `${"00".repeat(32)}\nmore`]) {
    Deno.writeTextFileSync(path, text);
    assertThrows(() => readOrCreateKey(path), Error, "must contain a key of 64 hex digits");
    assertEquals(Deno.readTextFileSync(path), text);
  }
});

Deno.test("a link to a key stays one when the key is replaced, and no old key is left behind", {
  ignore: isWindows,
}, () => {
  using folder = new TempFolder();
  const [path, target] = [`${folder.path}/server.key`, `${folder.path}/volume.key`];
  readOrCreateKey(target);
  Deno.symlinkSync(target, path);
  const key = replaceKey(path, () => {});
  assertEquals(Deno.readLinkSync(path), target);
  assertEquals([readOrCreateKey(path).key, readOrCreateKey(target).key], [key, key]);
});

Deno.test("many programs that start at once agree on the key", async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/server.key`;
  const module = new URL("../../../../server/platform/storage/key_file.ts", import.meta.url);
  const code = `import { readOrCreateKey } from "${module}";
    console.log(readOrCreateKey(${JSON.stringify(path)}).key.toHex());`;
  const outputs = await Promise.all(
    Array.from(
      { length: 6 },
      () => new Deno.Command(Deno.execPath(), { args: ["eval", "--no-check", code] }).output(),
    ),
  );
  const keys = outputs.map(({ stdout }) => new TextDecoder().decode(stdout).trim());
  assertEquals(new Set(keys).size, 1, keys.join(", "));
  assertEquals(keys[0], readOrCreateKey(path).key.toHex());
});

Deno.test("a data folder that can't be used is an error of its own kind, and frees the port", () => {
  using folder = new TempFolder();
  const file = `${folder.path}/file`;
  Deno.writeTextFileSync(file, "");
  Deno.mkdirSync(`${folder.path}/odd`);
  Deno.writeTextFileSync(`${folder.path}/odd/server.key`, "odd");
  const port = quietPort();
  for (const data of [file, `${folder.path}/odd`]) {
    const error = assertThrows(
      () => MimServer.listen({ hostname: "127.0.0.1", port, data }),
      DataDirError,
      `cannot use the data folder ${data}: `,
    );
    assert(!/\(os error/.test(error.message), error.message);
  }
  Deno.listen({ hostname: "127.0.0.1", port }).close();
});

Deno.test("a welcome of exactly 64 lines fits, with the announcement after it; one more does not", async () => {
  using folder = new TempFolder();
  const lines = (count: number) => Array.from({ length: count }, (_, at) => `${at}`).join("\n");
  const listen = (count: number) =>
    MimServer.listen({
      hostname: "127.0.0.1",
      port: 0,
      data: folder.path,
      welcome: lines(count),
    });
  assertThrows(() => listen(65), RangeError, "expected a welcome of at most 64 lines");
  await listen(64).close();
});
