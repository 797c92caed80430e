/**
 * How certain it is who a peer is, in words that faces show as they are:
 *
 * | | |
 * |---|---|
 * | `classic` | no encryption, and nothing is proven: the peer or the server speaks classic MIM alone |
 * | `unconfirmed` | encrypted, but nothing says that the name is this key's own: no pin, and no certificate |
 * | `new` | encrypted; this key is met for the first time under this name, as the server certifies |
 * | `pinned` | encrypted, with the key that the user knows the peer by |
 * | `verified` | encrypted, and the user has compared the safety number |
 * | `changed` | another key than before, or none if there was one: blocked until the user decides |
 */
export type Security = "classic" | "unconfirmed" | "new" | "pinned" | "verified" | "changed";

/** Whether a peer is none whose key was known before. */
export function isUnknown(security: Security): boolean {
  return security !== "pinned" && security !== "verified";
}
