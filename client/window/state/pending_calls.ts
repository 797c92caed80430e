import { sanitizeText } from "../../../protocol/mod.ts";
import type { Caller, IgnoreTarget, Messenger } from "../../core/mod.ts";
import type { CallerRow, IgnoredRow } from "../messages.ts";
import { createIgnoredRow, formatPeerAddress, sanitizeLines } from "./view_rows.ts";
import { wordingOfDoubt } from "./wording.ts";

/** The pending calls and the ignore list, each entry with an id for pages. */
export class PendingCalls {
  readonly #messenger: Messenger;
  readonly #callerIds = new WeakMap<Caller, number>();
  readonly #ignoredIds = new Map<string, number>();
  #lastId = 0;

  constructor(messenger: Messenger) {
    this.#messenger = messenger;
  }

  /** The callers who wait for an answer, or left lines before hanging up. */
  get callers(): CallerRow[] {
    return this.#messenger.calls.pending.map((caller) => ({
      id: this.#callerIds.getOrInsertComputed(caller, () => ++this.#lastId),
      name: sanitizeText(caller.name),
      // The port comes from the user list, and is wrong if someone else has the name there.
      address: caller.doubt === undefined
        ? formatPeerAddress(caller)
        : sanitizeText(caller.address),
      isClassic: caller.identity === undefined,
      preview: sanitizeLines(caller.preview.join("\n")),
      expiresAt: caller.expiresAt.getTime(),
      ...(caller.ended ? { leftLines: caller.waiting } : {}),
      ...(caller.doubt === undefined
        ? {}
        : { warning: wordingOfDoubt(caller.doubt, caller.name, "it") }),
    }));
  }

  /** The ignore list, with the calls rejected so far. */
  get ignored(): IgnoredRow[] {
    return this.#messenger.calls.ignored.map((entry) => {
      const id = this.#ignoredIds.getOrInsertComputed(keyOf(entry), () => ++this.#lastId);
      return createIgnoredRow(entry, id);
    });
  }

  /** The caller with an id; undefined if the call is over. */
  getCaller(id: number): Caller | undefined {
    return this.#messenger.calls.pending.find((caller) => this.#callerIds.get(caller) === id);
  }

  /** The ignored user with an id; undefined if they are no longer ignored. */
  getIgnored(id: number): IgnoreTarget | undefined {
    return this.#messenger.calls.ignored.find((entry) => this.#ignoredIds.get(keyOf(entry)) === id);
  }
}

/** An entry becomes another object with each rejected call; its name and address stay. */
function keyOf({ name, address, key }: IgnoreTarget): string {
  return JSON.stringify([name, address, key]);
}
