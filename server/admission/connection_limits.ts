import { isLoopback } from "../../protocol/mod.ts";
import type { Rejection, RejectionCode } from "./rejection.ts";

const MINUTE_MS = 60_000;

/** An address or network with connections now or in the last minute. */
interface Visitor {
  open: number;
  /** Connections since `minuteStart`. */
  recent: number;
  minuteStart: number;
  /** Rejections since `minuteStart`, by reason. */
  readonly rejected: Map<RejectionCode, number>;
}

/** Rejections of a minute besides the first. */
export interface RepeatedRejections {
  /** An IPv4 address or an IPv6 network. */
  readonly network: string;
  readonly code: RejectionCode;
  readonly more: number;
}

/** Why a connection is not accepted. */
export interface AdmissionRejection extends Rejection {
  /** Whether it is the first of its address and reason in a minute: one log line is enough. */
  readonly isFirst: boolean;
}

/**
 * Limits per address: connections at once, and new ones a minute. An IPv6 address counts as its /64
 * network, which is what one machine has to itself. Loopback is exempt. Callers pass the time, in
 * milliseconds of any clock that doesn't go back.
 */
export class ConnectionLimits {
  readonly #visitors = new Map<string, Visitor>();
  /** Rejections that have not been reported yet. */
  readonly #unreported: RepeatedRejections[] = [];
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
  admit(address: string, now: number): AdmissionRejection | undefined {
    if (isLoopback(address)) return undefined;
    const visitor = this.#visitorAt(address, now);
    visitor.recent++;
    const rejection = this.#rejectionOf(visitor);
    if (rejection === undefined) {
      visitor.open++;
      return undefined;
    }
    return { ...rejection, isFirst: countRejection(visitor, rejection.code) };
  }

  /** Counts a rejection after the connection was admitted; whether it is the first, as above. */
  isFirstRejection(address: string, code: RejectionCode, now: number): boolean {
    return countRejection(this.#visitorAt(address, now), code);
  }

  /** Counts the end of a connection that was admitted. */
  release(address: string): void {
    const visitor = this.#visitors.get(networkOf(address));
    if (visitor !== undefined && !isLoopback(address)) visitor.open--;
  }

  /**
   * Forgets addresses without connections now or in the last minute.
   *
   * @returns the rejections of minutes that are over, besides the first of each reason
   */
  forget(now: number): readonly RepeatedRejections[] {
    for (const [network, visitor] of this.#visitors) {
      if (now - visitor.minuteStart < MINUTE_MS) continue;
      this.#sumUp(network, visitor);
      if (visitor.open === 0) this.#visitors.delete(network);
    }
    return this.#unreported.splice(0);
  }

  #visitorAt(address: string, now: number): Visitor {
    const network = networkOf(address);
    const visitor = this.#visitors.getOrInsertComputed(
      network,
      () => ({ open: 0, recent: 0, minuteStart: now, rejected: new Map() }),
    );
    if (now - visitor.minuteStart >= MINUTE_MS) {
      this.#sumUp(network, visitor);
      visitor.recent = 0;
      visitor.minuteStart = now;
    }
    return visitor;
  }

  #sumUp(network: string, { rejected }: Visitor): void {
    for (const [code, count] of rejected) {
      if (count > 1) this.#unreported.push({ network: nameOf(network), code, more: count - 1 });
    }
    rejected.clear();
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

function countRejection({ rejected }: Visitor, code: RejectionCode): boolean {
  const before = rejected.get(code) ?? 0;
  rejected.set(code, before + 1);
  return before === 0;
}

/** A network as people write it. */
function nameOf(network: string): string {
  return network.includes(":") ? `${network}::/64` : network;
}

/** An IPv4 address as it is; of an IPv6 address the first four of its eight groups. */
function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::", 2);
  const left = head.split(":");
  if (tail === undefined) return left.slice(0, 4).join(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0");
  return [...left, ...zeros, ...right].slice(0, 4).join(":");
}
