import type { IdentityKeys } from "../identity_keys.ts";
import type { SecureConnection } from "../peer/mod.ts";
import { preferNewer } from "../trust/mod.ts";

/** A connection older than that did not cross a new one: who dials again has lost it, or doubts it. */
const MAX_CROSSING_MS = 15_000;

/**
 * Which of two connections with the same program stays: the newer, at once or with the older ended a
 * moment later; or the older, with the newer ended at once, or used if the older is not there any more.
 */
export type CrossingChoice = "newer" | "newer-later" | "older" | "older-if-alive";

/** @param isDoubted whether the older one may be dead */
export function chooseConnection(
  keys: IdentityKeys,
  older: SecureConnection,
  newer: SecureConnection,
  isDoubted: boolean,
): CrossingChoice {
  const own = { identity: keys.identity, staticKey: keys.staticPublicKey };
  if (isDoubted || newer.since - older.since > MAX_CROSSING_MS) return "newer";
  if (preferNewer(own, newer.peer, older, newer)) {
    // The side that was dialed knows that both have it; the other one lets its peer hear of it.
    return newer.direction === "incoming" ? "newer" : "newer-later";
  }
  // The peer, who was dialed, ends the newer one at once, unless it doesn't have the other any more.
  return older.direction === "incoming" ? "older" : "older-if-alive";
}
