import type { FileLink } from "../peer/mod.ts";
import type { FileWire } from "./giver.ts";

/** How often a link is looked at. */
const WATCH_INTERVAL_MS = 5_000;
/** How long nothing may move while data is on its way, and while a file is read for its hashes. */
const DATA_TIMEOUT_MS = 30_000;
const SEND_TIMEOUT_MS = 120_000;
const IDLE_TIMEOUT_MS = 600_000;

/** A link that is closed if nothing moves on it for too long, and as soon as a signal says so. */
export class WatchedLink implements FileWire, Disposable {
  readonly #link: FileLink;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #signal: AbortSignal;
  readonly #close: () => void;
  #movedAt = performance.now();
  /** Whether data has to come now. */
  isMoving = false;
  #sending = 0;
  #isReading = false;

  constructor(link: FileLink, signal: AbortSignal) {
    this.#link = link;
    this.#signal = signal;
    this.#close = () => link.close();
    this.#timer = setInterval(() => this.#look(), WATCH_INTERVAL_MS);
    signal.addEventListener("abort", this.#close);
    if (signal.aborted) link.close();
  }

  async send(messages: readonly (readonly Uint8Array[])[]): Promise<void> {
    this.#moved();
    this.#sending++;
    try {
      await this.#link.send(messages);
    } finally {
      this.#sending--;
    }
    this.#moved();
  }

  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#moved();
    this.#isReading = true;
    try {
      return await this.#link.next();
    } finally {
      this.#isReading = false;
      this.#moved();
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#signal.removeEventListener("abort", this.#close);
    this.#link.close();
  }

  #moved(): void {
    this.#movedAt = performance.now();
  }

  #look(): void {
    if (this.#sending === 0 && !this.#isReading) return; // what has come is being stored
    const reading = this.isMoving ? DATA_TIMEOUT_MS : IDLE_TIMEOUT_MS;
    const most = this.#sending > 0 ? SEND_TIMEOUT_MS : reading;
    if (performance.now() - this.#movedAt > most) this.#link.close();
  }
}
