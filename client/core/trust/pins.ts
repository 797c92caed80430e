import { ClientError } from "../errors.ts";
import type { Security } from "../security.ts";
import type { Signaling } from "../signaling.ts";
import type { Pin, Store } from "../store.ts";
import { type CallVerdict, type Claim, keyInTable, mayCall, securityIn } from "./policy.ts";
import {
  formatAddress,
  type HostPort,
  nameKey,
  parseAddress,
  safetyNumber,
} from "../../../protocol/mod.ts";
import type { OnlineUser } from "../online_user.ts";
import { equals } from "@std/bytes/equals";

/** The keys that go with names on this server, and what the user has said of them. */
export class Pins {
  readonly #store: Store;
  readonly #server: Signaling;
  readonly #met: (name: string) => Uint8Array[];
  /** Pinned names that may be talked to in classic MIM once, and the rows that the user said it of. */
  readonly #classicOnce = new Map<string, ReadonlySet<string>>();
  /** The keys whose safety numbers were asked for last, by folded name: they were compared, no others. */
  readonly #shown = new Map<string, Uint8Array>();

  /** @param met the keys with which there are chats under a name */
  constructor(store: Store, server: Signaling, met: (name: string) => Uint8Array[]) {
    this.#store = store;
    this.#server = server;
    this.#met = met;
  }

  /** All pins of this server. */
  get all(): Pin[] {
    const { id } = this.#server;
    return id === undefined ? [] : this.#store.pins(id);
  }

  /** What a name is pinned to. */
  of(name: string): Pin | undefined {
    const { id } = this.#server;
    return id === undefined ? undefined : this.#store.pin(id, name);
  }

  /** Where a name is pinned, for a server that knows no keys; nothing where there are pins of its own. */
  elsewhere(name: string): string[] {
    return this.#server.id === undefined ? this.#store.serversKnowing(name) : [];
  }

  /** How a user of the table is to be talked to. */
  judge(user: OnlineUser): CallVerdict {
    const once = this.#classicOnce.get(this.#onceKey(user.name))?.has(rowOf(user)) ?? false;
    const [key, pin] = [keyInTable(user), this.of(user.name)];
    const verdict = mayCall(key, pin, once);
    if (verdict.type !== "blocked" || pin === undefined || !this.#isOnline(pin)) return verdict;
    const hasKey = key !== undefined;
    return { type: "blocked", mismatch: { reason: "namesake", name: pin.name, hasKey } };
  }

  /** How sure it is that a user of the table is who the name says. */
  securityOf(user: OnlineUser): Security {
    return securityIn(keyInTable(user), this.of(user.name));
  }

  /**
   * A chat with that key has come about, under that name.
   *
   * @param at where it can be called, for the next time; undefined where that isn't known
   */
  met({ name, identity }: Claim, at?: { readonly address: string; readonly port: number }): void {
    const { id } = this.#server;
    if (id === undefined) return;
    this.#classicOnce.delete(this.#onceKey(name)); // it has its key again
    const pin = this.of(name);
    if (pin !== undefined && !equals(pin.identity, identity)) return; // only the user changes that
    const address = at === undefined ? pin?.address : formatAddress(at.address, at.port);
    if (pin !== undefined && pin.address === address) return;
    const fresh = { server: id, name, identity, verified: false, since: Date.now() };
    this.#store.keepPin({ ...fresh, ...pin, ...(address !== undefined && { address }) });
  }

  /** The classic chat that the user has allowed has come about. */
  talkedInClassic(name: string): void {
    this.#classicOnce.delete(this.#onceKey(name));
  }

  /** See {@linkcode Messenger.safetyNumber}. */
  safetyNumber(own: Uint8Array, name: string): string {
    const key = this.#keyInUse(name);
    this.#shown.set(nameKey(name), key);
    return safetyNumber({ key: own }, { key });
  }

  /** See {@linkcode Messenger.verify}. */
  verify(name: string): Pin {
    const key = this.#shown.get(nameKey(name));
    if (key === undefined) {
      throw new ClientError("invalid-state", { reason: "not-compared", name });
    }
    return this.#keep(name, key, true);
  }

  /** See {@linkcode Messenger.trust}. */
  trust(name: string): void {
    const pin = this.of(name);
    if (pin === undefined) throw this.#nothingToTake(name);
    const [key, ...others] = this.#keysOnline(name);
    if (others.length > 0) throw ambiguous(name);
    const shown = this.#shown.get(nameKey(name)) ?? pin.identity;
    if (!equals(shown, pin.identity) && (key === undefined || !equals(shown, key))) {
      this.#shown.delete(nameKey(name));
      throw new ClientError("invalid-state", { reason: "compared-key-gone", name });
    }
    if (key !== undefined) {
      if (equals(key, pin.identity)) throw this.#nothingToTake(name);
      this.#keep(name, key, false);
      return;
    }
    const rows = this.#rows(name).map(rowOf);
    if (rows.length === 0) {
      throw new ClientError("not-online", { reason: "offline", name });
    }
    this.#classicOnce.set(this.#onceKey(name), new Set(rows));
  }

  #onceKey(name: string): string {
    return `${this.#server.id} ${nameKey(name)}`;
  }

  /** Who of that name is online. */
  #rows(name: string): OnlineUser[] {
    const key = nameKey(name);
    return [...this.#server.users].filter((user) => !user.own && nameKey(user.name) === key);
  }

  #keep(name: string, identity: Uint8Array, verified: boolean): Pin {
    const { id } = this.#server;
    if (id === undefined) throw new ClientError("invalid-state", { reason: "no-server-keys" });
    const before = this.of(name);
    const same = before !== undefined && equals(before.identity, identity);
    const fresh = { server: id, name, identity, since: Date.now() };
    const pin = { ...fresh, ...(same ? before : {}), verified };
    this.#store.keepPin(pin);
    return pin;
  }

  /**
   * The key that is used for a name now: the one that the server tells, else the one that was met, else
   * the one of somebody in no table who has called. A chat never outweighs a pin.
   */
  #keyInUse(name: string): Uint8Array {
    const [key = this.of(name)?.identity, ...others] = this.#keysOnline(name);
    if (others.length > 0) throw ambiguous(name);
    if (key !== undefined) return key;
    const [met, ...more] = different(this.#met(name));
    if (more.length > 0) throw ambiguous(name);
    if (met !== undefined) return met;
    throw new ClientError("not-online", { reason: "no-key", name });
  }

  /** Whether whoever has that key is online under that name. */
  #isOnline({ name, identity }: Pin): boolean {
    return this.#keysOnline(name).some((key) => equals(key, identity));
  }

  /** Why there is nothing to trust under a name. */
  #nothingToTake(name: string): ClientError {
    const isUnknown = this.#keysOnline(name).length + this.#met(name).length === 0;
    return new ClientError("not-online", { reason: isUnknown ? "no-key" : "no-other-key", name });
  }

  /** The different keys that users of that name have in the table. */
  #keysOnline(name: string): Uint8Array[] {
    return different(this.#rows(name).flatMap((user) => keyInTable(user) ?? []));
  }
}

/** Each key once. */
function different(keys: readonly Uint8Array[]): Uint8Array[] {
  return [...new Map(keys.map((key) => [key.toHex(), key])).values()];
}

function ambiguous(name: string): ClientError {
  return new ClientError("not-online", { reason: "several-keys", name });
}

/** Where a pin says that somebody was last. */
export function lastPlace(address: string | undefined): HostPort | undefined {
  return address === undefined ? undefined : parseAddress(address, 0);
}

/** One stay of somebody: who comes back, or takes the place, is another. */
function rowOf({ address, port, details }: OnlineUser): string {
  return details?.session.toHex() ?? formatAddress(address, port);
}
