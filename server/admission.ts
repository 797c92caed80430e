import { isLoopback, limits } from "../protocol/mod.ts";

const MINUTE = 60_000;

/** What is known of an address with connections now or in the last minute. */
interface Visitor {
  open: number;
  /** Connections since `minuteStart`. */
  recent: number;
  minuteStart: number;
}

/**
 * Limits per address: connections at once, and new ones a minute. Loopback is exempt. Knows no
 * clock: who asks says what time it is, in milliseconds of any clock that doesn't go back.
 */
export class Admission {
  readonly #visitors = new Map<string, Visitor>();
  readonly #maxPerAddress: number;

  /** @param maxPerAddress connections at once from one address; 0 lifts the limit */
  constructor(maxPerAddress: number) {
    this.#maxPerAddress = maxPerAddress;
  }

  /** Counts a new connection, or says why it is not to be taken. */
  admit(address: string, now: number): string | undefined {
    if (isLoopback(address)) return undefined;
    const visitor = this.#visitors.get(address) ?? { open: 0, recent: 0, minuteStart: now };
    if (now - visitor.minuteStart >= MINUTE) {
      visitor.recent = 0;
      visitor.minuteStart = now;
    }
    this.#visitors.set(address, visitor);
    visitor.recent++;
    if (visitor.recent > limits.connectionRate) {
      return `over ${limits.connectionRate} new connections a minute from one address`;
    }
    if (this.#maxPerAddress > 0 && visitor.open >= this.#maxPerAddress) {
      return `over ${this.#maxPerAddress} connections at once from one address`;
    }
    visitor.open++;
    return undefined;
  }

  /** Counts the end of a connection that was admitted. */
  release(address: string): void {
    const visitor = this.#visitors.get(address);
    if (visitor !== undefined) visitor.open--;
  }

  /** Forgets addresses without connections now or in the last minute. */
  forget(now: number): void {
    for (const [address, visitor] of this.#visitors) {
      if (visitor.open === 0 && now - visitor.minuteStart >= MINUTE) this.#visitors.delete(address);
    }
  }
}
