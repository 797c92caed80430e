import { confusableKey, isIpAddress, isLoopback, plainAddress } from "../../../protocol/mod.ts";
import { ClientError } from "../errors.ts";
import { clientLimits } from "../limits.ts";

/**
 * The people to ignore: a name at an address, everyone at an address, a name at every address, or the owner
 * of a key. One of the three is needed. Classic MIM proves no name; the address of a call is its source.
 */
export interface IgnoreTarget {
  /** The name. Names that {@linkcode confusableKey} folds to the same are one. */
  readonly name?: string;
  /** The IP address. */
  readonly address?: string;
  /** The public key as 64 hexadecimal digits; its owner is ignored under every name and address. */
  readonly key?: string;
}

/** A peer who may be ignored. */
export interface IgnorablePeer {
  readonly name: string;
  readonly address: string;
  readonly identity?: Uint8Array | undefined;
}

/** An entry of the ignore list: plain data, which can be stored as JSON. */
export interface IgnoreEntry extends IgnoreTarget {
  /** Since when, in milliseconds since 1970. */
  readonly since: number;
  /** How many calls were rejected. */
  readonly refused: number;
}

/** The ignored users. Only the user can make the list grow, never a caller. */
export class IgnoreList {
  readonly #entries = new Map<string, IgnoreEntry>();
  /** The entries by what they are about: a key, a name at an address, or one of the two. */
  readonly #byPeer = new Map<string, string>();

  /** @throws {RangeError} as {@linkcode IgnoreList.add} does */
  constructor(entries: readonly IgnoreEntry[] = []) {
    for (const entry of entries) {
      check(entry);
      this.#set(entry);
    }
  }

  get all(): IgnoreEntry[] {
    return [...this.#entries.values()];
  }

  /**
   * Adds an entry, unless there is one like it.
   *
   * @throws {RangeError} if neither a name nor an IP address is given
   * @throws {ClientError} `invalid-state` if the list is full
   */
  add(who: IgnoreTarget): IgnoreEntry {
    check(who);
    const key = ignoredKey(who);
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    if (this.#entries.size >= clientLimits.ignoredUsers) {
      const limit = clientLimits.ignoredUsers;
      throw new ClientError("invalid-state", { reason: "too-many-ignored", limit });
    }
    const { name, address, key: publicKey } = who;
    const entry: IgnoreEntry = {
      ...(name === undefined ? {} : { name }),
      ...(address === undefined ? {} : { address: sameAddress(address) }),
      ...(publicKey === undefined ? {} : { key: publicKey }),
      since: Date.now(),
      refused: 0,
    };
    this.#set(entry);
    return entry;
  }

  /** @throws {RangeError} if neither a name nor an IP address is given */
  remove(who: IgnoreTarget): IgnoreEntry[] {
    check(who);
    const removed = this.all.filter((entry) =>
      (who.name === undefined || isName(entry.name, who.name)) &&
      (who.address === undefined || isAddress(entry.address, who.address)) &&
      (who.key === undefined || entry.key === who.key)
    );
    for (const entry of removed) this.#entries.delete(ignoredKey(entry));
    this.#byPeer.clear();
    for (const entry of this.all) this.#set(entry);
    return removed;
  }

  has({ name, address, identity }: IgnorablePeer): boolean {
    return this.#find(name, address, identity) !== undefined;
  }

  /** Whether a call is to be rejected, and counts it. The caller may not have given its name yet. */
  rejects(name: string | undefined, address: string, identity?: Uint8Array): boolean {
    const entry = this.#find(name, address, identity);
    if (entry === undefined) return false;
    this.#entries.set(ignoredKey(entry), { ...entry, refused: entry.refused + 1 });
    return true;
  }

  #find(
    name: string | undefined,
    address: string,
    identity: Uint8Array | undefined,
  ): IgnoreEntry | undefined {
    const who = [
      ...identity === undefined ? [] : [ignoredKey({ key: identity.toHex() })],
      ignoredKey({ address }),
      ...name === undefined ? [] : [ignoredKey({ name, address }), ignoredKey({ name })],
    ];
    for (const each of who) {
      const found = this.#byPeer.get(each);
      if (found !== undefined) return this.#entries.get(found);
    }
    return undefined;
  }

  #set(entry: IgnoreEntry): void {
    const { name, address, key } = entry;
    const own = ignoredKey(entry);
    this.#entries.set(own, entry);
    if (key !== undefined) this.#byPeer.set(ignoredKey({ key }), own);
    if (name === undefined && address === undefined) return;
    this.#byPeer.set(
      ignoredKey({ ...name !== undefined && { name }, ...address !== undefined && { address } }),
      own,
    );
  }
}

/**
 * Reads an ignore list from JSON, as `messenger.ignored` gave it.
 *
 * @example
 * ```ts
 * import { parseIgnored } from "./ignore_list.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const kept = JSON.stringify([{ name: "eve", address: "192.0.2.9", since: 0, refused: 3 }]);
 * assertEquals(parseIgnored(JSON.parse(kept))[0]?.refused, 3);
 * ```
 *
 * @throws {SyntaxError} if it is anything else
 */
export function parseIgnored(data: unknown): IgnoreEntry[] {
  if (!Array.isArray(data) || data.length > clientLimits.ignoredUsers) {
    throw new SyntaxError(`expected a list of at most ${clientLimits.ignoredUsers} ignored users`);
  }
  return data.map((entry: unknown, index) => {
    if (isIgnored(entry)) return entry;
    throw new SyntaxError(
      "expected an ignored user with name, address or both, since and refused, got " +
        `${JSON.stringify(entry)?.slice(0, 80)} as number ${index + 1}`,
    );
  });
}

/** An address as it is compared: all loopback addresses are one. */
function sameAddress(address: string): string {
  if (!isIpAddress(address)) return address; // a server may list anything
  if (isLoopback(address)) return "127.0.0.1";
  const plain = plainAddress(address).replace(/%.*$/, "");
  return plain.includes(":") ? new URL(`http://[${plain}]`).hostname.slice(1, -1) : plain;
}

/** An empty entry is a mistake, and does not mean everyone. */
function check({ name, address, key }: IgnoreTarget): void {
  if (key !== undefined && !isKey(key)) {
    throw new RangeError(`expected a key of 64 hexadecimal digits, got "${key}"`);
  }
  const isSomebody = name !== undefined || key !== undefined;
  if (address === undefined ? !isSomebody : !isIpAddress(address)) {
    throw new RangeError(`expected a name, an IP address or both, got "${address ?? ""}"`);
  }
}

/** Two entries with the same key are about the same peers. */
function ignoredKey({ name, address, key }: IgnoreTarget): string {
  return JSON.stringify([
    key ?? null,
    name === undefined ? null : confusableKey(name),
    address === undefined ? null : sameAddress(address),
  ]);
}

function isKey(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

function isName(one: string | undefined, other: string): boolean {
  return one !== undefined && confusableKey(one) === confusableKey(other);
}

function isAddress(one: string | undefined, other: string): boolean {
  return one !== undefined && sameAddress(one) === sameAddress(other);
}

function isIgnored(entry: unknown): entry is IgnoreEntry {
  if (typeof entry !== "object" || entry === null) return false;
  const { name, address, key, since, refused }: { [Key in keyof IgnoreEntry]?: unknown } = entry;
  return (name !== undefined || address !== undefined || key !== undefined) &&
    (key === undefined || typeof key === "string" && isKey(key)) &&
    (name === undefined || typeof name === "string") &&
    (address === undefined || typeof address === "string" && isIpAddress(address)) &&
    Number.isSafeInteger(since) && Number.isSafeInteger(refused);
}
