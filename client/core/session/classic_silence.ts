import { IdleTimeout } from "./idle_timeout.ts";
import type { ReceivedMessage } from "./server_reader.ts";

/** A classic server breaks each silence of 120 s with an empty Delete: more than two are missing. */
const TIMEOUT_MS = 300_000;

/**
 * Notices that a classic server is gone. It can't be pinged: one that has never broken a silence, as the
 * original does not, is dialed instead.
 */
export class ClassicSilence {
  readonly #takesAnother: () => Promise<boolean>;
  readonly #onGone: (silentMs: number) => void;
  #timeout: IdleTimeout | undefined;
  #hasHeartbeat = false;
  #isOver = false;

  /**
   * @param takesAnother whether the server takes another connection
   * @param onGone is called once, with how long it was silent in milliseconds
   */
  constructor(takesAnother: () => Promise<boolean>, onGone: (silentMs: number) => void) {
    this.#takesAnother = takesAnother;
    this.#onGone = onGone;
  }

  /** Watches from now on. */
  start(): void {
    this.#timeout = new IdleTimeout(TIMEOUT_MS, async (silentMs) => {
      const isThere = !this.#hasHeartbeat && await this.#takesAnother();
      if (this.#isOver) return;
      if (isThere) this.start();
      else this.#onGone(silentMs);
    });
  }

  /** Something has come. */
  heard(message: ReceivedMessage): void {
    this.#timeout?.reset();
    if (message.type === "delete" && "entry" in message && message.entry.name === "") {
      this.#hasHeartbeat = true;
    }
  }

  stop(): void {
    this.#isOver = true;
    this.#timeout?.stop();
  }
}
