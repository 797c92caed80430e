import { checkUserName, parseAddress, parseServerAddresses } from "../../../protocol/mod.ts";

/** The values of the config file. Options on the command line take precedence. */
export interface Config {
  /** The server, as `--server` takes it. */
  readonly server?: string;
  readonly name?: string;
  /** Whether MIM logs in by itself when it starts, once the name was used. */
  readonly autologin?: boolean;
  /** The address at which peers reach this client, as `--listen` takes it. */
  readonly listen?: string;
  /** Whether messages are saved, or for how many days. */
  readonly history?: boolean | number;
  /** Which users are shown when they come and go: all, none, or those with a chat. */
  readonly joins?: "on" | "off" | "smart";
  /** Whether the terminal's bell rings for messages in other chats. */
  readonly bell?: boolean;
  /** The handling of calls from unknown users. */
  readonly strangers?: "allow" | "allow-unconfirmed" | "ask" | "refuse";
  /** Files of verified and pinned people up to so many megabytes are taken without asking. */
  readonly autofiles?: false | number;
  /** Whether the desktop shows notifications for messages. */
  readonly notify?: boolean;
  /** Which messages in rooms ring and are notified of: those that mention the user, all, or none. */
  readonly rooms?: "mentions" | "all" | "off";
  /** Whether peers who share it, too, learn which messages the user has seen. */
  readonly seen?: boolean;
  /** Whether a note says that the server runs a newer version. */
  readonly updates?: boolean;
}

export type ConfigKey = keyof Config;

/** The rule of a key: what is expected, in words, and whether a value is valid. */
interface Rule {
  readonly expected: string;
  /** The values as a user types them. */
  readonly typed: string;
  readonly allows: (value: unknown) => boolean;
}

const SWITCH: Rule = {
  expected: "true or false",
  typed: "on or off",
  allows: (value) => typeof value === "boolean",
};

const RULES: Readonly<Record<ConfigKey, Rule>> = {
  server: {
    expected: '"HOST", "HOST:PORT" or "mim://HOST:PORT#KEY", or several with commas',
    typed: "HOST[:PORT] or a link",
    allows: isServer,
  },
  name: {
    expected: "a name of 1 to 64 visible characters",
    typed: "NAME",
    allows: (value) => typeof value === "string" && checkUserName(value).ok,
  },
  listen: {
    expected: '"ADDR", "ADDR:PORT" or ":PORT"',
    typed: "ADDR[:PORT] or :PORT",
    allows: (value) =>
      typeof value === "string" && !/^\d+$/.test(value) &&
      isAddress(value.replace(/^:(?=\d+$)/, "x:")),
  },
  history: {
    expected: "true, false, or a number of days",
    typed: "on, off or DAYS",
    allows: (value) => SWITCH.allows(value) || (Number.isSafeInteger(value) && Number(value) >= 1),
  },
  joins: oneOf("on", "off", "smart"),
  bell: SWITCH,
  strangers: oneOf("allow", "ask", "refuse", "allow-unconfirmed"),
  autofiles: {
    expected: "false or a number of megabytes",
    typed: "off or MEGABYTES",
    allows: (value) => value === false || (Number.isSafeInteger(value) && Number(value) >= 1),
  },
  notify: SWITCH,
  seen: SWITCH,
  rooms: oneOf("mentions", "all", "off"),
  autologin: SWITCH,
  updates: SWITCH,
};

/** Describes what is wrong with a key's value; undefined if it is valid. */
export function wrongValue(key: ConfigKey, value: unknown): string | undefined {
  return RULES[key].allows(value) ? undefined : `Expected ${key} to be ${RULES[key].expected}`;
}

export const CONFIG_KEYS: readonly ConfigKey[] = Object.keys(RULES).filter(isConfigKey);

/**
 * Reads a value as a user types it: `on` and `off` mean true and false if the key takes those.
 *
 * @throws {SyntaxError} if the value is invalid
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
  throw new SyntaxError(`${wrongValue(key, text)}, got ${got}`);
}

/** The values that a key takes, as a user types them. */
export function describeValues(key: ConfigKey): string {
  return RULES[key].typed;
}

/** Whether a key is one of the config file's. */
export function isConfigKey(key: string): key is ConfigKey {
  return Object.hasOwn(RULES, key);
}

function oneOf(...words: readonly string[]): Rule {
  const list = (all: readonly string[]) => `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
  return {
    expected: list(words.map((word) => `"${word}"`)),
    typed: list(words),
    allows: (value) => words.some((word) => word === value),
  };
}

function isServer(value: unknown): boolean {
  try {
    return typeof value === "string" && parseServerAddresses(value).length > 0;
  } catch {
    return false;
  }
}

function isAddress(value: unknown): boolean {
  try {
    return typeof value === "string" && parseAddress(value, 0) !== undefined;
  } catch {
    return false;
  }
}
