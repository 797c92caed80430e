import { isLoopback } from "../../protocol/mod.ts";
import type { Rejection, RejectionCode } from "./rejection.ts";

const MINUTE_MS = 60_000;

/** What is known of an address with connections now or in the last minute. */
interface Visitor {
  open: number;
  /** Connections since `minuteStart`. */
  recent: number;
  minuteStart: number;
  /** How many were refused since `minuteStart`, by reason. */
  readonly refused: Map<RejectionCode, number>;
}

/** How many were refused in a minute besides the first. */
export interface RepeatedRejections {
  /** An IPv4 address or an IPv6 network. */
  readonly network: string;
  readonly code: RejectionCode;
  readonly more: number;
}

/** Why a connection is not taken. */
export interface AdmissionRejection extends Rejection {
  /** Whether it is the first of its address and reason in a minute: one line of log is enough. */
  readonly first: boolean;
}

/**
 * Limits per address: connections at once, and new ones a minute. An IPv6 address counts as its /64
 * network, which is what one machine has to itself. Loopback is exempt. Knows no clock: who asks
 * says what time it is, in milliseconds of any clock that doesn't go back.
 */
export class ConnectionLimits {
  readonly #visitors = new Map<string, Visitor>();
  /** What nobody has been told of yet. */
  readonly #untold: RepeatedRejections[] = [];
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
  admit(address: string, now: number): AdmissionRejection | undefined {
    if (isLoopback(address)) return undefined;
    const network = networkOf(address);
    const visitor = this.#visitors.get(network) ??
      { open: 0, recent: 0, minuteStart: now, refused: new Map() };
    if (now - visitor.minuteStart >= MINUTE_MS) {
      this.#sumUp(network, visitor);
      visitor.recent = 0;
      visitor.minuteStart = now;
    }
    this.#visitors.set(network, visitor);
    visitor.recent++;
    const refusal = this.#refusal(visitor);
    if (refusal === undefined) {
      visitor.open++;
      return undefined;
    }
    const before = visitor.refused.get(refusal.code) ?? 0;
    visitor.refused.set(refusal.code, before + 1);
    return { ...refusal, first: before === 0 };
  }

  /** Counts the end of a connection that was admitted. */
  release(address: string): void {
    const visitor = this.#visitors.get(networkOf(address));
    if (visitor !== undefined) visitor.open--;
  }

  /**
   * Forgets addresses without connections now or in the last minute.
   *
   * @returns what was refused in minutes that are over, besides the first of each reason
   */
  forget(now: number): readonly RepeatedRejections[] {
    for (const [network, visitor] of this.#visitors) {
      if (now - visitor.minuteStart < MINUTE_MS) continue;
      this.#sumUp(network, visitor);
      if (visitor.open === 0) this.#visitors.delete(network);
    }
    return this.#untold.splice(0);
  }

  #sumUp(network: string, { refused }: Visitor): void {
    for (const [code, count] of refused) {
      if (count > 1) this.#untold.push({ network: nameOf(network), code, more: count - 1 });
    }
    refused.clear();
  }

  #refusal(visitor: Visitor): Rejection | undefined {
    if (this.maxRate > 0 && visitor.recent > this.maxRate) {
      return { code: "too-fast", reason: `over ${this.maxRate} new connections a minute` };
    }
    if (this.maxPerAddress > 0 && visitor.open >= this.maxPerAddress) {
      return { code: "too-many-connections", reason: `over ${this.maxPerAddress} at once` };
    }
    return undefined;
  }
}

/** A network as it is written. */
function nameOf(network: string): string {
  return network.includes(":") ? `${network}::/64` : network;
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
