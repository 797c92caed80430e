import { assert, assertEquals } from "@std/assert";

const ROOM = new URL("../../protocol/", import.meta.url);

/** What pure code has no use for, though the compiler's check lets it pass. */
const IMPURE = /\bDate\b|\bMath\.random\b|\bDeno\b|\bglobalThis\b|\bimport\.meta\b/;

/** The code of each file of the room, without its comments. */
function sources(): Map<string, string> {
  const names = Array.from(Deno.readDirSync(ROOM), (file) => file.name)
    .filter((name) => name.endsWith(".ts"));
  return new Map(
    names.map((name) => {
      const source = Deno.readTextFileSync(new URL(name, ROOM));
      return [name, source.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "")];
    }),
  );
}

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
  name: "protocol/ imports only its own files and @std/bytes",
  permissions: { read: [ROOM] },
  fn() {
    const files = sources();
    const imports = [...files].flatMap(([name, code]) =>
      [...code.matchAll(/\b(?:from|import)\s*\(?\s*["']([^"']+)["']/g)].map((
        [, what = ""],
      ) => [name, what])
    );
    assert(imports.length > files.size);
    const foreign = imports.filter(([, what = ""]) =>
      !files.has(what.replace(/^\.\//, "")) && !what.startsWith("@std/bytes/")
    );
    assertEquals(foreign, []);
  },
});
