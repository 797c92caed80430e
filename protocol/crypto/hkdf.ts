/** HKDF with SHA-256 (RFC 5869): keys from a secret, one for each purpose. */

import { hkdfSha256, KEY_LENGTH } from "./signatures_and_ciphers.ts";

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
  return hkdfSha256(secret, salt, info, KEY_LENGTH);
}
