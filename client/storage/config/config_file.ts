import { type Config, type ConfigKey, wrongValue } from "./config.ts";
import type { ParsedConfig } from "./parse.ts";
import { UsageError } from "../../../server/platform/cli/flags.ts";
import { readText, replaceFile } from "../../../server/platform/storage/atomic_file.ts";
import {
  describeDanglingLink,
  isDanglingLink,
} from "../../../server/platform/storage/regular_file.ts";

/** A config file as it was read. */
export interface ConfigFile {
  /** The values without a mistake. */
  readonly config: Config;
  /** The mistakes in the others, each with file, line and column. */
  readonly problems: readonly string[];
}

/**
 * Reads the config file; an empty config if there is none. A wrong value or key is left out, and so is the
 * whole file if it is a link that leads nowhere.
 *
 * @throws {UsageError} if it can't be read
 */
export async function readConfig(path: string): Promise<ConfigFile> {
  if (isDanglingLink(path)) return { config: {}, problems: [describeDanglingLink(path)] };
  const text = await readText(path);
  if (text === undefined) return { config: {}, problems: [] };
  const { parseConfig } = await import("./parse.ts");
  return assertReadable(parseConfig(text), path);
}

/**
 * Sets one value in the config file and returns the new values. Comments and other values stay, wrong ones
 * included.
 *
 * @throws {UsageError} if the value is invalid, or the file can't be read or written
 */
export async function setConfig<Key extends ConfigKey>(
  path: string,
  key: Key,
  value: Config[Key],
): Promise<ConfigFile> {
  const wrong = value === undefined ? undefined : wrongValue(key, value);
  if (wrong !== undefined) throw new UsageError(`${wrong}, got ${JSON.stringify(value)}`);
  const { parseConfig } = await import("./parse.ts");
  const { applyEdits, modify } = await import("jsonc-parser");
  const text = isDanglingLink(path) ? "" : await readText(path) ?? "";
  assertReadable(parseConfig(text), path);
  const edits = modify(text, [key], value, {
    formattingOptions: { insertSpaces: !/^\t/m.test(text), tabSize: 2 },
  });
  const edited = applyEdits(text, edits).replace(/\n?$/, "\n");
  const read = assertReadable(parseConfig(edited), path);
  await replaceFile(path, edited);
  return read;
}

/** @throws {UsageError} if nothing of it can be used */
function assertReadable(parsed: ParsedConfig, path: string): ConfigFile {
  if (parsed.ok || parsed.config === undefined) {
    return { config: assertParsed(parsed, path).config, problems: [] };
  }
  return { config: parsed.config, problems: problemsIn(parsed, path) };
}

/** @throws {UsageError} if there are mistakes */
export function assertParsed(
  parsed: ParsedConfig,
  path: string,
): Extract<ParsedConfig, { readonly ok: true }> {
  if (parsed.ok) return parsed;
  throw new UsageError(problemsIn(parsed, path).join("\n"));
}

function problemsIn(
  { problems }: Extract<ParsedConfig, { readonly ok: false }>,
  path: string,
): string[] {
  return problems.map(({ line, column, text }) => `${path}:${line}:${column}: ${text}`);
}
