/** A number that two people compare to make sure that nobody is in the middle. */

import { concat } from "@std/bytes/concat";
import { sha512 } from "./signatures_and_ciphers.ts";

const ROUNDS = 5200;
const VERSION = new Uint8Array(2);
const NOTHING = new Uint8Array(0);

/** One side of a safety number: a key, and a permanent identifier if there is one. */
export interface SafetyNumberSide {
  /** The public key. */
  readonly key: Uint8Array;
  /** A permanent identifier of the person; MIM has none, since names depend on the server. */
  readonly identifier?: Uint8Array;
}

/**
 * The safety number of two identities, as Signal makes it: 60 digits in 12 groups of five, the same on
 * both sides. A person who reads out the same number has the same two keys. It is slow on
 * purpose (5,200 rounds of SHA-512 for each side), so keep the result.
 * See protocol/docs/mim2.md, "Safety number".
 *
 * @param one either side
 * @param other the other one
 *
 * @example
 * ```ts
 * import { safetyNumber } from "@mim/mim/protocol";
 * import { assertEquals, assertMatch } from "@std/assert";
 *
 * const [ada, bob] = [{ key: new Uint8Array(32).fill(1) }, { key: new Uint8Array(32).fill(2) }];
 * assertMatch(safetyNumber(ada, bob), /^\d{5}( \d{5}){11}$/);
 * assertEquals(safetyNumber(ada, bob), safetyNumber(bob, ada));
 * ```
 */
export function safetyNumber(one: SafetyNumberSide, other: SafetyNumberSide): string {
  return [digitsOf(one), digitsOf(other)].sort().join(" ");
}

/** One side's 30 digits, in groups of five. */
function digitsOf({ key, identifier = NOTHING }: SafetyNumberSide): string {
  let hash = concat([VERSION, key, identifier]);
  for (let round = 0; round < ROUNDS; round++) hash = sha512(hash, key);
  const groups = Array.from({ length: 6 }, (_, group) => {
    const bytes = hash.subarray(5 * group, 5 * group + 5);
    const number = bytes.reduce((number, byte) => number * 256 + byte, 0);
    return String(number % 100_000).padStart(5, "0");
  });
  return groups.join(" ");
}
