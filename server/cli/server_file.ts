import { defaultDataDir } from "../identity/mod.ts";
import { UsageError } from "../platform/cli/flags.ts";
import { describeDanglingLink, isDanglingLink } from "../platform/storage/regular_file.ts";
import { parseEditedJson } from "../platform/storage/text_file.ts";
import { reasonOf } from "../platform/util/errors.ts";
import { describeReadError } from "./errors.ts";
import { parseServerOptions, type ServerCliOptions } from "./options.ts";

/**
 * The server's options: those of the command line, and of a file for what it leaves open: `--config`, else
 * `server.json` in the data folder. It names them in camel case: `{ "title": "Lab", "maxUsers": 500 }`.
 *
 * @throws {UsageError} for an unknown option or argument, or a value that does not fit, and if the file
 * that `--config` names does not exist
 */
export async function readServerOptions(args: readonly string[]): Promise<ServerCliOptions> {
  const given = parseServerOptions(args);
  const folder = given.data ?? defaultDataDir();
  if (given.help || given.version) return given;
  if (given.config === undefined && folder === undefined) return given;
  const path = given.config ?? `${folder}/server.json`;
  const text = await readFile(path, (given.config ?? given.data) !== undefined);
  if (text === undefined) {
    if (given.config !== undefined) throw new UsageError(`No file ${path} for the options`);
    return given;
  }
  try {
    // Of an option that is given twice, the last counts.
    return parseServerOptions([...optionsIn(text), ...args]);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof SyntaxError)) throw error;
    throw new UsageError(`In ${path}: ${reasonOf(error)}`);
  }
}

function optionsIn(text: string): string[] {
  const options: unknown = parseEditedJson(text);
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new UsageError(`expected an object of options, got ${text.trim().slice(0, 40)}`);
  }
  return Object.entries(options).flatMap(([name, value]) => {
    if (["data", "config", "help", "version"].includes(name)) {
      throw new UsageError(`${name} is an option of the command line alone`);
    }
    const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === true) return [option];
    if (value === false) return [];
    if (typeof value === "string" || typeof value === "number") return [`${option}=${value}`];
    throw new UsageError(`expected a text, a number, true or false for ${name}`);
  });
}

/** @param isNamed whether the folder was named; else it counts only if it may be read */
async function readFile(path: string, isNamed: boolean): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (isDanglingLink(path)) throw new UsageError(`Cannot read ${describeDanglingLink(path)}`);
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (!isNamed && error instanceof Deno.errors.NotCapable) return undefined;
    if (error instanceof Deno.errors.NotADirectory) return undefined; // reported with the folder
    throw new UsageError(describeReadError(error, path));
  }
}
