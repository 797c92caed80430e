import type { NatsConnection } from "@nats-io/transport-node";
import { JetStreamApiCodes, JetStreamApiError, jetstreamManager } from "@nats-io/jetstream";
import { type KV, type KvEntry, Kvm } from "@nats-io/kv";
import { deadline } from "@std/async/deadline";
import { ALL_BANS } from "./ban_record.ts";
import type { RecordStore, StoredRecord } from "./record_store.ts";
import type { RecordValue } from "./cluster_bus.ts";

/** How long the store may take to answer: a client waits for its login. */
const ANSWER_MS = 4_000;
/** Copies of each claim, if there are so many servers of NATS. */
const REPLICAS = 3;
/** No claim is longer. */
const MAX_VALUE_BYTES = 1_024;
/** How often it is looked whether somebody has erased values. */
const CHECK_INTERVAL_MS = 5_000;
/** After so long without any value, though some are missing, no more are expected. */
const STALL_MS = 10_000;
/** How long values are collected that come one after the other. */
const COLLECT_MS = 20;

/** The claims and bans of a cluster in a bucket of JetStream. */
export class NatsRecords implements RecordStore {
  readonly #bucket: KV;
  /** Aborted once values are gone, or the bucket is: somebody has erased them. */
  readonly #lost = new AbortController();
  /** The values that were read, by key, and the latest of their revisions. */
  readonly #revisions = new Map<string, number>();
  #latest = 0;
  /** The latest revision at the last check. */
  #latestChecked = 0;
  /** How many values have come, how many there were when that was last new, and when that was. */
  #received = 0;
  #seen = { received: -1, at: 0 };
  /** Aborted once no more values come, though there are some. */
  readonly #stalled = new AbortController();
  /** When the bucket was made. */
  #created: string | undefined;
  /** Ends the wait for values of before that do not come any more. */
  #onAllRead = () => {};

  private constructor(bucket: KV) {
    this.#bucket = bucket;
  }

  /**
   * Opens the bucket, and creates it if it is missing.
   *
   * @throws {Error} if JetStream can't be reached
   */
  static async open(connection: NatsConnection, name: string): Promise<NatsRecords> {
    const manager = new Kvm(connection);
    // A copy for each call: `open` writes into what it gets. Reads go where writes do.
    const options = () => ({ history: 1, timeout: ANSWER_MS, allow_direct: false });
    try {
      const bucket = await manager.open(name, options());
      await setCopies(connection, bucket);
      return new NatsRecords(bucket);
    } catch (error) {
      if (!isCode(error, JetStreamApiCodes.StreamNotFound)) throw error;
    }
    try {
      const replicas = mostCopies(connection);
      return new NatsRecords(await manager.create(name, { ...options(), replicas }));
    } catch {
      // Not enough servers of NATS.
      return new NatsRecords(await manager.create(name, { ...options(), replicas: 1 }));
    }
  }

  async get(key: string): Promise<StoredRecord | undefined> {
    const entry = await this.#watched(deadline(this.#bucket.get(key), ANSWER_MS));
    return entry === null ? undefined : { value: entry.value, revision: entry.revision };
  }

  create(key: string, value: Uint8Array): Promise<boolean> {
    return wins(this.#watched(deadline(this.#bucket.create(key, value), ANSWER_MS)));
  }

  update(key: string, value: Uint8Array, revision: number): Promise<boolean> {
    return wins(this.#watched(this.#bucket.update(key, value, revision, ANSWER_MS)));
  }

  /** Whether the watch has ended because values are gone, or the bucket is. */
  get isErased(): boolean {
    return this.#lost.signal.aborted;
  }

  /**
   * Looks whether somebody has erased values, of which a watch is not told: by a purge, or by removing the bucket. Then
   * the watch ends, and its caller opens it anew, as it does if values that there are don't come. Never rejects.
   *
   * @param stallMs how long none must have come for that
   */
  async check(stallMs: number = STALL_MS): Promise<void> {
    try {
      const { streamInfo: { created, state } } = await this.#watched(
        this.#bucket.status(),
      );
      this.#created ??= created;
      // A value that was written just now may not have come yet.
      const isEven = state.last_seq <= this.#latest ||
        state.last_seq === this.#latestChecked;
      this.#latestChecked = state.last_seq;
      if (created !== this.#created) return this.#lost.abort();
      if (!isEven) return;
      // What has come since the answer was given does not count.
      const known = this.#revisions.values().filter((revision) => revision <= state.last_seq)
        .toArray();
      const isGone = state.messages < known.length ||
        known.some((revision) => revision < state.first_seq);
      if (isGone) this.#lost.abort();
      else if (state.messages === known.length) this.#onAllRead();
      else this.#checkProgress(stallMs);
    } catch {
      // It can't be reached: the next check may tell.
    }
  }

  async #readBans(signal: AbortSignal): Promise<RecordValue[]> {
    const bans = await this.#watched(this.#bucket.history({ key: ALL_BANS }));
    signal.addEventListener("abort", () => bans.stop(), { once: true });
    return await Array.fromAsync(bans, recordIn);
  }

  #checkProgress(stallMs: number): void {
    const now = performance.now();
    if (this.#seen.received !== this.#received) this.#seen = { received: this.#received, at: now };
    else if (now - this.#seen.at >= stallMs) this.#stalled.abort();
  }

  /** Notices if the bucket is gone: then the watch ends, and whoever watches opens it anew. */
  async #watched<Answer>(answer: Promise<Answer>): Promise<Answer> {
    try {
      return await answer;
    } catch (error) {
      if (isCode(error, JetStreamApiCodes.StreamNotFound)) this.#lost.abort();
      throw error;
    }
  }

  /**
   * Watches all values: bans of before first, of which there are fewer, then all of before.
   *
   * @param onBans is told once those have come
   * @param signal ends it
   * @throws {Error} if the bucket can't be reached, or values don't come
   */
  async watch(
    onValues: (values: readonly RecordValue[]) => void,
    onBans: () => void,
    onComplete: () => void,
    signal: AbortSignal,
  ): Promise<void> {
    onValues(await deadline(this.#readBans(signal), ANSWER_MS));
    onBans();
    const { streamInfo: { created, state } } = await this.#watched(
      this.#bucket.status(),
    );
    this.#created = created;
    this.#latest = state.last_seq;
    let before = state.messages;
    const values = await this.#bucket.watch();
    const ends = AbortSignal.any([signal, this.#lost.signal, this.#stalled.signal]);
    if (ends.aborted) return values.stop();
    let batch: RecordValue[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      clearTimeout(timer);
      timer = undefined;
      if (batch.length > 0) onValues(batch.splice(0));
    };
    const checking = setInterval(() => void this.check(), CHECK_INTERVAL_MS);
    ends.addEventListener("abort", () => {
      clearInterval(checking);
      values.stop();
    }, { once: true });
    this.#onAllRead = () => {
      if (before === 0) return;
      before = 0;
      flush();
      onComplete();
    };
    if (before === 0) onComplete();
    try {
      for await (const entry of values) {
        this.#revisions.set(entry.key, entry.revision);
        this.#latest = Math.max(this.#latest, entry.revision);
        this.#received++;
        batch.push(recordIn(entry));
        timer ??= setTimeout(flush, COLLECT_MS);
        if (before === 0 || --before > 0) continue;
        flush();
        onComplete();
      }
    } finally {
      this.#onAllRead = () => {};
      clearInterval(checking);
      clearTimeout(timer);
      batch = [];
    }
    if (!this.#stalled.signal.aborted) return;
    throw new Error(
      `NATS has sent ${this.#revisions.size} of the values in the bucket, and no more: the server needs all ` +
        "permissions, also to publish to $JS.FC.>",
    );
  }
}

/** Nobody of the cluster deletes a value, or writes a longer one: what does is none, either. */
function recordIn({ key, value, operation }: KvEntry): RecordValue {
  const isValue = operation === "PUT" && value.length <= MAX_VALUE_BYTES;
  return { key, value: isValue ? value : new Uint8Array(0) };
}

/** How many copies to want. One server of NATS alone takes more than one, and then can't load them when it starts. */
function mostCopies({ info }: NatsConnection): number {
  return info?.cluster ? REPLICAS : 1;
}

/** A bucket that is older than the third server of NATS gets its copies now, and of one server alone it has one. */
async function setCopies(connection: NatsConnection, bucket: KV): Promise<void> {
  const { streamInfo: { config: { name, num_replicas: copies } } } = await bucket.status();
  const wanted = mostCopies(connection);
  if (wanted === 1 ? copies === 1 : copies >= wanted) return;
  try {
    const { streams } = await jetstreamManager(connection, { timeout: ANSWER_MS });
    await streams.update(name, { num_replicas: wanted });
  } catch {
    // Not enough servers of NATS.
  }
}

/** Whether a write was the first. */
async function wins(write: Promise<number>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (isCode(error, JetStreamApiCodes.StreamWrongLastSequence)) return false;
    if (isCode(error, JetStreamApiCodes.StreamWrongLastSequenceUnknown)) return false;
    throw error;
  }
}

function isCode(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code;
}
