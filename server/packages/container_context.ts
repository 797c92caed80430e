import config from "../../deno.json" with { type: "json" };
import { SERVER_BUNDLES } from "./bundles.ts";
import { serverCommand } from "./debian_service.ts";
import { DENO_VERSION } from "./programs.ts";
import { runTool } from "./run_tool.ts";
import { filled, StagedTree } from "./staged_tree.ts";

/**
 * Makes the archive that a container image of the server is built from.
 *
 * @param bundles the folder with the bundles of the server
 * @param date in seconds since 1970
 * @returns the path of the archive
 */
export async function buildContainerContext(
  bundles: string,
  date: number,
  out: string,
): Promise<string> {
  const name = `mim-server-${config.version}-container`;
  const tree = await StagedTree.create();
  try {
    const values = { VERSION: config.version, DENO: DENO_VERSION };
    await tree.write(`/${name}/Containerfile`, filled(await source("Containerfile"), values));
    await tree.write(`/${name}/health.js`, await source("health.js"));
    await tree.write(`/${name}/mim-server`, await serverCommand(), 0o755);
    for (const file of SERVER_BUNDLES) await tree.copy(`${bundles}/${file}`, `/${name}/${file}`);
    const path = `${out}/${name}.tar.gz`;
    const owner = ["--owner=0", "--group=0", "--numeric-owner", "--sort=name", `--mtime=@${date}`];
    const options = ["--format=ustar", "--use-compress-program=gzip -9n", ...owner];
    await runTool(["tar", ...options, "--create", "--file", path, "--directory", tree.path, name]);
    return path;
  } finally {
    await tree.remove();
  }
}

function source(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`container/${name}`, import.meta.url));
}
