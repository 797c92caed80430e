/**
 * The standard library comes from a mirror that one person keeps. Seven of its files were compared
 * with the original; this hash shows whether what is used is still what was read.
 */
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);
const FOLDERS = ["protocol/std", "server/platform/std", "tests/std"];
/** SHA-256 over the name and the content of each file in use. */
const HASH = "ecc7c8d8f5f24cf5fba19ebebdd127822373f71591ed9fdb54ae7487507aa109";

Deno.test("the files in use of the standard library's mirror are those that were read", async () => {
  const mirror = await mirrorFolder();
  const files = new Map<string, string>();
  for (const folder of FOLDERS) {
    for await (const { name } of Deno.readDir(new URL(folder, ROOT))) {
      const text = await Deno.readTextFile(new URL(`${folder}/${name}`, ROOT));
      for (const [, path = ""] of text.matchAll(/from "deno-std\/([^"]+)"/g)) {
        await collect(mirror, path, files);
      }
    }
  }
  assert(files.size >= 10, [...files.keys()].join(" "));
  const all = [...files].sort(([one], [other]) => one < other ? -1 : 1);
  const bytes = new TextEncoder().encode(all.flat().join("\0"));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  assertEquals(hash, HASH, all.map(([path]) => path).join("\n"));
});

/** Reads a file and all that it imports from the mirror. */
async function collect(mirror: URL, path: string, files: Map<string, string>): Promise<void> {
  if (files.has(path)) return;
  const url = new URL(path, mirror);
  const text = await Deno.readTextFile(url);
  files.set(path, text);
  for (const [, relative = ""] of text.matchAll(/(?:from|import)\s*\(?"(\.[^"]+)"/g)) {
    await collect(mirror, new URL(relative, url).href.slice(mirror.href.length), files);
  }
}

/** The folder of the mirror in Deno's cache. */
async function mirrorFolder(): Promise<URL> {
  const config: { imports: Record<string, string> } = JSON.parse(
    await Deno.readTextFile(new URL("deno.json", ROOT)),
  );
  const version = /@([\d.]+)/.exec(config.imports["deno-std/"] ?? "")?.[1];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { npmCache }: { npmCache: string } = JSON.parse(new TextDecoder().decode(stdout));
  for await (const { name } of Deno.readDir(npmCache)) {
    const folder = `${npmCache}/${name}/deno-std/${version}`;
    const isThere = await Deno.stat(folder).then(() => true, () => false);
    if (isThere) return new URL(`file://${folder}/`);
  }
  throw new Error(`deno-std ${version} is not in ${npmCache}`);
}
