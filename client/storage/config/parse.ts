import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { sanitizeText, shorten } from "../../../protocol/mod.ts";
import { type Config, CONFIG_KEYS, type ConfigKey, isConfigKey, wrongValue } from "./config.ts";

export interface ConfigProblem {
  /** From 1 on. */
  readonly line: number;
  /** From 1 on, in UTF-16 units. */
  readonly column: number;
  /** Expected and actual content. */
  readonly text: string;
}

/** The values of a config file, and its mistakes. */
export type ParsedConfig =
  | {
    readonly ok: true;
    readonly config: Config;
    /** Keys whose values no user can override. */
    readonly locked: readonly ConfigKey[];
  }
  | {
    readonly ok: false;
    readonly problems: readonly ConfigProblem[];
    /** The values without a mistake; absent if the text can't be read at all. */
    readonly config?: Config;
  };

/** How much of a wrong value an error message shows, in UTF-16 units. */
const MAX_SHOWN_LENGTH = 40;

/**
 * Reads a config file: JSON with comments and trailing commas.
 *
 * @param mayLock whether it may lock keys for users
 *
 * @example
 * ```ts
 * import { parseConfig } from "./parse.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseConfig('{ "joins": "on" } // everybody'), {
 *   ok: true,
 *   config: { joins: "on" },
 *   locked: [],
 * });
 * assertEquals(parseConfig('{\n  "bell": "loud"\n}'), {
 *   ok: false,
 *   problems: [{ line: 2, column: 11, text: 'Expected bell to be true or false, got "loud"' }],
 *   config: {},
 * });
 * ```
 */
export function parseConfig(text: string, mayLock = false): ParsedConfig {
  const errors: ParseError[] = [];
  const root = parseTree(text.replace(/^\ufeff/, " "), errors, { allowTrailingComma: true });
  const at = (offset: number, text_: string) => ({ ...place(text, offset), text: text_ });
  if (root === undefined && errors.every(({ error }) => isMissing(error))) {
    return { ok: true, config: {}, locked: [] }; // nothing, or nothing but comments
  }
  const [first] = errors; // the others only follow from it
  if (first !== undefined) {
    const got = shown(text, first.offset, first.length);
    return { ok: false, problems: [at(first.offset, `${expectation(first.error)}, got ${got}`)] };
  }
  if (root?.type !== "object") {
    const got = shown(text, root?.offset ?? 0, root?.length ?? 0);
    return { ok: false, problems: [at(root?.offset ?? 0, `Expected { … }, got ${got}`)] };
  }
  let config: Config = {};
  const locks: Node[] = [];
  const problems: ConfigProblem[] = [];
  for (const [key, value] of (root.children ?? []).map(({ children = [] }) => children)) {
    if (key === undefined || value === undefined) continue;
    const name = String(key.value);
    if (mayLock && name === "locked") {
      if (value.type === "array") locks.push(...value.children ?? []);
      else problems.push(at(value.offset, "Expected locked to be a list [ … ] of keys"));
    } else if (!isConfigKey(name)) {
      problems.push(
        at(key.offset, `Expected one of ${CONFIG_KEYS.join(", ")}, got "${sanitizeText(name)}"`),
      );
    } else if (name in config) {
      problems.push(at(key.offset, `Expected ${name} once, got it again`));
    } else {
      const wrong = wrongValue(name, value.value);
      const got = shown(text, value.offset, value.length);
      if (wrong !== undefined) problems.push(at(value.offset, `${wrong}, got ${got}`));
      else config = { ...config, [name]: value.value };
    }
  }
  const locked: ConfigKey[] = [];
  for (const { value, offset, length } of locks) {
    const name = String(value);
    if (isConfigKey(name) && Object.hasOwn(config, name)) locked.push(name);
    else {
      const got = shown(text, offset, length);
      problems.push(at(offset, `Expected a key that this file sets, got ${got}`));
    }
  }
  return problems.length === 0 ? { ok: true, config, locked } : { ok: false, problems, config };
}

function isMissing(error: ParseError["error"]): boolean {
  return printParseErrorCode(error) === "ValueExpected";
}

function expectation(error: ParseError["error"]): string {
  switch (printParseErrorCode(error)) {
    case "CommaExpected":
      return 'Expected ","';
    case "ColonExpected":
      return 'Expected ":"';
    case "CloseBraceExpected":
      return 'Expected "}"';
    case "CloseBracketExpected":
      return 'Expected "]"';
    case "PropertyNameExpected":
      return 'Expected a key in "quotes"';
    case "ValueExpected":
      return "Expected a value";
    case "EndOfFileExpected":
      return "Expected nothing more";
    case "UnexpectedEndOfString":
      return 'Expected a text in "quotes", on one line';
    case "UnexpectedEndOfComment":
      return 'Expected "*/"';
    default:
      return 'Expected JSON, keys and texts in "quotes"';
  }
}

function place(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

/** The text that was found, shortened for an error message. */
function shown(text: string, offset: number, length: number): string {
  const part = text.slice(offset, offset + length).replace(/\s+/g, " ");
  if (part === "") return "the end";
  const safe = sanitizeText(part);
  return shorten(safe, MAX_SHOWN_LENGTH);
}
