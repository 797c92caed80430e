import type { LinkNoticeOf } from "../../../protocol/mod.ts";

type Outcome = LinkNoticeOf<"outcome">;

/** The orders of a link that are not answered yet. */
export class PendingOrders {
  readonly #pending = new Map<number, (outcome: Outcome | undefined) => void>();
  #next = 1;

  /**
   * Sends an order with a number of its own.
   *
   * @returns resolves to undefined if the link ends first; undefined if it can't be sent
   */
  begin(send: (token: number) => boolean): Promise<Outcome | undefined> | undefined {
    const token = this.#next++;
    const { promise, resolve } = Promise.withResolvers<Outcome | undefined>();
    this.#pending.set(token, resolve);
    if (send(token)) return promise;
    this.#pending.delete(token);
    return undefined;
  }

  /** The server has answered; an answer to nothing is ignored. */
  take(outcome: Outcome): void {
    this.#pending.get(outcome.token)?.(outcome);
    this.#pending.delete(outcome.token);
  }

  /** The link has ended. */
  stop(): void {
    for (const resolve of this.#pending.values()) resolve(undefined);
    this.#pending.clear();
  }
}
