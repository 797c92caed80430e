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
import { Broadcast } from "../presence/broadcast.ts";
import type { ServerIdentity } from "../identity/server_identity.ts";
import { addOf, changeOf, Mim2Client } from "./mim2_client.ts";
import type { Network } from "../platform/net/network.ts";
import { OnlineTable } from "../presence/user_table.ts";
import { ReachabilityProber } from "./reachability.ts";
import type { Rejection } from "../admission/rejection.ts";
import type { ClientCommand, Session, SessionEntry } from "../session/session.ts";
import { Keepalive } from "./keepalive.ts";
import { serverLimits } from "../limits.ts";

const logger = getLogger(["mim", "server"]);
/** How many bytes of table are copied rather than written by themselves. */
const SMALL_TABLE = 16_384;
const NONE = new Uint8Array(0);
/** How often it is noted that who is online uses a name. */
const HOUR = 3_600_000;

const now = (): number => performance.now();

/** How many probes found what. */
export type Probes = Record<Exclude<Reachability, "unknown">, number>;

/** What MIM/2 adds to a server: who somebody is, whether they are there, whether they can be dialled. */
export class Mim2Service {
  /** Tells MIM/2 clients of every change. */
  readonly broadcast: Broadcast;
  /** What probes have found, since the start. */
  readonly probes: Probes = { reachable: 0, unreachable: 0 };
  readonly #identity: ServerIdentity;
  readonly #pingTime: number;
  readonly #table = new OnlineTable<Session>();
  /** Who has which session, classic clients too: keys are hex digits. */
  readonly #sessions = new Map<string, Session>();
  readonly #ids = new Map<Session, string>();
  readonly #members = new Map<Session, Mim2Client>();
  /** Whose row has changed and who have not been told of. */
  readonly #changed = new Set<Mim2Client>();
  readonly #prober: ReachabilityProber<Mim2Client>;
  readonly #watch: Keepalive;
  #used = now();

  /**
   * @param pingTime milliseconds between two pings of a client
   * @param onTold is handed now and then how long telling everybody took, in milliseconds
   */
  constructor(
    identity: ServerIdentity,
    network: Network,
    pingTime: number,
    onTold: (milliseconds: number) => void,
  ) {
    this.#identity = identity;
    this.#pingTime = pingTime;
    this.broadcast = new Broadcast(onTold);
    this.#watch = new Keepalive(pingTime, (member) => this.#probeAgain(member));
    this.#prober = new ReachabilityProber(
      network,
      () => this.broadcast.isBurst,
      (member, isReachable) => this.#found(member, isReachable),
    );
  }

  /** How many MIM/2 clients are online. */
  get size(): number {
    return this.#members.size;
  }

  /** Whether a name belongs to a key. */
  isTaken(name: string): boolean {
    return this.#identity.isTaken(name);
  }

  /** Tells MIM/2 clients of a classic one. */
  addClassic(session: Session, entry: PresenceEntry): void {
    this.#add(session, {
      ...entry,
      session: this.#newId(session),
      capabilities: 0,
      identity: NONE,
      issued: 0,
      certificate: NONE,
      availability: "online",
      status: "",
      reachability: "unknown",
      addresses: [],
    });
  }

  /**
   * Puts a MIM/2 client into the table that MIM/2 clients see, and tells them.
   *
   * @returns what to send, or why the login is not taken: what it signs, or whose name it is
   */
  logIn(session: Session, login: Mim2Login, entry: PresenceEntry): SessionEntry | Rejection {
    const refusal = this.#refusal(session, login, entry.name);
    if (refusal !== undefined) return refusal;
    const isOwn = this.#identity.take(entry.name, login.identity);
    if (isOwn === false) {
      return {
        code: "name-taken",
        reason: `${sanitizeText(entry.name)} belongs to another key here`,
      };
    }
    const id = this.#newId(session);
    const member = new Mim2Client(session, {
      ...entry,
      session: id,
      capabilities: login.capabilities,
      identity: login.identity,
      // Where the file of names fails nothing is certain, and nothing is certified.
      ...(isOwn ? this.#certified(entry.name, login.identity) : { issued: 0, certificate: NONE }),
      availability: login.availability,
      status: sanitizeText(login.status),
      reachability: "unknown",
      addresses: login.addresses.filter(isHostAddress),
    }, now() + this.#pingTime);
    this.#members.set(session, member);
    this.#add(session, member.entry);
    this.broadcast.join(session);
    this.#probe(member);
    const accepted = encodeNotice({
      type: "accepted",
      session: id,
      signature: this.#identity.welcome(login.clientNonce, id),
      address: session.address,
      pingSeconds: Math.ceil(this.#pingTime / 1000),
    });
    const complete = encodeNotice({ type: "complete", count: this.#table.size });
    const first = [accepted, this.#table.bytes(), complete];
    // A small table takes less time to copy than to write by itself; a large one all are handed.
    const isSmall = this.#table.bytes().length < SMALL_TABLE;
    return { first: isSmall ? [concat(first)] : first, log: this.broadcast.log };
  }

  /** Takes somebody out and tells MIM/2 clients. */
  remove(session: Session): void {
    const id = this.#ids.get(session);
    if (id === undefined) return;
    this.#ids.delete(session);
    this.#sessions.delete(id);
    const member = this.#members.get(session);
    if (member !== undefined) {
      this.#members.delete(session);
      this.#changed.delete(member);
      this.#prober.forget(member);
      this.broadcast.leave(session);
    }
    const gone = this.#table.delete(session);
    if (gone !== undefined) this.broadcast.append(gone);
  }

  /** What a MIM/2 client says after its login. */
  handle(session: Session, message: ClientCommand): void {
    const member = this.#members.get(session);
    if (member === undefined) return;
    const time = now();
    if (!member.messages.take(time)) {
      const { messageBurst, messagesPerSecond } = serverLimits;
      const reason = `over ${messageBurst} messages at once and ${messagesPerSecond} a second`;
      return session.end({ by: "refused", code: "too-fast", reason });
    }
    switch (message.type) {
      case "status":
        return this.#setStatus(member, message, time);
      case "ping":
        return void session.send(encodeNotice({ type: "pong", token: message.token }));
      case "call-me":
        return this.#passOn(member, message.session, time);
      case "unreachable":
        return this.#report(member, message.session, time);
    }
  }

  /** Pings, drops who is silent, tells of what has changed. To be called every second or so. */
  tick(): void {
    const time = now();
    this.#prober.tick();
    for (const member of [...this.#members.values()]) this.#watch.check(member, time);
    for (const member of this.#changed) {
      if (member.statusChanges.take(time)) this.#tell(member);
    }
    if (time - this.#used >= HOUR) {
      this.#used = time;
      this.#identity.keep([...this.#members.values()].map(({ entry }) => entry));
    }
  }

  /** Gives up what is under way and closes the files. */
  async close(): Promise<void> {
    this.broadcast.close();
    await this.#prober.close();
    this.#identity[Symbol.dispose]();
  }

  #refusal({ nonce = NONE }: Session, login: Mim2Login, name: string): Rejection | undefined {
    const serverKey = this.#identity.publicKey;
    const signed = { type: "login", nonce, serverKey, port: login.port, name: login.name } as const;
    if (!verifyStatement(signed, login.signature, login.identity)) {
      return {
        code: "bad-signature",
        reason: "expected a login signed for this connection, got a signature that does not fit it",
      };
    }
    const reason = describeUnclaimableName(name);
    return reason === undefined ? undefined : { code: "invalid-name", reason };
  }

  #certified(name: string, identity: Uint8Array): Pick<Mim2Entry, "issued" | "certificate"> {
    const issued = Date.now();
    return { issued, certificate: this.#identity.certify(name, identity, issued) };
  }

  #add(session: Session, entry: Mim2Entry): void {
    const add = addOf(entry);
    this.#table.add(session, add);
    this.broadcast.append(add);
  }

  #newId(session: Session): Uint8Array {
    for (;;) {
      const id = crypto.getRandomValues(new Uint8Array(SESSION_LENGTH));
      const key = id.toHex();
      if (this.#sessions.has(key)) continue;
      this.#sessions.set(key, session);
      this.#ids.set(session, key);
      return id;
    }
  }

  #setStatus(
    member: Mim2Client,
    { availability, status }: Pick<Mim2Entry, "availability" | "status">,
    time: number,
  ): void {
    const { entry } = member;
    const text = sanitizeText(status);
    if (entry.availability === availability && entry.status === text) return;
    this.#change(member, { availability, status: text });
    // Where there were many already, they are told as one a bit later.
    if (member.statusChanges.take(time)) this.#tell(member);
  }

  #change(member: Mim2Client, change: Partial<Mim2Entry>): void {
    member.entry = { ...member.entry, ...change };
    this.#changed.add(member);
  }

  #tell(member: Mim2Client): void {
    this.#changed.delete(member);
    const add = addOf(member.entry);
    const change = changeOf(add);
    this.#table.change(member.session, add, change);
    this.broadcast.append(change);
  }

  #passOn(member: Mim2Client, to: Uint8Array, time: number): void {
    const target = this.#memberOf(to);
    if (target === undefined || target === member || !member.callMes.take(time)) return;
    const { session } = member.entry;
    // Who asks may have come a moment ago, and not have been told of yet.
    target.session.send(encodeNotice({ type: "call-me", session }), this.broadcast.log.end);
  }

  #report(member: Mim2Client, whom: Uint8Array, time: number): void {
    const target = this.#memberOf(whom);
    if (target === undefined || target === member || !member.reports.take(time)) return;
    this.#watch.report(target, time);
  }

  #probeAgain(member: Mim2Client): void {
    if (now() - member.probed >= serverLimits.probeIntervalMs) this.#probe(member);
  }

  /** What is behind a link-local address is not known: nobody says on which of the links it is. */
  #probe(member: Mim2Client): void {
    member.probed = now();
    if (isLinkLocal(member.session.address)) return;
    this.#prober.probe(member, member.session.address, member.entry.port);
  }

  #found(member: Mim2Client, isReachable: boolean): void {
    const reachability = isReachable ? "reachable" : "unreachable";
    this.probes[reachability]++;
    if (!this.#members.has(member.session) || member.entry.reachability === reachability) return;
    logger.debug("{name} at {address} is {reachability} from here", {
      name: sanitizeText(member.entry.name),
      address: member.session.address,
      reachability,
    });
    this.#change(member, { reachability });
  }

  #memberOf(id: Uint8Array): Mim2Client | undefined {
    const session = this.#sessions.get(id.toHex());
    return session && this.#members.get(session);
  }
}
