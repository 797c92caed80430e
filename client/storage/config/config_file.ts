import type { Config, ConfigKey } from "./config.ts";
import type { ParsedConfig } from "./parse.ts";
import { UsageError } from "../../../server/platform/cli/flags.ts";
import { readText, replaceFile } from "../../../server/platform/storage/atomic_file.ts";

/**
 * Reads the config file; an empty config if there is none.
 *
 * @throws {UsageError} if it can't be read or is wrong; names every mistake with line and column
 */
export async function readConfig(path: string): Promise<Config> {
  const text = await readText(path);
  if (text === undefined) return {};
  const { parseConfig } = await import("./parse.ts");
  return assertParsed(parseConfig(text), path).config;
}

/**
 * Sets one value in the config file and returns the new values. Comments and other values stay.
 *
 * @throws {UsageError} if the value or the file is invalid, or it can't be written
 */
export async function setConfig<Key extends ConfigKey>(
  path: string,
  key: Key,
  value: Config[Key],
): Promise<Config> {
  const { parseConfig } = await import("./parse.ts");
  const { applyEdits, modify } = await import("jsonc-parser");
  const text = await readText(path) ?? "";
  assertParsed(parseConfig(text), path);
  const edits = modify(text, [key], value, {
    formattingOptions: { insertSpaces: !/^\t/m.test(text), tabSize: 2 },
  });
  const edited = applyEdits(text, edits).replace(/\n?$/, "\n");
  const parsed = parseConfig(edited);
  if (!parsed.ok) throw new UsageError(parsed.problems.map(({ text }) => text).join("\n"));
  await replaceFile(path, edited);
  return parsed.config;
}

/** @throws {UsageError} if there are mistakes */
export function assertParsed(
  parsed: ParsedConfig,
  path: string,
): Extract<ParsedConfig, { readonly ok: true }> {
  if (parsed.ok) return parsed;
  const lines = parsed.problems.map(({ line, column, text }) =>
    `${path}:${line}:${column}: ${text}`
  );
  throw new UsageError(lines.join("\n"));
}
