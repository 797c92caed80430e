import { missingHomeOf, type System, systemEnv } from "../platform/cli/env.ts";
import { reasonOf } from "../platform/util/errors.ts";

/**
 * The folder for a server's key and names, unless the operator names another.
 *
 * @returns undefined if the system has no place for it
 *
 * @example
 * ```ts
 * import { defaultDataDir } from "./data_dir.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const env = (variable: string) => ({ HOME: "/home/ada" })[variable];
 * assertEquals(defaultDataDir({ os: "linux", env }), "/home/ada/.local/state/mim/server");
 * ```
 */
export function defaultDataDir(
  { os, env }: System = systemEnv,
): string | undefined {
  if (os === "windows") {
    const local = env("LOCALAPPDATA");
    return local ? `${local}\\mim\\server` : undefined;
  }
  const home = env("HOME");
  if (os === "darwin") return home ? `${home}/Library/Application Support/mim/server` : undefined;
  const state = env("XDG_STATE_HOME");
  // The XDG Base Directory Specification says to ignore a relative one.
  if (state?.startsWith("/")) return `${state}/mim/server`;
  return home ? `${home}/.local/state/mim/server` : undefined;
}

/**
 * Why there is no data folder: the system has none, or the usual one can't be created. One that was named
 * or exists has to be used: without it this would be another server to everyone who knows it.
 */
export async function whyNoDataDir(named: string | undefined): Promise<string | undefined> {
  const folder = named ?? defaultDataDir();
  if (folder === undefined) return "the system has no data folder; name one with --data DIR";
  if (named !== undefined) return undefined;
  const home = missingHomeOf(folder);
  if (home !== undefined) {
    return `there is no home folder ${home}; name a data folder with --data DIR`;
  }
  try {
    await Deno.stat(folder);
    return undefined;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return undefined; // there may be one
  }
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    return undefined;
  } catch (error) {
    return `cannot create the data folder ${folder}: ${reasonOf(error)}; name one with --data DIR`;
  }
}
