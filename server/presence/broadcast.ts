import { setImmediate } from "node:timers";
import { deleteOfAdd, encodeAdd } from "../../protocol/mod.ts";
import { BurstDetector } from "./burst_detector.ts";
import { type LogReader, type LogReaders, OwnReaders } from "./log_readers.ts";
import type { UpdateLog } from "./update_log.ts";

/** A Delete that names nobody: harmless, and makes TCP notice clients that have vanished. */
const KEEP_ALIVE = deleteOfAdd(encodeAdd({ name: "", address: "", port: 0 }));
/**
 * How long changes are collected in a burst before they are broadcast, for each reader: about as long
 * as a broadcast takes, so that no more than half of the time goes into broadcasts.
 */
const COLLECT_MS_PER_READER = 0.01;
/** A pause of this part of that time ends the collecting. */
const PAUSE_RATIO = 0.25;

const now = (): number => performance.now();

/** A log of changes: each is appended, and seen by readers from the next `show` on. */
interface Log {
  readonly end: number;
  append(update: Uint8Array): void;
  show(): void;
  trim(oldest: number): void;
}

/**
 * Broadcasts every change to everyone online: the update log, and its readers.
 *
 * @typeParam ChangeLog the log that they read
 */
export class Broadcast<ChangeLog extends Log = UpdateLog> {
  /** All changes. */
  readonly log: ChangeLog;
  readonly #readers: LogReaders;
  readonly #onShown: () => void;
  readonly #bursts = new BurstDetector();
  #isBroadcastDue = false;
  #collecting: ReturnType<typeof setTimeout> | undefined;
  #lastUpdate = now();
  #updates = 0;
  #added = 0;

  /**
   * @param createLog makes the log; gets the smallest offset that any reader still needs
   * @param onBroadcast is told now and then how long a broadcast took, in milliseconds
   * @param onShown is called before each broadcast, when the log has all changes
   * @param readers those of this thread, if it is left out
   */
  constructor(
    createLog: (oldestNeeded: () => number) => ChangeLog,
    onBroadcast: (milliseconds: number) => void,
    onShown = () => {},
    readers: LogReaders = new OwnReaders(onBroadcast),
  ) {
    this.#onShown = onShown;
    this.log = createLog(() => this.oldestCursor);
    this.#readers = readers;
  }

  /** How many read the log. */
  get readers(): number {
    return this.#readers.size;
  }

  /** How many changes were broadcast. */
  get updates(): number {
    return this.#updates;
  }

  /** Whether changes come in such a burst that they are collected. */
  get isBurst(): boolean {
    return this.#bursts.isBurst(now());
  }

  /** The smallest offset in the log that any reader needs; Infinity without readers. */
  get oldestCursor(): number {
    return this.#readers.oldestCursor;
  }

  /** How many bytes of updates the slowest reader is behind. */
  get lag(): number {
    return this.log.end - Math.min(this.oldestCursor, this.log.end);
  }

  /** Broadcasts to a session from now on. */
  join(session: LogReader): void {
    this.#readers.join(session);
  }

  /** Broadcasts to a session no more. */
  leave(session: LogReader): void {
    this.#readers.leave(session);
  }

  /** A session's write is done; `before` was its cursor until then. */
  moved(session: LogReader, before: number | undefined): void {
    this.#readers.moved(session, before);
  }

  /**
   * Adds a change. It is broadcast at the end of this turn of the event loop; in a burst a little later,
   * together with the changes until then. Without readers nothing is kept: whoever comes is sent the table.
   */
  append(update: Uint8Array): void {
    this.#updates++;
    this.#bursts.count(now());
    if (this.#readers.size > 0) this.#add(update);
  }

  /** Ends a silence of so many milliseconds among classic clients. */
  keepAlive(intervalMs: number): void {
    if (now() - this.#lastUpdate >= intervalMs) this.#add(KEEP_ALIVE);
  }

  /** Returns memory. To be called every second or so. */
  tick(): void {
    this.#readers.tick();
    this.log.trim(this.oldestCursor);
  }

  /** Has readers see what the log itself has added. */
  flush(): void {
    this.#schedule();
  }

  /** Has all readers read on that are not reading. */
  pump(): void {
    this.#readers.pump();
  }

  /** Broadcasts nothing more. */
  close(): void {
    clearTimeout(this.#collecting);
    this.#readers.clear();
  }

  #add(update: Uint8Array): void {
    this.log.append(update);
    this.#lastUpdate = now();
    this.#added++;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isBroadcastDue) return;
    this.#isBroadcastDue = true;
    const start = now();
    const time = COLLECT_MS_PER_READER * this.#readers.size;
    // No timer is shorter than a millisecond.
    if (time < 1 || !this.#bursts.isBurst(start)) setImmediate(() => this.#broadcast(start));
    else this.#collect(start, start + time, time * PAUSE_RATIO);
  }

  /** Waits for a pause between changes, or until it is time. */
  #collect(start: number, until: number, quiet: number): void {
    const added = this.#added;
    this.#collecting = setTimeout(() => {
      if (this.#added > added && now() < until) this.#collect(start, until, quiet);
      else this.#broadcast(start);
    }, quiet);
  }

  #broadcast(start: number): void {
    this.#isBroadcastDue = false;
    this.log.show();
    this.#onShown();
    this.#readers.show(this.log.end, start);
  }
}
