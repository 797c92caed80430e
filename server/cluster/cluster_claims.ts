import { equals } from "@std/bytes/equals";
import { getLogger } from "@logtape/logtape";
import {
  describeUncertifiableName,
  hasRotatedTo,
  type KeyRotation,
  keyTag,
  sanitizeText,
} from "../../protocol/mod.ts";
import { type ClaimSigner, type SharedClaim, USE_NEWS_MS } from "../identity/mod.ts";
import { claimKeyOf, decodeClaimRecord, encodeClaimRecord, foldedNameIn } from "./claim_record.ts";
import type { RecordStore } from "./record_store.ts";
import { isLater, isReplaced, latest } from "./latest_claim.ts";
import type { NameAnswer } from "./name_inquiries.ts";
import { RestoredKeys } from "./restored_keys.ts";
import { StoreAccess } from "./store_access.ts";

const logger = getLogger(["mim", "server"]);
/** How often a claim is tried that another server was faster with. */
const MAX_TRIES = 3;
/** So many claims are recorded at once. */
const BATCH_LENGTH = 500;

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

/** A value that a server of this cluster has written. */
interface ReadClaim {
  readonly claim: SharedClaim;
  readonly signer: ClaimSigner;
}

/**
 * Whose a name is, decided once for all servers of a cluster. Each has a copy of all claims and serves by it; only
 * a name that is free by the copy is asked for.
 */
export class ClusterClaims {
  readonly #registry: ClaimRegistry;
  readonly #ask: (key: string) => Promise<NameAnswer>;
  readonly #access: StoreAccess;
  /** Whether somebody has erased claims, and not all is written back yet. */
  #isErased = false;
  /** Whether the store has all that this server knows, signed with the present key. */
  #isExported = false;
  /** Keys whose value is not what this server knows. */
  readonly #damaged = new Set<string>();
  readonly #restored = new RestoredKeys();

  /**
   * @param waitMs how long a claim waits for a store that can't be reached yet, or for a moment
   * @param ask asks the other servers about a key that has no value in the store
   */
  constructor(
    registry: ClaimRegistry,
    waitMs: number,
    ask: (key: string) => Promise<NameAnswer>,
  ) {
    this.#registry = registry;
    this.#access = new StoreAccess(waitMs);
    this.#ask = ask;
  }

  /** Whether claims can be settled right now. */
  get isReachable(): boolean {
    return this.#access.store !== undefined;
  }

  /** Claims are settled there from now on; nowhere if it is undefined. */
  connect(store: RecordStore | undefined): void {
    this.#isExported = false;
    this.#damaged.clear(); // all values come again
    this.#access.connect(store);
  }

  /** Somebody has erased claims: until all is written back, no other key gets a name that this server knows. */
  noteErased(): void {
    this.#isErased = true;
  }

  /**
   * Writes back what this server knows of a name that another one finds no value for. Never rejects.
   *
   * @returns whether it knows any; undefined if it can't tell
   */
  async recall(key: string): Promise<boolean | undefined> {
    const folded = foldedNameIn(key);
    if (folded === undefined || this.#registry.claimOf(folded) === undefined) return undefined;
    const own = this.#ownAt(key);
    if (own === undefined) return false;
    await this.#access.use(() => this.#restoreAt(key, own, true));
    return true;
  }

  /** Nobody waits any longer. */
  close(): void {
    this.#access.close();
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
   * @returns the keys of those that can stay as they are
   */
  take(
    values: Iterable<{ readonly key: string; readonly value: Uint8Array }>,
    isFirst: boolean,
  ): string[] {
    const keys: string[] = [];
    let batch: SharedClaim[] = [];
    for (const { key, value } of values) {
      const read = this.#read(key, value);
      const own = this.#ownAt(key);
      if (read !== undefined && this.#isIntruder(read.claim, own)) {
        this.#damaged.add(key);
        continue;
      }
      if (
        read?.signer === "present-key" &&
        (isFirst || !isReplaced(read.claim, own))
      ) {
        keys.push(key);
        this.#damaged.delete(key);
      } else if (own !== undefined && !isFirst) this.#damaged.add(key);
      if (read === undefined) continue;
      const { claim } = read;
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
   * Writes what this server knows and the store does not, and signs what an earlier key has signed anew.
   *
   * @param known keys that can stay as they are; those that are written are added
   * @param isFirst whether this server has never had a copy: then it writes over nothing that it can't read
   * @throws {Error} as the store
   */
  async export(known: Set<string>, isFirst: boolean): Promise<void> {
    const store = this.#access.need();
    for (const claim of this.#registry.claims("all")) {
      const key = claimKeyOf(claim.name);
      if (!known.has(key)) await this.#restoreAt(key, claim, isFirst);
      else if (claim.identity.length === 0) await this.#freeInStore(claim);
      // Another store may lack all of them.
      if (this.#access.store !== store) throw new Error("the cluster's claims have been lost");
      known.add(key);
    }
    this.#isExported = true;
    this.#isErased = false;
  }

  /**
   * Writes claims back over values that somebody else has put in their place.
   *
   * @param now a steady clock's time: each name is restored only every now and then
   * @throws {Error} as the store
   */
  async restore(now: number): Promise<void> {
    for (const key of this.#restored.due(this.#damaged, now)) {
      // Deleted before it waits: the value may change again meanwhile.
      if (!this.#damaged.delete(key)) continue;
      const own = this.#ownAt(key);
      this.#restored.add(key, now);
      try {
        if (own !== undefined) await this.#restoreAt(key, own, false);
      } catch (error) {
        this.#damaged.add(key);
        this.#restored.delete(key); // the store can't be reached: nobody has written over it
        throw error;
      }
    }
  }

  /**
   * Tells the others of names that the operator has freed here.
   *
   * @throws {Error} as the store
   */
  async exportFreed(): Promise<void> {
    for (const claim of this.#registry.claims("freed")) await this.#freeInStore(claim);
  }

  /**
   * Tells the others that keys still use their names.
   *
   * @throws {Error} as the store
   */
  async recordUse(
    used: Iterable<{ readonly name: string; readonly identity: Uint8Array }>,
  ): Promise<void> {
    for (const { name, identity } of used) {
      const own = this.#registry.claimOf(name)?.claim;
      if (own === undefined || !equals(own.identity, identity)) continue;
      const key = claimKeyOf(name);
      const store = this.#access.need();
      const stored = await store.get(key);
      const claim = stored && this.#read(key, stored.value)?.claim;
      if (stored === undefined || claim === undefined || !equals(claim.identity, identity)) {
        continue;
      }
      if (own.used - claim.used < USE_NEWS_MS / 2) continue;
      await store.update(key, this.#encode({ ...claim, used: own.used }), stored.revision);
    }
  }

  async #claim(
    name: string,
    identity: Uint8Array,
    rotations: readonly KeyRotation[],
  ): Promise<boolean> {
    let isKnown = false;
    const isSettled = await this.#access.use(async () => {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const answer = await this.#tryClaim(name, identity, rotations, isKnown);
        if (answer === "settled" || answer === "undecided") return answer === "settled";
        isKnown ||= answer === "known";
      }
      return false;
    });
    return isSettled ?? false;
  }

  /**
   * @param isKnown whether another server knows whose it is, and has written it back, if it could
   * @returns "outrun" if another server was faster, "undecided" if only the others can know whose it is
   */
  async #tryClaim(
    name: string,
    identity: Uint8Array,
    rotations: readonly KeyRotation[],
    isKnown: boolean,
  ): Promise<"settled" | "outrun" | "known" | "undecided"> {
    const store = this.#access.need();
    const key = claimKeyOf(name);
    const stored = await store.get(key);
    const theirs = stored && this.#read(key, stored.value)?.claim;
    const own = this.#registry.claimOf(name)?.claim;
    const before = latest(theirs, own);
    const isOpen = before === undefined || this.#registry.isClaimFree(before) ||
      hasRotatedTo(before.identity, identity, rotations);
    if (!isOpen) return this.#registry.adoptClaims([before]) ? "settled" : "outrun";
    // Somebody has put it in the place of a claim, perhaps: a server that has a copy of it restores it.
    if (stored !== undefined && theirs === undefined) return "undecided";
    if (stored === undefined) {
      const answer = isKnown ? "unsure" : await this.#ask(key);
      if (answer !== "unknown") return answer === "known" ? "known" : "undecided";
      // Another owner may have been read, and erased, while they were asked.
      const now = this.#registry.claimOf(name)?.claim;
      if (now !== undefined && latest(own, now) !== own) return "outrun";
    }
    const claim = this.#registry.newClaim(name, identity, before?.claimed ?? 0);
    const isMine = stored === undefined
      ? await store.create(key, this.#encode(claim))
      : await store.update(key, this.#encode(claim), stored.revision);
    return isMine && this.#registry.adoptClaims([claim]) ? "settled" : "outrun";
  }

  /** Writes a claim, unless the store has a readable one that it does not replace. */
  async #restoreAt(key: string, own: SharedClaim, keepsUnreadable: boolean): Promise<void> {
    const store = this.#access.need();
    const stored = await store.get(key);
    if (stored === undefined) return void await store.create(key, this.#encode(own));
    const read = this.#read(key, stored.value);
    if (read !== undefined && this.#isIntruder(read.claim, own)) {
      const renewed = {
        ...own,
        claimed: Math.max(own.claimed, read.claim.claimed) + 1,
      };
      const isMine = await store.update(
        key,
        this.#encode(renewed),
        stored.revision,
      );
      return void (isMine && this.#registry.adoptClaims([renewed]));
    }
    if (read === undefined ? keepsUnreadable : isKept(read, own)) return;
    await store.update(key, this.#encode(latest(own, read?.claim)), stored.revision);
  }

  /** Frees a name in the store, if it stands there as it did here. */
  async #freeInStore(freed: SharedClaim): Promise<void> {
    const key = claimKeyOf(freed.name);
    const store = this.#access.need();
    const stored = await store.get(key);
    const claim = stored && this.#read(key, stored.value)?.claim;
    if (stored === undefined || claim === undefined || claim.claimed !== freed.claimed) return;
    if (claim.identity.length === 0 && claim.used === freed.used) return;
    await store.update(key, this.#encode(freed), stored.revision);
  }

  /** Whether a claim has taken the place of one that somebody has erased. */
  #isIntruder(claim: SharedClaim, own: SharedClaim | undefined): boolean {
    if (!this.#isErased || own === undefined || claim.identity.length === 0) {
      return false;
    }
    return !equals(claim.identity, own.identity) &&
      !this.#registry.isClaimFree(own);
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

  /** The claim in a value; undefined for one that none of this server's keys has signed for that key. */
  #read(key: string, value: Uint8Array): ReadClaim | undefined {
    const record = decodeClaimRecord(value);
    if (record === undefined || claimKeyOf(record.claim.name) !== key) return undefined;
    const { claim, signature } = record;
    const signer = this.#registry.claimSigner(claim, signature);
    if (signer === undefined) return undefined;
    // Once all was signed anew, what an earlier key has signed is old, or the key was stolen.
    const isPast = signer === "earlier-key" && this.#isExported && this.#ownAt(key) !== undefined;
    return isPast ? undefined : { claim, signer };
  }

  #ownAt(key: string): SharedClaim | undefined {
    const folded = foldedNameIn(key);
    const own = folded === undefined ? undefined : this.#registry.claimOf(folded)?.claim;
    return own !== undefined && claimKeyOf(own.name) === key ? own : undefined;
  }

  #encode(claim: SharedClaim): Uint8Array {
    return encodeClaimRecord({ claim, signature: this.#registry.signClaim(claim) });
  }
}

function isKept({ claim, signer }: ReadClaim, own: SharedClaim): boolean {
  return signer === "present-key" && !isReplaced(claim, own);
}
