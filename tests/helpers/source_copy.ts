/** The project's files in a folder of a test's own. */

const ROOT = new URL("../../", import.meta.url);
const COPIED = ["deno.json", "deno.lock", "mod.ts", "protocol", "server", "client", "tests"];

/** Copies what a clone has, apart from its documents; the folder goes when the copy leaves scope. */
export async function copyOfSources(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "mim-copy-" });
  await Promise.all(COPIED.map((name) => copy(new URL(name, ROOT).pathname, `${path}/${name}`)));
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

async function copy(from: string, to: string): Promise<void> {
  if (!(await Deno.stat(from)).isDirectory) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  const entries = await Array.fromAsync(Deno.readDir(from));
  await Promise.all(entries.map(({ name }) => copy(`${from}/${name}`, `${to}/${name}`)));
}
