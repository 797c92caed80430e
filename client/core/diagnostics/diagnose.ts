import { type HostPort, isLoopback, type Reachability } from "../../../protocol/mod.ts";
import type { ClientError } from "../errors.ts";

/** Facts about the server, the network and the peers. Names in it are as they came: not safe to print. */
export interface Diagnostics {
  /** The server, as it is named. */
  readonly server: HostPort;
  /** Why this client is not logged in; undefined if it is. */
  readonly failure?: ClientError;
  /** The address at which the server was reached. */
  readonly reached?: HostPort;
  /** The key that the server has proven; undefined at a classic server, or without an own key. */
  readonly serverKey?: Uint8Array;
  /** Whether the server speaks MIM/2, also with those who have a key. */
  readonly offersMim2?: boolean;
  /** Whether this client has a key. */
  readonly hasKey: boolean;
  /** How far this machine's clock is ahead of the server's, in milliseconds, if that is known. */
  readonly clockAheadMs?: number;
  /** The own listener; undefined if there is none. */
  readonly listener?: {
    /** The address that it listens at; undefined for every one. */
    readonly hostname?: string;
    readonly port: number;
    /** Whether the port is the same at each start. */
    readonly isFixed: boolean;
    /** Why it can't be dialed on this machine; undefined if it can. */
    readonly trouble?: string;
    /**
     * If this client could not have the port: what has it, another MIM client or another program. A client
     * is examined in the place of this one.
     */
    readonly takenBy?: "client" | "program";
  };
  /** The address of this client in the server's table. */
  readonly seenAs?: HostPort;
  /** Whether the server could dial this client. */
  readonly reachability: Reachability;
  /** The other users, as far as they were dialed. */
  readonly peers: readonly (HostPort & {
    /** The user's name. */
    readonly name: string;
    /** Why that was not possible; undefined if it was. */
    readonly trouble?: string;
    /** The side that has dialed for the open chat with that user; undefined if there is none. */
    readonly chat?: "outgoing" | "incoming";
  })[];
  /** How many users were not dialed, because there are too many. */
  readonly notDialed: number;
  /** The system, as `Deno.build.os` has it. */
  readonly os: string;
}

/** A clock that is off by more than this is wrong, in milliseconds. */
export const MAX_CLOCK_SKEW_MS = 300_000;

/** Finds the worst problem; undefined if all is well. */
export function diagnose(
  facts: Diagnostics,
):
  | { readonly code: "not-logged-in"; readonly error: ClientError }
  | { readonly code: "not-listening" }
  /** Another program than MIM has the port. */
  | { readonly code: "port-taken"; readonly port: number }
  | { readonly code: "listener-dead"; readonly port: number; readonly reason: string }
  /** This client listens at loopback only, and the server is elsewhere. */
  | { readonly code: "loopback-only"; readonly hostname: string }
  /** The server cannot dial this client. */
  | { readonly code: "not-reachable"; readonly port: number }
  /** No user can be dialed from here. */
  | { readonly code: "peers-unreachable" }
  | { readonly code: "wrong-clock"; readonly clockAheadMs: number }
  | undefined {
  const { failure, listener, reached, peers, clockAheadMs = 0 } = facts;
  if (failure !== undefined) return { code: "not-logged-in", error: failure };
  if (listener === undefined) return { code: "not-listening" };
  const { hostname, port, trouble, takenBy } = listener;
  if (takenBy === "program") return { code: "port-taken", port };
  if (trouble !== undefined) return { code: "listener-dead", port, reason: trouble };
  const isLocal = hostname !== undefined && (hostname === "localhost" || isLoopback(hostname));
  if (isLocal && reached !== undefined && !isLoopback(reached.hostname)) {
    return { code: "loopback-only", hostname };
  }
  if (facts.reachability === "unreachable") return { code: "not-reachable", port };
  const missed = peers.filter(({ trouble }) => trouble !== undefined);
  const hasNoChat = missed.some(({ chat }) => chat === undefined);
  if (missed.length === peers.length && hasNoChat) return { code: "peers-unreachable" };
  if (Math.abs(clockAheadMs) > MAX_CLOCK_SKEW_MS) return { code: "wrong-clock", clockAheadMs };
  return undefined;
}

/** The result of dialing a user. */
export type PeerDiagnostics = Diagnostics["peers"][number];

/** The worst thing that is wrong. */
export type DiagnosticsProblem = NonNullable<ReturnType<typeof diagnose>>;
