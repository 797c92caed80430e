import {
  isLoopback,
  type Mim2Entry,
  type PresenceEntry,
  ProtocolError,
} from "../../../protocol/mod.ts";
import type { OnlineUser } from "../online_user.ts";
import { clientLimits } from "../limits.ts";

/** How a client recognises itself in the table. */
export interface OwnEntry {
  /** The name it logged in with. */
  readonly name: string;
  /** The port it announced. */
  readonly port: number;
  /** Its own end of the connection to the server; behind a NAT the server sees another. */
  readonly address: string;
}

/** A row as a server of either version tells it. */
export type TableEntry = PresenceEntry | Mim2Entry;

/** An entry of the table; `user` is another object once it turns out not to be the own one. */
interface Row {
  user: OnlineUser;
}

/**
 * A client's copy of the online table. A classic server's may hold the same entry many times, and a
 * Delete takes just one of them out; a MIM/2 server's rows have sessions, which name one row each.
 */
export class UserTable {
  /** Everybody, in the order in which they came. */
  readonly #rows = new Set<Row>();
  /** The same, by what a Delete says of them. */
  readonly #same = new Map<string, Row[]>();
  readonly #serverAddress: string;
  readonly #serverIsHere: boolean;
  readonly #own: OwnEntry;
  /** The own session at a MIM/2 server, once the server has told it. */
  ownSession: Uint8Array | undefined;
  #units = 0;
  /** The own entry's key, and whether it can be no namesake's at the same port elsewhere. */
  #found: { readonly key: string; readonly sure: boolean } | undefined;

  /**
   * @param serverAddress the server's IP address as this client dialled it
   * @param own what the client announced of itself
   */
  constructor(serverAddress: string, own: OwnEntry) {
    this.#serverAddress = serverAddress;
    // Who reaches a machine from the address that it is reached at is on that machine.
    this.#serverIsHere = isLoopback(serverAddress) || own.address === serverAddress;
    this.#own = own;
  }

  /** Everybody, in the order in which they came. */
  get users(): OnlineUser[] {
    return Array.from(this.#rows, ({ user }) => user);
  }

  /**
   * Puts an entry in and returns it as one would dial it.
   *
   * @throws {ProtocolError} `table-too-large`; `bad-field` where its session is another row's
   */
  add(entry: TableEntry): OnlineUser {
    const key = keyOf(entry);
    if ("session" in entry && this.#same.has(key)) {
      throw new ProtocolError(
        "bad-field",
        "expected a session of its own for each row, got one twice",
      );
    }
    if (this.#rows.size === clientLimits.onlineUsers) {
      throw tooLarge("users", clientLimits.onlineUsers);
    }
    const row = { user: this.#dialable(entry, this.#isOwn(entry, key)) };
    this.#count(unitsOf(row.user));
    this.#rows.add(row);
    const same = this.#same.get(key);
    if (same === undefined) this.#same.set(key, [row]);
    else same.push(row);
    return row.user;
  }

  /** Takes one such entry out and returns it; undefined where there is none. */
  delete(entry: TableEntry): OnlineUser | undefined {
    const key = keyOf(entry);
    const same = this.#same.get(key);
    const last = same?.findLastIndex(({ user }) => !user.own) ?? -1;
    const row = same?.splice(last, 1)[0];
    if (same === undefined || row === undefined) return undefined;
    if (same.length === 0) this.#same.delete(key);
    this.#rows.delete(row);
    this.#units -= unitsOf(row.user);
    return row.user;
  }

  /**
   * Takes over what may change of a row: availability, status, reachability, further addresses. Name,
   * address, key and certificate stay what they were.
   *
   * @returns the user as it is now; undefined where no row has that session
   * @throws {ProtocolError} `table-too-large`
   */
  change(entry: Mim2Entry): OnlineUser | undefined {
    const row = this.#same.get(keyOf(entry))?.[0];
    if (row?.user.details === undefined) return undefined;
    const { availability, status, reachability, addresses } = entry;
    const before = unitsOf(row.user);
    const details = { ...row.user.details, availability, status, reachability, addresses };
    row.user = { ...row.user, details };
    this.#count(unitsOf(row.user) - before);
    return row.user;
  }

  /** The row of that session. */
  find(session: Uint8Array): OnlineUser | undefined {
    return this.#same.get(sessionKey(session))?.[0]?.user;
  }

  #count(units: number): void {
    this.#units += units;
    if (this.#units > clientLimits.onlineUnits) {
      throw tooLarge("characters of names and addresses", clientLimits.onlineUnits);
    }
  }

  /** An entry at the own address takes the place of one that only looked like the own. */
  #isOwn(entry: TableEntry, key: string): boolean {
    if ("session" in entry) {
      return this.ownSession !== undefined && key === sessionKey(this.ownSession);
    }
    const { name, address, port } = entry;
    if (name !== this.#own.name || port !== this.#own.port) return false;
    const sure = address === this.#own.address;
    if (this.#found !== undefined && (this.#found.sure || !sure)) return false;
    const before = this.#found === undefined ? [] : this.#same.get(this.#found.key) ?? [];
    for (const row of before) row.user = { ...row.user, own: false };
    this.#found = { key, sure };
    return true;
  }

  /** Loopback in the table means the server's own machine: from elsewhere, that is the server. */
  #dialable(entry: TableEntry, own: boolean): OnlineUser {
    const elsewhere = !this.#serverIsHere && isLoopback(entry.address);
    const address = elsewhere ? this.#serverAddress : entry.address;
    if (!("session" in entry)) {
      const { name, port } = entry;
      return { name, address, port, own };
    }
    const { name, address: _, port, ...details } = entry;
    return { name, address, port, own, details };
  }
}

/** How much of what others wrote a row holds, in UTF-16 code units. */
function unitsOf({ name, address, details }: OnlineUser): number {
  const { status = "", addresses = [] } = details ?? {};
  const units = name.length + address.length + status.length;
  return addresses.reduce((sum, { length }) => sum + length, units);
}

function tooLarge(what: string, most: number): ProtocolError {
  return new ProtocolError(
    "table-too-large",
    `expected a table of at most ${most} ${what}, got more`,
  );
}

/** What names a row: its session; of a classic server, all that the row says. */
function keyOf(entry: TableEntry): string {
  if ("session" in entry) return sessionKey(entry.session);
  const { name, address, port } = entry;
  return `${port} ${address.length} ${address}${name}`;
}

function sessionKey(session: Uint8Array): string {
  return session.toHex();
}
