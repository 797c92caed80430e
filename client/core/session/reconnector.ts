import { backoff, MAX_BACKOFF_MS } from "../backoff.ts";
import { onWakeFromSleep } from "./wake_detector.ts";

/** Makes attempts, backing off more and more, until one succeeds or it is stopped. */
export class Reconnector {
  readonly #attempt: (signal: AbortSignal) => Promise<void>;
  #running: AbortController | undefined;
  #tries = 0;
  #resetTimer: ReturnType<typeof setTimeout> | undefined;
  /** When the next attempt begins; undefined during one, and if none is planned. */
  nextAttemptAt: Date | undefined;

  /** @param attempt resolves if it succeeded; it reports failures itself */
  constructor(attempt: (signal: AbortSignal) => Promise<void>) {
    this.#attempt = attempt;
  }

  /** Begins, with a wait unless `immediate`. */
  start(immediate = false): void {
    this.stop();
    const running = this.#running = new AbortController();
    void this.#run(running.signal, immediate);
  }

  /** Makes no further attempts. */
  stop(): void {
    clearTimeout(this.#resetTimer);
    this.#running?.abort();
    this.#running = undefined;
    this.nextAttemptAt = undefined;
  }

  async #run(signal: AbortSignal, immediate: boolean): Promise<void> {
    for (let waits = !immediate;; waits = true) {
      if (waits) await this.#wait(signal);
      if (signal.aborted) return; // during the wait
      this.nextAttemptAt = undefined;
      this.#tries++;
      try {
        await this.#attempt(signal);
        // A server that accepts a login and drops it again at once is tried as rarely as before.
        if (!signal.aborted) this.#resetTimer = setTimeout(() => this.#tries = 0, MAX_BACKOFF_MS);
        return;
      } catch {
        // The next attempt may succeed.
      }
      if (signal.aborted) return; // during that attempt
    }
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const timeMs = backoff(this.#tries, Math.random());
    this.nextAttemptAt = new Date(Date.now() + timeMs);
    await delay(timeMs, signal);
  }
}

/** Resolves after that time, when the machine wakes from sleep, or when it is aborted. */
async function delay(time: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, time);
  const stopWatching = onWakeFromSleep(resolve);
  signal.addEventListener("abort", () => resolve());
  await promise;
  clearTimeout(timer);
  stopWatching();
}
