import { setImmediate } from "node:timers";
import { deleteOfAdd, encodeAdd } from "../../protocol/mod.ts";
import { BurstDetector } from "./burst_detector.ts";
import { BroadcastLatency } from "./broadcast_latency.ts";
import { UpdateLog } from "./update_log.ts";

/** Names nobody and is harmless; makes TCP notice clients that are gone without a word. */
const KEEP_ALIVE_MS = deleteOfAdd(encodeAdd({ name: "", address: "", port: 0 }));
/**
 * For how long changes are collected in a storm before they are told, in milliseconds for each who is:
 * about as long as telling them takes, so that no more than half of the time goes into that.
 */
const COLLECTED = 0.01;
/** For which part of that time no change may come before all are told sooner. */
const QUIET = 0.25;

const now = (): number => performance.now();

/** Who reads the log: a session. */
interface Reader {
  /** The offset that it still needs. */
  readonly cursor: number | undefined;
  /** Has it read on, unless it does already. */
  pump(): void;
}

/** Tells everybody who is online of every change: the update log, and who reads it. */
export class Broadcast {
  /** What everybody is told. */
  readonly log = new UpdateLog(() => this.oldestCursor);
  readonly #readers = new Set<Reader>();
  readonly #probe: BroadcastLatency;
  readonly #storm = new BurstDetector();
  #telling = false;
  #collecting: ReturnType<typeof setTimeout> | undefined;
  #lastUpdate = now();
  #updates = 0;

  /** @param onTold is handed now and then how long telling everybody took, in milliseconds */
  constructor(onTold: (milliseconds: number) => void) {
    this.#probe = new BroadcastLatency(onTold);
  }

  /** How many changes everybody was told of. */
  get updates(): number {
    return this.#updates;
  }

  /** Whether so many changes come in that they are collected. */
  get isBurst(): boolean {
    return this.#storm.isBurst(now());
  }

  /** The smallest offset in the log that anybody still needs; Infinity where nobody reads. */
  get oldestCursor(): number {
    let oldest = Infinity;
    for (const { cursor } of this.#readers) oldest = Math.min(oldest, cursor ?? Infinity);
    return oldest;
  }

  /** How many bytes of updates the slowest reader is behind. */
  get lag(): number {
    return this.log.end - Math.min(this.oldestCursor, this.log.end);
  }

  /** Tells a session of every update from now on. */
  join(session: Reader): void {
    this.#readers.add(session);
  }

  /** Tells a session of no more. */
  leave(session: Reader): void {
    if (this.#readers.delete(session)) this.#probe.moved(session, session.cursor, undefined, now);
  }

  /** A session's write is done; `before` is where it was in the log. */
  moved(session: Reader, before: number | undefined): void {
    this.#probe.moved(session, before, session.cursor, now);
  }

  /**
   * Adds to the log. Everybody is told in one go, once all that is going on right now is done; in a
   * storm a little later, together with what comes until then, at the latest when it is time.
   */
  append(update: Uint8Array): void {
    this.#updates++;
    this.#storm.count(now());
    this.#add(update);
  }

  /** Breaks a silence of `keepAliveTime` milliseconds, and gives memory back. To be called often. */
  tick(keepAliveTime: number): void {
    if (now() - this.#lastUpdate >= keepAliveTime) this.#add(KEEP_ALIVE_MS);
    this.#probe.tick(now());
    this.log.trim();
  }

  /** Tells nobody of anything more. */
  close(): void {
    clearTimeout(this.#collecting);
    this.#readers.clear();
  }

  #add(update: Uint8Array): void {
    this.log.append(update);
    this.#lastUpdate = now();
    if (this.#telling) return;
    this.#telling = true;
    const start = now();
    const time = COLLECTED * this.#readers.size;
    // No timer is shorter than a millisecond.
    if (time < 1 || !this.#storm.isBurst(start)) setImmediate(() => this.#tell(start));
    else this.#collect(start, start + time, time * QUIET);
  }

  /** Waits until no change has come for a while, or until it is time. */
  #collect(start: number, until: number, quiet: number): void {
    const { end } = this.log;
    this.#collecting = setTimeout(() => {
      if (this.log.end > end && now() < until) this.#collect(start, until, quiet);
      else this.#tell(start);
    }, quiet);
  }

  #tell(start: number): void {
    this.#telling = false;
    this.log.show();
    this.#probe.start(this.log.end, this.#readers.values(), start);
    for (const session of this.#readers) session.pump();
  }
}
