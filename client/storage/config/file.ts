import type { Config, ConfigKey } from "./config.ts";
import type { ParsedConfig } from "./parse.ts";
import { UsageError } from "../../../server/platform/cli/flags.ts";

/**
 * Reads the config file; an empty config if there is none. The parser is loaded only if there is something
 * to read.
 *
 * @throws {UsageError} if it can't be read, or is wrong: lists every mistake with line and column
 */
export async function readConfig(path: string): Promise<Config> {
  const text = await readText(path);
  if (text === undefined) return {};
  const { parseConfig } = await import("./parse.ts");
  return checked(parseConfig(text), path);
}

/**
 * Sets one value in the config file, which is created if there is none. Comments and all other values stay.
 * The file is for its owner only, and is replaced in one step.
 *
 * @returns the values of the file now
 * @throws {UsageError} if the value is invalid, the file has other mistakes, or can't be written; then it
 *   stays as it was
 */
export async function setConfig<Key extends ConfigKey>(
  path: string,
  key: Key,
  value: NonNullable<Config[Key]>,
): Promise<Config> {
  const { parseConfig } = await import("./parse.ts");
  const { applyEdits, modify } = await import("jsonc-parser");
  const text = await readText(path) ?? "";
  checked(parseConfig(text), path);
  const edits = modify(text, [key], value, {
    formattingOptions: { insertSpaces: !/^\t/m.test(text), tabSize: 2 },
  });
  const edited = applyEdits(text, edits).replace(/\n?$/, "\n");
  const parsed = parseConfig(edited);
  if (!parsed.ok) throw new UsageError(parsed.problems.map(({ text }) => text).join("\n"));
  await replaceFile(path, edited);
  return parsed.config;
}

function checked(parsed: ParsedConfig, path: string): Config {
  if (parsed.ok) return parsed.config;
  const lines = parsed.problems.map(({ line, column, text }) =>
    `${path}:${line}:${column}: ${text}`
  );
  throw new UsageError(lines.join("\n"));
}

/**
 * A file's text; undefined where there is none.
 *
 * @throws {UsageError} where it can't be read
 */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new UsageError(`Cannot read ${path}: ${reason(error)}`);
  }
}

/**
 * Writes a file for its owner alone, in one step: whoever reads meanwhile finds the old or the new.
 *
 * @throws {UsageError} where it can't be written
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  try {
    const target = await realPath(path);
    const temporary = `${target}.${crypto.randomUUID()}`;
    try {
      await Deno.writeTextFile(temporary, text, { createNew: true, mode: 0o600 });
      await Deno.rename(temporary, target);
    } catch (error) {
      await Deno.remove(temporary).catch(() => {});
      throw error;
    }
  } catch (error) {
    throw new UsageError(`Cannot write ${path}: ${reason(error)}`);
  }
}

/** The file itself where the path is a link, as in a folder of dotfiles. */
async function realPath(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return path;
    throw error;
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
