import { addressBlock } from "../../../protocol/mod.ts";
import { largest } from "../largest.ts";

/** From how many of the same block on a caller crowds others out. */
const MIN_CROWD = 8;

/** The callers from one address, the oldest first. */
type Callers<Caller> = Set<Caller>;

/**
 * The callers that have not said who they are, by where they come from. There is no end of addresses, but
 * each attacker has few blocks: so if there are too many callers, the oldest one of the fullest block makes
 * room, at that block's fullest address.
 */
export class CallerSlots<Caller> {
  readonly #max: number;
  readonly #blocks = new Map<string, Map<string, Callers<Caller>>>();
  readonly #addresses = new Map<Caller, string>();

  /** @param max how many callers there may be */
  constructor(max: number) {
    this.#max = max;
  }

  get callers(): Iterable<Caller> {
    return this.#addresses.keys();
  }

  /** Whether half of the slots are taken. */
  get isBusy(): boolean {
    return this.#addresses.size >= this.#max / 2;
  }

  /** Adds a caller; returns the one that has to go for it, and is removed already. */
  add(caller: Caller, address: string): Caller | undefined {
    const oldest = this.#addresses.size >= this.#max ? this.#oldestOfFullest() : undefined;
    if (oldest !== undefined) this.delete(oldest);
    this.#addresses.set(caller, address);
    this.#blocks.getOrInsertComputed(addressBlock(address), () => new Map())
      .getOrInsertComputed(address, () => new Set()).add(caller);
    return oldest;
  }

  delete(caller: Caller): void {
    const address = this.#addresses.get(caller);
    if (address === undefined) return;
    this.#addresses.delete(caller);
    const block = this.#blocks.get(addressBlock(address));
    const callers = block?.get(address);
    callers?.delete(caller);
    if (callers?.size === 0) block?.delete(address);
    if (block?.size === 0) this.#blocks.delete(addressBlock(address));
  }

  /** Whether callers from that address would have to make room next, while many slots are taken. */
  isCrowding(address: string): boolean {
    if (!this.isBusy) return false;
    const block = this.#blocks.get(addressBlock(address));
    const fullest = this.#fullestBlock();
    if (block === undefined || fullest === undefined) return false;
    const isFullest = countOf(block) >= countOf(fullest) && countOf(block) > MIN_CROWD;
    return isFullest && (block.get(address)?.size ?? 0) >= sizeOfLargest(block);
  }

  #oldestOfFullest(): Caller | undefined {
    const block = this.#fullestBlock();
    const callers = block && largest(block.values(), ({ size }) => size);
    const [oldest] = callers ?? [];
    return oldest;
  }

  #fullestBlock(): Map<string, Callers<Caller>> | undefined {
    return largest(this.#blocks.values(), countOf);
  }
}

function countOf<Caller>(block: ReadonlyMap<string, Callers<Caller>>): number {
  return block.values().reduce((sum, { size }) => sum + size, 0);
}

function sizeOfLargest<Caller>(block: ReadonlyMap<string, Callers<Caller>>): number {
  return Math.max(...block.values().map(({ size }) => size));
}
