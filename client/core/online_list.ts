import { isLoopback, limits, type OnlineEntry, ProtocolError } from "../../protocol/mod.ts";

/**
 * A user who is online. The address is the one to call, which is the server's own where the table says
 * loopback; whether it can be called, {@linkcode isHostAddress} says.
 */
export interface OnlineUser extends OnlineEntry {
  /** Whether this is the client itself. */
  readonly own: boolean;
}

/** How a client recognises itself in the table. */
export interface OwnEntry {
  /** The name it logged in with. */
  readonly name: string;
  /** The port it announced. */
  readonly port: number;
  /** Its own end of the connection to the server; behind a NAT the server sees another. */
  readonly address: string;
}

/**
 * A client's copy of the online table. The same entry may stand in it many times; a Delete takes
 * just one of them out.
 */
export class OnlineList {
  readonly #users = new Map<string, OnlineUser[]>();
  readonly #serverAddress: string;
  readonly #own: OwnEntry;
  #size = 0;
  #units = 0;
  /** The own entry's key, and whether it can be no namesake's at the same port elsewhere. */
  #found: { readonly key: string; readonly sure: boolean } | undefined;

  /**
   * @param serverAddress the server's IP address as this client dialled it
   * @param own what the client announced of itself
   */
  constructor(serverAddress: string, own: OwnEntry) {
    this.#serverAddress = serverAddress;
    this.#own = own;
  }

  /** How many are online. */
  get size(): number {
    return this.#size;
  }

  /** Everybody, in the order in which they came. */
  get users(): OnlineUser[] {
    return [...this.#users.values()].flat();
  }

  /** Whether the client has seen itself in the table. */
  get hasOwn(): boolean {
    return this.#found !== undefined;
  }

  /**
   * Puts an entry in and returns it as one would dial it.
   *
   * @throws {ProtocolError} `table-too-large`
   */
  add(entry: OnlineEntry): OnlineUser {
    const key = keyOf(entry);
    this.#size++;
    this.#units += entry.name.length + entry.address.length;
    if (this.#size > limits.onlineUsers || this.#units > limits.onlineUnits) {
      throw new ProtocolError(
        "table-too-large",
        `expected a table of at most ${limits.onlineUsers} users, got a larger one`,
      );
    }
    const user = this.#dialable(entry, this.#isOwn(entry, key));
    const same = this.#users.get(key);
    if (same === undefined) this.#users.set(key, [user]);
    else same.push(user);
    return user;
  }

  /** Takes one such entry out and returns it; undefined where there is none. */
  delete(entry: OnlineEntry): OnlineUser | undefined {
    const key = keyOf(entry);
    const same = this.#users.get(key);
    const last = same?.findLastIndex(({ own }) => !own) ?? -1;
    const user = same?.splice(last, 1)[0];
    if (same === undefined || user === undefined) return undefined;
    if (same.length === 0) this.#users.delete(key);
    this.#size--;
    this.#units -= entry.name.length + entry.address.length;
    return user;
  }

  /** An entry at the own address takes the place of one that only looked like the own. */
  #isOwn({ name, address, port }: OnlineEntry, key: string): boolean {
    if (name !== this.#own.name || port !== this.#own.port) return false;
    const sure = address === this.#own.address;
    if (this.#found !== undefined && (this.#found.sure || !sure)) return false;
    const before = this.#found === undefined ? undefined : this.#users.get(this.#found.key);
    before?.forEach((user, index) => before[index] = { ...user, own: false });
    this.#found = { key, sure };
    return true;
  }

  /** Loopback in the table means the server's own machine: from elsewhere, that is the server. */
  #dialable({ name, address, port }: OnlineEntry, own: boolean): OnlineUser {
    const elsewhere = isLoopback(address) && !isLoopback(this.#serverAddress);
    return { name, address: elsewhere ? this.#serverAddress : address, port, own };
  }
}

function keyOf({ name, address, port }: OnlineEntry): string {
  return `${port} ${address.length} ${address}${name}`;
}
