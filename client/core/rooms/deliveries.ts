/** An own message on its way. */
interface Delivery {
  readonly count: number;
  /** The keys of those who were members when it was said, in hex, and whether each has it. */
  readonly recipients: Map<string, boolean>;
  readonly reached: PromiseWithResolvers<void>;
}

/** How many own messages of one room are followed on their way; the oldest are forgotten. */
const MAX_DELIVERIES = 256;

/** How far own messages of one room have come: who has them, as they acknowledge or sum up. */
export class Deliveries {
  readonly #deliveries = new Map<string, Delivery>();
  readonly #onDelivered: (hash: string, key: string) => void;

  constructor(onDelivered: (hash: string, key: string) => void) {
    this.#onDelivered = onDelivered;
  }

  add(hash: string, count: number, recipients: readonly string[]): void {
    const reached = Promise.withResolvers<void>();
    const all = new Map(recipients.map((key) => [key, false]));
    this.#deliveries.set(hash, { count, recipients: all, reached });
    if (recipients.length === 0) reached.resolve();
    const [oldest] = this.#deliveries.keys();
    if (this.#deliveries.size > MAX_DELIVERIES && oldest !== undefined) {
      this.#deliveries.delete(oldest);
    }
  }

  get(hash: string): Pick<Delivery, "recipients" | "reached"> | undefined {
    return this.#deliveries.get(hash);
  }

  /** Whether somebody who was a member still lacks something. */
  isWaitingFor(key: string): boolean {
    return [...this.#deliveries.values()].some(({ recipients }) => recipients.get(key) === false);
  }

  /** That member has the entry. */
  received(hash: string, key: string): void {
    const delivery = this.#deliveries.get(hash);
    if (delivery?.recipients.get(key) !== false) return;
    delivery.recipients.set(key, true);
    delivery.reached.resolve();
    this.#onDelivered(hash, key);
  }

  /** That member has all talk below that count. */
  receivedBelow(next: number, key: string): void {
    for (const [hash, { count }] of this.#deliveries) if (count < next) this.received(hash, key);
  }
}
