import config from "../../deno.json" with { type: "json" };
import { ALL_BUNDLES } from "./bundles.ts";
import { DENO_VERSION, npmPrograms, PROGRAMS } from "./programs.ts";
import { runTool } from "./run_tool.ts";
import { thirdPartyNotices } from "./third_party_notices.ts";

const SOURCES = new URL("npm/", import.meta.url);
const FILES = ["launch.js", "mim.js", "mim-server.js", "README.md"];

/** The systems for which npm has Deno, by what Node calls them; each package is Deno for one of them. */
const SYSTEMS = [
  "darwin-arm64",
  "darwin-x64",
  "linux-arm64",
  "linux-x64",
  "win32-arm64",
  "win32-x64",
];

/** `package.json` of the package for npm. Nothing in it runs while it is installed. */
export function npmManifest(): Readonly<Record<string, unknown>> {
  const denos = SYSTEMS.map((system) =>
    `@deno/${system}${system.startsWith("linux") ? "-glibc" : ""}`
  );
  return {
    name: config.name,
    version: config.version,
    description: "Instant messenger for people on one network: client and server",
    license: config.license,
    type: "module",
    bin: Object.fromEntries(Object.keys(PROGRAMS).map((name) => [name, `${name}.js`])),
    engines: { node: ">=20" },
    optionalDependencies: Object.fromEntries(denos.map((name) => [name, DENO_VERSION])),
  };
}

/**
 * Makes the package for npm from the bundles in a folder.
 *
 * @returns the path of the tarball
 */
export async function buildNpmPackage(bundles: string, out: string): Promise<string> {
  const stage = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${stage}/programs`);
    for (const name of ALL_BUNDLES) {
      await Deno.copyFile(`${bundles}/${name}`, `${stage}/programs/${name}`);
      await Deno.chmod(`${stage}/programs/${name}`, 0o644);
    }
    for (const name of FILES) await Deno.copyFile(new URL(name, SOURCES), `${stage}/${name}`);
    await Deno.copyFile(new URL("../../LICENSE", import.meta.url), `${stage}/LICENSE`);
    await Deno.writeTextFile(`${stage}/NOTICES.md`, await thirdPartyNotices());
    await writeJson(`${stage}/package.json`, npmManifest());
    await writeJson(`${stage}/programs.json`, npmPrograms());
    const said = await runTool(["npm", "pack", "--silent", "--pack-destination", stage], {
      cwd: stage,
    });
    const path = `${out}/mim-${config.version}.tgz`;
    await Deno.copyFile(`${stage}/${said.trim().split("\n").at(-1)}`, path);
    return path;
  } finally {
    await Deno.remove(stage, { recursive: true });
  }
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Deno.writeTextFile(path, `${JSON.stringify(value, undefined, 2)}\n`);
}
