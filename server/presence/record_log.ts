import type { RecordSealer } from "../../protocol/mod.ts";
import { RecordLogView } from "./record_log_view.ts";
import type { LogWindow } from "./log_view.ts";
import { type Allocate, UpdateLog } from "./update_log.ts";

/** So often at most a record signs the chain. */
const SIGNATURE_INTERVAL_MS = 1_000;
/** Without another change, it waits for so long. */
const MAX_UNSIGNED_MS = 3_000;

/**
 * The log of sealed records from which every MIM/2 client reads. Updates that come in one turn are
 * sealed together, once for all clients.
 */
export class RecordLog {
  /** The clients' view of the log. */
  readonly view: RecordLogView;
  readonly #log: UpdateLog;
  readonly #sign: (sealer: RecordSealer) => Uint8Array;
  #sealer: RecordSealer;
  #pending: Uint8Array[] = [];
  #signedAt = -Infinity;
  /** When the first record was sealed that no signature covers. */
  #unsignedSince: number | undefined;

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
    allocate?: Allocate,
  ) {
    this.#sealer = sealer;
    this.#sign = sign;
    this.#log = new UpdateLog(oldestNeeded, allocate);
    this.view = new RecordLogView(this.#log.view, onMoreTurns);
    this.#notePlace();
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

  /** The state that another thread needs to read the log's bytes. */
  get window(): LogWindow {
    return this.#log.window;
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
    this.view.begin({ epoch, secret, lastNumber, offset: this.end });
    this.#notePlace();
  }

  /** Returns memory if much more is held than needed. */
  trim(oldest: number): void {
    this.#log.trim();
    this.view.trim(oldest);
  }

  #signChain(): void {
    this.#log.append(this.#sign(this.#sealer));
    this.#signedAt = performance.now();
    this.#unsignedSince = undefined;
    this.#notePlace();
  }

  #notePlace(): void {
    const { epoch, nextNumber: number } = this.#sealer;
    this.view.note({ epoch, number, offset: this.end });
  }
}
