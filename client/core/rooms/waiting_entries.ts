import { clientLimits } from "../limits.ts";
import type { RoomRecord } from "./room_record.ts";

/** How long talk waits for other talk, and anything for membership entries. */
const TALK_WAIT_MS = 10_000;
const MEMBERSHIP_WAIT_MS = 60_000;

interface WaitingEntry {
  readonly record: RoomRecord;
  readonly missing: Set<string>;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Entries that name others which are not here: a few, for a while. The oldest make room. */
export class WaitingEntries {
  readonly #entries = new Map<string, WaitingEntry>();
  #bytes = 0;
  readonly #onTimeout: (record: RoomRecord, isTalkMissing: boolean) => void;

  /** @param onTimeout `isTalkMissing`: only talk is missing, without which the entry may be taken */
  constructor(onTimeout: (record: RoomRecord, isTalkMissing: boolean) => void) {
    this.#onTimeout = onTimeout;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The entries that an entry waits for; none if it does not wait. */
  missingOf(hash: string): string[] {
    return [...this.#entries.get(hash)?.missing ?? []];
  }

  add(record: RoomRecord, missing: readonly string[], isTalkMissing: boolean): void {
    this.#drop(record.hash);
    const onTimeout = () => {
      this.#drop(record.hash);
      this.#onTimeout(record, isTalkMissing);
    };
    const timer = setTimeout(onTimeout, isTalkMissing ? TALK_WAIT_MS : MEMBERSHIP_WAIT_MS);
    this.#entries.set(record.hash, { record, missing: new Set(missing), timer });
    this.#bytes += sizeOf(record);
    for (const oldest of this.#entries.keys()) {
      const { roomWaitingEntries, bufferedBytes } = clientLimits;
      if (this.#entries.size <= roomWaitingEntries && this.#bytes <= bufferedBytes) return;
      this.#drop(oldest);
    }
  }

  /** An entry has come: those that wait for nothing more, in the order in which they came. */
  arrived(hash: string): RoomRecord[] {
    const ready: RoomRecord[] = [];
    for (const { record, missing } of this.#entries.values()) {
      if (missing.delete(hash) && missing.size === 0) ready.push(record);
    }
    for (const record of ready) this.#drop(record.hash);
    return ready;
  }

  clear(): void {
    for (const hash of [...this.#entries.keys()]) this.#drop(hash);
  }

  #drop(hash: string): void {
    const entry = this.#entries.get(hash);
    if (entry === undefined) return;
    clearTimeout(entry.timer);
    this.#bytes -= sizeOf(entry.record);
    this.#entries.delete(hash);
  }
}

function sizeOf({ entry }: RoomRecord): number {
  return entry.header.length + (entry.body?.length ?? 0);
}
