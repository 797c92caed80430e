import type { IdentityKeys } from "../identity_keys.ts";
import type { SecureConnection } from "../peer/mod.ts";
import { preferNewer } from "../trust/mod.ts";

/** A connection older than that did not cross a new one: who dials again has lost it, or doubts it. */
const MAX_CROSSING_MS = 15_000;

/**
 * Which of two connections with the same program stays: the newer, with the older ended soon or a moment
 * later; or the older, with the newer ended at once, or used if the older is not there any more.
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
  const isPreferred = preferNewer(own, newer.peer, older, newer);
  // Of two that crossed, both sides end the same one first. Else the peer may not have the newer one yet.
  if (isPreferred && older.direction !== newer.direction) return "newer";
  if (isPreferred || isDoubted || newer.since - older.since > MAX_CROSSING_MS) return "newer-later";
  // The peer, who was dialed, ends the newer one at once, unless it doesn't have the other any more.
  return older.direction === "incoming" ? "older" : "older-if-alive";
}
