import { hasCapability } from "../../../protocol/mod.ts";
import { PublicKey } from "../public_key.ts";
import { equals } from "@std/bytes/equals";
import type { Components } from "../components.ts";
import type { IdentityKeys } from "../identity_keys.ts";
import type { OnlineUser } from "../online_user.ts";
import { type Callee, dialSecure, type SecureConnection } from "../peer/mod.ts";
import { keyInTable, lastAddress, type Pins, preferNewer } from "../trust/mod.ts";
import { clientLimits } from "../limits.ts";
import { RoomLink, type RoomLinkHandlers } from "./room_link.ts";

/** How long the side with the greater key waits for the other one to dial. */
const POLITE_DELAY_MS = 2_000;
/** How long until a member that could not be reached is dialed again. */
const RETRY_DELAYS_MS = [2_000, 5_000, 15_000, 60_000, 300_000];
/** A link without traffic is closed by the side that has dialed, if the other one can be dialed, too. */
const IDLE_TIMEOUT_MS = 10 * 60_000;
/** How long whoever was asked to dial may take to do so. */
const CALLBACK_WINDOW_MS = 5_000;
/** How many are dialed at once. */
const MAX_DIALS = 16;
/** How long a caller that is in no room may take to show an invitation. */
const STRANGER_TIMEOUT_MS = 30_000;

interface LinkComponents extends Pick<Components, "network" | "signaling"> {
  readonly keys: IdentityKeys;
  readonly pins: Pins;
}

interface Attempt {
  readonly timer: ReturnType<typeof setTimeout>;
  /** How often it was dialed in vain. */
  readonly tries: number;
}

/** The links with members of rooms: those that dialed, and those that were dialed. */
export class RoomLinks {
  readonly #components: LinkComponents;
  readonly #handlers: RoomLinkHandlers;
  /** Whether a peer is in a room of the user's, as member or guest. */
  readonly #isInRoom: (key: string) => boolean;
  readonly #onOpen: (link: RoomLink) => void;
  readonly #links = new Set<RoomLink>();
  readonly #dialing = new Set<string>();
  readonly #attempts = new Map<string, Attempt>();
  /** Those whose link was closed since nothing went over it, and the sessions they had. */
  readonly #idle = new Map<string, string>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #online: { readonly version: number; readonly byKey: Map<string, OnlineUser[]> } | undefined;
  #wanted: ReadonlySet<string> = new Set();
  #stopped = new AbortController();

  constructor(
    components: LinkComponents,
    handlers: RoomLinkHandlers,
    isInRoom: (key: string) => boolean,
    onOpen: (link: RoomLink) => void,
  ) {
    this.#components = components;
    this.#handlers = handlers;
    this.#isInRoom = isInRoom;
    this.#onOpen = onOpen;
  }

  get all(): RoomLink[] {
    return [...this.#links].filter((link) => !link.isOver);
  }

  /** Whether they are being closed. */
  get isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  with(key: string): RoomLink[] {
    return this.all.filter((link) => link.key === key);
  }

  /** Whether a user with that key is online. */
  isOnline(key: string): boolean {
    return this.#rowsOf(key).length > 0;
  }

  /** Whether a user is online, and has no rooms in any of its programs. */
  lacksRooms(key: string): boolean {
    const rows = this.#rowsOf(key);
    return rows.length > 0 &&
      rows.every(({ details }) => !hasCapability(details?.capabilities ?? 0, "rooms"));
  }

  /** The rows of a user in the table. */
  #rowsOf(key: string): OnlineUser[] {
    const { users } = this.#components.signaling;
    const version = (users as { readonly version?: number }).version ?? -1;
    if (this.#online === undefined || version < 0 || this.#online.version !== version) {
      const byKey = new Map<string, OnlineUser[]>();
      for (const user of users) {
        const identity = keyInTable(user);
        if (identity === undefined || user.own) continue;
        byKey.getOrInsertComputed(identity.toHex(), () => []).push(user);
      }
      this.#online = { version, byKey };
    }
    return this.#online.byKey.get(key) ?? [];
  }

  /**
   * These members are to be linked with, if they are online; those that were tried in vain, later. Guests
   * know of nothing, and never dial by themselves.
   */
  want(members: ReadonlySet<string>, guests: ReadonlySet<string>): void {
    if (this.#stopped.signal.aborted) return;
    this.#wanted = members.union(guests);
    for (const key of this.#wanted) this.#consider(key, guests.has(key));
  }

  /** There is something to send to that member: also to one whose link was idle. */
  wake(key: string): void {
    this.#idle.delete(key);
    if (this.#attempts.get(key)?.tries === 0) this.#forgetAttempt(key);
    this.#consider(key, true);
  }

  /** A member is online, or can be reached in another way: earlier attempts count no more. */
  reachable(key: string): void {
    this.#forgetAttempt(key);
  }

  /** A connection that the other side has dialed. */
  accept(connection: SecureConnection): void {
    const isKnown = this.#isInRoom(connection.peer.identity.toString());
    const strangers = this.all.filter((link) => !this.#isInRoom(link.key));
    if (this.#stopped.signal.aborted) return connection.refuse();
    if (!isKnown && strangers.length >= clientLimits.roomStrangers) strangers[0]?.close();
    const most = clientLimits.roomLinks + clientLimits.roomStrangers;
    if (this.all.length >= most && this.with(connection.peer.identity.toString()).length === 0) {
      return connection.refuse();
    }
    this.#add(connection);
  }

  /** Closes links that nothing went over for long. */
  closeIdle(now = performance.now()): void {
    const own = [...this.#components.signaling.users].find((user) => user.own);
    if (own?.details?.reachability === "unreachable") return; // nobody could dial this client again
    for (const link of this.all) {
      const isOwn = link.connection.direction === "outgoing";
      if (!isOwn || now - link.usedAt < IDLE_TIMEOUT_MS) continue;
      this.#idle.set(link.key, this.#sessionsOf(link.key));
      link.close();
    }
  }

  async close(): Promise<void> {
    this.#stopped.abort(new Error("given up"));
    for (const { timer } of this.#attempts.values()) clearTimeout(timer);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#attempts.clear();
    this.#wanted = new Set();
    await Promise.all(this.all.map((link) => link.finish()));
    this.#stopped = new AbortController();
  }

  #forgetAttempt(key: string): void {
    clearTimeout(this.#attempts.get(key)?.timer);
    this.#attempts.delete(key);
  }

  #consider(key: string, isUrgent = false): void {
    if (this.#stopped.signal.aborted || this.#dialing.has(key) || this.#attempts.has(key)) return;
    if (this.with(key).length > 0) return;
    const [user] = this.#rowsOf(key);
    if (user === undefined || !this.#components.signaling.isOnline) return;
    if (this.lacksRooms(key)) return;
    const sessions = this.#sessionsOf(key);
    if (this.#idle.get(key) === sessions) return;
    this.#idle.delete(key);
    const isPolite = this.#components.keys.identity.toString() > key;
    if (isPolite && !isUrgent) this.#later(key, POLITE_DELAY_MS, 0);
    else void this.#dial(key, 0);
  }

  #later(key: string, delayMs: number, tries: number): void {
    if (this.#stopped.signal.aborted) return;
    const timer = setTimeout(() => {
      this.#attempts.delete(key);
      if (this.#wanted.has(key) && this.with(key).length === 0) void this.#dial(key, tries);
    }, delayMs);
    this.#attempts.set(key, { timer, tries });
  }

  async #dial(key: string, tries: number): Promise<void> {
    if (this.#dialing.size >= MAX_DIALS) return this.#later(key, 250, tries);
    const users = this.#rowsOf(key);
    const [user] = users;
    if (user === undefined) return;
    this.#dialing.add(key);
    const { signal } = this.#stopped;
    const callee = this.#calleeOf(user);
    if (callee.isUnreachable) this.#askToCall(callee);
    try {
      const connection = await dialSecure(this.#components, callee, signal);
      if (signal.aborted) return connection.close();
      this.#add(connection);
    } catch {
      if (signal.aborted) return;
      if (!callee.isUnreachable) this.#askToCall(callee);
      const delayMs = RETRY_DELAYS_MS[Math.min(tries, RETRY_DELAYS_MS.length - 1)] ?? 0;
      this.#later(key, delayMs * (1 + Math.random()), tries + 1);
    } finally {
      this.#dialing.delete(key);
    }
  }

  /** Asks somebody who can't be dialed to dial this client: for rooms, as it learns then. */
  #askToCall({ session }: Callee): void {
    if (session === undefined) return;
    this.#components.keys.expectRoomCalls(CALLBACK_WINDOW_MS);
    this.#components.signaling.requestCallback(session);
  }

  #calleeOf(user: OnlineUser): Callee {
    const { name, address, port, details } = user;
    const identity = new PublicKey(keyInTable(user) ?? new Uint8Array());
    const pin = this.#components.pins.all.find((pin) => equals(pin.identity, identity));
    return {
      ...{ name, address, port, identity },
      isStranger: pin === undefined,
      addresses: details?.addresses ?? [],
      last: lastAddress(pin?.address)?.hostname,
      session: details?.session,
      isUnreachable: details?.reachability === "unreachable",
      purpose: "rooms",
    };
  }

  /** How the other end of a connection is dialed once more; undefined if nobody knows where it is. */
  calleeAt({ peer: { identity, name }, remote, direction }: SecureConnection): Callee | undefined {
    if (direction === "outgoing") {
      return { name, identity, address: remote.hostname, port: remote.port, isStranger: false };
    }
    const [user] = this.#rowsOf(identity.toHex());
    return user && this.#calleeOf(user);
  }

  #sessionsOf(key: string): string {
    return this.#rowsOf(key).map(({ details }) => details?.session.toHex()).sort().join();
  }

  #add(connection: SecureConnection): void {
    const { keys } = this.#components;
    const own = { identity: keys.identity, staticKey: keys.staticPublicKey };
    const link = new RoomLink(connection, {
      ...this.#handlers,
      onEnd: (link) => this.#ended(link),
    });
    for (const other of this.with(link.key)) {
      const { peer } = other.connection;
      if (!equals(peer.staticKey, connection.peer.staticKey)) continue;
      if (preferNewer(own, connection.peer, other.connection, connection)) other.close();
      else return connection.close();
    }
    this.#links.add(link);
    this.#forgetAttempt(link.key);
    this.#onOpen(link);
    void link.follow();
    if (this.#isInRoom(link.key)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#isInRoom(link.key)) link.close();
    }, STRANGER_TIMEOUT_MS);
    this.#timers.add(timer);
  }

  #ended(link: RoomLink): void {
    this.#links.delete(link);
    this.#handlers.onEnd(link);
    const { key } = link;
    if (!this.#wanted.has(key) || this.#idle.has(key) || this.with(key).length > 0) return;
    if (!this.#attempts.has(key) && !this.#dialing.has(key)) this.#later(key, POLITE_DELAY_MS, 1);
  }
}
