/** Letters of English, the frequent ones first. */
const LETTERS = "etaoinshrdlcumwfgypbvkjxqz";
const WORDS = 50_000;

/**
 * Messages as people write them, as far as an index can tell: 2 to 15 words, of which a few are in
 * most messages and most in hardly any (Zipf's law). The same in every run.
 */
export class Chatter {
  readonly #words = Array.from({ length: WORDS }, (_, rank) => wordOf(rank));
  readonly #weights: Float64Array;
  #state = 1;

  constructor() {
    let sum = 0;
    this.#weights = Float64Array.from({ length: WORDS }, (_, rank) => sum += 1 / (rank + 1));
  }

  /** A message's text. */
  text(): string {
    return Array.from({ length: 2 + this.below(14) }, () => this.#word()).join(" ");
  }

  /** The word with that rank: 0 for the one that comes most often. */
  word(rank: number): string {
    return this.#words[rank % WORDS] ?? "";
  }

  /** A number from 0 on, below that one. */
  below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #word(): string {
    const at = this.#random() * (this.#weights[WORDS - 1] ?? 0);
    let low = 0;
    let high = WORDS - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#weights[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return this.word(low);
  }

  /** Mulberry32: from 0 on, below 1. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** Different for each rank, short for the frequent ones, and many begin alike. */
function wordOf(rank: number): string {
  let word = "";
  for (let rest = rank + 1; rest > 0; rest = Math.floor((rest - 1) / LETTERS.length)) {
    word = LETTERS.charAt((rest - 1) % LETTERS.length) + word;
  }
  return rank < LETTERS.length ? word : `${word}${"aeiou".charAt(rank % 5)}`;
}
