import { getLogger } from "@logtape/logtape";
import {
  capabilities,
  type EntryDetails,
  hasCapability,
  isHostAddress,
  isLinkLocal,
  isLoopback,
  limits,
  type LinkClientMessage,
  type LinkLogin,
  type PresenceEntry,
  type Reachability,
  sanitizeText,
  SESSION_LENGTH,
  sliceGraphemes,
} from "../../protocol/mod.ts";
import type { Rejection } from "../admission/mod.ts";
import type { AdminOrders, Order } from "../admins/mod.ts";
import type { ServerIdentity } from "../identity/mod.ts";
import { serverLimits } from "../limits.ts";
import type { Network } from "../platform/net/network.ts";
import type { SharedReading } from "../presence/mod.ts";
import type { ClientSession, UserSession } from "../session/mod.ts";
import { Keepalive } from "./keepalive.ts";
import { ClassicRows } from "./classic_rows.ts";
import { addOf, Mim2Client } from "./mim2_client.ts";
import { NameCertificates } from "./name_certificates.ts";
import { ReachabilityProber } from "./reachability.ts";
import { RowChanges } from "./row_changes.ts";
import { SealedPresence } from "./sealed_presence.ts";
import { SessionRequests } from "./session_requests.ts";

const logger = getLogger(["mim", "server"]);
const encoder = new TextEncoder();
/** Bytes of UTF-8 that a UTF-16 unit takes at most. */
const MAX_BYTES_PER_UNIT = 3;
const now = (): number => performance.now();

/** How many probes had which result. */
export type Probes = Record<Exclude<Reachability, "unknown">, number>;

/** What MIM/2 adds to a server: keys and names, status, reachability, pings and callbacks. */
export class Mim2Service {
  /** The table that MIM/2 clients get. */
  readonly presence: SealedPresence;
  /** Results of probes since the start. */
  readonly probes: Probes = { reachable: 0, unreachable: 0 };
  /** The requests of clients about the sessions of others. */
  readonly requests: SessionRequests;
  /** The rows of classic clients in it. */
  readonly classicRows: ClassicRows;
  readonly #identity: ServerIdentity;
  readonly #orders: AdminOrders;
  readonly #pingIntervalMs: number;
  /** Whether the server is for this machine alone. */
  readonly #isLocal: boolean;
  readonly #fullTable: number;
  /** MIM/2 clients by the id of their session, in hex digits. */
  readonly #clientsById = new Map<string, Mim2Client>();
  readonly #clients = new Map<ClientSession, Mim2Client>();
  readonly #changes: RowChanges;
  readonly #certificates: NameCertificates;
  readonly #prober: ReachabilityProber<Mim2Client>;
  readonly #keepalive: Keepalive;

  /**
   * @param orders takes those of admins
   * @param isLocal whether the server listens for this machine alone
   * @param pingIntervalMs time between two pings of a client
   * @param onBroadcast is told now and then how long a broadcast took, in milliseconds
   * @param fullTable up to how many users every client is told of everybody
   * @param shared how the log is read in other threads
   */
  constructor(
    identity: ServerIdentity,
    orders: AdminOrders,
    network: Network,
    isLocal: boolean,
    pingIntervalMs: number,
    onBroadcast: (milliseconds: number) => void,
    fullTable: number,
    shared?: SharedReading,
  ) {
    this.#identity = identity;
    this.#orders = orders;
    this.#isLocal = isLocal;
    this.#fullTable = fullTable;
    this.#pingIntervalMs = pingIntervalMs;
    this.presence = new SealedPresence((sealer) => identity.signLog(sealer), onBroadcast, shared);
    this.#changes = new RowChanges(this.presence);
    this.#certificates = new NameCertificates(identity, this.#changes);
    this.classicRows = new ClassicRows(
      this.presence,
      () => this.#newId(),
      (name) => this.isTaken(name),
    );
    this.#keepalive = new Keepalive(pingIntervalMs, (client) => this.#probeAgain(client));
    this.requests = new SessionRequests(this.presence, this.#keepalive, this.#clientsById);
    this.#prober = new ReachabilityProber(
      network,
      () => this.presence.broadcast.isBurst,
      (client, isReachable) => this.#setReachability(client, isReachable),
    );
  }

  /** How many MIM/2 clients are online. */
  get size(): number {
    return this.#clients.size;
  }

  /** Whether a name belongs to a key. */
  isTaken(name: string): boolean {
    return this.#identity.isTaken(name);
  }

  /**
   * Adds a MIM/2 client to the table that MIM/2 clients see, ends its session before, and has it enter with
   * the next broadcast.
   *
   * @param login its signature has been checked
   * @param handshakeHash the bytes that the answer signs
   * @returns why its login is rejected: the name is another key's
   */
  logIn(
    session: ClientSession,
    login: LinkLogin,
    entry: PresenceEntry,
    handshakeHash: Uint8Array | undefined,
  ): Rejection | undefined {
    if (handshakeHash === undefined) throw new TypeError("expected a handshake before a login");
    const certificate = this.#certificates.certify(entry.name, login.identity, login.rotations);
    if (certificate === "taken") {
      return {
        code: "name-taken",
        reason: `${sanitizeText(entry.name)} belongs to another key here`,
      };
    }
    this.requests.endBefore(login);
    const id = this.#newId();
    const add = addOf({
      ...entry,
      session: id,
      capabilities: this.#allowed(login.capabilities),
      identity: login.identity,
      certificate,
      availability: login.availability,
      status: sanitizeStatus(login.status),
      reachability: "unknown",
      addresses: login.addresses.filter(isHostAddress),
    });
    const client = new Mim2Client(session, id.toHex(), add, now() + this.#pingIntervalMs);
    client.renewAt = this.#certificates.renewalOf(client.entry, certificate);
    this.classicRows.finish();
    this.#clients.set(session, client);
    this.#clientsById.set(client.id, client);
    this.presence.add(session, add);
    const watches = hasCapability(login.capabilities, "watching") &&
      this.presence.size > this.#fullTable;
    const accepted = {
      type: "accepted",
      session: id,
      signature: this.#identity.signSession(handshakeHash, id),
      address: session.address,
      pingSeconds: Math.ceil(this.#pingIntervalMs / 1000),
      serverTime: Date.now(),
      isAdmin: this.#orders.isAdmin(login.identity),
    } as const;
    if (watches) this.presence.admitWatching(session, accepted);
    else this.presence.admit(session, accepted);
    this.#probe(client);
    return undefined;
  }

  /** Removes a client, and broadcasts that. */
  remove(session: ClientSession): void {
    this.classicRows.remove(session);
    const client = this.#clients.get(session);
    if (client === undefined) return;
    this.#clients.delete(session);
    this.#clientsById.delete(client.id);
    this.#changes.forget(client);
    this.#prober.forget(client);
    this.presence.broadcast.leave(session);
    this.presence.watchers.leave(session);
    this.presence.delete(session, Uint8Array.fromHex(client.id));
  }

  /** The public key of a client; undefined for one that speaks classic MIM. */
  keyOf(session: ClientSession): Uint8Array | undefined {
    return this.#clients.get(session)?.entry.identity;
  }

  /** The client whose row has this session, in hex digits. */
  sessionOf(id: string): ClientSession | undefined {
    return this.#clientsById.get(id)?.session ?? this.classicRows.find(id);
  }

  /** The names that are used, and the keys that use them. */
  *namesInUse(): Generator<{ readonly name: string; readonly identity: Uint8Array }, void> {
    for (const { entry } of this.#clients.values()) yield entry;
  }

  /** Handles a message of a MIM/2 client. */
  handle(session: ClientSession, message: LinkClientMessage): void {
    const client = this.#clients.get(session);
    if (client === undefined) return;
    const time = now();
    if (!client.messages.take(time)) {
      const { messageBurst, messagesPerSecond } = serverLimits;
      const reason = `over ${messageBurst} messages at once and ${messagesPerSecond} a second`;
      return session.end({ by: "rejected", code: "too-fast", reason });
    }
    switch (message.type) {
      case "status":
        return this.#setStatus(client, message, time);
      case "capabilities": {
        const able = this.#allowed(message.capabilities);
        if (client.entry.capabilities === able) return;
        return this.#changes.changeNow(client, { capabilities: able }, time);
      }
      case "ping":
        this.presence.watchers.flush(session); // the answer stands behind all that was asked before
        return void session.send({ type: "pong", token: message.token, serverTime: Date.now() });
      case "pong":
        return; // any byte that comes is a sign of life
      case "call-me":
        return this.requests.callMe(client, message.session, time);
      case "unreachable":
        return this.requests.report(client, message.session, time);
      case "watch":
        return this.#watch(client, message);
      case "find":
        if (!client.finds.take(time)) return;
        this.presence.watchers.flush(session);
        return void session.send(
          this.presence.watchers.find(message.query, message.start, message.most),
        );
      case "order":
        return void this.#orders.answer(client, message, this.#targetOf(message), time);
    }
  }

  /**
   * Pings, disconnects silent clients, broadcasts delayed changes. To be called every second or so.
   *
   * @param pausedMs how long this process did not run since the last call
   */
  tick(pausedMs: number): void {
    const time = now();
    if (pausedMs > 0) this.#keepalive.excuse(time);
    this.classicRows.tick(this.size > 0 || this.requests.askOwner !== undefined, time);
    this.#prober.tick();
    for (const client of [...this.#clients.values()]) this.#keepalive.check(client, time);
    this.#changes.tick(time);
    this.#certificates.tick([...this.#clients.values()], time);
    this.presence.tick(time);
  }

  /** Stops its probes and closes its files. */
  async close(): Promise<void> {
    this.presence.broadcast.close();
    await this.#prober.close();
    this.#identity[Symbol.dispose]();
  }

  #newId(): Uint8Array {
    for (;;) {
      const id = crypto.getRandomValues(new Uint8Array(SESSION_LENGTH));
      if (!this.#clientsById.has(id.toHex())) return id;
    }
  }

  #setStatus(
    client: Mim2Client,
    { availability, status }: Pick<EntryDetails, "availability" | "status">,
    time: number,
  ): void {
    const { entry } = client;
    const text = sanitizeStatus(status);
    const changes = {
      ...entry.availability === availability ? undefined : { availability },
      ...entry.status === text ? undefined : { status: text },
    };
    if (Object.keys(changes).length === 0) return;
    this.#changes.changeNow(client, changes, time);
  }

  /** The capabilities of a client that others are told of. */
  #allowed(bits: number): number {
    return this.#identity.hasNoLobby ? (bits & ~capabilities.lobby) >>> 0 : bits;
  }

  #watch(
    { session }: Mim2Client,
    { isOn, items }: Extract<LinkClientMessage, { type: "watch" }>,
  ): void {
    if (this.presence.watchers.change(session, isOn, items)) return;
    const reason = `over ${serverLimits.watchedItems} keys, sessions and names watched`;
    session.end({ by: "rejected", code: "too-fast", reason });
  }

  /** The session that an order names. */
  #targetOf({ subject }: Order): UserSession | undefined {
    const id = subject.type === "session" ? subject.session.toHex() : "";
    return this.sessionOf(id) ?? this.requests.findElsewhere?.(id);
  }

  #probeAgain(client: Mim2Client): void {
    if (now() - client.probed >= serverLimits.probeIntervalMs) this.#probe(client);
  }

  /**
   * A link-local address can't be probed: nothing says on which link it is. What comes from this machine
   * may come through a proxy, and then the probe would go to the machine's own services.
   */
  #probe(client: Mim2Client): void {
    client.probed = now();
    const { address } = client.session;
    const { port } = client.entry;
    if (isLinkLocal(address) || (isLoopback(address) && !this.#isLocal)) return;
    if (port !== 0 && port < limits.firstUserPort) return;
    this.#prober.probe(client, address, port);
  }

  #setReachability(client: Mim2Client, isReachable: boolean): void {
    const reachability = isReachable ? "reachable" : "unreachable";
    this.probes[reachability]++;
    const { entry } = client;
    if (!this.#clients.has(client.session) || entry.reachability === reachability) return;
    logger.debug("{name} at {address} is {reachability} from here", {
      name: sanitizeText(entry.name),
      address: client.session.address,
      reachability,
    });
    this.#changes.change(client, { reachability });
  }
}

/** A status that is safe to show; what takes more bytes then than a row has room for is cut off. */
function sanitizeStatus(status: string): string {
  const text = sanitizeText(status);
  const isShort = text.length * MAX_BYTES_PER_UNIT <= limits.statusBytes ||
    encoder.encode(text).length <= limits.statusBytes;
  return isShort ? text : sliceGraphemes(text, Math.floor(limits.statusBytes / MAX_BYTES_PER_UNIT));
}
