import {
  formatAddress,
  type HostPort,
  isLinkLocal,
  isLoopback,
  keyTag,
  type Reachability,
} from "../../../protocol/mod.ts";
import type { ClientErrorCode } from "../error_details.ts";
import type { ClientError } from "../errors.ts";

/** What a look at server, network and peers has found. */
export interface Diagnostics {
  /** The server, as it is named. */
  readonly server: HostPort;
  /** Why this client is not logged in; undefined where it is. */
  readonly failure?: ClientError;
  /** Where the server was reached. */
  readonly reached?: HostPort;
  /** The key that the server has proven; undefined at a classic server. */
  readonly serverKey?: Uint8Array;
  /** Whether this client has a key. */
  readonly hasKey: boolean;
  /** How far this machine's clock is ahead of the server's, in milliseconds, where that is known. */
  readonly clockAheadMs?: number;
  /** The own listener; undefined where there is none. */
  readonly listener?: {
    /** The address that it listens at; undefined for every one. */
    readonly hostname?: string;
    readonly port: number;
    /** Whether the port is the same at each start. */
    readonly isFixed: boolean;
    /** Why it can't be dialled on this machine; undefined where it can. */
    readonly trouble?: string;
  };
  /** Where the server says that others find this client. */
  readonly seenAs?: HostPort;
  /** Whether the server could dial this client. */
  readonly reachability: Reachability;
  /** The others who are online, as far as they were dialled. */
  readonly peers: readonly PeerDiagnostics[];
  /** How many were not dialled, since there are so many. */
  readonly notDialled: number;
  /** The system, as `Deno.build.os` has it. */
  readonly os: string;
}

/** What came of dialling somebody. */
export interface PeerDiagnostics extends HostPort {
  /** As it was told: not safe to print. */
  readonly name: string;
  /** Why that was not possible; undefined where it was. */
  readonly trouble?: string;
  /** Who has dialled for the chat that is open with it; undefined where there is none. */
  readonly chat?: "me" | "them";
}

/** What facts mean. Names in it are as they were told: not safe to print. */
export interface Diagnosis {
  /** Each thing that was looked at, in a line. */
  readonly findings: readonly string[];
  /** What is wrong, in one sentence, or that all is well. */
  readonly verdict: string;
  /** What can be done about it, a line each. */
  readonly hints: readonly string[];
  /** What kind of trouble it is; undefined where all is well. */
  readonly trouble: ClientErrorCode | undefined;
}

/** From so many milliseconds on a clock is wrong. */
const MAX_CLOCK_SKEW_MS = 5 * 60_000;
/** How many peers that can't be dialled are named. */
const MAX_NAMED_PEERS = 5;

/** Says what facts mean, the worst first. */
export function diagnose(facts: Diagnostics): Diagnosis {
  const findings = [
    aboutServer(facts),
    ...aboutListener(facts),
    ...aboutClock(facts),
    ...aboutPeers(facts),
  ];
  return { findings, ...judge(facts) };
}

/**
 * How a port is opened in the firewalls of a system.
 *
 * @param os as `Deno.build.os` has it
 */
export function firewallHints(port: number, os: string): string[] {
  switch (os) {
    case "windows":
      return [
        "on Windows, as administrator: netsh advfirewall firewall add rule name=MIM dir=in " +
        `action=allow protocol=TCP localport=${port}`,
      ];
    case "linux":
      return [
        `with ufw: sudo ufw allow ${port}/tcp`,
        `with firewalld: sudo firewall-cmd --permanent --add-port=${port}/tcp && ` +
        "sudo firewall-cmd --reload",
      ];
    default:
      return [`in this system's firewall, allow incoming connections to TCP port ${port}`];
  }
}

function judge(facts: Diagnostics): Omit<Diagnosis, "findings"> {
  const { failure, listener, reached, peers, clockAheadMs = 0 } = facts;
  const wrong = (verdict: string, hints: readonly string[] = []) =>
    ({ verdict, hints, trouble: "peer-unreachable" }) as const;
  if (failure !== undefined) {
    return { verdict: failure.message, hints: [], trouble: failure.code };
  }
  if (listener === undefined) return wrong("this client does not listen, so nobody can call you");
  const { hostname, port, trouble } = listener;
  if (trouble !== undefined) {
    return wrong(`your own listener at port ${port} does not answer on this machine: ${trouble}`);
  }
  if (hostname !== undefined && isLocal(hostname) && reached && !isLoopback(reached.hostname)) {
    return wrong(
      `nobody on another machine can call you, since you listen at ${hostname} alone`,
      ["without --listen, or with --listen :PORT, you listen at every address"],
    );
  }
  if (facts.reachability === "unreachable") {
    const where = facts.seenAs === undefined ? `port ${port}` : at(facts.seenAs);
    return wrong(
      `the server can't dial you at ${where}: a firewall or a router is in the way, and only MIM/2 ` +
        "clients, which you then call back, can reach you",
      hintsFor(facts, port),
    );
  }
  const missed = peers.filter(({ trouble }) => trouble !== undefined);
  const talking = missed.filter(({ chat }) => chat !== undefined).length;
  if (missed.length === peers.length && talking < peers.length) {
    const who = peers.length === 1 ? missed[0]?.name : `none of ${peers.length} users`;
    const not = peers.length === 1 ? "can't" : "can";
    return wrong(
      `${who} ${not} be dialled from here${
        besides(talking)
      }: a firewall, here or there, or another ` +
        "network is in the way",
    );
  }
  if (Math.abs(clockAheadMs) > MAX_CLOCK_SKEW_MS) {
    return {
      verdict: `this machine's clock is ${apart(clockAheadMs)} the server's: one of them is wrong`,
      hints: [
        "have the clock set by the system: messages carry the time at which they were written",
      ],
      trouble: "invalid-state",
    };
  }
  const others = missed.length === 0 ? "" : `, but ${missed.length} of ${peers.length} users ` +
    `can't be dialled${besides(talking)}`;
  const unsure = facts.reachability === "unknown"
    ? `; whether others can call you is not known: ${whyUnknown(facts)}`
    : "";
  return { verdict: `all is well here${others}${unsure}`, hints: [], trouble: undefined };
}

/** With how many of those who can't be dialled a chat is open all the same. */
function besides(talking: number): string {
  return talking === 0 ? "" : ` (a chat is open with ${talking} of them all the same)`;
}

function whyUnknown({ serverKey, hasKey, seenAs }: Diagnostics): string {
  if (!hasKey) {
    return "only a MIM/2 server tries, and only clients with a key; ask somebody to call you";
  }
  if (serverKey !== undefined) {
    if (!isLinkLocal(seenAs?.hostname ?? "")) return "the server has not tried yet";
    return "a server does not try addresses that count on one link alone; ask somebody to call you";
  }
  return "a classic server does not try; ask somebody to call you";
}

function hintsFor({ listener, os }: Diagnostics, port: number): string[] {
  const isFixed = listener?.isFixed ?? false;
  const fix = `--listen :${port} keeps the port the same at each start; then open it:`;
  const router = `behind a router at home, forward TCP port ${port} to this machine there, too`;
  return [...(isFixed ? [] : [fix]), ...firewallHints(port, os), router];
}

function aboutServer({ server, reached, failure, serverKey }: Diagnostics): string {
  const name = at(server);
  if (failure !== undefined) {
    return reached === undefined
      ? `server: ${name} was not reached`
      : `server: ${name} answers at ${at(reached)}, but you are not logged in`;
  }
  const where = reached === undefined || at(reached) === name ? "" : ` at ${at(reached)}`;
  const dialect = serverKey === undefined
    ? "classic MIM: it proves nothing, and does not try whether you can be called"
    : `MIM/2, with the key ${keyTag(serverKey)}`;
  return `server: ${name} answers${where}, and speaks ${dialect}`;
}

function aboutListener({ listener, seenAs, reachability }: Diagnostics): string[] {
  if (listener === undefined) return ["own listener: there is none"];
  const { hostname, port, trouble } = listener;
  const where = hostname === undefined ? `port ${port} of every address` : at({ hostname, port });
  const own = `own listener: ${where} ${trouble === undefined ? "answers" : `fails: ${trouble}`}`;
  if (seenAs === undefined) return [own];
  const result = {
    reachable: "the server has dialled you there",
    unreachable: "the server could not dial you there",
    unknown: "nobody has tried",
  }[reachability];
  return [own, `seen from outside: ${at(seenAs)}; ${result}`];
}

function aboutClock({ clockAheadMs }: Diagnostics): string[] {
  if (clockAheadMs === undefined) return [];
  const wrong = Math.abs(clockAheadMs) > MAX_CLOCK_SKEW_MS;
  return [wrong ? `clock: ${apart(clockAheadMs)} the server's` : "clock: as the server's"];
}

function aboutPeers({ peers, notDialled, failure }: Diagnostics): string[] {
  if (failure !== undefined) return [];
  if (peers.length === 0) return ["users: nobody else is online"];
  const missed = peers.filter(({ trouble }) => trouble !== undefined);
  const more = notDialled === 0 ? "" : `; ${notDialled} more were not dialled`;
  return [
    `users: ${peers.length - missed.length} of ${peers.length} can be dialled${more}`,
    ...missed.slice(0, MAX_NAMED_PEERS).map((peer) =>
      `user ${peer.name} at ${at(peer)} can't be dialled: ${peer.trouble}${allTheSame(peer)}`
    ),
  ];
}

/** Why there is a chat with somebody who can't be dialled. */
function allTheSame({ chat }: PeerDiagnostics): string {
  switch (chat) {
    case undefined:
      return "";
    case "me":
      return "; the chat that is open was dialled before";
    case "them":
      return "; a chat is open all the same, since it has dialled you";
  }
}

/** How far the clock is from another, to stand before whose that is. */
function apart(ahead: number): string {
  const minutes = Math.round(Math.abs(ahead) / 60_000);
  return `${minutes} minutes ${ahead > 0 ? "ahead of" : "behind"}`;
}

function isLocal(hostname: string): boolean {
  return hostname === "localhost" || isLoopback(hostname);
}

function at({ hostname, port }: HostPort): string {
  return formatAddress(hostname, port);
}
