import { displayName, formatAddress, type HostPort, isLinkLocal } from "../../protocol/mod.ts";
import {
  diagnose,
  type Diagnostics,
  type DiagnosticsProblem,
  MAX_CLOCK_SKEW_MS,
  type PeerDiagnostics,
} from "../core/mod.ts";
import { describeError, type Face } from "./describe_error.ts";

/** A diagnosis in words. Names in it are as they came: not safe to print. */
export interface DiagnosisText {
  /** Each thing that was looked at, in a line. */
  readonly findings: readonly string[];
  /** The problem in one sentence, or that all is well. */
  readonly verdict: string;
  /** Ways to fix it, a line each. */
  readonly hints: readonly string[];
}

/** At most so many users that can't be dialed are named. */
const MAX_NAMED_PEERS = 5;

export function describeDiagnosis(facts: Diagnostics, face: Face): DiagnosisText {
  const findings = [
    aboutServer(facts),
    ...aboutListener(facts),
    ...aboutClock(facts),
    ...aboutPeers(facts),
  ];
  const problem = diagnose(facts);
  if (problem === undefined) return { findings, verdict: describeNoProblem(facts), hints: [] };
  const verdict = describeProblem(problem, facts, face);
  return { findings, verdict, hints: hintsFor(problem, facts) };
}

function describeProblem(problem: DiagnosticsProblem, facts: Diagnostics, face: Face): string {
  switch (problem.code) {
    case "not-logged-in":
      return describeError(problem.error, face);
    case "port-taken":
      return `another program listens at port ${problem.port}, so nobody can call you there: end that ` +
        "one, or choose another port with --listen, or in the config file";
    case "not-listening":
      return "this client does not listen, so nobody can call you";
    case "listener-dead":
      return `your own listener at port ${problem.port} does not answer on this machine: ` +
        problem.reason;
    case "loopback-only":
      return `nobody on another machine can call you, since you listen at ${problem.hostname} alone`;
    case "not-reachable": {
      const where = facts.seenAs === undefined ? `port ${problem.port}` : at(facts.seenAs);
      return `the server can't dial you at ${where}: a firewall or a router is in the way, and only ` +
        "MIM/2 clients, which you then call back, can reach you";
    }
    case "peers-unreachable": {
      const { peers } = facts;
      const who = peers.length === 1
        ? `${displayName(peers[0]?.name ?? "")} can't`
        : `none of ${peers.length} users can`;
      return `${who} be dialed from here${besides(facts)}: a firewall, here or there, or ` +
        "another network is in the way";
    }
    case "wrong-clock":
      return `this machine's clock is ${apart(problem.clockAheadMs)} the server's: one of them ` +
        "is wrong";
  }
}

function describeNoProblem(facts: Diagnostics): string {
  const { peers, reachability } = facts;
  const missed = missedOf(facts).length;
  const others = missed === 0
    ? ""
    : `, but ${missed} of ${peers.length} users can't be dialed${besides(facts)}`;
  const unsure = reachability === "unknown"
    ? `; whether others can call you is not known: ${whyUnknown(facts)}`
    : "";
  return `all is well here${others}${unsure}`;
}

function hintsFor(problem: DiagnosticsProblem, { listener, os }: Diagnostics): string[] {
  switch (problem.code) {
    case "loopback-only":
      return ["without --listen, or with --listen :PORT, you listen at every address"];
    case "not-reachable": {
      const { port } = problem;
      const fix = `--listen :${port} keeps the port the same at each start; then open it:`;
      const router = `behind a router at home, forward TCP port ${port} to this machine there, too`;
      return [...listener?.isFixed ? [] : [fix], ...firewallHints(port, os), router];
    }
    case "wrong-clock":
      return [
        "have the clock set by the system: messages carry the time at which they were written",
      ];
    default:
      return [];
  }
}

/** How a port is opened in the firewalls of a system, as `Deno.build.os` names it. */
function firewallHints(port: number, os: string): string[] {
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

/** How many users have an open chat although they can't be dialed. */
function besides(facts: Diagnostics): string {
  const chats = missedOf(facts).filter(({ chat }) => chat !== undefined).length;
  return chats === 0 ? "" : ` (a chat is open with ${chats} of them all the same)`;
}

function whyUnknown({ serverKey, hasKey, seenAs, listener }: Diagnostics): string {
  if (listener?.takenBy === "client" && seenAs === undefined) {
    return "the client that listens there is not logged in at this server with your key";
  }
  if (!hasKey) {
    return "only a MIM/2 server tries, and only clients with a key; ask somebody to call you";
  }
  if (serverKey !== undefined) {
    if (!isLinkLocal(seenAs?.hostname ?? "")) return "the server has not tried yet";
    return "a server does not try addresses that count on one link alone; ask somebody to call you";
  }
  return "a classic server does not try; ask somebody to call you";
}

function aboutServer(facts: Diagnostics): string {
  const { server, reached, failure, serverKey, offersMim2 = false } = facts;
  const name = at(server);
  if (failure !== undefined) {
    return reached === undefined
      ? `server: ${name} was not reached`
      : `server: ${name} answers at ${at(reached)}, but you are not logged in`;
  }
  const where = reached === undefined || at(reached) === name ? "" : ` at ${at(reached)}`;
  const dialect = serverKey === undefined && offersMim2
    ? "MIM/2 with those who have a key, and classic MIM with you"
    : serverKey === undefined
    ? "classic MIM: it proves nothing, and does not try whether you can be called"
    : `MIM/2, with the key ${serverKey.toHex()}`;
  return `server: ${name} answers${where}, and speaks ${dialect}`;
}

function aboutListener({ listener, seenAs, reachability }: Diagnostics): string[] {
  if (listener === undefined) return ["own listener: there is none"];
  const { hostname, port, trouble, takenBy } = listener;
  const where = hostname === undefined ? `port ${port} of every address` : at({ hostname, port });
  const state = takenBy === undefined
    ? trouble === undefined ? "answers" : `fails: ${trouble}`
    : takenBy === "client"
    ? "is that of a MIM client that runs here, which answers"
    : "is taken by another program";
  const own = `own listener: ${where} ${state}`;
  if (seenAs === undefined) return [own];
  const result = {
    reachable: "the server has dialed you there",
    unreachable: "the server could not dial you there",
    unknown: "nobody has tried",
  }[reachability];
  return [own, `seen from outside: ${at(seenAs)}; ${result}`];
}

function aboutClock({ clockAheadMs }: Diagnostics): string[] {
  if (clockAheadMs === undefined) return [];
  const isWrong = Math.abs(clockAheadMs) > MAX_CLOCK_SKEW_MS;
  return [isWrong ? `clock: ${apart(clockAheadMs)} the server's` : "clock: as the server's"];
}

function aboutPeers(facts: Diagnostics): string[] {
  const { peers, notDialed, failure } = facts;
  if (failure !== undefined) return [];
  if (peers.length === 0) return ["users: nobody else is online"];
  const missed = missedOf(facts);
  const more = notDialed === 0 ? "" : `; ${notDialed} more were not dialed`;
  return [
    `users: ${peers.length - missed.length} of ${peers.length} can be dialed${more}`,
    ...missed.slice(0, MAX_NAMED_PEERS).map((peer) =>
      `user ${displayName(peer.name)} at ${at(peer)} can't be dialed: ${peer.trouble}${
        allTheSame(peer)
      }`
    ),
  ];
}

/** Why there is a chat with a user who can't be dialed. */
function allTheSame({ chat }: PeerDiagnostics): string {
  return chat === undefined ? "" : {
    outgoing: "; the chat that is open was dialed before",
    incoming: "; a chat is open all the same, since it has dialed you",
  }[chat];
}

/** How far the clock is off; the owner of the other clock follows. */
function apart(ahead: number): string {
  const minutes = Math.round(Math.abs(ahead) / 60_000);
  return `${minutes} minutes ${ahead > 0 ? "ahead of" : "behind"}`;
}

function missedOf({ peers }: Diagnostics): PeerDiagnostics[] {
  return peers.filter(({ trouble }) => trouble !== undefined);
}

function at({ hostname, port }: HostPort): string {
  return formatAddress(hostname, port);
}
