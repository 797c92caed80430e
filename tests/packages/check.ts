/**
 * `deno task package:check`: what takes too long for each run of the tests. It makes the packages as they
 * are released, twice, and looks at them with the tools that their users have.
 *
 * @module
 */

import { assertEquals, assertMatch } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { runTool } from "../../server/packages/run_tool.ts";
import { IN_NAMESPACES } from "./container.ts";
import { TempFolder } from "../helpers/disk.ts";

const TASK = config.tasks.package.command.split(" ").slice(1);
const PARTS = ["npm", "debian", "container"];

async function make(out: string, variables: Record<string, string> = {}): Promise<string> {
  const env = { DEBFULLNAME: "MIM maintainers", DEBEMAIL: "mim@example.com", ...variables };
  await runTool([Deno.execPath(), ...TASK, ...PARTS, "--out", out], { env });
  return await Deno.readTextFile(`${out}/SHA256SUMS`);
}

Deno.test("packages: the same sources make the same bytes, whenever and wherever", async () => {
  using one = new TempFolder();
  using other = new TempFolder();
  const sums = await make(one.path);
  assertEquals(sums.trim().split("\n").length, PARTS.length);
  await runTool(["sha256sum", "--check", "--strict", "SHA256SUMS"], { cwd: one.path });
  // With a cache in another place, which has to be filled first.
  using cache = new TempFolder();
  assertEquals(await make(other.path, { DENO_DIR: `${cache.path}/deno` }), sums);

  const names = sums.trim().split("\n").map((line) => line.split("  ")[1] ?? "");
  const debian = `${one.path}/${names.find((name) => name.endsWith(".deb"))}`;
  await checkDebian(debian);
  await checkNpm(`${one.path}/${names.find((name) => name.endsWith(".tgz"))}`);
});

/** Lintian finds nothing, and the package installs, serves and goes as in the tests of each run. */
async function checkDebian(path: string): Promise<void> {
  const found = await runTool([
    ...["lintian", "--allow-root", "--fail-on", "error,warning,info", "--info"],
    path,
  ]);
  assertEquals(found, "");
  const script = new URL("install_debian.sh", import.meta.url).pathname;
  using work = new TempFolder();
  const said = await runTool([...IN_NAMESPACES, "sh", script, path, work.path]);
  assertMatch(said, /^stopped: 0$/m);
}

/** npm installs the package from its registry, with its scripts, in a folder and with a cache of its own. */
async function checkNpm(path: string): Promise<void> {
  using folder = new TempFolder();
  const places = ["--prefix", folder.path, "--cache", `${folder.path}/cache`];
  await runTool(["npm", "install", "--no-audit", "--no-fund", ...places, path]);
  for (const name of ["mim", "mim-server"]) {
    const said = await runTool([`${folder.path}/node_modules/.bin/${name}`, "--version"]);
    assertEquals(said, `${name} ${config.version}\n`);
  }
}
