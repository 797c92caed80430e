import type { ClaimSigner, SharedClaim } from "../identity/mod.ts";

/** The store in which the servers of a cluster settle claims: of two that write one key at once, one wins. */
export interface ClaimStore {
  /**
   * The value of a key; undefined if there is none.
   *
   * @throws {Error} if it can't be reached
   */
  get(key: string): Promise<StoredClaim | undefined>;
  /**
   * Writes a key that has no value; false if it has one.
   *
   * @throws {Error} if it can't be reached
   */
  create(key: string, value: Uint8Array): Promise<boolean>;
  /**
   * Replaces a value; false if it is not of that revision.
   *
   * @throws {Error} if it can't be reached
   */
  update(key: string, value: Uint8Array, revision: number): Promise<boolean>;
}

/** A value of the store. */
export interface StoredClaim {
  readonly value: Uint8Array;
  readonly revision: number;
}

/** The server's own copy of all claims, by which it serves. */
export interface ClaimRegistry {
  claimOf(name: string): { readonly claim: SharedClaim | undefined } | undefined;
  claims(which: "all" | "freed"): SharedClaim[];
  adoptClaims(claims: readonly SharedClaim[]): boolean;
  isClaimFree(claim: SharedClaim): boolean;
  newClaim(name: string, identity: Uint8Array, before: number): SharedClaim;
  signClaim(claim: SharedClaim): Uint8Array;
  claimSigner(claim: SharedClaim, signature: Uint8Array): ClaimSigner | undefined;
}
