import {
  type Announcement,
  formatAddress,
  type HostPort,
  isLoopback,
} from "../../../protocol/mod.ts";
import { ClientError, storageError } from "../errors.ts";
import { SerialQueue } from "../serial_queue.ts";
import { type Store, THIS_MACHINE } from "../store.ts";
import { equals } from "@std/bytes/equals";

/** The keys of servers: each named server has to have the key with which it was met first. */
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
  readonly #classic = new Set<string>();
  /** The change that the user may accept: another key, or none. */
  #rejected: { readonly at: string; readonly key: Uint8Array | undefined } | undefined;

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
      const key = await this.#store.serverKey(at);
      if (key === undefined) this.#keys.delete(at);
      else this.#keys.set(at, key);
    } catch (error) {
      throw storageError({ what: "contents" }, error);
    }
  }

  /** Whether a server gets time to announce MIM/2, because it has done so before. */
  expectsMim2(server: HostPort): boolean {
    const at = placeOf(server);
    if (this.#classic.has(at)) return false;
    return this.#announcing.has(at) || this.#known(server) !== undefined;
  }

  /** @throws {ClientError} `server-key-mismatch` if a server announces another key, or none */
  check(server: HostPort, announcement: Announcement | undefined): void {
    const at = placeOf(server);
    const known = this.#known(server);
    const announced = announcement?.serverKey;
    if (announced !== undefined) this.#announcing.add(at);
    const isExpected = announced === undefined
      ? this.#classic.has(at)
      : known !== undefined && equals(known, announced);
    if (known === undefined || isExpected) {
      if (this.#rejected?.at === at) this.#rejected = undefined; // it has its key again
      return;
    }
    this.#rejected = { at, key: announced };
    throw new ClientError("server-key-mismatch", { server, oldKey: known, newKey: announced });
  }

  /** A server has proven this key: from now on it has to have it. */
  async pin(server: HostPort, key: Uint8Array): Promise<void> {
    const at = placeOf(server);
    this.#classic.delete(at);
    await this.#access.run(async () => {
      await this.#load(server);
      if (this.#known(server) !== undefined || this.#isThisMachine(server)) return;
      await this.#pin(at, key);
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
    if (key === undefined) this.#classic.add(at);
    else await this.#access.run(() => this.#replaceKey(at, key));
  }

  /** Another key for a server; its contacts stay known. */
  async #replaceKey(at: string, key: Uint8Array): Promise<void> {
    try {
      const before = (await this.#store.serverKey(at))?.toHex();
      const server = key.toHex();
      for (const pin of before === undefined ? [] : await this.#store.pins(before)) {
        const known = await this.#store.pin(server, pin.name);
        if (known === undefined) await this.#store.keepPin({ ...pin, server });
      }
    } catch (error) {
      throw storageError({ what: "server-key" }, error);
    }
    await this.#pin(at, key);
  }

  async #pin(at: string, key: Uint8Array): Promise<void> {
    try {
      await this.#store.pinServer(at, key);
    } catch (error) {
      throw storageError({ what: "server-key" }, error);
    }
    this.#keys.set(at, key);
  }

  #known(server: HostPort): Uint8Array | undefined {
    return this.#isThisMachine(server) ? undefined : this.#keys.get(placeOf(server));
  }

  #isThisMachine(server: HostPort): boolean {
    const { hostname } = server;
    return server === this.#defaultServer && (hostname === "localhost" || isLoopback(hostname));
  }
}

/** A server is pinned by its name, in lower case. */
function placeOf({ hostname, port }: HostPort): string {
  return formatAddress(hostname.toLowerCase(), port);
}
