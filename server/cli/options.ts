import {
  type Flags,
  host,
  hostname,
  hostPort,
  integer,
  oneOf,
  parseFlags,
  parseOptions,
  text,
  UsageError,
} from "../platform/cli/flags.ts";
import { DEFAULT_PORT } from "../../protocol/mod.ts";

/** How high a limit may be set. */
export const MAX_LIMIT = 1e9;
const MAX_DAYS = 365_000;
const MAX_WORKERS = 256;
const MAX_STATUS_SECONDS = 1e6;
const [MIN_FAILOVER_SECONDS, MAX_FAILOVER_SECONDS] = [2, 60];

const LOG_LEVELS = ["trace", "debug", "info", "warning", "error", "fatal"] as const;
/** The level from which on lines are logged. */
export type LogLevel = typeof LOG_LEVELS[number];

const OPTIONS = {
  hostname,
  port: integer(65_535),
  advertise: host,
  announce: "switch",
  noAnnounce: "switch",
  title: text,
  welcome: text,
  data: text,
  config: text,
  claimDays: integer(MAX_DAYS),
  strictNames: "switch",
  keysOnly: "switch",
  noLobby: "switch",
  classic: "switch",
  workers: integer(MAX_WORKERS),
  fullTable: integer(MAX_LIMIT),
  failover: integer(MAX_FAILOVER_SECONDS, MIN_FAILOVER_SECONDS),
  classicTable: integer(MAX_LIMIT),
  cluster: text,
  clusterName: text,
  clusterCredentials: text,
  clusterTls: "switch",
  maxUsers: integer(MAX_LIMIT),
  maxPerAddress: integer(MAX_LIMIT),
  maxRate: integer(MAX_LIMIT),
  metrics: hostPort,
  status: integer(MAX_STATUS_SECONDS),
  log: oneOf(LOG_LEVELS),
  logFormat: oneOf(["text", "json"]),
  help: "switch",
  version: "switch",
} as const;

/** The server's command line. */
export interface ServerCliOptions extends Flags<typeof OPTIONS> {
  readonly port: number;
  readonly log: LogLevel;
  readonly logFormat: "text" | "json";
}

/** The text of `--help`. */
export const SERVER_HELP =
  `MIM server: keeps the table of who is online. Messages do not pass through it.

Usage: deno task server [options]        (or: mim-server [options])
       mim-server key rotate [--data DIR]    give the server a new key, which clients follow; restart it then
       mim-server backup FILE [--data DIR]   copy the data folder of a running server into a file
       mim-server restore FILE [--data DIR] [--replace]   put it into a folder again
       mim-server names list [--data DIR]    list the names that belong to keys
       mim-server names free NAME [--now] [--data DIR]   take a name from its key
       mim-server users [--data DIR]         list who is online at the running server
       mim-server kick WHO [--data DIR]      disconnect a user: WHO is a name, a key or a network
       mim-server ban WHO, unban WHO [--data DIR]   change access.json, at once for a running server

  --hostname ADDR        address to listen on        (every address, IPv4 and IPv6)
  --port N               port; 0: the system picks   (4242)
  --advertise HOST       name or address that others join with; HOST:PORT too  (found)
  --announce, --no-announce  tell the local network of this server   (told, unless it is local)
  --title TEXT           the server's name in the welcome       (the host's name)
  --welcome FILE         text shown on connect, up to 64 lines  (a short one)
  --data DIR             folder for the server's key and the names that belong to keys; also for
                         limits.json (maxUsers, maxPerAddress, maxRate) and for welcome.txt, which is
                         the welcome without --welcome   (the system's state folder, mim/server)
  --config FILE          read options from FILE, not from server.json in the data folder
  --claim-days N         days after which a name that its key does not use is free; 0: never  (90)
  --strict-names         reject classic clients whose name belongs to a key
  --keys-only            let no classic client log in
  --no-lobby             let nobody be in the lobby
  --classic              speak classic MIM only: no key, and nothing is encrypted
  --workers N            threads that serve clients; 0: one for each core      (1)
  --full-table N         up to how many users everybody is told of everybody   (20000)
  --failover SECONDS     share the data folder with other servers: one serves, the others stand by  (off)
  --classic-table N      up to how many users a classic client is let in; 0: no limit   (20000)
  --cluster nats://HOST[:PORT],…   share the table with other servers through NATS  (off)
  --cluster-name NAME    their name on NATS                     (mim)
  --cluster-credentials FILE   credentials for NATS; without, it must be on this machine
  --cluster-tls          talk to NATS through TLS alone
  --max-users N          users online at once; 0: no limit      (0)
  --max-per-address N    connections at once from one address; 0: no limit     (1024)
  --max-rate N           new connections a minute from one; loopback is exempt  (600)
  --metrics ADDR:PORT    Prometheus metrics at /metrics, health at /healthz  (off)
  --status SECONDS       log users, updates a second and memory at this interval  (off)
  --log LEVEL            ${LOG_LEVELS.join(", ")}   (info)
  --log-format FORMAT    text or json, to stderr     (text)
  --help, --version

Options may stand in server.json in the data folder: { "title": "Lab", "maxUsers": 500 }
Who may log in: access.json in the data folder (allow, ban, admins)
Signals: SIGHUP reloads the welcome, limits.json and access.json; SIGINT and SIGTERM stop the server
Exit codes: 0 stopped by a signal, 1 unexpected, 2 usage, 3 cannot listen`;

/**
 * Parses the server's command line.
 *
 * @throws {UsageError} for an unknown option or argument, or a value that does not fit
 */
export function parseServerOptions(args: readonly string[]): ServerCliOptions {
  const flags = parseOptions(args, OPTIONS);
  if (flags.announce && flags.noAnnounce) {
    throw new UsageError("Expected --announce or --no-announce, got both");
  }
  if (flags.classic && flags.keysOnly) {
    throw new UsageError("Expected --classic or --keys-only, got both");
  }
  const { cluster, clusterName, clusterCredentials } = flags;
  if (cluster === undefined && (clusterName ?? clusterCredentials ?? flags.clusterTls) !== false) {
    throw new UsageError("Options of a cluster need --cluster nats://HOST[:PORT]");
  }
  if (cluster !== undefined && flags.failover !== undefined) {
    throw new UsageError(
      "Expected --cluster or --failover, got both: in a cluster all servers serve, each with a data folder of " +
        "its own, and clients go on at another one",
    );
  }
  return {
    ...flags,
    port: flags.port ?? DEFAULT_PORT,
    status: flags.status || undefined,
    log: flags.log ?? "info",
    logFormat: flags.logFormat ?? "text",
  };
}

/**
 * Parses the command line of `key rotate`.
 *
 * @returns the data folder, if one is named
 * @throws {UsageError} for anything else
 */
export function parseKeyCommand(args: readonly string[]): string | undefined {
  const { flags, positional } = parseFlags(args, { data: text });
  if (positional.join(" ") === "key rotate") return flags.data;
  throw new UsageError("Expected key rotate [--data DIR]");
}
