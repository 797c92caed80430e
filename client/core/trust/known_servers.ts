import {
  type Announcement,
  formatAddress,
  type HostPort,
  isLoopback,
} from "../../../protocol/mod.ts";
import { ClientError } from "../errors.ts";
import { type Store, THIS_MACHINE } from "../store.ts";
import { equals } from "@std/bytes/equals";

/** What a server's announcement means to somebody who has, or hasn't, met it before. */
export type ServerVerdict = "classic" | "new" | "same" | "changed" | "downgraded";

/**
 * Judges a server by the key that it announces, before anything is sent to it.
 *
 * @param known the key that it had, if it was met before
 * @param announced the key that it announces; undefined where it announces no MIM/2
 */
export function judgeServer(
  known: Uint8Array | undefined,
  announced: Uint8Array | undefined,
): ServerVerdict {
  if (known === undefined) return announced === undefined ? "classic" : "new";
  if (announced === undefined) return "downgraded";
  return equals(known, announced) ? "same" : "changed";
}

/** Which servers are what they were: each named server has the key with which it was met first. */
export class KnownServers {
  readonly #store: Store;
  /** A server that the user did not name: whoever hosts on this machine, with a key of its own. */
  readonly #unnamed: HostPort | undefined;
  /** Servers that have announced MIM/2 in this run. */
  readonly #announcing = new Set<string>();
  /** Servers that may speak classic MIM in this run, though they spoke MIM/2 before. */
  readonly #classic = new Set<string>();
  /** What the user may accept: a key, or that there is none. */
  #offered: { readonly at: string; readonly key: Uint8Array | undefined } | undefined;

  /** @param unnamed the server that the user did not name, if there is one */
  constructor(store: Store, unnamed: HostPort | undefined) {
    this.#store = store;
    this.#unnamed = unnamed;
  }

  /** Which server's names these are: see {@linkcode Messenger.serverId}. */
  idOf(server: HostPort): string | undefined {
    if (this.#isThisMachine(server)) return THIS_MACHINE;
    // Also where it may speak classic MIM now: who had a key at this place is known by it still.
    return this.#store.serverKey(placeOf(server))?.toHex();
  }

  /** Whether a server is to be given time to announce MIM/2: it has done so before. */
  expectsMim2(server: HostPort): boolean {
    const at = placeOf(server);
    if (this.#classic.has(at)) return false;
    return this.#announcing.has(at) || this.#known(server) !== undefined;
  }

  /**
   * Looks at what a server announces, before the login is sent.
   *
   * @throws {ClientError} `server-key-mismatch`
   */
  check(server: HostPort, announcement: Announcement | undefined): void {
    const at = placeOf(server);
    const known = this.#known(server);
    const announced = announcement?.serverKey;
    if (announced !== undefined) this.#announcing.add(at);
    const verdict = judgeServer(known, announced);
    const accepted = verdict === "downgraded" && this.#classic.has(at);
    if (accepted || verdict !== "changed" && verdict !== "downgraded") {
      if (this.#offered?.at === at) this.#offered = undefined; // the server is itself again
      return;
    }
    this.#offered = { at, key: announced };
    throw new ClientError("server-key-mismatch", { server, oldKey: known, newKey: announced });
  }

  /** A server has proven this key: from now on it is to have it. */
  pin(server: HostPort, key: Uint8Array): void {
    const at = placeOf(server);
    this.#classic.delete(at);
    if (this.#known(server) !== undefined || this.#isThisMachine(server)) return;
    this.#store.pinServer(at, key);
  }

  /** Whether a server was refused, and not accepted since. */
  get hasRefused(): boolean {
    return this.#offered !== undefined;
  }

  /**
   * Accepts what was refused last: the new key for good, or for this run that there is none.
   *
   * @throws {ClientError} `invalid-state` where nothing was refused
   */
  accept(): void {
    const offered = this.#offered;
    if (offered === undefined) {
      throw new ClientError("invalid-state", { reason: "no-server-change" });
    }
    this.#offered = undefined;
    if (offered.key === undefined) this.#classic.add(offered.at);
    else this.#moveTo(offered.at, offered.key);
  }

  /** Another key for a server; whom one knows there by their keys stays known. */
  #moveTo(at: string, key: Uint8Array): void {
    const before = this.#store.serverKey(at)?.toHex();
    this.#store.pinServer(at, key);
    if (before === undefined) return;
    const server = key.toHex();
    for (const pin of this.#store.pins(before)) {
      if (this.#store.pin(server, pin.name) === undefined) this.#store.keepPin({ ...pin, server });
    }
  }

  #known(server: HostPort): Uint8Array | undefined {
    return this.#isThisMachine(server) ? undefined : this.#store.serverKey(placeOf(server));
  }

  #isThisMachine(server: HostPort): boolean {
    const { hostname } = server;
    return server === this.#unnamed && (hostname === "localhost" || isLoopback(hostname));
  }
}

/** What a server is pinned by: as it was named, without case. */
function placeOf({ hostname, port }: HostPort): string {
  return formatAddress(hostname.toLowerCase(), port);
}
