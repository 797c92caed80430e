import { ProtocolError } from "../../../protocol/mod.ts";
import { clientLimits } from "../limits.ts";
import { type TableUpdate, unitsOf } from "../presence/mod.ts";

/** The table of a MIM/2 server as far as it has come: nobody believes it before the server has signed for its end. */
export class HeldTable {
  #updates: TableUpdate[] = [];
  #units = 0;

  /** @throws {ProtocolError} `table-too-large` */
  add(update: TableUpdate): void {
    if (update.type === "add") this.#units += unitsOf(update.entry);
    const isTooLarge = this.#updates.length === clientLimits.onlineUsers ||
      this.#units > clientLimits.onlineUnits;
    if (isTooLarge) {
      throw new ProtocolError("table-too-large", "expected a table that a client keeps, got more");
    }
    this.#updates.push(update);
  }

  /** Its updates, once. */
  take(): readonly TableUpdate[] {
    return this.#updates.splice(0);
  }
}
