import { type System, systemEnv } from "../platform/cli/env.ts";

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
