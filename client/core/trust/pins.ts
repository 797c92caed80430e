import { ClientError } from "../errors.ts";
import type { Security } from "../security.ts";
import type { Signaling } from "../signaling.ts";
import type { Pin, Store } from "../store.ts";
import { type CallVerdict, type Claim, keyInTable, mayCall, securityIn } from "./call_admission.ts";
import {
  formatAddress,
  type HostPort,
  nameKey,
  parseAddress,
  safetyNumber,
} from "../../../protocol/mod.ts";
import type { OnlineUser } from "../online_user.ts";
import { equals } from "@std/bytes/equals";

/** The keys that go with names on this server, and the user's decisions about them. */
export class Pins {
  readonly #store: Store;
  readonly #server: Signaling;
  readonly #met: (name: string) => Uint8Array[];
  /** Pinned names with which one classic chat is allowed, and the rows of the table that it counts for. */
  readonly #classicOnce = new Map<string, ReadonlySet<string>>();
  /** The keys whose safety numbers were shown last, by folded name: only these were compared. */
  readonly #shown = new Map<string, Uint8Array>();

  /** @param met the keys with which there are chats under a name */
  constructor(store: Store, server: Signaling, met: (name: string) => Uint8Array[]) {
    this.#store = store;
    this.#server = server;
    this.#met = met;
  }

  get all(): Pin[] {
    const { id } = this.#server;
    return id === undefined ? [] : this.#store.pins(id);
  }

  /** The pin of a name. */
  find(name: string): Pin | undefined {
    const { id } = this.#server;
    return id === undefined ? undefined : this.#store.pin(id, name);
  }

  /** At a server that knows no keys: the servers where a name is pinned. */
  serversKnowing(name: string): string[] {
    return this.#server.id === undefined ? this.#store.serversKnowing(name) : [];
  }

  /** How a listed user may be called. */
  judge(user: OnlineUser): CallVerdict {
    const once = this.#classicOnce.get(this.#onceKey(user.name))?.has(rowOf(user)) ?? false;
    const [key, pin] = [keyInTable(user), this.find(user.name)];
    const verdict = mayCall(key, pin, once);
    if (verdict.type !== "blocked" || pin === undefined || !this.#isOnline(pin)) return verdict;
    const hasKey = key !== undefined;
    return { type: "blocked", mismatch: { reason: "namesake", name: pin.name, hasKey } };
  }

  /** How certain it is that a listed user is who the name says. */
  securityOf(user: OnlineUser): Security {
    return securityIn(keyInTable(user), this.find(user.name));
  }

  /** Pins an unpinned name to the key of its chat; updates the address of a pin if one is given. */
  record(
    { name, identity }: Claim,
    at?: { readonly address: string; readonly port: number },
  ): void {
    const { id } = this.#server;
    if (id === undefined) return;
    this.#classicOnce.delete(this.#onceKey(name)); // it has its key again
    const pin = this.find(name);
    if (pin !== undefined && !equals(pin.identity, identity)) return; // only the user changes that
    const address = at === undefined ? pin?.address : formatAddress(at.address, at.port);
    if (pin !== undefined && pin.address === address) return;
    const fresh = { server: id, name, identity, verified: false, since: Date.now() };
    this.#store.keepPin({ ...fresh, ...pin, ...(address !== undefined && { address }) });
  }

  /** The one classic chat that the user has allowed was opened. */
  useClassicChat(name: string): void {
    this.#classicOnce.delete(this.#onceKey(name));
  }

  safetyNumber(own: Uint8Array, name: string): string {
    const key = this.#keyInUse(name);
    this.#shown.set(nameKey(name), key);
    return safetyNumber({ key: own }, { key });
  }

  verify(name: string): Pin {
    const key = this.#shown.get(nameKey(name));
    if (key === undefined) throw new ClientError("invalid-state", { reason: "not-compared", name });
    return this.#keep(name, key, true);
  }

  acceptKey(name: string): void {
    const pin = this.find(name);
    if (pin === undefined) throw this.#noKeyToTrust(name);
    const [key, ...others] = this.#keysOnline(name);
    if (others.length > 0) throw ambiguous(name);
    const shown = this.#shown.get(nameKey(name)) ?? pin.identity;
    if (!equals(shown, pin.identity) && (key === undefined || !equals(shown, key))) {
      this.#shown.delete(nameKey(name));
      throw new ClientError("invalid-state", { reason: "compared-key-gone", name });
    }
    if (key !== undefined) {
      if (equals(key, pin.identity)) throw this.#noKeyToTrust(name);
      this.#keep(name, key, false);
      return;
    }
    const rows = this.#rows(name).map(rowOf);
    if (rows.length === 0) throw new ClientError("not-online", { reason: "offline", name });
    this.#classicOnce.set(this.#onceKey(name), new Set(rows));
  }

  #onceKey(name: string): string {
    return `${this.#server.id} ${nameKey(name)}`;
  }

  /** The other users of that name who are online. */
  #rows(name: string): OnlineUser[] {
    const key = nameKey(name);
    return [...this.#server.users].filter((user) => !user.own && nameKey(user.name) === key);
  }

  #keep(name: string, identity: Uint8Array, verified: boolean): Pin {
    const { id } = this.#server;
    if (id === undefined) throw new ClientError("invalid-state", { reason: "no-server-keys" });
    const before = this.find(name);
    const same = before !== undefined && equals(before.identity, identity);
    const fresh = { server: id, name, identity, since: Date.now() };
    const pin = { ...fresh, ...(same ? before : {}), verified };
    this.#store.keepPin(pin);
    return pin;
  }

  /** The key listed for a name, else the pinned one, else that of an unlisted caller in a chat. */
  #keyInUse(name: string): Uint8Array {
    const [key = this.find(name)?.identity, ...others] = this.#keysOnline(name);
    if (others.length > 0) throw ambiguous(name);
    if (key !== undefined) return key;
    const [met, ...more] = uniqueKeys(this.#met(name));
    if (more.length > 0) throw ambiguous(name);
    if (met !== undefined) return met;
    throw new ClientError("not-online", { reason: "no-key", name });
  }

  /** Whether the user with that key is online under that name. */
  #isOnline({ name, identity }: Pin): boolean {
    return this.#keysOnline(name).some((key) => equals(key, identity));
  }

  #noKeyToTrust(name: string): ClientError {
    const isUnknown = this.#keysOnline(name).length + this.#met(name).length === 0;
    return new ClientError("not-online", { reason: isUnknown ? "no-key" : "no-other-key", name });
  }

  /** The different keys that the server lists for a name. */
  #keysOnline(name: string): Uint8Array[] {
    return uniqueKeys(this.#rows(name).flatMap((user) => keyInTable(user) ?? []));
  }
}

function uniqueKeys(keys: readonly Uint8Array[]): Uint8Array[] {
  return [...new Map(keys.map((key) => [key.toHex(), key])).values()];
}

function ambiguous(name: string): ClientError {
  return new ClientError("not-online", { reason: "several-keys", name });
}

export function lastAddress(address: string | undefined): HostPort | undefined {
  return address === undefined ? undefined : parseAddress(address, 0);
}

/** One row of the table: a user who comes back, or takes its place, has another. */
function rowOf({ address, port, details }: OnlineUser): string {
  return details?.session.toHex() ?? formatAddress(address, port);
}
