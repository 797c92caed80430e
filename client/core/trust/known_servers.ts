import {
  hasRotatedTo,
  type HostPort,
  isLoopback,
  type LinkOffer,
  type ServerAddress,
} from "../../../protocol/mod.ts";
import { ClientError, storageError } from "../errors.ts";
import { placeOf } from "../place_of.ts";
import { SerialQueue } from "../serial_queue.ts";
import { type Store, THIS_MACHINE } from "../store.ts";
import { equals } from "@std/bytes/equals";

/** Stands for the key of a server that may speak classic MIM. */
const NO_KEY = new Uint8Array(0);

/**
 * The keys of servers: each named server has to have the key with which it was met first, or one that
 * follows it. One that was never met has to have a key, unless the user lets it speak classic MIM.
 */
export class KnownServers {
  readonly #store: Store;
  /** Reads and writes come one after the other: the copy never becomes older than it was. */
  readonly #access = new SerialQueue();
  /** The keys of servers as last read, by place. */
  readonly #keys = new Map<string, Uint8Array>();
  /** The default server, if the user named none: any program on this machine may host it, with its own key. */
  readonly #defaultServer: HostPort | undefined;
  /** Servers that have announced MIM/2 in this run. */
  readonly #announcing = new Set<string>();
  /** Servers that may speak classic MIM in this run, though they spoke MIM/2 before. */
  readonly #downgraded = new Set<string>();
  /** Servers without a key that the user lets speak classic MIM, as last read. */
  readonly #classic = new Set<string>();
  /** The change that the user may accept: another key, or none. */
  #rejected: { readonly at: string; readonly key: Uint8Array | undefined } | undefined;
  /** The server without a key that the user may allow. */
  #rejectedClassic: string | undefined;

  /** @param defaultServer the server that the user did not name, if there is one */
  constructor(store: Store, defaultServer: HostPort | undefined) {
    this.#store = store;
    this.#defaultServer = defaultServer;
  }

  idOf(server: HostPort): string | undefined {
    if (this.#isThisMachine(server)) return THIS_MACHINE;
    // Even if it may speak classic MIM now: contacts at this address are still known by their keys.
    return this.#keys.get(placeOf(server))?.toHex();
  }

  /** The key that a server has to have: of the link that names it, or of before. */
  keyOf(server: ServerAddress): Uint8Array | undefined {
    return server.key ?? this.#known(server);
  }

  /**
   * Reads a server's key anew: what the other methods say of it holds from then on.
   *
   * @throws {ClientError} `storage-failed`
   */
  load(server: HostPort): Promise<void> {
    return this.#access.run(() => this.#load(server));
  }

  async #load(server: HostPort): Promise<void> {
    const at = placeOf(server);
    try {
      this.#remember(at, await this.#store.serverKey(at));
    } catch (error) {
      throw storageError({ what: "contents" }, error);
    }
  }

  /** Whether a server gets time to announce MIM/2: any but one that may speak classic MIM. */
  expectsMim2(server: ServerAddress): boolean {
    const at = placeOf(server);
    return server.key !== undefined ||
      !this.#downgraded.has(at) && (!this.#classic.has(at) || this.#announcing.has(at));
  }

  /** Whether a server has to have a key: it had one before, or has announced one in this run. */
  expectsKey(server: ServerAddress): boolean {
    return server.key !== undefined || this.#announcing.has(placeOf(server)) ||
      this.#known(server) !== undefined;
  }

  /**
   * Holds what a server announces against what is known of it.
   *
   * @throws {ClientError} `server-key-mismatch` if a server announces another key than before or than
   *   that of the link that names it, or none;
   *   `classic-server` if one that was never met announces none, and the user has not allowed that
   */
  check(server: ServerAddress, offer: LinkOffer | undefined): void {
    checkLink(server, offer);
    if (offer === undefined) return this.#checkClassic(server);
    const at = placeOf(server);
    this.#announcing.add(at);
    const known = this.#known(server);
    const { announcement: { serverKey: newKey }, rotations } = offer;
    if (
      known !== undefined && !equals(known, newKey) && !hasRotatedTo(known, newKey, rotations)
    ) {
      this.#rejected = { at, key: newKey };
      throw new ClientError("server-key-mismatch", { server, oldKey: known, newKey });
    }
    this.#forgetRejected(at); // it has its key again
  }

  #checkClassic(server: HostPort): void {
    const at = placeOf(server);
    const oldKey = this.#known(server);
    if (oldKey === undefined ? this.#classic.has(at) : this.#downgraded.has(at)) {
      return this.#forgetRejected(at);
    }
    if (oldKey === undefined) {
      this.#rejectedClassic = at;
      throw new ClientError("classic-server", { server });
    }
    this.#rejected = { at, key: undefined };
    throw new ClientError("server-key-mismatch", { server, oldKey, newKey: undefined });
  }

  #forgetRejected(at: string): void {
    if (this.#rejected?.at === at) this.#rejected = undefined;
    if (this.#rejectedClassic === at) this.#rejectedClassic = undefined;
  }

  /**
   * A server has proven the key that it offers: from now on it has to have it.
   *
   * @returns the key before, if the server's has changed and the new one follows it
   * @throws {ClientError} as {@linkcode KnownServers.check}; `storage-failed`
   */
  async pin(server: HostPort, offer: LinkOffer): Promise<Uint8Array | undefined> {
    const at = placeOf(server);
    const { serverKey } = offer.announcement;
    this.#downgraded.delete(at);
    return await this.#access.run(async () => {
      await this.#load(server);
      this.check(server, offer); // another program may have stored a key meanwhile
      if (this.#isThisMachine(server)) return undefined;
      const known = this.#known(server);
      if (known === undefined) await this.#pin(at, serverKey);
      else if (!equals(known, serverKey)) await this.#replaceKey(at, serverKey);
      else return undefined;
      return known;
    });
  }

  /**
   * A server has accepted a login with the user's own key.
   *
   * @throws {ClientError} `storage-failed`
   */
  async recordLogin(server: HostPort, identity: Uint8Array): Promise<void> {
    await this.#store.recordLogin?.(placeOf(server), identity);
  }

  /**
   * People who are known at a server stay known at another, which goes on in its place.
   *
   * @throws {ClientError} `storage-failed`
   */
  keepContacts(from: HostPort, key: Uint8Array): Promise<void> {
    return this.#access.run(async () => {
      await this.#load(from);
      await this.#copyPins(this.idOf(from), key);
    });
  }

  get hasRejected(): boolean {
    return this.#rejected !== undefined;
  }

  async accept(): Promise<void> {
    const rejected = this.#rejected;
    if (rejected === undefined) {
      throw new ClientError("invalid-state", { reason: "no-server-change" });
    }
    this.#rejected = undefined;
    const { at, key } = rejected;
    if (key === undefined) this.#downgraded.add(at);
    else await this.#access.run(() => this.#replaceKey(at, key));
  }

  get hasRejectedClassic(): boolean {
    return this.#rejectedClassic !== undefined;
  }

  async allowClassic(): Promise<void> {
    const at = this.#rejectedClassic;
    if (at === undefined) throw new ClientError("invalid-state", { reason: "no-classic-server" });
    await this.#access.run(() => this.#pin(at, NO_KEY));
    this.#announcing.delete(at);
    this.#rejectedClassic = undefined;
  }

  /** Another key for a server; its contacts stay known. */
  async #replaceKey(at: string, key: Uint8Array): Promise<void> {
    const before = await this.#store.serverKey(at).catch((error) => {
      throw storageError({ what: "server-key" }, error);
    });
    await this.#copyPins(before?.toHex(), key);
    await this.#pin(at, key);
  }

  async #copyPins(before: string | undefined, key: Uint8Array): Promise<void> {
    try {
      const server = key.toHex();
      for (const pin of before === undefined ? [] : await this.#store.pins(before)) {
        const known = await this.#store.pin(server, pin.name);
        if (known === undefined) await this.#store.keepPin({ ...pin, server });
      }
    } catch (error) {
      throw storageError({ what: "server-key" }, error);
    }
  }

  async #pin(at: string, key: Uint8Array): Promise<void> {
    try {
      await this.#store.pinServer(at, key);
    } catch (error) {
      throw storageError({ what: "server-key" }, error);
    }
    this.#remember(at, key);
  }

  #remember(at: string, key: Uint8Array | undefined): void {
    this.#keys.delete(at);
    this.#classic.delete(at);
    if (key?.length === 0) this.#classic.add(at);
    else if (key !== undefined) this.#keys.set(at, key);
  }

  #known(server: HostPort): Uint8Array | undefined {
    return this.#isThisMachine(server) ? undefined : this.#keys.get(placeOf(server));
  }

  #isThisMachine(server: HostPort): boolean {
    const { hostname } = server;
    return server === this.#defaultServer && (hostname === "localhost" || isLoopback(hostname));
  }
}

/**
 * A server that a link names has to have the key of the link: there is nothing to accept.
 *
 * @throws {ClientError} `server-key-mismatch`
 */
export function checkLink({ key, ...server }: ServerAddress, offer: LinkOffer | undefined): void {
  if (key === undefined) return;
  const newKey = offer?.announcement.serverKey;
  if (offer !== undefined && newKey !== undefined) {
    if (equals(key, newKey) || hasRotatedTo(key, newKey, offer.rotations)) return;
  }
  throw new ClientError("server-key-mismatch", { server, oldKey: key, newKey, isLinkKey: true });
}
