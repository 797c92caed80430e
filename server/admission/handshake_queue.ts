import { setImmediate } from "node:timers";
import { serverLimits } from "../limits.ts";
import { SourceQueue } from "./source_queue.ts";

/** Called with true once it is the handshake's turn, with false if it has to go. */
type Turn = (isTurn: boolean) => void;

/**
 * Handshakes that wait for their turn: they cost more than anything else that a client without a key can
 * ask for. A few are done in each turn of the event loop, one in turn for each source.
 */
export class HandshakeQueue {
  /** Those of this machine, which has no limits. */
  readonly #own = new SourceQueue<Turn>(Infinity);
  readonly #others = new SourceQueue<Turn>(serverLimits.waitingHandshakes);
  #isBusy = false;

  /**
   * Waits for a turn.
   *
   * @param source the client's; undefined if it has no limits
   * @returns false if too many wait, and this one has to go
   */
  wait(source: string | undefined): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const queue = source === undefined ? this.#own : this.#others;
    queue.add(source ?? "", resolve)?.(false);
    if (!this.#isBusy) this.#schedule();
    return promise;
  }

  #schedule(): void {
    this.#isBusy = true;
    setImmediate(() => {
      for (let done = 0; done < serverLimits.handshakesPerTurn; done++) {
        const turns = [this.#others.take(), this.#own.take()];
        for (const turn of turns) turn?.(true);
        if (turns.every((turn) => turn === undefined)) break;
      }
      if (this.#others.size + this.#own.size > 0) this.#schedule();
      else this.#isBusy = false;
    });
  }
}
