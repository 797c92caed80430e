import {
  isLoopback,
  limits,
  type Mim2Entry,
  type OnlineEntry,
  ProtocolError,
} from "../../protocol/mod.ts";

/**
 * A user who is online. The address is the one to call: the server's own where the table says
 * loopback. Whether it can be called, {@linkcode isHostAddress} says.
 */
export interface OnlineUser extends OnlineEntry {
  /** Whether this is the client itself. */
  readonly own: boolean;
  /** What a MIM/2 server tells beside; undefined where the server is a classic one. */
  readonly details?: UserDetails;
}

/** What a MIM/2 server tells of a user; an empty `identity` is a classic client's. */
export type UserDetails = Omit<Mim2Entry, keyof OnlineEntry>;

/** How a client recognises itself in the table. */
export interface OwnEntry {
  /** The name it logged in with. */
  readonly name: string;
  /** The port it announced. */
  readonly port: number;
  /** Its own end of the connection to the server; behind a NAT the server sees another. */
  readonly address: string;
}

/** An entry of the table; `user` is another object once it turns out not to be the own one. */
interface Row {
  user: OnlineUser;
}

/**
 * A client's copy of the online table. The same entry may stand in it many times; a Delete takes
 * just one of them out.
 */
export class OnlineList {
  /** Everybody, in the order in which they came. */
  readonly #rows = new Set<Row>();
  /** The same, by what a Delete says of them. */
  readonly #same = new Map<string, Row[]>();
  readonly #serverAddress: string;
  readonly #serverIsHere: boolean;
  readonly #own: OwnEntry;
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
   * @throws {ProtocolError} `table-too-large`
   */
  add(entry: OnlineEntry): OnlineUser {
    const key = keyOf(entry);
    this.#units += entry.name.length + entry.address.length;
    if (this.#rows.size === limits.onlineUsers) throw tooLarge("users", limits.onlineUsers);
    if (this.#units > limits.onlineUnits) {
      throw tooLarge("characters of names and addresses", limits.onlineUnits);
    }
    const row = { user: this.#dialable(entry, this.#isOwn(entry, key)) };
    this.#rows.add(row);
    const same = this.#same.get(key);
    if (same === undefined) this.#same.set(key, [row]);
    else same.push(row);
    return row.user;
  }

  /** Takes one such entry out and returns it; undefined where there is none. */
  delete(entry: OnlineEntry): OnlineUser | undefined {
    const key = keyOf(entry);
    const same = this.#same.get(key);
    const last = same?.findLastIndex(({ user }) => !user.own) ?? -1;
    const row = same?.splice(last, 1)[0];
    if (same === undefined || row === undefined) return undefined;
    if (same.length === 0) this.#same.delete(key);
    this.#rows.delete(row);
    this.#units -= entry.name.length + entry.address.length;
    return row.user;
  }

  /** An entry at the own address takes the place of one that only looked like the own. */
  #isOwn({ name, address, port }: OnlineEntry, key: string): boolean {
    if (name !== this.#own.name || port !== this.#own.port) return false;
    const sure = address === this.#own.address;
    if (this.#found !== undefined && (this.#found.sure || !sure)) return false;
    const before = this.#found === undefined ? [] : this.#same.get(this.#found.key) ?? [];
    for (const row of before) row.user = { ...row.user, own: false };
    this.#found = { key, sure };
    return true;
  }

  /** Loopback in the table means the server's own machine: from elsewhere, that is the server. */
  #dialable({ name, address, port }: OnlineEntry, own: boolean): OnlineUser {
    const elsewhere = !this.#serverIsHere && isLoopback(address);
    return { name, address: elsewhere ? this.#serverAddress : address, port, own };
  }
}

function tooLarge(what: string, most: number): ProtocolError {
  return new ProtocolError(
    "table-too-large",
    `expected a table of at most ${most} ${what}, got more`,
  );
}

function keyOf({ name, address, port }: OnlineEntry): string {
  return `${port} ${address.length} ${address}${name}`;
}
