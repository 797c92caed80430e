import { setImmediate } from "node:timers";
import { deleteOfAdd, encodeAdd } from "../protocol/mod.ts";
import type { Session } from "./session.ts";
import { TellingProbe } from "./telling.ts";
import { UpdateLog } from "./update_log.ts";

/** Names nobody and is harmless; makes TCP notice clients that are gone without a word. */
const KEEP_ALIVE = deleteOfAdd(encodeAdd({ name: "", address: "", port: 0 }));
/** While one update follows the other, for how long they are collected before they are told. */
const STORM = 50;

const now = (): number => performance.now();

/** Tells everybody who is online of every change: the update log, and who reads it. */
export class Broadcast {
  /** What everybody is told. */
  readonly log = new UpdateLog(() => this.oldestCursor);
  readonly #readers = new Set<Session>();
  readonly #probe: TellingProbe;
  #telling = false;
  #lastUpdate = now();
  #updates = 0;

  /** @param onTold is handed now and then how long telling everybody took, in milliseconds */
  constructor(onTold: (milliseconds: number) => void) {
    this.#probe = new TellingProbe(onTold);
  }

  /** How many changes everybody was told of. */
  get updates(): number {
    return this.#updates;
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
  join(session: Session): void {
    this.#readers.add(session);
  }

  /** Tells a session of no more. */
  leave(session: Session): void {
    if (this.#readers.delete(session)) this.#probe.moved(session, session.cursor, undefined, now);
  }

  /** A session's write is done; `before` is where it was in the log. */
  moved(session: Session, before: number | undefined): void {
    this.#probe.moved(session, before, session.cursor, now);
  }

  /** Adds to the log; once all that is going on right now is done, everybody is told in one go. */
  append(update: Uint8Array): void {
    this.#updates++;
    this.#tell(update);
  }

  /** Breaks a silence of `keepAliveTime` milliseconds, and gives memory back. To be called often. */
  tick(keepAliveTime: number): void {
    if (now() - this.#lastUpdate >= keepAliveTime) this.#tell(KEEP_ALIVE);
    this.#probe.tick(now());
    this.log.trim();
  }

  #tell(update: Uint8Array): void {
    this.log.append(update);
    this.#lastUpdate = now();
    if (this.#telling) return;
    this.#telling = true;
    const start = now();
    let seen = this.log.end;
    const tell = () => {
      if (this.log.end > seen && now() - start < STORM) {
        seen = this.log.end;
        setImmediate(tell);
        return;
      }
      this.#telling = false;
      this.#probe.start(this.log.end, this.#readers.values(), start);
      for (const session of this.#readers) session.pump();
    };
    setImmediate(tell);
  }
}
