import { abortable } from "@std/async/abortable";
import { delay } from "@std/async/delay";
import { isIpAddress, isLinkLocal, type ServerAddress } from "../../../protocol/mod.ts";
import type { Network } from "../../../server/platform/net/network.ts";
import { raceAddresses } from "../../../server/platform/net/dial.ts";
import type { DisconnectCause } from "../error_details.ts";
import { WindowLimit } from "../../../server/platform/util/window_limit.ts";
import { backoff } from "../backoff.ts";
import { ClientError } from "../errors.ts";
import { placeOf } from "../place_of.ts";
import { firstOf, listOf, type Servers } from "../servers.ts";
import { fromStore } from "../store_wait.ts";
import type { KnownServers } from "../trust/mod.ts";
import { dialServers } from "./dial_servers.ts";
import { movedTo } from "./moved_to.ts";
import { proveServer } from "./prove_server.ts";
import { ServerConnection } from "./server_connection.ts";
import { abortedByLogout } from "./login_errors.ts";

/** How long the last of the servers has to answer before they are looked for elsewhere, too. */
const FIND_AFTER_MS = 1_000;
/** How long a search for a server that has moved takes, at most. */
const FIND_TIMEOUT_MS = 10_000;
/** Anybody can announce addresses: a search dials no more of them than these. */
const MAX_FOUND_PLACES = 8;
/** So many places that were of no use are remembered. */
const MAX_USELESS_PLACES = 1_024;
/** So many places of a server are remembered. */
const MAX_PLACES = 16;
/** How often a server's word to go to another one is followed within a minute. */
const MAX_MOVES = 3;

/** Finds servers that claim to have one of these keys: see {@linkcode MessengerOptions.findServers}. */
export type FindServers = (keys: readonly Uint8Array[]) => Promise<readonly ServerAddress[]>;

export interface RouteContext {
  readonly network: Network;
  readonly servers: KnownServers;
  /** Whether this client has a key. */
  readonly hasIdentity: boolean;
  /** Reads what the store holds; without that there is no login. */
  readonly load: () => Promise<void>;
  readonly findServers: FindServers | undefined;
}

/** Which servers are tried, and where a known one is that has moved. */
export class ServerRoute {
  /** The server of this login, of the last, or of the first to come. */
  server: ServerAddress;
  readonly #context: RouteContext;
  #servers: readonly ServerAddress[];
  /** Servers that send their clients in a circle are not followed for long. */
  readonly #moves = new WindowLimit({
    windowMs: 60_000,
    maxPerKey: MAX_MOVES,
    maxTotal: MAX_MOVES,
  });
  /** Places that have proven no key, or let nobody in: the next searches try others, until all were tried. */
  readonly #passedBy = new Set<string>();
  /** Where the servers were that have been found elsewhere, by their new places. */
  readonly #movedFrom = new Map<string, ServerAddress>();
  /** Places that took a connection and stayed silent, since the last login. */
  readonly #silent = new Set<string>();

  constructor(context: RouteContext, servers: Servers) {
    this.#context = context;
    this.#servers = listOf(servers);
    this.server = firstOf(servers);
  }

  /** The servers that are tried, in turn. */
  get servers(): readonly ServerAddress[] {
    return this.#servers;
  }

  /** Whether the server is one of these, and not only one that the network speaks of. */
  get isKnown(): boolean {
    return this.#servers.includes(this.server);
  }

  /** Those that are tried after one of them. */
  after(server: ServerAddress): readonly ServerAddress[] {
    const at = this.#servers.findLastIndex((each) => placeOf(each) === placeOf(server));
    return at < 0 ? [] : this.#servers.slice(at + 1);
  }

  /** Tries others from now on. */
  use(servers: readonly ServerAddress[]): void {
    this.#servers = servers;
    if (!servers.includes(this.server)) this.server = firstOf(servers);
  }

  /**
   * Connects to the first server that answers. If none does, or the last one takes long, servers with the
   * same keys are looked for, while these are tried further.
   *
   * @throws {ClientError} `server-unreachable`; `invalid-state` once the signal is aborted
   */
  async dial(
    signal: AbortSignal,
    servers: readonly ServerAddress[] = this.#servers,
  ): Promise<ServerConnection> {
    if (this.#context.findServers === undefined) return await this.#connect(signal, servers);
    const abort = new AbortController();
    const either = AbortSignal.any([signal, abort.signal]);
    const slow = Promise.withResolvers<boolean>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const dialing = this.#connect(either, servers, () => {
      timer = setTimeout(() => slow.resolve(false), FIND_AFTER_MS);
    });
    const hasAnswered = await Promise.race([
      dialing.then(() => true, () => false),
      slow.promise,
    ]);
    clearTimeout(timer);
    if (hasAnswered) return await dialing;
    const ended = new AbortController();
    const searching = this.dialMoved(either, servers).finally(() => ended.abort());
    const trying = this.#keepDialing(dialing, servers, either, ended.signal);
    let first: ServerConnection | undefined;
    try {
      first = await Promise.race([trying.catch(() => undefined), searching]);
      // If one of the two has failed, the other one decides.
      return first ??= await searching ?? await trying;
    } finally {
      abort.abort(); // what comes later is of no use any more
      for (const other of [searching, trying]) {
        other.then((late) => late === first ? undefined : late?.close(), () => {});
      }
    }
  }

  /** Dials these again, with waits, until one answers or the signal `ended` is aborted. */
  async #keepDialing(
    dialing: Promise<ServerConnection>,
    servers: readonly ServerAddress[],
    signal: AbortSignal,
    ended: AbortSignal,
  ): Promise<ServerConnection> {
    for (let tries = 0;; tries++) {
      try {
        return await dialing;
      } catch (error) {
        const isUnreachable = error instanceof ClientError && error.is("server-unreachable");
        if (signal.aborted || ended.aborted || !isUnreachable) throw error;
        const either = AbortSignal.any([signal, ended]);
        await delay(backoff(tries, Math.random()), { signal: either }).catch(() => {});
        if (either.aborted) throw error;
      }
      dialing = this.#connect(signal, servers);
    }
  }

  /** Connects to a server that has the key of one of these, at another place; undefined if none is. */
  async dialMoved(
    signal: AbortSignal,
    servers: readonly ServerAddress[] = this.#servers,
  ): Promise<ServerConnection | undefined> {
    const { findServers, servers: known } = this.#context;
    if (findServers === undefined || signal.aborted) return undefined;
    const keys: Uint8Array[] = [];
    const places = new Map<string, ServerAddress>();
    for (const server of servers) {
      await fromStore(known.load(server), signal);
      const key = known.keyOf(server);
      if (key === undefined) continue;
      keys.push(key);
      places.getOrInsert(key.toHex(), server);
    }
    const timeout = AbortSignal.timeout(FIND_TIMEOUT_MS);
    const either = AbortSignal.any([signal, timeout]);
    const found = keys.length === 0
      ? []
      : await abortable(findServers(keys), either).catch((error) => {
        if (either.aborted) return [];
        throw error;
      });
    const elsewhere = new Map(
      found.filter(({ key }) => key !== undefined).map((server) => [placeOf(server), server]),
    );
    for (const server of servers) elsewhere.delete(placeOf(server));
    if (elsewhere.size === 0 || signal.aborted) return undefined;
    const others = [...elsewhere].filter(([place]) => !this.#passedBy.has(place));
    if (others.length === 0) this.#passedBy.clear();
    const candidates = others.length === 0 ? [...elsewhere] : others;
    // In no order that a liar chooses. A link-local address comes last: it is remembered with the name
    // of the interface, and is of no use on another network.
    const chosen = shuffled(candidates.map(([, server]) => server)).slice(0, MAX_FOUND_PLACES)
      .toSorted((one, other) =>
        Number(isLinkLocal(one.hostname)) - Number(isLinkLocal(other.hostname))
      );
    this.#movedFrom.clear();
    for (const server of chosen) {
      const from = places.get(server.key?.toHex() ?? "");
      if (from !== undefined) this.#movedFrom.set(placeOf(server), from);
    }
    return await this.#connectToAny(either, chosen).catch(() => {
      for (const place of chosen) remember(this.#passedBy, placeOf(place));
      return undefined;
    });
  }

  /**
   * Connects to the next of the servers, or to another address of the same one, since there is no answer
   * behind a connection.
   *
   * @throws {ClientError} `server-unreachable` if there is no other, else as {@linkcode ServerRoute.dial}
   */
  async dialOther(
    { server, place }: ServerConnection,
    signal: AbortSignal,
  ): Promise<ServerConnection> {
    const others = this.after(server);
    this.passSilent(place);
    const servers = isIpAddress(server.hostname) ? others : [server, ...others];
    const next = servers.length === 0 ? undefined : await this.dial(signal, servers);
    if (next !== undefined && !this.#silent.has(next.place)) return next;
    next?.close();
    throw new ClientError("server-unreachable", { server, reason: "it does not answer" });
  }

  /** Nothing comes from a place: it is dialed after others, until the next login. */
  passSilent(place: string): void {
    remember(this.#silent, place);
  }

  /** A login at the present server has failed: if only the network speaks of it, others come first. */
  passBy(): void {
    if (!this.isKnown) remember(this.#passedBy, placeOf(this.server));
  }

  /**
   * The server says that another one goes on in its place, near one of these addresses: it is tried from
   * now on, and people who are known here stay known there. Undefined for any other end.
   *
   * @throws {ClientError} `storage-failed`; then it is not tried
   */
  follow(end: DisconnectCause, near: readonly string[]): Promise<void> | undefined {
    const next = movedTo(end, near);
    if (next === undefined || this.#moves.take("") !== "taken") return undefined;
    const others = this.#servers.filter((each) => placeOf(each) !== placeOf(next));
    return this.#context.servers.keepContacts(this.server, next.key).then(() => {
      this.#servers = [next, ...others].slice(0, MAX_PLACES);
    });
  }

  /**
   * A login has succeeded there.
   *
   * @returns where the server was before, if it has moved
   */
  arrive(server: ServerAddress): ServerAddress | undefined {
    this.server = server;
    this.#passedBy.clear();
    this.#silent.clear();
    if (this.#servers.includes(server)) return undefined;
    this.#servers = [server, ...this.#servers].slice(0, MAX_PLACES);
    const from = this.#movedFrom.get(placeOf(server));
    this.#movedFrom.clear();
    return from;
  }

  async #connect(
    signal: AbortSignal,
    servers: readonly ServerAddress[],
    onLast?: () => void,
  ): Promise<ServerConnection> {
    const { network, hasIdentity } = this.#context;
    const dialing = dialServers(network, servers, hasIdentity, this.#silent, signal, onLast);
    return await this.#loaded(await dialing, signal);
  }

  /** Connects to whichever of these proves the announced key first. */
  async #connectToAny(
    signal: AbortSignal,
    servers: readonly ServerAddress[],
  ): Promise<ServerConnection> {
    const { network } = this.#context;
    const connect = async (server: ServerAddress, signal: AbortSignal) => {
      await proveServer(network, server, signal);
      return await ServerConnection.dial(network, server, signal);
    };
    return await this.#loaded(await raceAddresses(servers, connect, signal), signal);
  }

  /** The connection, once what the store holds has been read. */
  async #loaded(connection: ServerConnection, signal: AbortSignal): Promise<ServerConnection> {
    const { load } = this.#context;
    try {
      await fromStore(load(), signal);
      signal.throwIfAborted();
      return connection;
    } catch (error) {
      connection.close();
      if (signal.aborted) throw abortedByLogout();
      throw error;
    }
  }
}

/** Adds a place that was of no use; of too many, all are tried again. */
function remember(places: Set<string>, place: string): void {
  if (places.size >= MAX_USELESS_PLACES) places.clear();
  places.add(place);
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items.map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order).map(({ item }) => item);
}
