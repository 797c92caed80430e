import { getLogger } from "@logtape/logtape";
import { formatAddress, sanitizeText } from "../../protocol/mod.ts";
import {
  ACCESS_ENTRIES,
  type AccessKind,
  accessKindOf,
  AccessList,
  isAccessEntry,
} from "../admission/mod.ts";
import { defaultDataDir, NameAdmin } from "../identity/mod.ts";
import type { BanResult, ServerOptions } from "../options.ts";
import { parseFlags, text, UsageError } from "../platform/cli/flags.ts";
import { readText } from "../platform/storage/atomic_file.ts";
import { reasonOf } from "../platform/util/errors.ts";
import type { MimServer } from "../server.ts";
import { leaseHolderIn } from "./open_lease.ts";
import { readServerOptions } from "./server_file.ts";
import { askServer, type ControlAnswer, ControlSocket } from "./control_socket.ts";

const logger = getLogger(["mim", "server"]);

/** What some programs take for an address, such as 127.1, and no network is written like. */
const ADDRESS_LIKE = /^\d+(?:\.\d+){1,2}$/;
/** The commands for a running server. */
const COMMANDS = ["users", "kick", "ban", "unban"] as const;
type Command = typeof COMMANDS[number];

/** The reach of a ban. */
const REACHES: Readonly<Record<BanResult["reach"], string>> = {
  server: "at this server of the cluster only",
  cluster: "in the whole cluster",
  "cluster-later": "at this server; at the others once NATS is there again, and the log says when",
};

function describeReach(reach: BanResult["reach"], reason: string | undefined): string {
  if (reason === undefined) return REACHES[reach];
  return `at this server; NATS is there, but has not taken it for the others (${
    sanitizeText(reason)
  }), and the log says when it has`;
}

/** Whether a word is one of these commands. */
export function isControlCommand(word: string | undefined): word is Command {
  return COMMANDS.some((command) => command === word);
}

/**
 * `users`, `kick WHO`, `ban WHO` and `unban WHO`, each with `--data DIR`: through the socket of the server
 * that runs with that data folder. A ban needs no server that runs.
 *
 * @returns lines for the operator
 * @throws {UsageError} if that is not possible
 */
export async function controlCommand(args: readonly string[]): Promise<readonly string[]> {
  const { flags, positional: [command, who, extra] } = parseFlags(args, { data: text });
  const needsWho = command !== "users";
  if (!isControlCommand(command) || needsWho !== (who !== undefined) || extra !== undefined) {
    throw new UsageError(`Expected ${command}${needsWho ? " WHO" : ""} [--data DIR]`);
  }
  const folder = flags.data ?? defaultDataDir();
  if (folder === undefined) throw new UsageError("Name the data folder with --data DIR");
  let answer: ControlAnswer | undefined;
  try {
    answer = await askServer(folder, who === undefined ? [command] : [command, who]);
  } catch (error) {
    throw new UsageError(`Cannot reach the server of ${folder}: ${reasonOf(error)}`);
  }
  if (answer === undefined) {
    if (who === undefined || command === "kick") {
      throw new UsageError(
        `No server answers in ${folder}; start it, or name its data folder with --data DIR`,
      );
    }
    const { line } = await changeBan(
      folder,
      command === "ban",
      who,
      async (kind, isBan) =>
        await bansIn(folder)(kind, who, isBan) && { ended: 0, reach: "server" },
    );
    const where = await isInCluster(folder) ? `, ${REACHES.server}` : "";
    return [`${line}${where}. ${whenItCounts(folder)}`, ...keyHint(folder, command, who)];
  }
  if (!answer.ok) throw new UsageError(answer.reason);
  return [...answer.lines, ...keyHint(folder, command, who ?? "")];
}

/** The key that owns a banned name: its user can come back under another one. */
function keyHint(folder: string, command: Command, who: string): string[] {
  if (command !== "ban" || accessKindOf(who) !== "names") return [];
  try {
    using names = new NameAdmin(folder);
    const key = names.owner(who)?.toHex();
    if (key === undefined) return [];
    return [`the key ${key} owns that name: ban it, too, to keep its user out under any name`];
  } catch {
    return []; // no names are kept there, or not now
  }
}

/** Whether the server of a data folder has been in a cluster, or is to be. */
async function isInCluster(folder: string): Promise<boolean> {
  const isTold = readServerOptions(["--data", folder])
    .then(({ cluster }) => cluster !== undefined, () => false);
  return await isTold || await readText(`${folder}/clusters.txt`) !== undefined;
}

/** From when on a ban counts in a data folder in which no server answers on this machine. */
function whenItCounts(folder: string): string {
  const holder = leaseHolderIn(folder);
  if (holder === undefined) {
    return `No server answers in ${folder}: it counts from its next start, or SIGHUP`;
  }
  return `No server answers in ${folder} on this machine: it counts once ${
    sanitizeText(holder)
  }, ` +
    "which has had the lease last, gets SIGHUP, or another server takes over";
}

/** Changes the bans of a data folder, one after the other: each change reads the file and writes it. */
export function bansIn(folder: string): NonNullable<ServerOptions["onBan"]> {
  let last: Promise<unknown> = Promise.resolve();
  return (kind, who, isBanned) => {
    const change = last.then(async () => {
      const { setBan } = await import("./access_file.ts");
      return await setBan(`${folder}/access.json`, who, isBanned, kind);
    });
    last = change.catch(() => {});
    return change;
  };
}

/** Opens the socket of a running server; undefined, and a warning, if that is not possible. */
export async function openControl(
  server: MimServer,
  folder: string,
): Promise<ControlSocket | undefined> {
  if (Deno.build.os === "windows") return undefined; // it has no such sockets
  try {
    return await ControlSocket.open(
      folder,
      (command) => answerTo(server, folder, command),
    );
  } catch (error) {
    logger.warning("no commands for the running server: {reason}", { reason: reasonOf(error) });
    return undefined;
  }
}

async function answerTo(
  server: MimServer,
  folder: string,
  [command, who]: readonly string[],
): Promise<ControlAnswer> {
  if (command === "users") return { ok: true, lines: listUsers(server) };
  if (!isControlCommand(command) || who === undefined) {
    return { ok: false, reason: "the server does not know this command; is it an older one?" };
  }
  if (command === "kick") return { ok: true, lines: [kick(server, who)] };
  const { line, ended: count, reach, reason } = await changeBan(
    folder,
    command === "ban",
    who,
    (kind, isBan) => server.ban(kind, who, isBan),
  );
  logger.info("the operator {line}, disconnected {count}", { line, count });
  const isAlone = server.stats.cluster === undefined;
  const where = reach === "server" && isAlone ? "" : `, ${describeReach(reach, reason)}`;
  return { ok: true, lines: [`${line}, disconnected ${count}${where}`] };
}

/** Name, address and key of each, each after one TAB, by name. */
function listUsers(server: MimServer): string[] {
  return server.users().map(({ name, address, port, key }) =>
    [sanitizeText(name), formatAddress(address, port), key?.toHex() ?? "classic"].join("\t")
  ).sort((one, other) => one.localeCompare(other));
}

function kick(server: MimServer, who: string): string {
  const kind = accessKindOf(who);
  assertEntry(who);
  const meant = new AccessList({ ban: { [kind]: [who] } });
  const count = server.kick((user) => meant.reject(user, true) !== undefined);
  if (count === 0) throw new UsageError(`Nobody online is ${sanitizeText(who)}; see users`);
  logger.info("the operator kicked {who}, disconnected {count}", { who: sanitizeText(who), count });
  return `kicked ${sanitizeText(who)}, disconnected ${count}`;
}

/**
 * @param change resolves to undefined if nothing has changed
 * @returns the result, with a line that describes it
 */
async function changeBan(
  folder: string,
  isBan: boolean,
  who: string,
  change: (kind: AccessKind, isBan: boolean) => Promise<BanResult | undefined>,
): Promise<BanResult & { readonly line: string }> {
  assertEntry(who);
  const kind = accessKindOf(who);
  if (isBan && kind === "names" && ADDRESS_LIKE.test(who)) {
    throw new UsageError(
      `${
        JSON.stringify(who)
      } looks like an address and is none: expected ${ACCESS_ENTRIES.networks}; ` +
        "a name like that can be banned in access.json",
    );
  }
  const result = await change(kind, isBan);
  const shown = `the ${kind.slice(0, -1)} ${sanitizeText(who)}`;
  if (result !== undefined) return { ...result, line: `${isBan ? "banned" : "unbanned"} ${shown}` };
  const files = await isInCluster(folder) ? "access.json and bans.json" : "access.json";
  throw new UsageError(
    `${isBan ? "Already banned" : "Not banned"}: ${shown}; see ${folder}/${files}`,
  );
}

function assertEntry(who: string): void {
  const kind = accessKindOf(who);
  if (isAccessEntry(kind, who)) return;
  throw new UsageError(
    `Expected ${ACCESS_ENTRIES[kind]}, got ${JSON.stringify(sanitizeText(who))}`,
  );
}
