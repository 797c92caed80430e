import { ClientError } from "../errors.ts";
import { clientLimits } from "../limits.ts";
import type { OutboxEntries, OutboxEntry } from "./outbox_entries.ts";

/** How much of the outbox each recipient who can't be reached may take. */
export class OutboxShares {
  readonly #entries: OutboxEntries;
  readonly #giveUp: (entry: OutboxEntry) => Promise<unknown>;
  /** The keys in hex that can't be reached now. */
  readonly #unreachable = new Set<string>();

  /** @param giveUp takes a message out of the outbox */
  constructor(entries: OutboxEntries, giveUp: (entry: OutboxEntry) => Promise<unknown>) {
    this.#entries = entries;
    this.#giveUp = giveUp;
  }

  /** A key can't be reached now. */
  lost(identity: Uint8Array): void {
    this.#unreachable.add(identity.toHex());
  }

  /** A key can be reached: what is written to it is on its way, however much it is. */
  reached(identity: Uint8Array): void {
    this.#unreachable.delete(identity.toHex());
  }

  /**
   * Makes room for more parts to a key, at the expense of those who can't be reached: of that key itself
   * if it has its share, else of the one for which most waits.
   *
   * @throws {ClientError} `send-failed` if there is none
   */
  async makeRoom(identity: Uint8Array, count: number): Promise<void> {
    const key = identity.toHex();
    const { outboxMessages, outboxMessagesPerRecipient } = clientLimits;
    const waiting = (key: string) => this.#entries.countFor(key);
    if (this.#unreachable.has(key)) {
      // Messages that have waited for longer, and were not too many then, stay as they are.
      const share = Math.max(outboxMessagesPerRecipient, waiting(key));
      if (count > share) throw outboxFullError(share);
      while (waiting(key) + count > share) await this.#giveUpOldest(key);
    }
    while (this.#entries.size + count > outboxMessages) {
      const [fullest] = [...this.#unreachable].sort((a, b) => waiting(b) - waiting(a));
      if (fullest === undefined || waiting(fullest) === 0) throw outboxFullError(outboxMessages);
      await this.#giveUpOldest(fullest);
    }
  }

  async #giveUpOldest(key: string): Promise<void> {
    const parts = this.#entries.partsFor(Uint8Array.fromHex(key));
    const id = parts.find(({ rotation }) => rotation === undefined)?.id ?? "";
    const entry = this.#entries.withPart(id);
    if (entry !== undefined) await this.#giveUp(entry);
  }
}

function outboxFullError(limit: number): ClientError {
  return new ClientError("send-failed", { reason: "outbox-full", limit });
}
