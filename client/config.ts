import { type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { checkUserName, parseAddress } from "../protocol/mod.ts";

/** What the config file may set; what it leaves out is undefined. Options come before it. */
export interface Config {
  /** The central server, as `--server` takes it. */
  readonly server?: string;
  /** The own name. */
  readonly name?: string;
  /** Where peers reach this client, as `--listen` takes it. */
  readonly listen?: string;
  /** Whether what is said is kept; or for how many days. */
  readonly history?: boolean | number;
  /** Whose coming and going is shown: everybody's, nobody's, that of people one chats with. */
  readonly joins?: "on" | "off" | "smart";
  /** Whether the terminal's bell tells of messages in other chats. */
  readonly bell?: boolean;
  /** What calls from people with whom there is no chat lead to. */
  readonly strangers?: "allow" | "ask" | "refuse";
  /** Whether the desktop tells of messages. */
  readonly notify?: boolean;
}

/** A key of the config file. */
export type ConfigKey = keyof Config;

/** Something in the config file that is wrong. */
export interface ConfigProblem {
  /** From 1 on. */
  readonly line: number;
  /** From 1 on, in UTF-16 units. */
  readonly column: number;
  /** What was expected, and what is there. */
  readonly text: string;
}

/** What a config file says, or all that is wrong with it. */
export type ParsedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** How much of a wrong value an error message shows, in UTF-16 units. */
const LONGEST_SHOWN = 40;

/** A key's rule: what is expected, in words, and whether a value is that. */
interface Rule {
  readonly expected: string;
  readonly allows: (value: unknown) => boolean;
}

const SWITCH: Rule = {
  expected: "true or false",
  allows: (value) => typeof value === "boolean",
};

const RULES: Readonly<Record<ConfigKey, Rule>> = {
  server: { expected: '"HOST" or "HOST:PORT"', allows: (value) => isAddress(value) },
  name: {
    expected: "a name of 1 to 64 visible characters",
    allows: (value) => typeof value === "string" && checkUserName(value).ok,
  },
  listen: {
    expected: '"ADDR", "ADDR:PORT" or ":PORT"',
    allows: (value) =>
      typeof value === "string" && !/^\d+$/.test(value) &&
      isAddress(value.replace(/^:(?=\d+$)/, "x:")),
  },
  history: {
    expected: "true, false, or for how many days, from 1 on",
    allows: (value) => SWITCH.allows(value) || (Number.isSafeInteger(value) && Number(value) >= 1),
  },
  joins: oneOf("on", "off", "smart"),
  bell: SWITCH,
  strangers: oneOf("allow", "ask", "refuse"),
  notify: SWITCH,
};

/** The keys that a config file may have. */
export const CONFIG_KEYS: readonly ConfigKey[] = Object.keys(RULES).filter(isConfigKey);

/**
 * Reads a config file: JSON in which comments and a last comma may stand.
 *
 * @example
 * ```ts
 * import { parseConfig } from "./config.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseConfig('{ "joins": "on" } // everybody'), { ok: true, config: { joins: "on" } });
 * assertEquals(parseConfig('{\n  "bell": "loud"\n}'), {
 *   ok: false,
 *   problems: [{ line: 2, column: 11, text: 'expected bell to be true or false, got "loud"' }],
 * });
 * ```
 */
export function parseConfig(text: string): ParsedConfig {
  const errors: ParseError[] = [];
  const root = parseTree(text.replace(/^\ufeff/, " "), errors, { allowTrailingComma: true });
  const at = (offset: number, text_: string) => ({ ...place(text, offset), text: text_ });
  if (root === undefined && errors.every(({ error }) => isMissing(error))) {
    return { ok: true, config: {} }; // nothing, or nothing but comments
  }
  const [first] = errors; // the others only follow from it
  if (first !== undefined) {
    const got = shown(text, first.offset, first.length);
    return { ok: false, problems: [at(first.offset, `${expectation(first.error)}, got ${got}`)] };
  }
  if (root?.type !== "object") {
    const got = shown(text, root?.offset ?? 0, root?.length ?? 0);
    return { ok: false, problems: [at(root?.offset ?? 0, `expected { … }, got ${got}`)] };
  }
  let config: Config = {};
  const problems: ConfigProblem[] = [];
  for (const [key, value] of (root.children ?? []).map(({ children = [] }) => children)) {
    if (key === undefined || value === undefined) continue;
    const name = String(key.value);
    if (!isConfigKey(name)) {
      problems.push(at(key.offset, `expected one of ${CONFIG_KEYS.join(", ")}, got "${name}"`));
    } else if (name in config) {
      problems.push(at(key.offset, `expected ${name} once, got it again`));
    } else if (!RULES[name].allows(value.value)) {
      const got = shown(text, value.offset, value.length);
      problems.push(at(value.offset, `expected ${name} to be ${RULES[name].expected}, got ${got}`));
    } else {
      config = { ...config, [name]: value.value };
    }
  }
  return problems.length === 0 ? { ok: true, config } : { ok: false, problems };
}

/**
 * A value as it is typed: `on` and `off` mean true and false where a key takes those.
 *
 * @throws {SyntaxError} where the key takes no such value
 *
 * @example
 * ```ts
 * import { configValue } from "./config.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(configValue("bell", "off"), false);
 * assertEquals(configValue("joins", "off"), "off");
 * assertEquals(configValue("history", "30"), 30);
 * ```
 */
export function configValue(key: ConfigKey, text: string): string | boolean | number {
  const meanings: readonly (string | boolean | number)[] = [
    text,
    ...(["true", "on"].includes(text) ? [true] : []),
    ...(["false", "off"].includes(text) ? [false] : []),
    ...(/^\d{1,9}$/.test(text) ? [Number(text)] : []),
  ];
  const value = meanings.find((meaning) => RULES[key].allows(meaning));
  if (value !== undefined) return value;
  const got = text === "" ? "nothing" : `"${text}"`;
  throw new SyntaxError(`expected ${key} to be ${RULES[key].expected}, got ${got}`);
}

/** Whether a key is one of the config file's. */
export function isConfigKey(key: string): key is ConfigKey {
  return Object.hasOwn(RULES, key);
}

function oneOf(...words: readonly string[]): Rule {
  const quoted = words.map((word) => `"${word}"`);
  return {
    expected: `${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`,
    allows: (value) => words.some((word) => word === value),
  };
}

function isAddress(value: unknown): boolean {
  try {
    return typeof value === "string" && parseAddress(value, 0) !== undefined;
  } catch {
    return false;
  }
}

function isMissing(error: ParseError["error"]): boolean {
  return printParseErrorCode(error) === "ValueExpected";
}

function expectation(error: ParseError["error"]): string {
  switch (printParseErrorCode(error)) {
    case "CommaExpected":
      return 'expected ","';
    case "ColonExpected":
      return 'expected ":"';
    case "CloseBraceExpected":
      return 'expected "}"';
    case "CloseBracketExpected":
      return 'expected "]"';
    case "PropertyNameExpected":
      return 'expected a key in "quotes"';
    case "ValueExpected":
      return "expected a value";
    case "EndOfFileExpected":
      return "expected nothing more";
    case "UnexpectedEndOfString":
      return 'expected a text in "quotes", on one line';
    case "UnexpectedEndOfComment":
      return 'expected "*/"';
    default:
      return 'expected JSON, keys and texts in "quotes"';
  }
}

function place(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}

/** What stands there, as much as an error message holds. */
function shown(text: string, offset: number, length: number): string {
  const part = text.slice(offset, offset + length).replace(/\s+/g, " ");
  if (part === "") return "the end";
  return part.length <= LONGEST_SHOWN ? part : `${part.slice(0, LONGEST_SHOWN)}…`;
}
