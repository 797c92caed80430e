import { assert, assertEquals, assertStringIncludes } from "@std/assert";

const ROOM = new URL("../../protocol/", import.meta.url);

/**
 * What pure code has no use for, though the compiler's check lets it pass: it is in the language.
 * A segmenter of a fixed language depends on its text alone.
 */
const IMPURE =
  /\b(?:Date|Temporal|Intl(?!\.Segmenter\b)|Math\.random|Atomics|Deno|globalThis|import\.meta|eval|Function\()/;

function below(folder: string): string[] {
  return Array.from(Deno.readDirSync(new URL(folder, ROOM)))
    .flatMap(({ name, isDirectory }) => isDirectory ? below(`${folder}${name}/`) : [folder + name]);
}

/** The code of each file of the room, without its comments; none brings types in on its own. */
function sources(): Map<string, string> {
  const names = below("").filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
  return new Map(
    names.map((name) => {
      const source = Deno.readTextFileSync(new URL(name, ROOM));
      assert(!source.includes("/// <reference"), name);
      return [name, source.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "")];
    }),
  );
}

Deno.test("what is no part of the language doesn't pass the compiler's check, the rest not the test's", async () => {
  const impure = {
    compiler: [
      ...["performance.now()", "setTimeout(() => {}, 1)", "setInterval(() => {}, 1)", 'fetch("x")'],
      ...[
        "crypto.randomUUID()",
        "queueMicrotask(() => {})",
        "Deno.pid",
        "process.pid",
        "console.log()",
      ],
      ...['new Worker("x")', 'new WebSocket("x")', "localStorage.length", "AbortSignal.timeout(1)"],
    ],
    test: [
      ...[
        "Date.now()",
        "new Date()",
        "Math.random()",
        "Temporal.Now",
        "globalThis.x",
        "import.meta.url",
      ],
      ...['eval("1")', 'new Function("")', "Intl.DateTimeFormat()"],
    ],
  };
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  const lines = impure.compiler.map((code, at) => `export const x${at} = (): unknown => ${code};`);
  // That something of node:crypto may be used brings none of Node's globals in.
  const random = ["randomBytes", "randomUUID", "generateKeyPairSync", "webcrypto"];
  lines.push(
    'import { createHash } from "node:crypto"; export const hash = createHash("sha256");',
    ...random.map((name) => `import { ${name} } from "node:crypto"; export const y = ${name};`),
  );
  await Deno.writeTextFile(file, lines.join("\n"));
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--config", new URL("../purity/deno.json", import.meta.url).pathname, file],
    env: { NO_COLOR: "1" },
    stdout: "null",
  }).output();
  const said = new TextDecoder().decode(stderr);
  for (const [at, code] of impure.compiler.entries()) {
    assertStringIncludes(said, `.ts:${at + 1}:`, code);
  }
  assert(!said.includes(`.ts:${impure.compiler.length + 1}:`), "hashing is pure");
  for (const [at, name] of random.entries()) {
    assertStringIncludes(said, `.ts:${impure.compiler.length + 2 + at}:`, name);
  }
  assertEquals(impure.test.filter((code) => !IMPURE.test(code)), []);
  await Deno.remove(file);
});

Deno.test({
  name: "protocol/ uses no clock, no chance and nothing of Deno",
  permissions: { read: [ROOM] },
  fn() {
    const files = sources();
    assert(files.has("mod.ts"));
    const found = [...files].map(([name, code]) => [name, IMPURE.exec(code)?.[0]]);
    assertEquals(found.filter(([, what]) => what !== undefined), []);
  },
});

Deno.test({
  name: "protocol/ imports only its own files, @std/bytes and, in one file, node:crypto",
  permissions: { read: [ROOM] },
  fn() {
    const files = sources();
    const imports = [...files].flatMap(([name, code]) =>
      [...code.matchAll(/\b(?:from|import)\s*\(?\s*["']([^"']+)["']/g)].map((
        [, what = ""],
      ) => [name, what])
    );
    assert(imports.length > files.size);
    const foreign = imports.filter(([name = "", what = ""]) =>
      !files.has(new URL(what, new URL(name, ROOM)).href.slice(ROOM.href.length)) &&
      !what.startsWith(name.startsWith("std/") ? "deno-std/bytes/" : "@std/bytes/") &&
      !(what === "node:crypto" && name === "crypto/signatures_and_ciphers.ts")
    );
    assertEquals(foreign, []);
  },
});
