import { equals } from "@std/bytes/equals";
import { getLogger } from "@logtape/logtape";
import {
  describeUncertifiableName,
  hasRotatedTo,
  type KeyRotation,
  keyTag,
  sanitizeText,
} from "../../protocol/mod.ts";
import { type SharedClaim, USE_NEWS_MS } from "../identity/mod.ts";
import { reasonOf } from "../platform/util/errors.ts";
import { claimKeyOf, decodeClaimRecord, encodeClaimRecord } from "./claim_record.ts";

const logger = getLogger(["mim", "server"]);
/** How often a claim is tried that another server was faster with. */
const MAX_TRIES = 3;
/** How often it is tried with a store that fails. */
const MAX_FAILURES = 2;
/** So many claims are recorded at once. */
const BATCH_LENGTH = 500;

/** Where the servers of a cluster settle claims: of two that write one key at once, one wins. */
export interface ClaimStore {
  /** The value of a key; undefined if there is none. @throws {Error} if it can't be reached */
  get(key: string): Promise<StoredClaim | undefined>;
  /** Writes a key that has no value; false if it has one. @throws {Error} if it can't be reached */
  create(key: string, value: Uint8Array): Promise<boolean>;
  /** Replaces a value; false if it is not of that revision. @throws {Error} if it can't be reached */
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
  isClaimSigned(claim: SharedClaim, signature: Uint8Array): boolean;
}

/**
 * Whose a name is, decided once for all servers of a cluster. Each has a copy of all claims and serves by it; only
 * a name that is free by the copy is asked for.
 */
export class ClusterClaims {
  readonly #registry: ClaimRegistry;
  readonly #waitMs: number;
  #store: ClaimStore | undefined;
  /** Those who wait for the store. */
  readonly #waiting = new Set<() => void>();

  /** @param waitMs how long a claim waits for a store that can't be reached yet, or for a moment */
  constructor(registry: ClaimRegistry, waitMs: number) {
    this.#registry = registry;
    this.#waitMs = waitMs;
  }

  /** Whether claims can be settled right now. */
  get isReachable(): boolean {
    return this.#store !== undefined;
  }

  /** Claims are settled there from now on; nowhere if it is undefined. */
  connect(store: ClaimStore | undefined): void {
    this.#store = store;
    if (store === undefined) return;
    for (const go of this.#waiting) go();
  }

  /** Nobody waits any longer. */
  close(): void {
    this.#store = undefined;
    for (const go of this.#waiting) go();
  }

  /**
   * Settles whose a name is, so that the own copy says it.
   *
   * @param rotations by which an owner's earlier key led to this one
   * @returns undefined if the copy says it already; resolves to whether it does
   */
  settle(
    name: string,
    identity: Uint8Array,
    rotations: readonly KeyRotation[] = [],
  ): Promise<boolean> | undefined {
    if (describeUncertifiableName(name) !== undefined) return undefined;
    const known = this.#registry.claimOf(name);
    if (known === undefined) return undefined; // the registry fails: nothing is certified
    const { claim } = known;
    const isSettled = claim !== undefined && !this.#registry.isClaimFree(claim) &&
      (equals(claim.identity, identity) || !hasRotatedTo(claim.identity, identity, rotations));
    return isSettled ? undefined : this.#claim(name, identity, rotations);
  }

  /**
   * Takes values of the store.
   *
   * @param isFirst whether this server has never had a copy of them: then what it knew by itself does not count
   * @returns the keys of those that are claims
   */
  take(
    values: Iterable<{ readonly key: string; readonly value: Uint8Array }>,
    isFirst: boolean,
  ): string[] {
    const keys: string[] = [];
    let batch: SharedClaim[] = [];
    for (const { key, value } of values) {
      const claim = this.#claimIn(key, value);
      if (claim === undefined) continue;
      keys.push(key);
      const own = this.#registry.claimOf(claim.name)?.claim;
      if (isFirst) this.#noteConflict(own, claim);
      if (own !== undefined && !isFirst && !isLater(claim, own)) continue;
      batch.push(claim);
      if (batch.length < BATCH_LENGTH) continue;
      this.#registry.adoptClaims(batch);
      batch = [];
    }
    if (batch.length > 0) this.#registry.adoptClaims(batch);
    return keys;
  }

  /**
   * Writes what this server knows and the store does not, and overwrites nothing.
   *
   * @param known keys that the store has
   * @throws {Error} as the store
   */
  async export(known: ReadonlySet<string>): Promise<void> {
    for (const claim of this.#registry.claims("all")) {
      const key = claimKeyOf(claim.name);
      if (claim.identity.length === 0) await this.#freeInStore(claim);
      else if (!known.has(key)) await this.#need().create(key, this.#encode(claim));
    }
  }

  /** Tells the others of names that the operator has freed here. @throws {Error} as the store */
  async exportFreed(): Promise<void> {
    for (const claim of this.#registry.claims("freed")) await this.#freeInStore(claim);
  }

  /** Tells the others that keys still use their names. @throws {Error} as the store */
  async recordUse(
    used: Iterable<{ readonly name: string; readonly identity: Uint8Array }>,
  ): Promise<void> {
    for (const { name, identity } of used) {
      const own = this.#registry.claimOf(name)?.claim;
      if (own === undefined || !equals(own.identity, identity)) continue;
      const key = claimKeyOf(name);
      const stored = await this.#need().get(key);
      const claim = stored && this.#claimIn(key, stored.value);
      if (stored === undefined || claim === undefined || !equals(claim.identity, identity)) {
        continue;
      }
      if (own.used - claim.used < USE_NEWS_MS / 2) continue;
      await this.#need().update(key, this.#encode({ ...claim, used: own.used }), stored.revision);
    }
  }

  async #claim(
    name: string,
    identity: Uint8Array,
    rotations: readonly KeyRotation[],
  ): Promise<boolean> {
    let failed: ClaimStore | undefined;
    for (let failures = 0; failures < MAX_FAILURES; failures++) {
      // One that has failed may be opened anew.
      if (this.#store === undefined || this.#store === failed) await this.#untilReachable();
      if (this.#store === undefined) return false;
      failed = this.#store;
      try {
        for (let tries = 0; tries < MAX_TRIES; tries++) {
          if (await this.#tryClaim(name, identity, rotations)) return true;
        }
        return false;
      } catch (error) {
        logger.debug("can't settle whose a name is: {reason}", { reason: reasonOf(error) });
      }
    }
    return false;
  }

  async #untilReachable(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    const timer = setTimeout(resolve, this.#waitMs);
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
  }

  /** @returns false if another server was faster */
  async #tryClaim(
    name: string,
    identity: Uint8Array,
    rotations: readonly KeyRotation[],
  ): Promise<boolean> {
    const store = this.#need();
    const key = claimKeyOf(name);
    const stored = await store.get(key);
    const theirs = stored && this.#claimIn(key, stored.value);
    const own = this.#registry.claimOf(name)?.claim;
    const before = latest(theirs, own);
    const isOpen = before === undefined || this.#registry.isClaimFree(before) ||
      hasRotatedTo(before.identity, identity, rotations);
    if (!isOpen) return this.#registry.adoptClaims([before]);
    const claim = this.#registry.newClaim(name, identity, before?.claimed ?? 0);
    const isMine = stored === undefined
      ? await store.create(key, this.#encode(claim))
      : await store.update(key, this.#encode(claim), stored.revision);
    return isMine && this.#registry.adoptClaims([claim]);
  }

  /** Frees a name in the store, if it stands there as it did here. */
  async #freeInStore(freed: SharedClaim): Promise<void> {
    const key = claimKeyOf(freed.name);
    const stored = await this.#need().get(key);
    const claim = stored && this.#claimIn(key, stored.value);
    if (stored === undefined || claim === undefined || claim.claimed !== freed.claimed) return;
    if (claim.identity.length === 0 && claim.used === freed.used) return;
    await this.#need().update(key, this.#encode(freed), stored.revision);
  }

  #noteConflict(own: SharedClaim | undefined, theirs: SharedClaim): void {
    if (own === undefined || own.identity.length === 0 || theirs.identity.length === 0) return;
    if (equals(own.identity, theirs.identity)) return;
    logger.warning("{name} belongs to {theirs} in the cluster; until now it was {own} here", {
      name: sanitizeText(theirs.name),
      theirs: keyTag(theirs.identity),
      own: keyTag(own.identity),
    });
  }

  /** The claim in a value; undefined for one that this server's key has not signed for that key. */
  #claimIn(key: string, value: Uint8Array): SharedClaim | undefined {
    const record = decodeClaimRecord(value);
    if (record === undefined || claimKeyOf(record.claim.name) !== key) return undefined;
    return this.#registry.isClaimSigned(record.claim, record.signature) ? record.claim : undefined;
  }

  #encode(claim: SharedClaim): Uint8Array {
    return encodeClaimRecord({ claim, signature: this.#registry.signClaim(claim) });
  }

  #need(): ClaimStore {
    if (this.#store === undefined) throw new Error("the cluster's claims can't be reached");
    return this.#store;
  }
}

/** Whether one state of a name came behind another one. Values that others have kept and publish again did not. */
function isLater(claim: SharedClaim, than: SharedClaim): boolean {
  if (claim.claimed !== than.claimed) return claim.claimed > than.claimed;
  if (than.identity.length === 0) return claim.identity.length === 0 && claim.used < than.used;
  return claim.identity.length === 0 || claim.used > than.used;
}

function latest(one: SharedClaim | undefined, other: SharedClaim | undefined) {
  if (one === undefined || other === undefined) return one ?? other;
  return isLater(other, one) ? other : one;
}
