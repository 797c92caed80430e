import { getLogger } from "@logtape/logtape";
import { concat } from "@std/bytes/concat";
import {
  describeUnclaimableName,
  encodeNotice,
  isHostAddress,
  isLinkLocal,
  type Mim2Entry,
  type Mim2Login,
  type PresenceEntry,
  type Reachability,
  sanitizeText,
  SESSION_LENGTH,
  verifyStatement,
} from "../../protocol/mod.ts";
import type { ServerIdentity } from "../identity/mod.ts";
import { addOf, changeOf, Mim2Client } from "./mim2_client.ts";
import type { Network } from "../platform/net/network.ts";
import { Broadcast, OnlineTable } from "../presence/mod.ts";
import { ReachabilityProber } from "./reachability.ts";
import type { Rejection } from "../admission/mod.ts";
import type { ClientCommand, Session, SessionEntry } from "../session/mod.ts";
import { Keepalive } from "./keepalive.ts";
import { serverLimits } from "../limits.ts";

const logger = getLogger(["mim", "server"]);
/** Up to this size a table is copied rather than written by itself. */
const SMALL_TABLE_BYTES = 16_384;
const NONE = new Uint8Array(0);
/** How often the registry learns which names are in use. */
const NAME_USE_INTERVAL_MS = 3_600_000;

const now = (): number => performance.now();

/** How many probes had which result. */
export type Probes = Record<Exclude<Reachability, "unknown">, number>;

/** What MIM/2 adds to a server: keys and names, status, reachability, pings and callbacks. */
export class Mim2Service {
  /** Broadcasts every change to MIM/2 clients. */
  readonly broadcast: Broadcast;
  /** Results of probes since the start. */
  readonly probes: Probes = { reachable: 0, unreachable: 0 };
  readonly #identity: ServerIdentity;
  readonly #pingIntervalMs: number;
  readonly #table = new OnlineTable<Session>();
  /** MIM/2 clients by the id of their session, in hex digits. */
  readonly #clientsById = new Map<string, Mim2Client>();
  readonly #clients = new Map<Session, Mim2Client>();
  /** Clients whose changed row has not been broadcast yet. */
  readonly #changed = new Set<Mim2Client>();
  readonly #prober: ReachabilityProber<Mim2Client>;
  readonly #keepalive: Keepalive;
  #namesNotedAt = now();

  /**
   * @param pingIntervalMs time between two pings of a client
   * @param onBroadcast is told now and then how long a broadcast took, in milliseconds
   */
  constructor(
    identity: ServerIdentity,
    network: Network,
    pingIntervalMs: number,
    onBroadcast: (milliseconds: number) => void,
  ) {
    this.#identity = identity;
    this.#pingIntervalMs = pingIntervalMs;
    this.broadcast = new Broadcast(onBroadcast);
    this.#keepalive = new Keepalive(pingIntervalMs, (client) => this.#probeAgain(client));
    this.#prober = new ReachabilityProber(
      network,
      () => this.broadcast.isBurst,
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

  /** Adds a classic client to the table that MIM/2 clients see. */
  addClassic(session: Session, entry: PresenceEntry): void {
    const row = addOf({
      ...entry,
      session: this.#newId(),
      capabilities: 0,
      identity: NONE,
      issued: 0,
      certificate: NONE,
      availability: "online",
      status: "",
      reachability: "unknown",
      addresses: [],
    });
    this.#add(session, row);
  }

  /**
   * Adds a MIM/2 client to the table that MIM/2 clients see.
   *
   * @returns what to send it, or why its login is rejected: a wrong signature, or another key's name
   */
  logIn(session: Session, login: Mim2Login, entry: PresenceEntry): SessionEntry | Rejection {
    const rejection = this.#rejectionOf(session, login, entry.name);
    if (rejection !== undefined) return rejection;
    const isOwn = this.#identity.claim(entry.name, login.identity);
    if (isOwn === false) {
      return {
        code: "name-taken",
        reason: `${sanitizeText(entry.name)} belongs to another key here`,
      };
    }
    const id = this.#newId();
    const add = addOf({
      ...entry,
      session: id,
      capabilities: login.capabilities,
      identity: login.identity,
      // If the name registry fails, nothing is certain and nothing is certified.
      ...(isOwn ? this.#certified(entry.name, login.identity) : { issued: 0, certificate: NONE }),
      availability: login.availability,
      status: sanitizeText(login.status),
      reachability: "unknown",
      addresses: login.addresses.filter(isHostAddress),
    });
    const client = new Mim2Client(session, id.toHex(), add, now() + this.#pingIntervalMs);
    this.#clients.set(session, client);
    this.#clientsById.set(client.id, client);
    this.#add(session, add);
    this.broadcast.join(session);
    this.#probe(client);
    const accepted = encodeNotice({
      type: "accepted",
      session: id,
      signature: this.#identity.signSession(login.clientNonce, id),
      address: session.address,
      pingSeconds: Math.ceil(this.#pingIntervalMs / 1000),
    });
    const complete = encodeNotice({ type: "complete", count: this.#table.size });
    const first = [accepted, this.#table.bytes(), complete];
    // A small table is faster to copy than to write by itself; all share a large one.
    const isSmall = this.#table.bytes().length < SMALL_TABLE_BYTES;
    return { first: isSmall ? [concat(first)] : first, log: this.broadcast.log };
  }

  /** Removes a client, and broadcasts that. */
  remove(session: Session): void {
    const client = this.#clients.get(session);
    if (client !== undefined) {
      this.#clients.delete(session);
      this.#clientsById.delete(client.id);
      this.#changed.delete(client);
      this.#prober.forget(client);
      this.broadcast.leave(session);
    }
    const gone = this.#table.delete(session);
    if (gone !== undefined) this.broadcast.append(gone);
  }

  /** Handles a message of a MIM/2 client. */
  handle(session: Session, message: ClientCommand): void {
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
      case "ping":
        return void session.send(encodeNotice({ type: "pong", token: message.token }));
      case "call-me":
        return this.#requestCallback(client, message.session, time);
      case "unreachable":
        return this.#handleReport(client, message.session, time);
    }
  }

  /** Pings, disconnects silent clients, broadcasts delayed changes. To be called every second or so. */
  tick(): void {
    const time = now();
    this.#prober.tick();
    for (const client of [...this.#clients.values()]) this.#keepalive.check(client, time);
    for (const client of this.#changed) {
      if (client.statusChanges.take(time)) this.#broadcastChange(client);
    }
    if (time - this.#namesNotedAt >= NAME_USE_INTERVAL_MS) {
      this.#namesNotedAt = time;
      this.#identity.recordUse([...this.#clients.values()].map(({ entry }) => entry));
    }
  }

  /** Stops its probes and closes its files. */
  async close(): Promise<void> {
    this.broadcast.close();
    await this.#prober.close();
    this.#identity[Symbol.dispose]();
  }

  #rejectionOf({ nonce = NONE }: Session, login: Mim2Login, name: string): Rejection | undefined {
    const serverKey = this.#identity.publicKey;
    const signed = { type: "login", nonce, serverKey, port: login.port, name: login.name } as const;
    if (!verifyStatement(signed, login.signature, login.identity)) {
      return {
        code: "bad-signature",
        reason: "the login is not signed with its key for this connection",
      };
    }
    const reason = describeUnclaimableName(name);
    return reason === undefined ? undefined : { code: "invalid-name", reason };
  }

  #certified(name: string, identity: Uint8Array): Pick<Mim2Entry, "issued" | "certificate"> {
    const issued = Date.now();
    return { issued, certificate: this.#identity.certify(name, identity, issued) };
  }

  #add(session: Session, add: Uint8Array): void {
    this.#table.add(session, add);
    this.broadcast.append(add);
  }

  #newId(): Uint8Array {
    for (;;) {
      const id = crypto.getRandomValues(new Uint8Array(SESSION_LENGTH));
      if (!this.#clientsById.has(id.toHex())) return id;
    }
  }

  #setStatus(
    client: Mim2Client,
    { availability, status }: Pick<Mim2Entry, "availability" | "status">,
    time: number,
  ): void {
    const { entry } = client;
    const text = sanitizeText(status);
    if (entry.availability === availability && entry.status === text) return;
    this.#change(client, { availability, status: text });
    // After many changes, the next ones are broadcast later as one.
    if (client.statusChanges.take(time)) this.#broadcastChange(client);
  }

  #change(client: Mim2Client, change: Partial<Mim2Entry>): void {
    client.add = addOf({ ...client.entry, ...change });
    this.#changed.add(client);
  }

  #broadcastChange(client: Mim2Client): void {
    this.#changed.delete(client);
    const change = changeOf(client.add);
    this.#table.change(client.session, client.add, change);
    this.broadcast.append(change);
  }

  #requestCallback(client: Mim2Client, to: Uint8Array, time: number): void {
    const target = this.#clientOf(to);
    if (target === undefined || target === client || !client.callMes.take(time)) return;
    const { session } = client.entry;
    // The target may not have been written the sender's Add yet.
    target.session.send(encodeNotice({ type: "call-me", session }), this.broadcast.log.end);
  }

  #handleReport(client: Mim2Client, whom: Uint8Array, time: number): void {
    const target = this.#clientOf(whom);
    if (target === undefined || target === client || !client.reports.take(time)) return;
    this.#keepalive.report(target, time);
  }

  #probeAgain(client: Mim2Client): void {
    if (now() - client.probed >= serverLimits.probeIntervalMs) this.#probe(client);
  }

  /** A link-local address can't be probed: nothing says on which link it is. */
  #probe(client: Mim2Client): void {
    client.probed = now();
    if (isLinkLocal(client.session.address)) return;
    this.#prober.probe(client, client.session.address, client.entry.port);
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
    this.#change(client, { reachability });
  }

  #clientOf(id: Uint8Array): Mim2Client | undefined {
    return this.#clientsById.get(id.toHex());
  }
}
