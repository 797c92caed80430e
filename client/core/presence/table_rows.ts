import { equals } from "@std/bytes/equals";
import {
  checkKeyName,
  endsLikeTag,
  type EntryDetails,
  isLoopback,
  keyTag,
  type LinkEntry,
  nameKey,
  type PresenceEntry,
  ProtocolError,
} from "../../../protocol/mod.ts";
import { classicName } from "../classic_name.ts";
import { clientLimits } from "../limits.ts";
import type { OnlineUser } from "../online_user.ts";

/** About what a row takes beside its texts, the details of MIM/2, and each further address. */
const ROW_BYTES = 640;
const DETAILS_BYTES = 1_280;
const ADDRESS_BYTES = 64;

/** How a client recognizes itself in a table. */
export interface OwnEntry {
  readonly name: string;
  readonly port: number;
  /** Its own end of the connection to the server; behind a NAT the server sees another. */
  readonly address: string;
}

/** A row as a server of either version sends it. */
export type TableEntry = PresenceEntry | LinkEntry;

/** A row; its `user` is replaced by another object when it changes. */
interface Row {
  user: OnlineUser;
}

/**
 * The rows of one session's table. A classic server's table may hold the same entry many times, and a
 * Delete takes out just one of them. The rows of a MIM/2 server have sessions, which name one row each.
 */
export class TableRows implements Iterable<OnlineUser> {
  /** By id, in the order in which they came. */
  readonly #rows = new Map<number, Row>();
  /** By what a Delete says of them. */
  readonly #byKey = new Map<string, Row[]>();
  readonly #serverAddress: string;
  readonly #serverIsHere: boolean;
  readonly #own: OwnEntry;
  readonly #nextId: () => number;
  /** The own session at a MIM/2 server, once the server has sent it. */
  ownSession: Uint8Array | undefined;
  #units = 0;
  #bytes = 0;
  /** The own entry's key, and whether it cannot be a namesake's at the same port elsewhere. */
  #found: { readonly key: string; readonly isSure: boolean } | undefined;

  /** @param serverAddress the server's IP address as this client dialed it */
  constructor(serverAddress: string, own: OwnEntry, nextId: () => number) {
    this.#serverAddress = serverAddress;
    // A client that reaches a machine from the machine's own address is on that machine.
    this.#serverIsHere = isLoopback(serverAddress) || own.address === serverAddress;
    this.#own = own;
    this.#nextId = nextId;
  }

  get size(): number {
    return this.#rows.size;
  }

  *[Symbol.iterator](): Generator<OnlineUser, void> {
    for (const { user } of this.#rows.values()) yield user;
  }

  get(id: number): OnlineUser | undefined {
    return this.#rows.get(id)?.user;
  }

  find(session: Uint8Array): OnlineUser | undefined {
    return this.#byKey.get(session.toHex())?.[0]?.user;
  }

  /** The first other user with that name, or else with one that differs in case alone. */
  named(name: string): OnlineUser | undefined {
    let similar: OnlineUser | undefined;
    for (const user of this) {
      if (user.own) continue;
      if (user.name === name) return user;
      if (nameKey(user.name) === nameKey(name)) similar ??= user;
    }
    return similar;
  }

  isOwnSession(session: Uint8Array): boolean {
    return this.ownSession !== undefined && equals(this.ownSession, session);
  }

  /**
   * Puts an entry in and returns it as one would dial it.
   *
   * @returns the new user, then those who turn out not to be the client itself
   * @throws {ProtocolError} `table-too-large`; `bad-field` if its session is another row's
   */
  add(entry: TableEntry): [user: OnlineUser, ...demoted: OnlineUser[]] {
    const key = keyOf(entry);
    if ("session" in entry && this.#byKey.has(key)) {
      throw new ProtocolError(
        "bad-field",
        "expected a session of its own for each row, got one twice",
      );
    }
    if (this.#rows.size === clientLimits.onlineUsers) {
      throw tooLarge("users", clientLimits.onlineUsers);
    }
    const [isOwn, demoted] = this.#claimOwn(entry, key);
    const row = { user: { id: this.#nextId(), ...this.#dialable(entry), own: isOwn } };
    this.#count(row.user);
    this.#rows.set(row.user.id, row);
    this.#byKey.getOrInsertComputed(key, () => []).push(row);
    return [row.user, ...demoted];
  }

  /** Takes the row of a session, or one such entry, out and returns it; undefined if there is none. */
  delete(which: Uint8Array | PresenceEntry): OnlineUser | undefined {
    const key = which instanceof Uint8Array ? which.toHex() : keyOf(which);
    const same = this.#byKey.get(key);
    const last = same?.findLastIndex(({ user }) => !user.own) ?? -1;
    const row = same?.splice(last, 1)[0];
    if (same === undefined || row === undefined) return undefined;
    if (same.length === 0) this.#byKey.delete(key);
    this.#rows.delete(row.user.id);
    this.#count(undefined, row.user);
    return row.user;
  }

  /**
   * Takes over what has changed of a row. Name, address and key stay what they were.
   *
   * @returns the user as it is now; undefined if no row has that session
   * @throws {ProtocolError} `table-too-large`
   */
  change(session: Uint8Array, changed: Partial<EntryDetails>): OnlineUser | undefined {
    const row = this.#byKey.get(session.toHex())?.[0];
    if (row?.user.details === undefined) return undefined;
    const before = row.user;
    row.user = { ...row.user, details: { ...row.user.details, ...changed } };
    this.#count(row.user, before);
    return row.user;
  }

  /** Gives a user another id, and moves the row to the end. */
  renumber(user: OnlineUser, id: number): OnlineUser {
    const row = this.#rows.get(user.id);
    if (row === undefined) return user;
    this.#rows.delete(user.id);
    row.user = { ...row.user, id };
    this.#rows.set(id, row);
    return row.user;
  }

  /** Counts what a row holds, and no longer holds. */
  #count(user: OnlineUser | undefined, before?: OnlineUser): void {
    this.#units += unitsOfUser(user) - unitsOfUser(before);
    this.#bytes += bytesOf(user) - bytesOf(before);
    if (user === undefined) return;
    if (this.#units > clientLimits.onlineUnits) {
      throw tooLarge("characters of names and addresses", clientLimits.onlineUnits);
    }
    if (this.#bytes > clientLimits.onlineBytes) {
      throw tooLarge("bytes of memory", clientLimits.onlineBytes);
    }
  }

  /** An entry at the own address takes the place of one that only looked like the own. */
  #claimOwn(entry: TableEntry, key: string): [isOwn: boolean, demoted: OnlineUser[]] {
    if ("session" in entry) return [key === this.ownSession?.toHex(), []];
    const { name, address, port } = entry;
    if (name !== this.#own.name || port !== this.#own.port) return [false, []];
    const isSure = address === this.#own.address;
    if (this.#found !== undefined && (this.#found.isSure || !isSure)) return [false, []];
    const before = this.#found === undefined ? [] : this.#byKey.get(this.#found.key) ?? [];
    this.#found = { key, isSure };
    const demoted = before.filter(({ user }) => user.own);
    for (const row of demoted) row.user = { ...row.user, own: false };
    return [true, demoted.map(({ user }) => user)];
  }

  /** Loopback in the table means the server's own machine: from elsewhere, that is the server. */
  #dialable(entry: TableEntry): Omit<OnlineUser, "id" | "own"> {
    const isElsewhere = !this.#serverIsHere && isLoopback(entry.address);
    const address = isElsewhere ? this.#serverAddress : entry.address;
    if (!("session" in entry)) return { name: classicName(entry.name), address, port: entry.port };
    const { name, address: _, port, ...details } = entry;
    return { name: nameInRow(name, details.identity), address, port, details };
  }
}

/** The name by which a user is called. No server should let in one that ends like the tag of another key. */
function nameInRow(name: string, identity: Uint8Array): string {
  if (identity.length === 0) return classicName(name);
  const isForeign = endsLikeTag(name) && !checkKeyName(name, identity).ok;
  return isForeign ? `${name}~${keyTag(identity)}` : name;
}

/** How much of what others wrote a row holds, in UTF-16 code units. */
export function unitsOf(
  { name, address, status = "", addresses = [] }: PresenceEntry & Partial<EntryDetails>,
): number {
  const units = name.length + address.length + status.length;
  return addresses.reduce((sum, { length }) => sum + length, units);
}

/** About how much memory a row takes, in bytes. */
export function memoryOf(entry: PresenceEntry & Partial<LinkEntry>): number {
  const fixed = entry.session === undefined ? ROW_BYTES : ROW_BYTES + DETAILS_BYTES;
  return fixed + 2 * unitsOf(entry) + ADDRESS_BYTES * (entry.addresses?.length ?? 0);
}

function unitsOfUser(user: OnlineUser | undefined): number {
  return user === undefined ? 0 : unitsOf({ ...user, ...user.details });
}

function bytesOf(user: OnlineUser | undefined): number {
  return user === undefined ? 0 : memoryOf({ ...user, ...user.details });
}

function tooLarge(what: string, limit: number): ProtocolError {
  return new ProtocolError(
    "table-too-large",
    `expected a table of at most ${limit} ${what}, got more`,
  );
}

/** The key of a row: its session, or all fields of a row of a classic server. */
function keyOf(entry: TableEntry): string {
  if ("session" in entry) return entry.session.toHex();
  const { name, address, port } = entry;
  return `${port} ${address.length} ${address}${name}`;
}
