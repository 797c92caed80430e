import { pooledMap } from "@std/async/pool";
import { deadline } from "@std/async/deadline";
import { limits } from "../../../protocol/mod.ts";
import {
  closeQuietly,
  type Connection,
  type Network,
} from "../../../server/platform/net/network.ts";
import { answersProbe } from "../../../server/platform/net/probe.ts";
import type { Diagnostics, PeerDiagnostics } from "./diagnose.ts";
import { dialUser, whyNotDialed } from "../peer/mod.ts";
import { ClientError, describeConnectionError } from "../errors.ts";
import type { Users } from "../presence/mod.ts";
import { type ConnectionManager, ServerConnection } from "../session/mod.ts";
import type { OnlineUser } from "../online_user.ts";
import { DIAL_TIMEOUT_MS, dialFirst } from "../../../server/platform/net/dial.ts";

/** How many users are dialed, and how many of them at once. */
const MAX_PEERS = 64;
const MAX_PROBES = 8;
/** A MIM/2 server reports its probe after this time at most. */
const PROBE_TIMEOUT_MS = 6_000;

export type ListenerFacts = Omit<NonNullable<Diagnostics["listener"]>, "trouble" | "takenBy"> & {
  /** The port that it should have, and that another program has. */
  readonly takenPort?: number;
};

export interface DiagnosticsContext {
  readonly network: Network;
  /** Why the login has failed just now. */
  readonly failure: ClientError | undefined;
  readonly users: Users;
  readonly connection: ConnectionManager;
  readonly listener: ListenerFacts | undefined;
  /** The side that has dialed for the open chat with that user; undefined if there is none. */
  connectionWith(user: OnlineUser): PeerDiagnostics["chat"];
  isStranger(user: OnlineUser): boolean;
  readonly ownChanged: Promise<void>;
}

/** Looks at the server, the own listener and the peers, and changes nothing. */
export async function collectDiagnostics(examined: DiagnosticsContext): Promise<Diagnostics> {
  const { network, users, connection, listener, failure } = examined;
  const { server, session, state } = connection;
  const [clockAheadMs, reachability, listening, peers] = await Promise.all([
    state === "online" ? session?.link?.clockAheadMs() : undefined,
    reachabilityOf(examined),
    listener === undefined ? undefined : listenerIn(network, listener),
    dialPeers(examined, state === "online" ? [...users] : []),
  ]);
  const own = ownRow(examined);
  const reached = session?.connection;
  const link = session?.link;
  return {
    server,
    ...(failure && { failure }),
    ...(state === "online" || failure ? {} : await failureOf(network, connection)),
    ...(reached && { reached: { hostname: reached.address, port: reached.port } }),
    ...(link && { serverKey: link.serverKey }),
    ...(session && { offersMim2: session.offersMim2 }),
    ...(clockAheadMs !== undefined && { clockAheadMs }),
    ...(listening && { listener: listening }),
    ...(own && { seenAs: { hostname: own.address, port: own.port } }),
    hasKey: connection.hasKey,
    reachability,
    ...peers,
    os: Deno.build.os,
  };
}

/** Why this client is not logged in. */
async function failureOf(
  network: Network,
  { server, state }: ConnectionManager,
): Promise<Pick<Diagnostics, "failure" | "reached">> {
  try {
    const link = await ServerConnection.dial(network, server, AbortSignal.timeout(DIAL_TIMEOUT_MS));
    const reached = { hostname: link.address, port: link.port };
    link.close();
    const details = { reason: "not-logged-in-yet", retrying: state !== "offline" } as const;
    return { reached, failure: new ClientError("invalid-state", details) };
  } catch (error) {
    if (error instanceof ClientError) return { failure: error };
    throw error;
  }
}

/** Dials the own listener, or what has its port. */
async function listenerIn(
  network: Network,
  { takenPort, ...listener }: ListenerFacts,
): Promise<NonNullable<Diagnostics["listener"]>> {
  if (takenPort === undefined) {
    const trouble = await troubleOf(() => dialSelf(network, listener));
    return { ...listener, ...(trouble !== undefined && { trouble }) };
  }
  const there = { ...listener, port: takenPort };
  const trouble = await troubleOf(() => dialSelf(network, there), true);
  return { ...there, takenBy: trouble === undefined ? "client" : "program" };
}

/** Whether the server could dial this client; it may be about to try. */
async function reachabilityOf(context: DiagnosticsContext): Promise<Diagnostics["reachability"]> {
  const now = () => ownRow(context)?.details?.reachability;
  if (now() === "unknown") await deadline(context.ownChanged, PROBE_TIMEOUT_MS).catch(() => {});
  return now() ?? "unknown";
}

/** The row of this client, or of another one with the same key that has its port. */
function ownRow({ users, connection, listener }: DiagnosticsContext): OnlineUser | undefined {
  const own = connection.state === "online" ? users.own : undefined;
  if (own === undefined || listener?.takenPort === undefined) return own;
  const key = own.details?.identity.toHex();
  return [...users].find((user) =>
    key !== "" && user.details?.identity.toHex() === key && user.port === listener.takenPort
  );
}

/** Dials the own listener, as another program on this machine would. */
function dialSelf(network: Network, { hostname, port }: ListenerFacts): Promise<Connection> {
  const everywhere = hostname === undefined || hostname === "::" || hostname === "0.0.0.0";
  const addresses = everywhere ? ["127.0.0.1", "::1"] : [hostname];
  return dialFirst(network, addresses, port);
}

async function dialPeers(
  { network, connectionWith, isStranger }: DiagnosticsContext,
  users: readonly OnlineUser[],
): Promise<Pick<Diagnostics, "peers" | "notDialed">> {
  const others = users.filter(({ own }) => !own);
  const dial = async (user: OnlineUser): Promise<PeerDiagnostics> => {
    const { name, address, port, details } = user;
    const hasKey = details !== undefined && details.identity.length > 0;
    const dialed = { address, port, addresses: details?.addresses, isStranger: isStranger(user) };
    const trouble = whyNotDialed(dialed) ??
      await troubleOf(() => dialUser(network, dialed), hasKey);
    const chat = connectionWith(user);
    return {
      ...{ name, hostname: address, port },
      ...(trouble !== undefined && { trouble }),
      ...(chat !== undefined && { chat }),
    };
  };
  const peers = await Array.fromAsync(pooledMap(MAX_PROBES, others.slice(0, MAX_PEERS), dial));
  return { peers, notDialed: others.length - peers.length };
}

/** Why a listener can't be dialed, or does not answer a probe if it has to. */
async function troubleOf(
  dial: () => Promise<Connection>,
  answers = false,
): Promise<string | undefined> {
  let connection: Connection | undefined;
  try {
    connection = await dial();
    if (!answers) return undefined;
    const hasAnswered = await deadline(answersProbe(connection), limits.probeTimeoutMs);
    return hasAnswered ? undefined : "what answers there is no MIM/2 client";
  } catch (error) {
    return describeConnectionError(error);
  } finally {
    if (connection !== undefined) closeQuietly(connection);
  }
}
