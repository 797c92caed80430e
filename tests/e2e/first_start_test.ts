/** The packages that the tasks of the two programs fetch in a new clone, on a machine that has none of them yet. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { TempFolder } from "../helpers/disk.ts";
import { quietPort } from "../helpers/programs.ts";
import { requiringTest } from "../helpers/required.ts";
import { copyOfSources } from "../helpers/source_copy.ts";

const ROOT = new URL("../../", import.meta.url);
const PROBE = "npm:thunky@1.1.0"; // a small package, of those that MIM needs

/** Runs Deno with an empty cache, below `folder` as all that it keeps. */
async function deno(cwd: string | URL, folder: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: {
      DENO_DIR: `${folder}/cache`,
      NO_COLOR: "1",
      XDG_DATA_HOME: folder,
      XDG_STATE_HOME: folder,
    },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

async function missingPackages(): Promise<string | undefined> {
  using folder = new TempFolder();
  const { code, output } = await deno(
    ROOT,
    folder.path,
    "cache",
    "--no-config",
    "--no-lock",
    PROBE,
  );
  return code === 0 ? undefined : `npm packages can't be fetched: ${output}`;
}

/** The packages in Deno's cache, as its lock files name them. */
async function packagesIn(cache: string): Promise<string[]> {
  const found: string[] = [];
  for await (const registry of Deno.readDir(`${cache}/npm`)) {
    await collectPackages(`${cache}/npm/${registry.name}`, "", found);
  }
  return found.sort();
}

async function collectPackages(folder: string, scope: string, found: string[]): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith("@")) await collectPackages(`${folder}/${name}`, `${name}/`, found);
    else {
      for await (const version of Deno.readDir(`${folder}/${name}`)) {
        if (version.isDirectory) found.push(`${scope}${name}@${version.name}`);
      }
    }
  }
}

async function lockedPackages(folder: string, path: string): Promise<string[]> {
  return Object.keys(JSON.parse(await Deno.readTextFile(`${folder}/${path}`)).npm);
}

requiringTest(
  "npm",
  await missingPackages(),
  "the first starts in a new clone fetch what the programs need, and nothing that only tests use",
  async () => {
    await using clone = await copyOfSources();
    using folder = new TempFolder();
    const task = (...args: readonly string[]) => deno(clone.path, folder.path, "task", ...args);

    const nowhere = ["--hostname", "192.0.2.77", "--port", "0"];
    const server = await task("server", ...nowhere);
    assertStringIncludes(server.output, "this machine has no such address");
    assertEquals(server.code, 3, server.output);
    const client = await task("client", "--server", `127.0.0.1:${quietPort()}`, "who");
    assertEquals(client.code, 3, client.output);
    const page = await task("window", "--version");
    assertEquals(page.code, 0, page.output);

    const needed = await Promise.all(
      ["client/deno.lock", "server/deno.lock"].map((path) => lockedPackages(clone.path, path)),
    );
    assertEquals(await packagesIn(`${folder.path}/cache`), [...new Set(needed.flat())].sort());
  },
);
