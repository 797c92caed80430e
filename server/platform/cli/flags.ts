/** A command line as a declaration of its options, around `parseArgs` of @std/cli. */

import { parseArgs } from "@std/cli/parse-args";
import { type HostPort, parseAddress } from "../../../protocol/mod.ts";

/** A mistake on the command line or in a file that a user writes; the message names it. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/** Parses the value of an option; throws a {@linkcode UsageError} that names the option. */
export type FlagType<Value> = (value: string, option: string) => Value;

/** The options of a program, in camel case: `maxUsers` is `--max-users`. */
export type FlagTypes = Readonly<Record<string, FlagType<unknown> | "switch">>;

/** The parsed options: one that is missing is undefined, a switch false. */
export type Flags<Types extends FlagTypes> = {
  readonly [Name in keyof Types]: Types[Name] extends FlagType<infer Value> ? Value | undefined
    : boolean;
};

/**
 * Parses a command line with these options and no others.
 *
 * @returns the options, and the other arguments
 * @throws {UsageError} for an unknown option or an invalid value
 */
export function parseFlags<const Types extends FlagTypes>(
  args: readonly string[],
  types: Types,
): { readonly flags: Flags<Types>; readonly positional: readonly string[] } {
  const options = Object.entries(types).map(([name, type]) => ({
    name,
    type,
    option: name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  }));
  const string = options.filter(({ type }) => type !== "switch").map(({ option }) => option);
  const parsed = parseArgs(withNegatives(args, string), {
    string: [...string, "_"],
    boolean: options.filter(({ type }) => type === "switch").map(({ option }) => option),
    alias: { help: "h" },
    unknown(argument, key) {
      if (key === undefined) return true;
      throw new UsageError(
        `Unknown option ${argument}; see --help (arguments that start with "-" go after "--")`,
      );
    },
  });
  const entries = options.map(({ name, type, option }) => {
    const value = parsed[option];
    if (type === "switch") return [name, value === true];
    if (value === undefined) return [name, undefined];
    if (typeof value === "string" && value !== "") return [name, type(value, `--${option}`)];
    throw new UsageError(`Option --${option} needs a value`);
  });
  return { flags: Object.fromEntries(entries), positional: parsed._ };
}

/**
 * Parses a command line that has options only.
 *
 * @throws {UsageError} as {@linkcode parseFlags}, and for any other argument
 */
export function parseOptions<const Types extends FlagTypes>(
  args: readonly string[],
  types: Types,
): Flags<Types> {
  const { flags, positional: [extra] } = parseFlags(args, types);
  if (extra === undefined) return flags;
  throw new UsageError(`Unexpected argument "${extra}": only options are allowed; see --help`);
}

export function text(value: string): string {
  return value;
}

/** A whole number from 0 to `max`. */
export function integer(max: number, min = 0): FlagType<number> {
  return (value, option) => {
    const number = Number(value);
    if (/^\d{1,10}$/.test(value) && number >= min && number <= max) return number;
    throw new UsageError(`Option ${option} must be a number from ${min} to ${max}, got "${value}"`);
  };
}

/** An address or host name without a port; IPv6 also in brackets. */
export function hostname(value: string, option: string): string {
  const name = value.replace(/^\[(.*)\]$/, "$1");
  if (addressIn(name)?.hostname === name) return name;
  throw new UsageError(`Option ${option} must be an address without a port, got "${value}"`);
}

/** An address or host name with or without a port, as text; a bare IPv6 address too. */
export function host(value: string, option: string): string {
  if (addressIn(value) !== undefined) return value;
  throw new UsageError(`Option ${option} must be HOST or HOST:PORT, got "${value}"`);
}

/** `ADDR:PORT`; `:PORT` means every IPv4 address. */
export function hostPort(value: string, option: string): HostPort {
  const address = value.startsWith(":") ? `0.0.0.0${value}` : value;
  const parsed = /:\d+$/.test(address) ? addressIn(address) : undefined;
  if (parsed !== undefined) return parsed;
  throw new UsageError(
    `Option ${option} must be ADDR:PORT with a port from 0 to 65535, got "${value}"`,
  );
}

export function oneOf<Word extends string>(words: readonly Word[]): FlagType<Word> {
  return (value, option) => {
    const word = words.find((word) => word === value);
    if (word !== undefined) return word;
    throw new UsageError(`Option ${option} must be one of ${words.join(", ")}, got "${value}"`);
  };
}

function addressIn(text: string): HostPort | undefined {
  try {
    return parseAddress(text, 0);
  } catch {
    return undefined;
  }
}

/** Joins `--port -1` into `--port=-1`: a number that is out of range is not an option. */
function withNegatives(args: readonly string[], string: readonly string[]): string[] {
  const options = new Set(string.map((name) => `--${name}`));
  const joined: string[] = [];
  let isRest = false;
  for (const arg of args) {
    const before = joined.at(-1) ?? "";
    isRest ||= arg === "--"; // nothing after it is an option
    if (!isRest && options.has(before) && /^-\d/.test(arg)) joined.push(`${joined.pop()}=${arg}`);
    else joined.push(arg);
  }
  return joined;
}
