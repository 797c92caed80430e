import { isLoopback } from "../../protocol/mod.ts";
import type { Rejection } from "./rejection.ts";
import { networkOf } from "./network_of.ts";

const MINUTE_MS = 60_000;

/** An address or network with connections now or in the last minute. */
interface Visitor {
  open: number;
  /** Connections since `minuteStart`. */
  recent: number;
  minuteStart: number;
}

/**
 * Limits per address: connections at once, and new ones a minute. An IPv6 address counts as its /64
 * network, which is what one machine has to itself. Loopback is exempt. Callers pass the time, in
 * milliseconds of any clock that doesn't go back.
 */
export class ConnectionLimits {
  readonly #visitors = new Map<string, Visitor>();
  /** Connections at once from one address; 0 lifts the limit. */
  maxPerAddress: number;
  /** New connections a minute from one address; 0 lifts the limit. */
  maxRate: number;

  /**
   * @param maxPerAddress connections at once from one address; 0 lifts the limit
   * @param maxRate new connections a minute from one address; 0 lifts the limit
   */
  constructor(maxPerAddress: number, maxRate: number) {
    this.maxPerAddress = maxPerAddress;
    this.maxRate = maxRate;
  }

  /** Counts a new connection, or returns why it is rejected. */
  admit(address: string, now: number): Rejection | undefined {
    if (isLoopback(address)) return undefined;
    const network = networkOf(address);
    const visitor = this.#visitors.get(network) ?? { open: 0, recent: 0, minuteStart: now };
    if (now - visitor.minuteStart >= MINUTE_MS) {
      visitor.recent = 0;
      visitor.minuteStart = now;
    }
    this.#visitors.set(network, visitor);
    visitor.recent++;
    const rejection = this.#rejectionOf(visitor);
    if (rejection === undefined) visitor.open++;
    return rejection;
  }

  /** Whether an address has as many connections as it may. */
  isFull(address: string): boolean {
    const { open = 0 } = this.#visitors.get(networkOf(address)) ?? {};
    return this.maxPerAddress > 0 && open >= this.maxPerAddress;
  }

  /** Counts the end of a connection that was admitted. */
  release(address: string): void {
    const visitor = this.#visitors.get(networkOf(address));
    if (visitor !== undefined) visitor.open--;
  }

  /** Forgets addresses without connections now or in the last minute. */
  forget(now: number): void {
    for (const [network, { open, minuteStart }] of this.#visitors) {
      if (open === 0 && now - minuteStart >= MINUTE_MS) this.#visitors.delete(network);
    }
  }

  #rejectionOf(visitor: Visitor): Rejection | undefined {
    if (this.maxRate > 0 && visitor.recent > this.maxRate) {
      return { code: "too-fast", reason: `over ${this.maxRate} new connections a minute` };
    }
    if (this.maxPerAddress > 0 && visitor.open >= this.maxPerAddress) {
      return { code: "too-many-connections", reason: `over ${this.maxPerAddress} at once` };
    }
    return undefined;
  }
}
