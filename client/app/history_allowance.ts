import { addressBlock, sliceGraphemes } from "../../protocol/mod.ts";
import { WindowLimit } from "../../server/platform/util/window_limit.ts";

/** How much of one received message is stored, in UTF-16 units. */
const MAX_TEXT_LENGTH = 16_384;
/** How much is stored in an hour from one contact, or from one block of addresses written to. */
const MAX_KNOWN_UNITS_PER_HOUR = 16 * 2 ** 20;
/**
 * The same from all strangers of one block of addresses, and of these from each that has proven a key. Those
 * with a key and those without are counted apart: nobody takes the share of all others.
 */
const MAX_STRANGER_UNITS_PER_HOUR = 2 ** 20;
const MAX_STRANGER_KEY_UNITS_PER_HOUR = 2 ** 19;
/** How many peers, or blocks of them, have those allowances in an hour. */
const MAX_PEERS_PER_HOUR = 1_024;
const HOUR_MS = 3_600_000;

/** The result of counting one more text. */
export interface Allowance {
  /** The contact or the block of addresses that the text counts against. */
  readonly source: string;
  readonly limit: string;
  readonly isAllowed: boolean;
  /** Whether it is the first text of this hour that is refused. */
  readonly isFirst: boolean;
  /** The text was not stored after all. */
  readonly giveBack: () => void;
}

/** Limits how much of what peers send goes to the history: they must not fill the disk. */
export class HistoryAllowance {
  readonly #known = hourLimit(MAX_KNOWN_UNITS_PER_HOUR);
  readonly #strangers = hourLimit(MAX_STRANGER_UNITS_PER_HOUR);
  readonly #strangerKeys = hourLimit(MAX_STRANGER_KEY_UNITS_PER_HOUR);

  /** Counts so many UTF-16 units against the key of a contact to whom the user has written. */
  takeFromContact(name: string, identity: Uint8Array, units: number): Allowance {
    return take(this.#known, "16 Mi characters", name, identity.toHex(), units);
  }

  /** Counts so many UTF-16 units against the key of a stranger, and against the keys of its block. */
  takeFromStranger(
    { name, address, identity }: { name: string; address: string; identity: Uint8Array },
    units: number,
  ): Allowance {
    const own = take(this.#strangerKeys, "512 Ki characters", name, identity.toHex(), units);
    if (!own.isAllowed) return own;
    const block = addressBlock(address);
    const all = take(this.#strangers, "1 Mi characters", block, `keys of ${block}`, units);
    if (!all.isAllowed) own.giveBack();
    const giveBack = () => {
      own.giveBack();
      all.giveBack();
    };
    return { ...all, giveBack };
  }

  /**
   * Counts so many UTF-16 units against the block of an address, for somebody without a key.
   *
   * @param isKnown whether the user has written to the peer at that address
   */
  takeFromBlock(address: string, isKnown: boolean, units: number): Allowance {
    const block = addressBlock(address);
    return isKnown
      ? take(this.#known, "16 Mi characters", block, block, units)
      : take(this.#strangers, "1 Mi characters", block, block, units);
  }
}

/** As much of a received text as the history stores. */
export function cutText(text: string): string {
  if (text.length <= MAX_TEXT_LENGTH) return text;
  const first = sliceGraphemes(text, MAX_TEXT_LENGTH);
  return `${first}… (the first ${MAX_TEXT_LENGTH} of ${text.length} characters)`;
}

function hourLimit(maxPerKey: number): WindowLimit {
  return new WindowLimit({ windowMs: HOUR_MS, maxPerKey, maxKeys: MAX_PEERS_PER_HOUR });
}

function take(
  window: WindowLimit,
  limit: string,
  source: string,
  key: string,
  units: number,
): Allowance {
  const taken = window.take(key, units);
  return {
    source,
    limit,
    isAllowed: taken === "taken",
    isFirst: taken === "just refused",
    giveBack: () => window.giveBack(key, units),
  };
}
