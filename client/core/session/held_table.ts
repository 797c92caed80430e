import { type LinkEntry, type LinkUpdate, ProtocolError } from "../../../protocol/mod.ts";
import { clientLimits } from "../limits.ts";
import { memoryOf, type TableUpdate, unitsOf } from "../presence/mod.ts";

/**
 * The table of a MIM/2 server as far as it has come: nobody believes it before the server has signed for
 * its end. Behind the rows come changes from while they were on their way; only the result is told.
 */
export class HeldTable {
  readonly #rows = new Map<string, LinkEntry>();
  #units = 0;
  #bytes = 0;

  /** @throws {ProtocolError} `table-too-large`; `bad-field` if a session is another row's */
  add(update: LinkUpdate): void {
    switch (update.type) {
      case "add": {
        const key = update.entry.session.toHex();
        if (this.#rows.has(key)) {
          throw new ProtocolError(
            "bad-field",
            "expected a session of its own for each row, got one twice",
          );
        }
        return this.#set(key, undefined, update.entry);
      }
      case "change": {
        const key = update.session.toHex();
        const before = this.#rows.get(key);
        if (before !== undefined) this.#set(key, before, { ...before, ...update.details });
        return;
      }
      case "delete": {
        const key = update.session.toHex();
        const before = this.#rows.get(key);
        if (before !== undefined) this.#set(key, before, undefined);
      }
    }
  }

  /** Its rows, once, in the order in which they came. */
  *take(): Generator<LinkUpdate, void> {
    for (const entry of this.#rows.values()) yield { type: "add", entry };
    this.#rows.clear();
  }

  #set(key: string, before: LinkEntry | undefined, entry: LinkEntry | undefined): void {
    this.#units += (entry ? unitsOf(entry) : 0) - (before ? unitsOf(before) : 0);
    this.#bytes += (entry ? memoryOf(entry) : 0) - (before ? memoryOf(before) : 0);
    if (entry === undefined) this.#rows.delete(key);
    else this.#rows.set(key, entry);
    const isTooLarge = this.#rows.size > clientLimits.onlineUsers ||
      this.#units > clientLimits.onlineUnits || this.#bytes > clientLimits.onlineBytes;
    if (isTooLarge) {
      throw new ProtocolError("table-too-large", "expected a table that a client keeps, got more");
    }
  }
}

/** Whether an update comes through a link: then it names a session. */
export function isLinkUpdate(update: TableUpdate): update is LinkUpdate {
  return "session" in update || update.type === "add" && "session" in update.entry;
}
