/** HKDF with SHA-256 (RFC 5869): keys from a secret, one for each purpose. */

import { concat } from "@std/bytes/concat";
import { hmac } from "./signatures_and_ciphers.ts";

const NO_SALT = new Uint8Array(32);

/**
 * A key of 32 bytes.
 *
 * @param secret what nobody else knows
 * @param info what the key is for
 * @param salt 32 zero bytes if it is left out
 */
export function hkdf(
  secret: Uint8Array,
  info: Uint8Array,
  salt: Uint8Array = NO_SALT,
): Uint8Array<ArrayBuffer> {
  return hmac(hmac(salt, secret), concat([info, Uint8Array.of(1)]));
}
