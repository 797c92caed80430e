import { BlockList } from "node:net";
import { confusableKey, isIpAddress, limits, plainAddress } from "../../protocol/mod.ts";
import type { Rejection } from "./rejection.ts";

/** People, by key, by name or by the network that they come from. */
export interface AccessEntries {
  /** Public keys, 64 hex digits each. */
  readonly keys?: readonly string[];
  /** Names; those that people confuse count as one. */
  readonly names?: readonly string[];
  /** IP addresses, or networks such as `192.0.2.0/24`. */
  readonly networks?: readonly string[];
}

/** The rules for who may log in. */
export interface AccessRules {
  /** If it is there, only these may log in, and the admins. */
  readonly allow?: AccessEntries;
  /** These may not log in, even if `allow` names them. */
  readonly ban?: AccessEntries;
  /** Public keys of admins, 64 hex digits each. */
  readonly admins?: readonly string[];
}

/** Somebody who logs in, or is online. */
export interface AccessSubject {
  readonly name: string;
  /** The IP address as the server sees it. */
  readonly address: string;
  /** The public key; undefined for a classic client. */
  readonly key: Uint8Array | undefined;
}

/** The kind of an entry. */
export type AccessKind = keyof AccessEntries;

/** The valid form of entries of each kind, in words. */
export const ACCESS_ENTRIES: Readonly<Record<AccessKind, string>> = {
  keys: "a public key of 64 hex digits",
  names: `a name of 1 to ${limits.nameUnits} characters`,
  networks: 'an IP address or a network such as "192.0.2.0/24"',
};

/** As long as nearly a key, and nothing but its digits. */
const KEY_LIKE = /^[\da-f]{48,}$/i;
/** Four numbers or more with dots between them, or groups with two colons or more; perhaps with a length. */
const NETWORK_LIKE =
  /^(?:\d+(?:\.\d+){3,}|[\da-f.]*(?::[\da-f.]*){2,}|[\d.]*\.[\d.]*(?=\/))(?:\/.*)?$/i;

/** Whether a text is an entry of that kind. */
export function isAccessEntry(kind: AccessKind, text: string): boolean {
  if (kind === "keys") return /^[\da-f]{64}$/i.test(text);
  if (kind === "networks") return networkIn(text) !== undefined;
  return text.length <= limits.nameUnits && confusableKey(text) !== "";
}

/**
 * Which kind of entry somebody means who types a key, a name or a network. A mistyped key or network is no
 * name: it is of its kind, but no entry.
 */
export function accessKindOf(text: string): AccessKind {
  if (KEY_LIKE.test(text)) return "keys";
  return isAccessEntry("networks", text) || NETWORK_LIKE.test(text) ? "networks" : "names";
}

/** An entry as entries are compared. */
export function foldAccessEntry(kind: AccessKind, entry: string): string {
  return kind === "names" ? confusableKey(entry) : entry.toLowerCase();
}

/** The rules for logins, as sets to look up. */
export class AccessList {
  readonly #allow: Entries | undefined;
  readonly #ban: Entries;
  readonly #admins: ReadonlySet<string>;

  /** @throws {RangeError} if an entry is none */
  constructor({ allow, ban = {}, admins = [] }: AccessRules = {}) {
    this.#allow = allow && new Entries(allow);
    this.#ban = new Entries(ban);
    this.#admins = new Set(new Entries({ keys: admins }).keys);
  }

  /** Whether a key is an admin's. */
  isAdmin(key: Uint8Array | undefined): boolean {
    return key !== undefined && this.#admins.has(key.toHex());
  }

  /** Why a connection from that address is rejected, before it has sent anything. */
  rejectAddress(address: string): Rejection | undefined {
    return this.#ban.hasNetworkOf(address) ? banned("network") : undefined;
  }

  /** Whether anybody is let in by a name: only then it matters whose that is. */
  get hasAllowedNames(): boolean {
    return this.#allow !== undefined && this.#allow.names.size > 0;
  }

  /**
   * Why somebody may not log in.
   *
   * @param isNameOwn whether nobody else may own that name: else its being allowed proves nothing
   */
  reject({ name, address, key }: AccessSubject, isNameOwn: boolean): Rejection | undefined {
    const hex = key?.toHex() ?? "";
    if (this.#ban.keys.has(hex)) return banned("key");
    const { names } = this.#ban;
    if (names.size > 0 && names.has(confusableKey(name))) return banned("name");
    if (this.#ban.hasNetworkOf(address)) return banned("network");
    const allow = this.#allow;
    if (allow === undefined || allow.keys.has(hex) || this.#admins.has(hex)) return undefined;
    if (isNameOwn && allow.names.has(confusableKey(name))) return undefined;
    if (allow.hasNetworkOf(address)) return undefined;
    return { code: "not-allowed", reason: "only people on this server's list may log in here" };
  }
}

class Entries {
  readonly keys: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
  readonly #networks = new BlockList();
  /** Asking an empty list costs a tenth of a classic login. */
  readonly #hasNetworks: boolean;

  constructor({ keys = [], names = [], networks = [] }: AccessEntries) {
    this.keys = new Set(keys.map((key) => assertEntry("keys", key).toLowerCase()));
    this.names = new Set(names.map((name) => confusableKey(assertEntry("names", name))));
    this.#hasNetworks = networks.length > 0;
    for (const text of networks) {
      const network = networkIn(assertEntry("networks", text));
      if (network === undefined) continue;
      this.#networks.addSubnet(network.address, network.bits, familyOf(network.address));
    }
  }

  hasNetworkOf(address: string): boolean {
    if (!this.#hasNetworks) return false;
    const plain = plainAddress(address).replace(/%.*/, "");
    return isIpAddress(plain) && this.#networks.check(plain, familyOf(plain));
  }
}

function assertEntry(kind: AccessKind, text: string): string {
  if (isAccessEntry(kind, text)) return text;
  throw new RangeError(`expected ${ACCESS_ENTRIES[kind]}, got ${JSON.stringify(text)}`);
}

function networkIn(text: string): { readonly address: string; readonly bits: number } | undefined {
  const [, written = "", length] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const address = length === undefined ? plainAddress(written) : written;
  if (!isIpAddress(address)) return undefined;
  const most = address.includes(":") ? 128 : 32;
  const bits = Number(length ?? most);
  return bits <= most ? { address, bits } : undefined;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}

function banned(what: string): Rejection {
  return { code: "banned", reason: `your ${what} is banned here` };
}
