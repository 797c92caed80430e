/**
 * Makes all packages that an owner releases, into a folder that git ignores.
 *
 * @module
 */

import { parseFlags, text, UsageError } from "../platform/cli/flags.ts";
import { reasonOf } from "../platform/util/errors.ts";
import { buildBundles } from "./bundles.ts";
import { buildContainerContext } from "./container_context.ts";
import { buildDebianPackage } from "./debian_package.ts";
import { buildExecutable } from "./executables.ts";
import { buildNpmPackage } from "./npm_package.ts";
import { makePackages } from "./make_packages.ts";
import { DENO_VERSION } from "./programs.ts";
import { sourceDate } from "./source_date.ts";

const PARTS = ["npm", "debian", "container", "executables"] as const;
type Part = typeof PARTS[number];

const HELP = `Usage: deno task package [PART…] [--out DIR]
Makes the packages of this version and their SHA256SUMS, in dist or DIR.
PART: ${PARTS.join(", ")}; all of them if none is named`;

async function buildPart(part: Part, out: string, date: number): Promise<readonly string[]> {
  const bundles = out;
  switch (part) {
    case "npm":
      return [await buildNpmPackage(bundles, out)];
    case "debian":
      return [await buildDebianPackage({ bundles, runtime: Deno.execPath(), date }, out)];
    case "container":
      return [await buildContainerContext(bundles, date, out)];
    case "executables":
      return [
        await buildExecutable("mim", bundles, out),
        await buildExecutable("mim-server", bundles, out),
      ];
  }
}

async function build(args: readonly string[]): Promise<void> {
  const { flags, positional } = parseFlags(args, { out: text, help: "switch" });
  if (flags.help) return console.log(HELP);
  const isPart = (word: string): word is Part => PARTS.some((part) => part === word);
  const unknown = positional.find((word) => !isPart(word));
  if (unknown !== undefined) throw new UsageError(`Unknown part ${unknown}\n${HELP}`);
  if (Deno.version.deno !== DENO_VERSION) {
    throw new UsageError(`Packages are made with Deno ${DENO_VERSION}, not ${Deno.version.deno}`);
  }
  const parts = positional.length > 0 ? positional.filter(isPart) : PARTS;
  const out = flags.out ?? "dist";
  await Deno.mkdir(out, { recursive: true });
  const date = await sourceDate();
  await buildBundles(out);
  if (parts.includes("debian") && Deno.env.get("DEBEMAIL") === undefined) {
    console.error("The Debian package names no maintainer; set DEBFULLNAME and DEBEMAIL");
  }
  for (const path of await makePackages(parts, out, (part) => buildPart(part, out, date))) {
    console.log(path);
  }
}

if (import.meta.main) {
  try {
    await build(Deno.args);
  } catch (error) {
    console.error(error instanceof UsageError ? error.message : reasonOf(error));
    Deno.exit(error instanceof UsageError ? 2 : 1);
  }
}
