import { isLoopback } from "../protocol/mod.ts";
import type { Refusal } from "./session.ts";

const MINUTE = 60_000;

/** What is known of an address with connections now or in the last minute. */
interface Visitor {
  open: number;
  /** Connections since `minuteStart`. */
  recent: number;
  minuteStart: number;
  /** Whether a refusal has been told of in this minute. */
  told: boolean;
}

/** Why a connection is not taken. */
export interface AdmissionRefusal extends Refusal {
  /** Whether this is the first of its address in a minute: one line of log is enough. */
  readonly first: boolean;
}

/**
 * Limits per address: connections at once, and new ones a minute. An IPv6 address counts as its /64
 * network, which is what one machine has to itself. Loopback is exempt. Knows no clock: who asks
 * says what time it is, in milliseconds of any clock that doesn't go back.
 */
export class Admission {
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

  /** Counts a new connection, or says why it is not to be taken. */
  admit(address: string, now: number): AdmissionRefusal | undefined {
    if (isLoopback(address)) return undefined;
    const network = networkOf(address);
    const visitor = this.#visitors.get(network) ??
      { open: 0, recent: 0, minuteStart: now, told: false };
    if (now - visitor.minuteStart >= MINUTE) {
      visitor.recent = 0;
      visitor.minuteStart = now;
      visitor.told = false;
    }
    this.#visitors.set(network, visitor);
    visitor.recent++;
    const refusal = this.#refusal(visitor);
    if (refusal === undefined) {
      visitor.open++;
      return undefined;
    }
    const first = !visitor.told;
    visitor.told = true;
    return { ...refusal, first };
  }

  /** Counts the end of a connection that was admitted. */
  release(address: string): void {
    const visitor = this.#visitors.get(networkOf(address));
    if (visitor !== undefined) visitor.open--;
  }

  /** Forgets addresses without connections now or in the last minute. */
  forget(now: number): void {
    for (const [network, visitor] of this.#visitors) {
      if (visitor.open === 0 && now - visitor.minuteStart >= MINUTE) this.#visitors.delete(network);
    }
  }

  #refusal(visitor: Visitor): Refusal | undefined {
    if (this.maxRate > 0 && visitor.recent > this.maxRate) {
      return { code: "too-fast", reason: `over ${this.maxRate} new connections a minute` };
    }
    if (this.maxPerAddress > 0 && visitor.open >= this.maxPerAddress) {
      return { code: "too-many-connections", reason: `over ${this.maxPerAddress} at once` };
    }
    return undefined;
  }
}

/** An IPv4 address as it is, an IPv6 address as the first four of its eight groups. */
function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::", 2);
  const left = head.split(":");
  if (tail === undefined) return left.slice(0, 4).join(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return [...left, ...zeros, ...right].slice(0, 4).join(":");
}
