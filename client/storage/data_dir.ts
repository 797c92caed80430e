import { type System, systemEnv } from "../../server/platform/cli/env.ts";

/**
 * Where the client keeps its history and its config: one folder for all of it.
 *
 * @param option what `--data` says
 * @returns undefined where the system names no place for it: then nothing can be kept
 *
 * @example
 * ```ts
 * import { dataDir } from "./data_dir.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const env = (variable: string) => ({ HOME: "/home/ada" })[variable];
 * assertEquals(dataDir(undefined, { os: "linux", env }), "/home/ada/.local/share/mim");
 * ```
 */
export function dataDir(
  option: string | undefined,
  { os, env }: System = systemEnv,
): string | undefined {
  if (option !== undefined) return option;
  if (os === "windows") {
    const roaming = env("APPDATA");
    return roaming ? `${roaming}\\mim` : undefined;
  }
  const home = env("HOME");
  if (os === "darwin") return home ? `${home}/Library/Application Support/mim` : undefined;
  const data = env("XDG_DATA_HOME");
  // Relative ones are to be ignored, says the XDG Base Directory Specification.
  if (data?.startsWith("/")) return `${data}/mim`;
  return home ? `${home}/.local/share/mim` : undefined;
}

/**
 * Makes the folder where there is none, for its owner alone.
 *
 * @throws {Error} where it can't be made; the message says why and what to do
 */
export async function createDataDir(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    const advice = error instanceof Deno.errors.NotCapable
      ? `; allow it with --allow-read="${path}" --allow-write="${path}"`
      : "; name another with --data DIR";
    const reason = error instanceof Error
      ? error.message.split(/, run again| \(os error/)[0]
      : error;
    throw new Error(`cannot make the data folder ${path}: ${reason}${advice}`, { cause: error });
  }
}
