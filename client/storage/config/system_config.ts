import type { Config, ConfigKey } from "./config.ts";
import { assertParsed } from "./config_file.ts";
import { type System, systemEnv } from "../../../server/platform/cli/env.ts";
import { readText } from "../../../server/platform/storage/atomic_file.ts";

/** The config of a machine: under that of each user, but for keys that it locks. */
export interface SystemConfig {
  /** Its file. */
  readonly path: string;
  readonly config: Config;
  /** Keys whose values no user can override. */
  readonly locked: readonly ConfigKey[];
}

/**
 * The config file that an administrator writes for everybody on a machine; undefined if the system has no
 * place for it.
 *
 * @example
 * ```ts
 * import { systemConfigPath } from "./system_config.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(systemConfigPath({ os: "linux", env: () => undefined }), "/etc/mim/config.json");
 * ```
 */
export function systemConfigPath({ os, env }: System = systemEnv): string | undefined {
  if (os === "windows") {
    const common = env("PROGRAMDATA");
    return common ? `${common}\\mim\\config.json` : undefined;
  }
  if (os === "darwin") return "/Library/Application Support/mim/config.json";
  return "/etc/mim/config.json";
}

/**
 * Reads such a file; undefined if there is none, or Deno does not let this program read it.
 *
 * @throws {UsageError} if it can't be read or is wrong; names every mistake with line and column
 */
export async function readSystemConfig(
  path: string | undefined,
): Promise<SystemConfig | undefined> {
  if (path === undefined) return undefined;
  const { state } = Deno.permissions.querySync({ name: "read", path });
  const text = state === "granted" ? await readText(path) : undefined;
  if (text === undefined) return undefined;
  const { parseConfig } = await import("./parse.ts");
  const { config, locked } = assertParsed(parseConfig(text, true), path);
  return { path, config, locked };
}
