import { ClientError } from "../errors.ts";
import type { Security } from "../security.ts";
import type { Signaling } from "../signaling.ts";
import type { Pin, Store } from "../store.ts";
import {
  type CallVerdict,
  type Claim,
  keyInTable,
  mayCall,
  type NameEvidence,
  securityIn,
} from "./call_admission.ts";
import { foldedName } from "./folded_name.ts";
import { NameClaims, showsCertificate } from "./name_claims.ts";
import { StoredPins } from "./stored_pins.ts";
import {
  type Certificate,
  confusableKey,
  type Credential,
  formatAddress,
  type HostPort,
  nameKey,
  parseAddress,
  safetyNumber,
} from "../../../protocol/mod.ts";
import type { OnlineUser } from "../online_user.ts";
import { equals } from "@std/bytes/equals";

/**
 * The keys that go with names on this server, and the user's decisions about them. They are read from
 * a copy in memory: call {@linkcode Pins.refresh} right before deciding by it.
 */
export class Pins {
  readonly #server: Signaling;
  readonly #stored: StoredPins;
  readonly #claims = new NameClaims();
  readonly #met: (name: string) => Uint8Array[];
  /** Pinned names with which one classic chat is allowed, and the rows of the table that it counts for. */
  readonly #classicOnce = new Map<string, ReadonlySet<string>>();
  /** The keys whose safety numbers were shown last, by name as spelled: only these were compared. */
  readonly #shown = new Map<string, Uint8Array>();

  /** @param met the keys with which there are chats, or calls that wait, under a name */
  constructor(store: Store, server: Signaling, met: (name: string) => Uint8Array[]) {
    this.#stored = new StoredPins(store);
    this.#server = server;
    this.#met = met;
  }

  /** Resolves once everything that is to be stored is, or could not be. */
  get stored(): Promise<void> {
    return this.#stored.done;
  }

  get all(): Pin[] {
    const { id } = this.#server;
    return id === undefined ? [] : this.#stored.of(id);
  }

  /** The pin of a name. */
  find(name: string): Pin | undefined {
    const { id } = this.#server;
    return id === undefined ? undefined : this.#stored.find(id, name);
  }

  /** The pin of a key, under any name. */
  findKey(identity: Uint8Array): Pin | undefined {
    const { id } = this.#server;
    return id === undefined ? undefined : this.#stored.findKey(id, identity);
  }

  /**
   * Reads the pins of this server anew: other programs may have changed them.
   *
   * @param name whose other servers are read, too, at a server that knows no keys
   * @throws {ClientError} `storage-failed`
   */
  refresh(name?: string): Promise<void> {
    return this.#stored.refresh(() => this.#server.id, name);
  }

  /** At a server that knows no keys: the servers where a name is pinned, as last read for that name. */
  serversKnowing(name: string): string[] {
    return this.#server.id === undefined ? this.#stored.serversKnowing(name) : [];
  }

  /** The facts about the name and the key of a caller, who may show a certificate. */
  evidenceOf(caller: Claim & { readonly credential?: Credential | undefined }): NameEvidence {
    const { name, identity, credential } = caller;
    const [pin, pinOfKey] = [this.find(name), this.findKey(identity)];
    if (pin !== undefined) return { pin, pinOfKey, isCertified: false };
    const named = this.#rows(name).filter((user) => this.#isCertified(user));
    const isShown = showsCertificate(caller, credential, this.#server.provenServer) &&
      this.#claim(caller, credential.certificate);
    const isCertified = isShown || named.some((user) => {
      const key = user.name === name ? keyInTable(user) : undefined;
      return key !== undefined && equals(key, identity) && this.#isCertified(user);
    });
    return { pin, pinOfKey, isCertified };
  }

  /** How a listed user may be called. */
  judge(user: OnlineUser): CallVerdict {
    for (const namesake of this.#rows(user.name)) this.#isCertified(namesake); // for their claims
    const once = this.#classicOnce.get(this.#keyOf(user.name))?.has(rowOf(user)) ?? false;
    const [key, evidence] = [keyInTable(user), this.#evidenceIn(user)];
    const { pin } = evidence;
    const verdict = mayCall(key, evidence, once);
    if (verdict.type !== "blocked" || pin === undefined) return verdict;
    if (this.#isOnline(pin)) {
      const hasKey = key !== undefined;
      return { type: "blocked", mismatch: { reason: "namesake", name: pin.name, hasKey } };
    }
    if (isSpelled(pin, user.name)) return verdict;
    const { name } = user;
    return { type: "blocked", mismatch: { reason: "other-letters", name, contact: pin.name } };
  }

  /** How certain it is that a listed user is who the name says. */
  securityOf(user: OnlineUser): Security {
    return securityIn(keyInTable(user), this.#evidenceIn(user));
  }

  /** The contact that a listed user is, under another name that the server certifies. */
  contactOf(user: OnlineUser): Pin | undefined {
    const { pin, pinOfKey } = this.#evidenceIn(user);
    return pin === undefined ? pinOfKey : undefined;
  }

  /** The pin of a listed user who has another key now, as the server certifies. */
  rotatedFrom(user: OnlineUser): Pin | undefined {
    const verdict = this.judge(user);
    const isChanged = verdict.type === "blocked" && verdict.mismatch.reason !== "namesake";
    return isChanged && this.#isCertified(user) ? this.find(user.name) : undefined;
  }

  /** The facts about the name and the key of a row of the table. */
  #evidenceIn(user: OnlineUser): NameEvidence {
    const [pin, key] = [this.find(user.name), keyInTable(user)];
    if (pin !== undefined || key === undefined) return { pin, pinOfKey: pin, isCertified: false };
    const isCertified = this.#isCertified(user);
    return { pin, pinOfKey: isCertified ? this.findKey(key) : undefined, isCertified };
  }

  /** Whether a listed user's certificate fits, and no other key took the name later. */
  #isCertified(user: OnlineUser): boolean {
    const [identity, certificate] = [keyInTable(user), user.details?.certificate];
    if (identity === undefined || certificate === undefined) return false;
    return this.#server.certifies(user) && this.#claim({ name: user.name, identity }, certificate);
  }

  #claim(claim: Claim, certificate: Certificate): boolean {
    const { id } = this.#server;
    if (id === undefined) return false;
    return this.#claims.take(id, claim, certificate, this.find(claim.name)?.claim);
  }

  /** Pins an unpinned name to the key of its chat; updates the address of a pin if one is given. */
  async record(
    { name, identity }: Claim,
    at?: { readonly address: string; readonly port: number },
  ): Promise<void> {
    const { id } = this.#server;
    if (id === undefined) return;
    this.#classicOnce.delete(this.#keyOf(name)); // it has its key again
    const fresh = { server: id, name, identity, verified: false, since: Date.now() };
    const merged = (pin: Pin | undefined): Pin | undefined => {
      if (pin !== undefined && !equals(pin.identity, identity)) return; // only the user changes that
      const address = at === undefined ? pin?.address : formatAddress(at.address, at.port);
      const claim = this.#claims.greatest(id, name, pin?.claim);
      if (pin !== undefined && pin.address === address && pin.claim?.claimed === claim?.claimed) {
        return;
      }
      return {
        ...{ ...fresh, ...pin },
        ...(address !== undefined && { address }),
        ...(claim !== undefined && { claim }),
      };
    };
    const next = merged(this.find(name));
    if (next === undefined) return;
    await this.#stored.update(id, name, merged, this.find(name) === undefined ? next : undefined);
  }

  /** The one classic chat that the user has allowed was opened. */
  useClassicChat(name: string): void {
    this.#classicOnce.delete(this.#keyOf(name));
  }

  safetyNumber(own: Uint8Array, name: string): string {
    const key = this.#keyInUse(name);
    this.#shown.set(nameKey(name), key);
    return safetyNumber({ key: own }, { key });
  }

  async verify(name: string): Promise<Uint8Array> {
    const key = this.#shown.get(nameKey(name));
    if (key === undefined) throw new ClientError("invalid-state", { reason: "not-compared", name });
    await this.#keep(name, () => key, true);
    return key;
  }

  /** See {@linkcode Trust.unverify}. */
  async unverify(name: string): Promise<void> {
    const { id } = this.#server;
    if (id === undefined) return;
    await this.#stored.update(id, name, (pin) => pin && { ...pin, verified: false });
  }

  /** See {@linkcode Trust.acceptKey}. */
  async acceptKey(name: string): Promise<void> {
    const { id } = this.#server;
    if (id === undefined) throw this.#noKeyToTrust(name);
    const contact = this.#renamed(name);
    if (contact === undefined) {
      return await this.#keep(name, () => this.#acceptableKey(name), false);
    }
    await this.#stored.update(
      id,
      name,
      (pin) => pin === undefined ? { ...contact, name } : undefined,
    );
    await this.#stored.update(id, contact.name, () => "removed");
  }

  /** The contact who has that name now, as the server certifies. */
  #renamed(name: string): Pin | undefined {
    for (const user of this.#rowsSpelled(name)) {
      const verdict = this.judge(user);
      if (verdict.type === "secure" && verdict.contact !== undefined) return verdict.contact;
    }
    return undefined;
  }

  /**
   * The key that replaces the pinned one: it is certified, or its safety number was shown. Without a key, a
   * classic chat is allowed once.
   *
   * @throws {ClientError} `invalid-state`, `not-online`
   */
  #acceptableKey(name: string): Uint8Array | undefined {
    const pin = this.find(name);
    if (pin === undefined) return this.#shownKey(name, this.#keyInUse(name));
    const rows = this.#rowsSpelled(name);
    const [key, ...others] = this.#keysSpelled(name);
    if (others.length > 0) throw ambiguous(name);
    if (key !== undefined && equals(key, pin.identity)) throw this.#noKeyToTrust(name);
    if (rows.length === 0) throw new ClientError("not-online", { reason: "offline", name });
    assertSpelled(pin, name);
    const shown = this.#shown.get(nameKey(name));
    const isOtherShown = shown !== undefined && !equals(shown, pin.identity);
    if (key === undefined) {
      if (isOtherShown) {
        throw new ClientError("invalid-state", { reason: "compared-key-gone", name });
      }
      this.#classicOnce.set(this.#keyOf(name), new Set(rows.map(rowOf)));
      return undefined;
    }
    const isCertified = rows.some((user) => this.#isCertified(user));
    return isCertified && !isOtherShown ? key : this.#shownKey(name, key, pin);
  }

  /**
   * The key that a name has now, if its safety number was the last that was shown. A number of another key
   * stays the one that was shown: asking twice takes no key that nobody has compared.
   *
   * @throws {ClientError} `invalid-state`
   */
  #shownKey(name: string, key: Uint8Array, pin?: Pin): Uint8Array {
    const shown = this.#shown.get(nameKey(name));
    if (shown !== undefined && equals(shown, key)) return key;
    const isNone = shown === undefined || pin !== undefined && equals(shown, pin.identity);
    const reason = isNone ? "not-compared" : "compared-key-gone";
    throw new ClientError("invalid-state", { reason, name });
  }

  #keyOf(name: string): string {
    return `${this.#server.id} ${confusableKey(name)}`;
  }

  /** The other users who are online under that name, or one that looks the same. */
  #rows(name: string): OnlineUser[] {
    const key = confusableKey(name);
    return [...this.#server.users].filter((user) => !user.own && foldedName(user) === key);
  }

  /** Those of them who have the name in these letters: no others can become the name's owner. */
  #rowsSpelled(name: string): OnlineUser[] {
    return this.#rows(name).filter((user) => isSpelled(user, name));
  }

  /** Pins a name to the key that `choose` returns once the name's pin is read anew, if to any. */
  async #keep(
    name: string,
    choose: () => Uint8Array | undefined,
    verified: boolean,
  ): Promise<void> {
    const { id } = this.#server;
    if (id === undefined) throw new ClientError("invalid-state", { reason: "no-server-keys" });
    await this.#stored.update(id, name, (before) => {
      const identity = choose();
      if (identity === undefined) return undefined;
      const same = before !== undefined && equals(before.identity, identity);
      if (before !== undefined && !same) assertSpelled(before, name);
      const claim = this.#claims.greatest(id, name, before?.claim);
      const fresh = { server: id, name, identity, since: Date.now() };
      return { ...fresh, ...(same ? before : {}), verified, ...(claim !== undefined && { claim }) };
    });
  }

  /** The key listed for a name, else the pinned one, else that of an unlisted caller in a chat. */
  #keyInUse(name: string): Uint8Array {
    const pin = this.find(name);
    const [key = pin?.identity, ...others] = this.#keysSpelled(name);
    if (others.length > 0) throw ambiguous(name);
    if (key !== undefined) {
      if (pin !== undefined && !equals(key, pin.identity)) assertSpelled(pin, name);
      return key;
    }
    const [met, ...more] = uniqueKeys(this.#met(name));
    if (more.length > 0) throw ambiguous(name);
    if (met !== undefined) return met;
    throw new ClientError("not-online", { reason: "no-key", name });
  }

  /** Whether the user with that key is online under that name. */
  #isOnline({ name, identity }: Pin): boolean {
    return keysOf(this.#rows(name)).some((key) => equals(key, identity));
  }

  #noKeyToTrust(name: string): ClientError {
    const isUnknown = this.#keysSpelled(name).length + this.#met(name).length === 0;
    return new ClientError("not-online", { reason: isUnknown ? "no-key" : "no-other-key", name });
  }

  /** The different keys that the server lists for a name in these letters. */
  #keysSpelled(name: string): Uint8Array[] {
    return keysOf(this.#rowsSpelled(name));
  }
}

/** Whether somebody has a name in these letters, and not in others that look the same. */
function isSpelled(one: { readonly name: string }, name: string): boolean {
  return nameKey(one.name) === nameKey(name);
}

/** @throws {ClientError} `invalid-state` if a name is that of a contact in other letters */
function assertSpelled(pin: Pin, name: string): void {
  if (isSpelled(pin, name)) return;
  throw new ClientError("invalid-state", { reason: "other-letters", name, contact: pin.name });
}

function keysOf(users: readonly OnlineUser[]): Uint8Array[] {
  return uniqueKeys(users.flatMap((user) => keyInTable(user) ?? []));
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
