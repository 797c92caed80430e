import { setImmediate } from "node:timers";
import type { RecordSealer } from "../../protocol/mod.ts";
import { UpdateLog } from "./update_log.ts";

/** So often at most a record signs the chain. */
const SIGNATURE_INTERVAL_MS = 1_000;
/** Without another change, it waits for so long. */
const MAX_UNSIGNED_MS = 3_000;
/** So many clients are told a new epoch's secret in a turn of the event loop. */
const EPOCH_NOTICES_PER_TURN = 500;

/** A place in the log: how many log records of the epoch stand before it. */
export interface LogPlace {
  readonly epoch: number;
  readonly number: number;
}

/** An epoch that begins in the log. */
export interface EpochStart {
  readonly epoch: number;
  readonly secret: Uint8Array;
  /** The number of the last record of the epoch before. */
  readonly lastNumber: number;
  /** The offset of its first record. */
  readonly offset: number;
}

/**
 * The log of sealed records from which every MIM/2 client reads. Updates that come in one turn are
 * sealed together, once for all clients. No slice of it goes over the beginning of an epoch.
 */
export class RecordLog {
  readonly #log: UpdateLog;
  readonly #sign: (sealer: RecordSealer) => Uint8Array;
  readonly #onMoreTurns: () => void;
  #sealer: RecordSealer;
  #pending: Uint8Array[] = [];
  /** The places behind each block, the oldest first, as far back as any client may need it. */
  #places: (LogPlace & { readonly offset: number })[];
  /** Epochs that began and that not every client has come to. */
  #starts: EpochStart[] = [];
  #signedAt = -Infinity;
  /** When the first record was sealed that no signature covers. */
  #unsignedSince: number | undefined;
  #noticesLeft = EPOCH_NOTICES_PER_TURN;

  /**
   * @param sealer the first epoch's
   * @param sign makes the block that signs the chain
   * @param oldestNeeded the smallest offset that any client still needs (Infinity without clients)
   * @param onMoreTurns is called when further clients may be told of a new epoch
   */
  constructor(
    sealer: RecordSealer,
    sign: (sealer: RecordSealer) => Uint8Array,
    oldestNeeded: () => number,
    onMoreTurns: () => void,
  ) {
    this.#sealer = sealer;
    this.#sign = sign;
    this.#onMoreTurns = onMoreTurns;
    this.#log = new UpdateLog(oldestNeeded);
    this.#places = [{ epoch: sealer.epoch, number: 0, offset: 0 }];
  }

  /** The sealer of the present epoch. */
  get sealer(): RecordSealer {
    return this.#sealer;
  }

  /** The number of the present epoch. */
  get epoch(): number {
    return this.#sealer.epoch;
  }

  /** The offset after the last block. */
  get end(): number {
    return this.#log.end;
  }

  /** Bytes of memory held. */
  get capacity(): number {
    return this.#log.capacity;
  }

  /** Whether records have waited long enough for a signature. */
  isSignatureDue(now: number): boolean {
    return this.#unsignedSince !== undefined && now - this.#unsignedSince >= MAX_UNSIGNED_MS;
  }

  /** Appends an update, which is sealed with those that follow. */
  append(update: Uint8Array): void {
    this.#pending.push(update);
  }

  /** Seals what waits, so that the log says all that the table does. */
  seal(): void {
    if (this.#pending.length === 0) return;
    for (const block of this.#sealer.sealLog(this.#pending.splice(0))) this.#log.append(block);
    this.#unsignedSince ??= performance.now();
    this.#notePlace();
  }

  /** Lets clients see all that was appended, and signs it if that has not happened for a while. */
  show(): void {
    this.seal();
    const isDue = performance.now() - this.#signedAt >= SIGNATURE_INTERVAL_MS;
    if (this.#unsignedSince !== undefined && isDue) this.#signChain();
    this.#log.show();
  }

  /** Begins an epoch behind all that was appended. */
  beginEpoch(sealer: RecordSealer): void {
    this.seal();
    this.#signChain();
    const { epoch, secret } = sealer;
    const lastNumber = this.#sealer.nextNumber - 1;
    this.#sealer = sealer;
    this.#starts.push({ epoch, secret, lastNumber, offset: this.end });
    this.#places.pop();
    this.#notePlace();
  }

  /** The bytes from an offset on, up to the beginning of an epoch or the last that clients may see. */
  from(offset: number): Uint8Array {
    const next = this.#starts.find((start) => start.offset > offset);
    return this.#log.from(offset, next?.offset);
  }

  /** How many records stand before an offset at which a slice ended. */
  placeAt(offset: number): LogPlace {
    let low = 0;
    for (let high = this.#places.length; low < high;) {
      const middle = (low + high) >> 1;
      if ((this.#places[middle]?.offset ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const place = this.#places[low - 1];
    if (place === undefined) {
      throw new RangeError(`expected an offset that is needed, got ${offset}`);
    }
    return place;
  }

  /** The epoch that begins at an offset. */
  epochStartingAt(offset: number): EpochStart | undefined {
    return this.#starts.find((start) => start.offset === offset);
  }

  /** Whether one more client may be told of an epoch in this turn; if so, counts it. */
  takeEpochNotice(): boolean {
    if (this.#noticesLeft === 0) return false;
    if (this.#noticesLeft-- === EPOCH_NOTICES_PER_TURN) {
      setImmediate(() => {
        const isAll = this.#noticesLeft > 0;
        this.#noticesLeft = EPOCH_NOTICES_PER_TURN;
        if (!isAll) this.#onMoreTurns();
      });
    }
    return true;
  }

  /** Returns memory if much more is held than needed. */
  trim(oldest: number): void {
    this.#log.trim();
    const needed = Math.min(oldest, this.end);
    const first = this.#places.findLastIndex((place) => place.offset <= needed);
    if (first > 0) this.#places.splice(0, first);
    this.#starts = this.#starts.filter((start) => start.offset >= needed);
  }

  #signChain(): void {
    this.#log.append(this.#sign(this.#sealer));
    this.#signedAt = performance.now();
    this.#unsignedSince = undefined;
    this.#notePlace();
  }

  #notePlace(): void {
    const { epoch, nextNumber: number } = this.#sealer;
    this.#places.push({ epoch, number, offset: this.end });
  }
}
