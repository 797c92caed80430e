import type { Caller, IgnoreTarget, Messenger } from "../../core/mod.ts";
import { sanitizeText } from "../../../protocol/mod.ts";
import type { CallerRow, IgnoredRow } from "../messages.ts";
import { ignoredRow, shownAddress } from "./view_rows.ts";

/** Those who call and wait for an answer, and those who are ignored, each by a number for pages. */
export class PendingCalls {
  readonly #messenger: Messenger;
  /** The calls that wait, and what is left of those who have hung up. */
  readonly #callers = new Map<number, { readonly caller: Caller; readonly left?: number }>();
  readonly #ignored = new Map<string, number>();
  #last = 0;

  constructor(messenger: Messenger) {
    this.#messenger = messenger;
  }

  /** Those who wait. */
  get callers(): CallerRow[] {
    const { callers } = this.#messenger;
    for (const [id, { caller }] of this.#callers) {
      if (!callers.includes(caller)) this.#callers.delete(id);
    }
    return Array.from(this.#callers, ([id, { caller, left }]) => ({
      id,
      name: sanitizeText(caller.name),
      // The port is that of whoever has the name in the table: where that is in doubt it misleads.
      address: caller.why === undefined ? shownAddress(caller) : sanitizeText(caller.address),
      classic: caller.identity === undefined,
      ...(left === undefined ? {} : { left }),
      ...(caller.why === undefined ? {} : { why: sanitizeText(caller.why) }),
    }));
  }

  /** Those who are ignored, and how many of their calls were refused until now. */
  get ignored(): IgnoredRow[] {
    return this.#messenger.ignored.map((entry) => {
      const key = keyOf(entry);
      const id = this.#ignored.get(key) ?? ++this.#last;
      this.#ignored.set(key, id);
      return ignoredRow(entry, id);
    });
  }

  /**
   * Somebody calls, and waits.
   *
   * @param left how many lines somebody who has hung up has left
   */
  waits(caller: Caller, left: number | undefined): void {
    const known = [...this.#callers].find(([, waiting]) => waiting.caller === caller);
    this.#callers.set(
      known?.[0] ?? ++this.#last,
      left === undefined ? { caller } : { caller, left },
    );
  }

  /** The caller with that number; undefined where the call waits no more. */
  caller(id: number): Caller | undefined {
    return this.#callers.get(id)?.caller;
  }

  /** Who is ignored under that number; undefined for who is so no more. */
  ignoredWho(id: number): IgnoreTarget | undefined {
    return this.#messenger.ignored.find((entry) => this.#ignored.get(keyOf(entry)) === id);
  }
}

/** An entry is another object each time a call of it is counted; its name and address stay. */
function keyOf({ name, address }: IgnoreTarget): string {
  return JSON.stringify([name, address]);
}
