import { isLaterBan, type SharedBan, type SharedBans } from "../admins/mod.ts";
import type { ClaimSigner } from "../identity/mod.ts";
import { banKeyOf, decodeBanRecord, encodeBanRecord, entryInBanKey } from "./ban_record.ts";
import type { RecordValue } from "./cluster_bus.ts";
import type { RecordStore } from "./record_store.ts";
import { RestoredKeys } from "./restored_keys.ts";

/** How often a ban is written that another server was faster with. */
const MAX_TRIES = 3;
/** So many bans are told in one message. */
const PART_LENGTH = 500;

/** The server's key. */
export interface BanSigner {
  signBan(ban: SharedBan): Uint8Array;
  banSigner(ban: SharedBan, signature: Uint8Array): ClaimSigner | undefined;
}

/** The events of the bans of a cluster. */
export interface ClusterBansEvents {
  /** Another server has banned somebody, or lifted that; the own copy has it. */
  onAdopt(bans: readonly SharedBan[]): void;
  /** The others can know of a ban from now on that was ordered while they could not be told. */
  onSpread(ban: SharedBan): void;
}

/** A value that a server of this cluster has written. */
interface ReadBan {
  readonly ban: SharedBan;
  readonly signer: ClaimSigner;
}

/**
 * The bans that hold at all servers of a cluster. Each has a copy of all decisions, serves by it, and writes it to the
 * store, from which the others read it. A decision counts only if it has a greater number than the one before, and the
 * server's present key has signed it: so nobody lifts a ban by erasing it, or by writing an earlier value again.
 */
export class ClusterBans {
  readonly #bans: SharedBans;
  readonly #signer: BanSigner;
  readonly #events: ClusterBansEvents;
  #store: RecordStore | undefined;
  /** Keys that the store has as this server knows them. */
  readonly #stored = new Set<string>();
  /** Bans that the store does not have as this server knows them, by key. */
  readonly #due = new Map<string, SharedBan>();
  readonly #restored = new RestoredKeys();

  /** @param bans the server's own copy, by which it serves */
  constructor(bans: SharedBans, signer: BanSigner, events: ClusterBansEvents) {
    this.#bans = bans;
    this.#signer = signer;
    this.#events = events;
  }

  /** Bans are written there from now on; nowhere if it is undefined. */
  connect(store: RecordStore | undefined): void {
    this.#store = store;
    this.#stored.clear(); // all values come again
  }

  /** Takes values of the store. */
  take(values: Iterable<RecordValue>): void {
    const adopted: SharedBan[] = [];
    for (const { key, value } of values) {
      const read = this.#read(key, value);
      if (read !== undefined && this.#adopt(read)) adopted.push(read.ban);
      this.#compare(key, read);
    }
    if (adopted.length > 0) this.#events.onAdopt(adopted);
  }

  /** Takes bans that another server knows. */
  hear(values: Iterable<RecordValue>): void {
    const adopted: SharedBan[] = [];
    for (const { key, value } of values) {
      const read = this.#read(key, value);
      if (read === undefined || !this.#adopt(read)) continue;
      adopted.push(read.ban);
      this.#due.set(key, read.ban); // unless the store turns out to have it
    }
    if (adopted.length > 0) this.#events.onAdopt(adopted);
  }

  /** What this server knows, as it would stand in the store, in parts that fit into messages. */
  *inParts(): Generator<RecordValue[]> {
    const bans = [...this.#bans.all()];
    for (let at = 0; at < bans.length; at += PART_LENGTH) {
      yield bans.slice(at, at + PART_LENGTH).map((ban) => ({
        key: banKeyOf(ban),
        value: encodeBanRecord({ ban, signature: this.#signer.signBan(ban) }),
      }));
    }
  }

  /** All values of before have come: what is missing is to be written. */
  complete(): void {
    for (const ban of this.#bans.all()) {
      const key = banKeyOf(ban);
      if (!this.#stored.has(key)) this.#due.set(key, ban);
    }
  }

  /**
   * Writes what the store does not have.
   *
   * @param now a steady clock's time: each value is written only every now and then
   * @throws {Error} as the store
   */
  async write(now: number): Promise<void> {
    for (const key of this.#restored.due(this.#due.keys(), now)) {
      const ban = this.#due.get(key);
      if (ban === undefined) continue;
      this.#restored.add(key, now);
      try {
        if (await this.#writeAt(key, ban)) this.#events.onSpread(ban);
      } catch (error) {
        this.#restored.delete(key); // the store can't be reached: nobody has written over it
        throw error;
      }
    }
  }

  /**
   * Tells the others of what was decided here.
   *
   * @returns whether that is done; else it is as soon as it can be
   */
  async spread(ban: SharedBan): Promise<boolean> {
    const key = banKeyOf(ban);
    this.#due.set(key, ban);
    try {
      return await this.#writeAt(key, ban);
    } catch {
      return false;
    }
  }

  /**
   * @returns whether the store has it now, or something later
   * @throws {Error} if the store can't be reached
   */
  async #writeAt(key: string, ban: SharedBan): Promise<boolean> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const store = this.#store;
      if (store === undefined) throw new Error("the cluster's bans can't be reached");
      const stored = await store.get(key);
      const read = stored && this.#read(key, stored.value);
      if (read?.signer === "present-key" && !isLaterBan(ban, read.ban)) {
        this.#restored.delete(key); // another server was faster: this one is free to do it the next time
        this.take([{ key, value: stored?.value ?? new Uint8Array(0) }]);
        return true;
      }
      const value = encodeBanRecord({ ban, signature: this.#signer.signBan(ban) });
      const isWritten = stored === undefined
        ? await store.create(key, value)
        : await store.update(key, value, stored.revision);
      if (!isWritten) continue;
      if (this.#due.get(key) === ban) this.#due.delete(key);
      return true;
    }
    return false;
  }

  /** An earlier key, which somebody may have stolen, changes nothing that is known, and lifts nothing. */
  #adopt({ ban, signer }: ReadBan): boolean {
    const counts = signer === "present-key" ||
      ban.isBanned && this.#bans.find(ban.kind, ban.who) === undefined;
    return counts && this.#bans.adopt(ban);
  }

  #compare(key: string, read: ReadBan | undefined): void {
    const own = this.#ownAt(key);
    if (own === undefined) return;
    if (read?.signer === "present-key" && !isLaterBan(own, read.ban)) {
      this.#stored.add(key);
      this.#due.delete(key);
    } else this.#due.set(key, own);
  }

  #ownAt(key: string): SharedBan | undefined {
    const entry = entryInBanKey(key);
    return entry && this.#bans.find(entry.kind, entry.who);
  }

  /** The ban in a value; undefined for one that none of this server's keys has signed for that key. */
  #read(key: string, value: Uint8Array): ReadBan | undefined {
    const record = decodeBanRecord(value);
    if (record === undefined || banKeyOf(record.ban) !== key) return undefined;
    const signer = this.#signer.banSigner(record.ban, record.signature);
    return signer === undefined ? undefined : { ban: record.ban, signer };
  }
}
