/**
 * How certain it is who a peer is, in words that faces show as they are:
 *
 * | | |
 * |---|---|
 * | `classic` | no encryption, and nothing is proven: the peer or the server speaks classic MIM alone |
 * | `new` | encrypted; this key is met for the first time under this name |
 * | `pinned` | encrypted, with the key that the user knows the peer by |
 * | `verified` | encrypted, and the user has compared the safety number |
 * | `changed` | another key than before, or none if there was one: blocked until the user decides |
 */
export type Security = "classic" | "new" | "pinned" | "verified" | "changed";

/** Whether a peer is none whose key was known before. */
export function isUnknown(security: Security): boolean {
  return security !== "pinned" && security !== "verified";
}
