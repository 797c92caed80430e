import { backoff, MAX_BACKOFF_MS } from "../backoff.ts";
import { onWakeFromSleep } from "./wake_detector.ts";

/** Makes attempts, ever more rarely, until one succeeds or somebody stops it. */
export class Reconnector {
  readonly #attempt: (signal: AbortSignal) => Promise<void>;
  #running: AbortController | undefined;
  #tries = 0;
  #forget: ReturnType<typeof setTimeout> | undefined;

  /** @param attempt resolves where it succeeded; failures are its own to tell */
  constructor(attempt: (signal: AbortSignal) => Promise<void>) {
    this.#attempt = attempt;
  }

  /** Begins, with a wait; after `soon` without one. */
  start(soon = false): void {
    this.stop();
    const running = this.#running = new AbortController();
    void this.#run(running.signal, soon);
  }

  /** Makes no further attempt. */
  stop(): void {
    clearTimeout(this.#forget);
    this.#running?.abort();
    this.#running = undefined;
  }

  async #run(signal: AbortSignal, soon: boolean): Promise<void> {
    for (let wait = !soon;; wait = true) {
      if (wait) await rest(backoff(this.#tries, Math.random()), signal);
      if (signal.aborted) return; // in the middle of the rest
      this.#tries++;
      try {
        await this.#attempt(signal);
        // A server that takes one in and drops one again is no reason to hurry.
        if (!signal.aborted) this.#forget = setTimeout(() => this.#tries = 0, MAX_BACKOFF_MS);
        return;
      } catch {
        // The next one may do.
      }
      if (signal.aborted) return; // in the middle of that attempt: nothing tells of it any more
    }
  }
}

/** Resolves after that time, once the machine wakes from sleep, or once the signal gives up. */
async function rest(time: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, time);
  const stopWatching = onWakeFromSleep(resolve);
  signal.addEventListener("abort", () => resolve());
  await promise;
  clearTimeout(timer);
  stopWatching();
}
