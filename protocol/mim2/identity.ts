/** Identities are public keys of Ed25519. */

import { derivePublicKey, sha256 } from "../crypto/mod.ts";

/**
 * The public key of Ed25519 that belongs to a private one: an identity.
 *
 * @param privateKey 32 random bytes
 * @throws {RangeError} if it has another length
 *
 * @example
 * ```ts
 * import { identityOf } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const key = Uint8Array.fromHex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
 * assertEquals(
 *   identityOf(key).toHex(),
 *   "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
 * );
 * ```
 */
export function identityOf(privateKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return derivePublicKey("Ed25519", privateKey);
}

/**
 * A few letters and digits by which people tell keys apart at a glance, as `c4f2-x7qa`. Far too short
 * to prove anything: that is what {@linkcode safetyNumber} is for.
 * See protocol/docs/mim2.md, "Keys and signatures".
 *
 * @param identity the public key, 32 bytes
 *
 * @example
 * ```ts
 * import { keyTag } from "@mim/mim/protocol";
 * import { assertMatch } from "@std/assert";
 *
 * assertMatch(keyTag(new Uint8Array(32)), /^[a-z2-7]{4}-[a-z2-7]{4}$/);
 * ```
 */
export function keyTag(identity: Uint8Array): string {
  const letters = "abcdefghijklmnopqrstuvwxyz234567"; // RFC 4648, section 6
  const number = sha256(identity).subarray(0, 5).reduce((number, byte) => number * 256 + byte, 0);
  const tag = Array.from(
    { length: 8 },
    (_, at) => letters[Math.floor(number / 32 ** (7 - at)) % 32],
  );
  return `${tag.slice(0, 4).join("")}-${tag.slice(4).join("")}`;
}

/** The points of small order, in every spelling, their highest bit aside: they fit any signature. */
const WEAK = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

/** Whether a public key of Ed25519 is of small order: any signature fits it. */
export function isWeakIdentity(identity: Uint8Array): boolean {
  const bytes = identity.slice();
  bytes[31] = (bytes[31] ?? 0) & 0x7f;
  return WEAK.has(bytes.toHex());
}
