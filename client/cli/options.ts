import { resolve } from "node:path";
import { type HostPort, parseAddress } from "../../protocol/mod.ts";
import {
  type Flags,
  integer,
  parseFlags,
  text,
  UsageError,
} from "../../server/platform/cli/flags.ts";
import type { Config, ConfigKey, Profile } from "../storage/mod.ts";
import {
  isDefaultServer,
  isRoomQuery,
  type LoginOptions,
  serverAddresses,
  userName,
} from "../app/mod.ts";
import type { ReceiveOptions } from "./receive_command.ts";
import type { HistoryTask } from "./history_command.ts";
import type { InstallTask } from "./install_command.ts";
import type { KeyTask } from "./key_command.ts";
import { assertWholeKeys, recipientsIn } from "./recipients.ts";

/** Over three weeks: timers count no further. */
const MAX_SECONDS = 2_000_000;

/** A command that logs in, does one thing and leaves. */
export type ScriptTask =
  | { readonly type: "who"; readonly part?: string }
  | { readonly type: "doctor" }
  | {
    readonly type: "send";
    /** One name, or several with commas. */
    readonly to: string;
    /** Undefined for the lines of stdin. */
    readonly text: string | undefined;
    readonly options?: SendCommandOptions;
  }
  | {
    readonly type: "ask";
    readonly to: string;
    readonly text: string;
    readonly seconds: number | undefined;
  }
  | {
    readonly type: "send-files";
    readonly to: string;
    /** As they were typed. */
    readonly paths: readonly string[];
    readonly options: SendCommandOptions;
  }
  | ({ readonly type: "receive" } & ReceiveOptions)
  | { readonly type: "follow"; readonly who: string | undefined }
  | { readonly type: "wait"; readonly who: string; readonly seconds: number | undefined };

/** The behavior of `send` if someone is offline, or does not confirm. */
export interface SendCommandOptions {
  /** `--queue`: leaves it in the outbox. */
  readonly queues?: boolean;
  /** `--wait`: how long to wait until all of them are online. */
  readonly waitSeconds?: number | undefined;
  /** `--timeout`: how long delivery may take. */
  readonly timeoutSeconds?: number | undefined;
}

export type CliCommand =
  | { readonly type: "help" }
  | { readonly type: "version" }
  | { readonly type: "chat" }
  | { readonly type: "servers" }
  | HistoryTask
  | InstallTask
  | ScriptTask
  | KeyTask
  | {
    readonly type: "window";
    /** False for `--no-open`. */
    readonly opens: boolean;
    /** True for `--keep`. */
    readonly stays: boolean;
  };

/** The client's command line, with the values from the config file where it leaves something open. */
export interface ClientOptions extends LoginOptions {
  readonly task: CliCommand;
  /** The data folder; undefined for the system's usual place. */
  readonly data: string | undefined;
  readonly plain: boolean;
  readonly json: boolean;
}

const OPTIONS = {
  server: text,
  name: text,
  listen: text,
  data: text,
  downloads: text,
  file: text,
  from: text,
  into: text,
  once: "switch",
  format: text,
  timeout: integer(MAX_SECONDS),
  wait: integer(MAX_SECONDS),
  queue: "switch",
  noHistory: "switch",
  plain: "switch",
  json: "switch",
  noHost: "switch",
  noDiscover: "switch",
  again: "switch",
  classic: "switch",
  noOpen: "switch",
  keep: "switch",
  yes: "switch",
  help: "switch",
  version: "switch",
} as const;

/** The text of `--help`; a test checks that every option is in it. */
export const CLIENT_HELP = `MIM: chat directly with the people on the same server
Usage: deno task client [options] [command]        (or: mim [options] [command])
Without a command, MIM is interactive: type a line to chat, /help for commands
  who, doctor, servers   who is online (who PART); what is wrong; servers near
  send NAME[,…] [TEXT…]  send a message, or without TEXT each line of stdin;
                         --wait SECONDS for NAME, or --queue it in the outbox
  send NAME --file PATH… files;  receive [#ROOM] (--from NAME --into DIR --once)
  ask NAME TEXT          print the answer;  follow [NAME]  print what comes
  wait NAME              until NAME is online; --timeout SECONDS ends all three
  window                 chat in a browser (--no-open, --keep);  [un]install it
  key export|import FILE, key rotate   your key;   history export NAME prints it

  --server HOST[:PORT]   the server, or its link mim://HOST#KEY (localhost:4242)
  --name NAME            your name             (asked for, or your login name)
  --listen ADDR[:PORT]   where peers reach you       (every address, any port)
  --data DIR, --downloads DIR   for your key and history; for files that come in
  --no-history, --again  save no messages; run beside another; --help, --version
  --plain, --json        print one event a line    (--plain without a terminal)
  --no-host, --no-discover   don't start a server; don't look for one around
  --classic              speak only classic MIM, without key and encryption

Exit codes: 0 done, 1 unexpected, 2 usage, 3 server not reachable, 4 refused,
  5 NAME not online or not reachable, 6 not delivered, 130/143 on a signal`;

/** @throws {UsageError} for an unknown option or command, and for an invalid value */
export function parseClientOptions(args: readonly string[]): ClientOptions {
  const { flags, positional } = parseFlags(args, OPTIONS);
  const { server, name, listen, timeout: seconds } = flags;
  const task = flags.help
    ? { type: "help" } as const
    : flags.version
    ? { type: "version" } as const
    : parseTask(positional, flags);
  if (seconds !== undefined && !["wait", "send", "send-files", "ask"].includes(task.type)) {
    throw new UsageError("--timeout is an option of the commands wait, send and ask");
  }
  const isSending = task.type === "send" || task.type === "send-files";
  if ((flags.queue || flags.wait !== undefined) && !isSending) {
    throw new UsageError("--queue and --wait are options of the command send");
  }
  if (flags.file !== undefined && task.type !== "send-files") {
    throw new UsageError("--file is an option of the command send");
  }
  const isReceiving = flags.from !== undefined || flags.into !== undefined || flags.once;
  if (isReceiving && task.type !== "receive") {
    throw new UsageError("--from, --into and --once are options of the command receive");
  }
  if (flags.yes && task.type !== "install") {
    throw new UsageError("--yes is an option of the commands install and uninstall");
  }
  if (flags.plain && flags.json) {
    throw new UsageError("Expected --plain or --json, got both");
  }
  if ((flags.noOpen || flags.keep) && task.type !== "window") {
    throw new UsageError("--no-open and --keep are options of the command window");
  }
  const [first, ...otherServers] = server === undefined ? [] : serverAddresses(server);
  return {
    task,
    server: first,
    otherServers,
    serverNamed: server !== undefined,
    name: name === undefined ? undefined : userName(name),
    listen: listen === undefined ? {} : listenAddress(listen),
    data: flags.data,
    keepsHistory: !flags.noHistory,
    downloads: flags.downloads,
    plain: flags.plain,
    json: flags.json,
    mayHost: !flags.noHost && server === undefined,
    discovers: !flags.noDiscover,
    again: flags.again,
    classic: flags.classic,
  };
}

/**
 * Checks that no option overrides what the machine's config locks.
 *
 * @throws {UsageError} if one does
 */
export function assertNotLocked(
  { server, name, listen, keepsHistory }: ClientOptions,
  profile: Profile,
): void {
  const options: readonly (readonly [ConfigKey, string, boolean])[] = [
    ["server", "--server", server !== undefined],
    ["name", "--name", name !== undefined],
    ["listen", "--listen", Object.keys(listen).length > 0],
    ["history", "--no-history", !keepsHistory],
  ];
  for (const [key, option, isGiven] of options) {
    const whyLocked = isGiven ? profile.whyLocked(key) : undefined;
    if (whyLocked !== undefined) {
      throw new UsageError(`Leave ${option} out: ${whyLocked}; ask its administrator`);
    }
  }
}

/**
 * Fills in from the config file what the command line leaves open. A server from there counts as named,
 * unless it is the default: then this program may still host it.
 */
export function withConfig(flags: ClientOptions, config: Config): ClientOptions {
  const [configured, ...others] = config.server === undefined ? [] : serverAddresses(config.server);
  const server = flags.server ?? configured;
  const otherServers = flags.server === undefined ? others : flags.otherServers;
  if (flags.classic && [server, ...otherServers].some((each) => each?.key !== undefined)) {
    throw new UsageError(
      "Expected --classic or a link, got both: in classic MIM no server proves its key",
    );
  }
  return {
    ...flags,
    server,
    otherServers,
    serverNamed: flags.serverNamed || (server !== undefined && !isDefaultServer(server)),
    name: flags.name ?? config.name?.trim(),
    listen: Object.keys(flags.listen).length === 0 && config.listen !== undefined
      ? configuredListen(config.listen, flags.task)
      : flags.listen,
    mayHost: flags.mayHost && (server === undefined || isDefaultServer(server)),
  };
}

function parseTask(
  words: readonly string[],
  flags: Flags<typeof OPTIONS>,
): CliCommand {
  const { timeout: seconds, queue, wait, noOpen, keep, file, from, into, once, format } = flags;
  const [command, who, ...rest] = words;
  if (format !== undefined && command !== "history") {
    throw new UsageError("--format is an option of the command history export");
  }
  if (command === undefined) return { type: "chat" };
  switch (command) {
    case "who":
      if (rest[0] !== undefined) throw new UsageError(`Expected one name, got "${rest[0]}" too`);
      return { type: command, ...who !== undefined && { part: who } };
    case "doctor":
    case "servers":
    case "window":
      if (who !== undefined) {
        throw new UsageError(`Expected nothing after ${command}, got "${who}"`);
      }
      return command === "window"
        ? { type: command, opens: !noOpen, stays: keep }
        : { type: command };
    case "send": {
      if (who === undefined) throw new UsageError("Expected a name: send NAME [TEXT…]");
      assertWholeKeys(recipientsIn(who));
      if (file !== undefined) {
        const options = { queues: queue, waitSeconds: wait, timeoutSeconds: seconds };
        if (rest.includes("")) throw new UsageError("Expected a path, got an empty one");
        return { type: "send-files", to: who, paths: [file, ...rest], options };
      }
      const text = textOf(rest);
      const to = { type: "send", to: who, text } as const;
      if (!queue && wait === undefined && seconds === undefined) return to;
      return {
        ...to,
        options: { queues: queue, waitSeconds: wait, timeoutSeconds: seconds },
      };
    }
    case "ask": {
      const text = textOf(rest);
      if (who === undefined || text === undefined) {
        throw new UsageError("Expected a name and a text: ask NAME TEXT [--timeout SECONDS]");
      }
      assertWholeKeys([who]);
      return { type: "ask", to: who, text, seconds };
    }
    case "receive":
      if (who !== undefined && !isRoomQuery(who) || rest[0] !== undefined) {
        throw new UsageError(`Expected receive or receive #ROOM, got "${rest[0] ?? who}"`);
      }
      assertWholeKeys(from === undefined ? [] : [from]);
      return { type: "receive", room: who, from, into, once };
    case "follow":
      if (rest[0] !== undefined) throw new UsageError(`Expected one name, got "${rest[0]}" too`);
      assertWholeKeys(who === undefined ? [] : [who]);
      return { type: "follow", who };
    case "wait":
      if (who === undefined) throw new UsageError("Expected a name: wait NAME [--timeout SECONDS]");
      if (rest[0] !== undefined) throw new UsageError(`Expected one name, got "${rest[0]}" too`);
      assertWholeKeys([who]);
      return { type: "wait", who, seconds };
    case "install":
    case "uninstall":
      if (who !== undefined) {
        throw new UsageError(`Expected nothing after ${command}, got "${who}"`);
      }
      return {
        type: "install",
        isRemoval: command === "uninstall",
        options: serviceOptions(flags),
        isSure: flags.yes,
      };
    case "history": {
      const [name, ...more] = rest;
      if (who !== "export" || name === undefined || more.length > 0) {
        throw new UsageError("Expected history export NAME [--format text or json]");
      }
      return { type: command, who: name, format: historyFormat(format) };
    }
    case "key":
      if (who === "rotate" && rest[0] === undefined) return { type: "key", way: "rotate" };
      if ((who !== "export" && who !== "import") || rest[0] === undefined || rest.length > 1) {
        throw new UsageError(
          "Expected key export FILE, key import FILE or key rotate; - is the terminal",
        );
      }
      if (rest[0] === "") throw new UsageError("Expected a file, got an empty path");
      return { type: "key", way: who, file: rest[0] };
  }
  throw new UsageError(`Unknown command ${command}; see --help`);
}

/** The options that a service is started with, as they are written; folders are named whole. */
function serviceOptions(flags: Flags<typeof OPTIONS>): string[] {
  const { server, name, listen, data, downloads, noHistory, noHost, noDiscover, classic } = flags;
  const texts = Object.entries({ server, name, listen })
    .flatMap(([option, value]) => value === undefined ? [] : [`--${option}=${value}`]);
  const folders = Object.entries({ data, downloads })
    .flatMap(([option, path]) => path === undefined ? [] : [`--${option}=${resolve(path)}`]);
  const switches = {
    "no-history": noHistory,
    "no-host": noHost,
    "no-discover": noDiscover,
    "classic": classic,
  };
  const given = Object.entries(switches).flatMap(([option, isOn]) => isOn ? [`--${option}`] : []);
  return [...texts, ...folders, ...given];
}

/** @throws {UsageError} if there is no such format */
function historyFormat(text = "text"): "text" | "json" {
  if (text === "text" || text === "json") return text;
  throw new UsageError(`Expected --format text or --format json, got "${text}"`);
}

/** Commands that nobody calls need no fixed port: another client may have it. */
function configuredListen(text: string, { type }: CliCommand): ClientOptions["listen"] {
  const { hostname, port } = listenAddress(text);
  const isCalled = ["chat", "window", "doctor", "follow", "receive"].includes(type);
  return {
    ...hostname !== undefined && { hostname },
    ...isCalled && port !== undefined && { port },
  };
}

function textOf(words: readonly string[]): string | undefined {
  if (words.length === 0) return undefined;
  const text = words.join(" ");
  if (text.trim() === "") throw new UsageError("Expected a text to send, got an empty one");
  return text;
}

function listenAddress(text: string): ClientOptions["listen"] {
  const port = /^:(\d{1,5})$/.exec(text)?.[1];
  if (port !== undefined && Number(port) <= 65_535) return { port: Number(port) };
  const parts = text.startsWith(":") || /^\d+$/.test(text) ? undefined : tryAddress(text);
  if (parts !== undefined) return parts;
  throw new UsageError(
    `Expected --listen ADDR, ADDR:PORT or :PORT with a port of at most 65535, got "${text}"`,
  );
}

function tryAddress(text: string): HostPort | undefined {
  try {
    return parseAddress(text, 0);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
