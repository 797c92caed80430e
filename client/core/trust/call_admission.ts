import type { CallDoubt } from "../caller.ts";
import type { ClaimMismatch, KeyMismatch } from "../error_details.ts";
import type { Security } from "../security.ts";
import type { Pin } from "../store.ts";
import { type ByeReason, byeReasons, confusableKey } from "../../../protocol/mod.ts";
import type { OnlineUser } from "../online_user.ts";
import { equals } from "@std/bytes/equals";
import { foldedName } from "./folded_name.ts";

/** How certain it is that a key may be used in a chat. */
export type KeyStanding = Exclude<Security, "classic" | "changed">;

/** A key that may be used in a chat. */
export interface TrustedKey {
  readonly type: "secure";
  readonly security: KeyStanding;
  /** The contact with that key who has another name now, as the server certifies. */
  readonly contact?: Pin | undefined;
}

/** How a user may be called, or why not. */
export type CallVerdict =
  | { readonly type: "classic" }
  | TrustedKey
  | { readonly type: "blocked"; readonly mismatch: KeyMismatch };

/** Whether a caller who has proven a key is who the name says. */
export type CallAdmission =
  | TrustedKey
  | {
    readonly type: "blocked";
    readonly mismatch: ClaimMismatch;
    /** The reason that is sent to the caller. */
    readonly reason: ByeReason;
  };

/** A proven key, and the name under which it calls. */
export interface Claim {
  readonly name: string;
  /** The public key, 32 bytes. */
  readonly identity: Uint8Array;
}

/** The facts about a name and a key that come together. */
export interface NameEvidence {
  /** The pin of the name. */
  readonly pin: Pin | undefined;
  /** The pin of the key, under any name. */
  readonly pinOfKey: Pin | undefined;
  /** Whether a fitting certificate says that the name is the key's own. */
  readonly isCertified: boolean;
}

/** The key that the server lists for a user; undefined for a classic client, or at a classic server. */
export function keyInTable({ details }: Pick<OnlineUser, "details">): Uint8Array | undefined {
  return details === undefined || details.identity.length === 0 ? undefined : details.identity;
}

/** How a listed user may be called: a name that had a key only with one, unless allowed once. */
export function mayCall(
  identity: Uint8Array | undefined,
  { pin, ...evidence }: NameEvidence,
  classicOnce: boolean,
): CallVerdict {
  if (identity === undefined) {
    if (pin === undefined || classicOnce) return { type: "classic" };
    return { type: "blocked", mismatch: { reason: "key-missing", name: pin.name } };
  }
  if (pin === undefined) return unpinned(evidence);
  if (equals(pin.identity, identity)) return { type: "secure", security: standingOf(pin) };
  return { type: "blocked", mismatch: { reason: "key-changed", name: pin.name } };
}

/** Whether a caller with a proven key is who the name says, by pins, certificates and the table. */
export function mayEnter(
  { name, identity }: Claim,
  { pin, ...evidence }: NameEvidence,
  users: Iterable<OnlineUser>,
): CallAdmission {
  if (pin !== undefined) {
    if (equals(pin.identity, identity)) return { type: "secure", security: standingOf(pin) };
    return blocked("pinned-to-other-key", name, pin.name);
  }
  if (evidence.isCertified) return unpinned(evidence);
  const folded = confusableKey(name);
  let elsewhere: string | undefined;
  let taken = false;
  for (const user of users) {
    const key = keyInTable(user);
    if (key === undefined) continue;
    const same = equals(key, identity);
    if (same && user.name === name) return unpinned(evidence);
    if (same) elsewhere = user.name;
    else taken ||= foldedName(user) === folded;
  }
  if (elsewhere !== undefined) return blocked("listed-under-other-name", name, elsewhere);
  if (taken) return blocked("listed-with-other-key", name, name);
  const { pinOfKey } = evidence;
  if (pinOfKey !== undefined) return blocked("pinned-under-other-name", name, pinOfKey.name);
  return unpinned(evidence);
}

/** A name without a pin goes with a key only by a certificate; a key that is known is that contact. */
function unpinned({ pinOfKey, isCertified }: Omit<NameEvidence, "pin">): TrustedKey {
  if (!isCertified) return { type: "secure", security: "unconfirmed" };
  if (pinOfKey === undefined) return { type: "secure", security: "new" };
  return { type: "secure", security: standingOf(pinOfKey), contact: pinOfKey };
}

/**
 * Why a caller without a key is doubted: its name had a key, or a user in the table has the name and a key,
 * and nobody without one has it at the caller's address; or the server says that the name belongs to a key.
 */
export function classicDoubt(
  { name, address }: { readonly name: string; readonly address: string },
  pin: Pin | undefined,
  users: Iterable<OnlineUser>,
): CallDoubt | undefined {
  if (pin !== undefined) return { reason: "key-missing", contact: pin.name };
  let owner: OnlineUser | undefined;
  for (const user of users) {
    if (foldedName(user) !== confusableKey(name)) continue;
    if (keyInTable(user) !== undefined) owner = user;
    else if (user.name === name && user.address === address) {
      if (user.details?.isNameClaimed !== true) return undefined;
      owner ??= user;
    }
  }
  return owner && { reason: "key-missing", contact: owner.name };
}

/** How certain it is that a listed user is who the name says. */
export function securityIn(identity: Uint8Array | undefined, evidence: NameEvidence): Security {
  const verdict = mayCall(identity, evidence, false);
  if (verdict.type === "secure") return verdict.security;
  return verdict.type === "blocked" ? "changed" : "classic";
}

/**
 * Which of two connections between the same two programs stays. If each has dialed, it is the one
 * dialed by the smaller identity key (the smaller static key, if the identity is the same); else the
 * newer.
 */
export function preferNewer(
  own: { readonly identity: Uint8Array; readonly staticKey: Uint8Array },
  peer: { readonly identity: Uint8Array; readonly staticKey: Uint8Array },
  older: { readonly direction: "outgoing" | "incoming" },
  newer: { readonly direction: "outgoing" | "incoming" },
): boolean {
  if (older.direction === newer.direction) return true;
  const smaller = compare(own.identity, peer.identity) || compare(own.staticKey, peer.staticKey);
  return newer.direction === (smaller < 0 ? "outgoing" : "incoming");
}

function blocked(reason: ClaimMismatch["reason"], name: string, other: string): CallAdmission {
  const isOtherKey = reason === "pinned-to-other-key" || reason === "listed-with-other-key";
  const byeReason = byeReasons[isOtherKey ? "other key" : "other name"];
  return { type: "blocked", mismatch: { reason, name, other }, reason: byeReason };
}

function standingOf({ verified }: Pin): KeyStanding {
  return verified ? "verified" : "pinned";
}

function compare(one: Uint8Array, other: Uint8Array): number {
  const [left, right] = [one.toHex(), other.toHex()];
  return left < right ? -1 : left > right ? 1 : 0;
}
