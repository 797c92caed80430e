import { equals } from "@std/bytes/equals";
import { encodeAdd, type EntryDetails, type LinkEntry } from "../../protocol/mod.ts";
import { encodeChange, entryInAdd, type SealedPresence } from "../mim2/mod.ts";
import type { Broadcast, OnlineTable } from "../presence/mod.ts";
import type { SessionEnd, UserSession } from "../session/mod.ts";
import type { RowChange } from "./cluster_message.ts";

/** The tables of a server, as its clients get them. */
export interface LocalTables {
  /** The table of classic clients. */
  readonly classic: OnlineTable<UserSession>;
  readonly classicBroadcast: Pick<Broadcast, "append">;
  /** The table of MIM/2 clients. */
  readonly presence: SealedPresence;
}

/** A user of another server: the owner of its row in both tables. */
export class RemoteUser implements UserSession {
  /** The id of its session, in hex digits. */
  readonly session: string;
  /** Its row as an Add. */
  add: Uint8Array;
  readonly #onEnd: (reason: string) => void;

  /** @param onEnd asks its server to end the session */
  constructor(session: string, add: Uint8Array, onEnd: (reason: string) => void) {
    this.session = session;
    this.add = add;
    this.#onEnd = onEnd;
  }

  /** The IP address as the user's own server sees it. */
  get address(): string {
    return entryInAdd(this.add).address;
  }

  /** The public key; undefined for a classic client. */
  get key(): Uint8Array | undefined {
    const { identity } = entryInAdd(this.add);
    return identity.length === 0 ? undefined : identity;
  }

  end({ reason }: SessionEnd): void {
    this.#onEnd(reason);
  }
}

/** The users of other servers in the tables of this one. */
export class RemoteUsers {
  readonly #tables: LocalTables;
  readonly #onEnd: (session: string, reason: string) => void;
  readonly #users = new Map<string, RemoteUser>();

  /** @param onEnd asks the server of a session to end it */
  constructor(tables: LocalTables, onEnd: (session: string, reason: string) => void) {
    this.#tables = tables;
    this.#onEnd = onEnd;
  }

  /** The user of a session. */
  find(session: string): RemoteUser | undefined {
    return this.#users.get(session);
  }

  /** How many there are. */
  get size(): number {
    return this.#users.size;
  }

  /**
   * Puts a row into the tables, changes it, or removes it.
   *
   * @throws {ProtocolError} for bytes that are no row
   */
  apply(change: RowChange): void {
    const user = this.#users.get(change.session);
    if (change.type === "delete") return user && this.#remove(user);
    const entry = entryInAdd(change.row);
    if (entry.session.toHex() !== change.session) {
      throw new TypeError("expected a row of its session");
    }
    if (user === undefined) return this.#add(change.session, change.row, entry);
    const before = entryInAdd(user.add);
    if (!isSameUser(before, entry)) {
      this.#remove(user);
      return this.#add(change.session, change.row, entry);
    }
    const bytes = encodeChange(entry.session, changedDetails(before, entry));
    user.add = change.row;
    this.#tables.presence.change(user, change.row, bytes);
  }

  #add(session: string, row: Uint8Array, entry: LinkEntry): void {
    const { classic, classicBroadcast, presence } = this.#tables;
    const user = new RemoteUser(session, row, (reason) => this.#onEnd(session, reason));
    this.#users.set(session, user);
    const { name, address, port } = entry;
    const add = encodeAdd({ name, address, port });
    classic.add(user, add);
    classicBroadcast.append(add);
    presence.add(user, row);
  }

  #remove(user: RemoteUser): void {
    const { classic, classicBroadcast, presence } = this.#tables;
    this.#users.delete(user.session);
    const update = classic.delete(user);
    if (update !== undefined) classicBroadcast.append(update);
    presence.delete(user, Uint8Array.fromHex(user.session));
  }
}

/** The user of a row: a key, or for classic clients the place that they listen at, and the name. */
export function userIn(add: Uint8Array): string | undefined {
  const { identity, name, address, port } = entryInAdd(add);
  if (identity.length > 0) return identity.toHex();
  return port === 0 ? undefined : `${address} ${port} ${name}`;
}

/** Whether what can't change in a row is the same. */
function isSameUser(one: LinkEntry, other: LinkEntry): boolean {
  return one.name === other.name && one.address === other.address && one.port === other.port &&
    equals(one.identity, other.identity) && one.isNameClaimed === other.isNameClaimed;
}

function changedDetails(before: LinkEntry, after: LinkEntry): Partial<EntryDetails> {
  const { capabilities, certificate, availability, status, reachability, addresses } = after;
  return {
    ...before.capabilities === capabilities ? {} : { capabilities },
    ...isSameCertificate(before, after) ? {} : { certificate },
    ...before.availability === availability ? {} : { availability },
    ...before.status === status ? {} : { status },
    ...before.reachability === reachability ? {} : { reachability },
    ...before.addresses.join() === addresses.join() ? {} : { addresses },
  };
}

function isSameCertificate(
  { certificate: one }: Pick<EntryDetails, "certificate">,
  { certificate: other }: Pick<EntryDetails, "certificate">,
): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.issued === other.issued && equals(one.signature, other.signature);
}
