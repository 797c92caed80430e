import { parseArgs } from "@std/cli/parse-args";
import { type HostPort, parseAddress } from "../../protocol/mod.ts";

/** A mistake on the command line; the message says which and what was expected. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** How high a limit may be set. */
export const MAX_LIMIT = 1e9;

/** The same for days: a thousand years. */
const MAX_DAYS = 365_000;

/** What the server's command line says. */
export interface ServerFlags {
  readonly help: boolean;
  readonly version: boolean;
  readonly hostname: string | undefined;
  readonly port: number;
  readonly title: string | undefined;
  readonly welcome: string | undefined;
  readonly data: string | undefined;
  readonly claimDays: number | undefined;
  readonly strictNames: boolean;
  readonly maxUsers: number | undefined;
  readonly maxPerAddress: number | undefined;
  readonly maxRate: number | undefined;
  readonly metrics: HostPort | undefined;
  /** Seconds between two lines of status; undefined for none. */
  readonly status: number | undefined;
  readonly log: LogLevel;
  readonly logFormat: "text" | "json";
}

const LOG_LEVELS = ["trace", "debug", "info", "warning", "error", "fatal"] as const;
/** From which level on a line is logged. */
export type LogLevel = typeof LOG_LEVELS[number];

/** What `--help` prints. */
export const SERVER_HELP = `MIM server: keeps the table of who is online; no message passes it.

Usage: deno task server [options]        (or: mim-server [options])

  --hostname ADDR        address to listen on        (every address, IPv4 and IPv6)
  --port N               port; 0: the system picks   (4242)
  --title TEXT           the server's name in the welcome       (the host's name)
  --welcome FILE         text shown on connect, up to 64 lines  (a short one)
  --data DIR             the server's key, and which name belongs to which key; its limits.json
                         may hold maxUsers, maxPerAddress, maxRate, its welcome.txt is the welcome
                         where there is no --welcome   (the system's folder for states, mim/server)
  --claim-days N         days after which a name that its key does not use is free; 0: never  (90)
  --strict-names         refuse classic clients a name that belongs to a key
  --max-users N          users online at once; 0: no limit      (0)
  --max-per-address N    connections at once from one address; 0: no limit     (1024)
  --max-rate N           new connections a minute from one; loopback is exempt  (1200)
  --metrics ADDR:PORT    Prometheus metrics at /metrics, health at /healthz  (off)
  --status SECONDS       log users, updates a second and memory so often     (off)
  --log LEVEL            ${LOG_LEVELS.join(", ")}   (info)
  --log-format FORMAT    text or json, to stderr     (text)
  --help, --version

Signals: SIGHUP reads the welcome file and limits.json anew; SIGINT and SIGTERM stop it
Exit codes: 0 stopped by a signal, 1 unexpected, 2 usage, 3 cannot listen`;

/**
 * Reads the command line.
 *
 * @throws {UsageError} for unknown options and for values that are not of their kind
 */
export function parseServerFlags(args: readonly string[]): ServerFlags {
  const string = ["hostname", "port", "title", "welcome", "data", "claim-days"]
    .concat("max-users", "max-per-address", "max-rate", "metrics", "status", "log", "log-format");
  const flags = parseFlags(args, string, ["strict-names", "help", "version"]);
  const parsed: ServerFlags = {
    help: flags.on("help"),
    version: flags.on("version"),
    hostname: flags.hostname("hostname"),
    port: flags.integer("port", 65_535) ?? 4242,
    title: flags.text("title"),
    welcome: flags.text("welcome"),
    data: flags.text("data"),
    claimDays: flags.integer("claim-days", MAX_DAYS),
    strictNames: flags.on("strict-names"),
    maxUsers: flags.integer("max-users", MAX_LIMIT),
    maxPerAddress: flags.integer("max-per-address", MAX_LIMIT),
    maxRate: flags.integer("max-rate", MAX_LIMIT),
    metrics: flags.address("metrics"),
    status: flags.integer("status", 1e6) || undefined,
    log: flags.oneOf("log", LOG_LEVELS) ?? "info",
    logFormat: flags.oneOf("log-format", ["text", "json"] as const) ?? "text",
  };
  // Behind the values: an empty one counts as none, and would be named here as something else.
  if (flags.positional[0] !== undefined) {
    throw new UsageError(`expected options only, got "${flags.positional[0]}"; see --help`);
  }
  return parsed;
}

/** A parsed command line; each getter checks what it is asked for. */
export interface Flags {
  /** What is no option, in order. */
  readonly positional: readonly string[];
  /** Whether a switch is on. */
  on(name: string): boolean;
  /** An option's text; undefined where it was not given. Throws where it is empty. */
  text(name: string): string | undefined;
  /** An option's number, 0 to `most`; undefined where it was not given. */
  integer(name: string, most: number): number | undefined;
  /** An option's address or host name; undefined where it was not given. */
  hostname(name: string): string | undefined;
  /** An option's host and port; undefined where it was not given. */
  address(name: string): HostPort | undefined;
  /** An option's word, one of `words`; undefined where it was not given. */
  oneOf<Word extends string>(name: string, words: readonly Word[]): Word | undefined;
}

/**
 * Parses a command line with these options and no others.
 *
 * @param string options with a value
 * @param boolean switches
 * @throws {UsageError} for an option that is in neither
 */
export function parseFlags(
  args: readonly string[],
  string: readonly string[],
  boolean: readonly string[],
): Flags {
  const parsed = parseArgs(withNegatives(args, string), {
    string: [...string, "_"],
    boolean,
    alias: { help: "h" },
    unknown(argument, key) {
      if (key === undefined) return true;
      throw new UsageError(`unknown option ${argument}; see --help (text may follow "--")`);
    },
  });
  const text = (name: string): string | undefined => {
    const value = parsed[name];
    if (value === undefined) return undefined;
    if (typeof value !== "string" || value === "") {
      throw new UsageError(`expected a value after --${name}, got none`);
    }
    return value;
  };
  return {
    positional: parsed._,
    on: (name) => parsed[name] === true,
    text,
    integer(name, most) {
      const value = text(name);
      if (value === undefined) return undefined;
      if (!/^\d{1,10}$/.test(value) || Number(value) > most) {
        throw new UsageError(`expected --${name} to be a number from 0 to ${most}, got "${value}"`);
      }
      return Number(value);
    },
    hostname(name) {
      const value = text(name);
      if (value === undefined) return undefined;
      const hostname = value.replace(/^\[(.*)\]$/, "$1");
      if (addressIn(hostname)?.hostname === hostname) return hostname;
      throw new UsageError(`expected --${name} ADDR, an address without a port, got "${value}"`);
    },
    address(name) {
      const value = text(name);
      if (value === undefined) return undefined;
      const address = value.startsWith(":") ? `0.0.0.0${value}` : value;
      const parsed = /:\d+$/.test(address) ? addressIn(address) : undefined;
      if (parsed !== undefined) return parsed;
      throw new UsageError(
        `expected --${name} ADDR:PORT with a port from 0 to 65535, got "${value}"`,
      );
    },
    oneOf(name, words) {
      const value = text(name);
      const word = words.find((word) => word === value);
      if (value !== undefined && word === undefined) {
        throw new UsageError(`expected --${name} to be one of ${words.join(", ")}, got "${value}"`);
      }
      return word;
    },
  };
}

/** What the text means; undefined where it is no address. */
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
  let text = false;
  for (const arg of args) {
    const before = joined.at(-1) ?? "";
    text ||= arg === "--"; // behind it nothing is an option
    if (!text && options.has(before) && /^-\d/.test(arg)) joined.push(`${joined.pop()}=${arg}`);
    else joined.push(arg);
  }
  return joined;
}
