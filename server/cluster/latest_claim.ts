import type { SharedClaim } from "../identity/mod.ts";

/** Whether one state of a name came behind another one. Values that others have kept and publish again did not. */
export function isLater(claim: SharedClaim, than: SharedClaim): boolean {
  if (claim.claimed !== than.claimed) return claim.claimed > than.claimed;
  if (than.identity.length === 0) return claim.identity.length === 0 && claim.used < than.used;
  return claim.identity.length === 0 || claim.used > than.used;
}

/** Whether a value must not stay, since the name has had another owner after it. */
export function isReplaced(claim: SharedClaim, own: SharedClaim | undefined): boolean {
  return own !== undefined && own.claimed > claim.claimed;
}

/** The later one of two states. */
export function latest(one: SharedClaim, other: SharedClaim | undefined): SharedClaim;
export function latest(
  one: SharedClaim | undefined,
  other: SharedClaim | undefined,
): SharedClaim | undefined;
export function latest(
  one: SharedClaim | undefined,
  other: SharedClaim | undefined,
): SharedClaim | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return isLater(other, one) ? other : one;
}
