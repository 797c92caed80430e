/** How long somebody who could not be dialled has to call back, in milliseconds. */
export const CALL_BACK_TIME = 10_000;

/** Who called, as far as it is known. */
export interface CalledBack {
  readonly name: string;
  readonly address: string;
  /** The caller's public key, where it has proven one. */
  readonly identity?: Uint8Array;
}

/** Somebody who has been asked to call back. */
interface Expected<Call> {
  readonly who: CalledBack;
  readonly called: (call: Call) => void;
}

/** Calls that are expected: who could not be dialled was asked to dial this client instead. */
export class CallBacks<Call> {
  readonly #expected = new Set<Expected<Call>>();

  /** Whether somebody who calls was asked to, by key where there is one, else by name and address. */
  expects(who: CalledBack): boolean {
    return this.#find(who) !== undefined;
  }

  /**
   * Waits for a call back.
   *
   * @returns the call; undefined where none comes in time, or the signal gives up
   */
  async wait(who: CalledBack, signal: AbortSignal): Promise<Call | undefined> {
    const { promise, resolve } = Promise.withResolvers<Call | undefined>();
    const expected = { who, called: resolve };
    this.#expected.add(expected);
    const giveUp = () => resolve(undefined);
    const timer = setTimeout(giveUp, CALL_BACK_TIME);
    signal.addEventListener("abort", giveUp);
    try {
      return signal.aborted ? undefined : await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      this.#expected.delete(expected);
    }
  }

  /** Hands a call over to whoever waits for it. */
  came(who: CalledBack, call: Call): void {
    this.#find(who)?.called(call);
  }

  #find({ name, address, identity }: CalledBack): Expected<Call> | undefined {
    for (const expected of this.#expected) {
      const { who } = expected;
      const same = identity === undefined || who.identity === undefined
        ? name === who.name && address === who.address
        : identity.toHex() === who.identity.toHex();
      if (same) return expected;
    }
    return undefined;
  }
}
