/** What many measurements of one thing come down to. */
export interface Summary {
  /** The middle: half of the measurements are at most this. */
  readonly median: number;
  /** The smallest. */
  readonly min: number;
  /** The largest. */
  readonly max: number;
}

/**
 * The smallest of the values that at least this share of all of them does not exceed (nearest rank:
 * always one of the values, never a number in between).
 *
 * @param values at least one, in any order
 * @param share above 0, at most 1: 0.99 for the 99th percentile
 */
export function percentile(values: readonly number[], share: number): number {
  return ranked(values, Math.ceil(values.length * share));
}

/**
 * The middle value; of an even number of values, the mean of the two in the middle.
 *
 * @param values at least one, in any order
 */
export function median(values: readonly number[]): number {
  const middle = Math.ceil(values.length / 2);
  const low = ranked(values, middle);
  return values.length % 2 === 1 ? low : (low + ranked(values, middle + 1)) / 2;
}

/**
 * Median, smallest and largest.
 *
 * @param values at least one, in any order
 */
export function summarize(values: readonly number[]): Summary {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** The value of that rank, the smallest being the first. */
function ranked(values: readonly number[], rank: number): number {
  const value = values.toSorted((a, b) => a - b)[rank - 1];
  if (value === undefined) {
    throw new RangeError(`expected a rank from 1 to ${values.length}, got ${rank}`);
  }
  return value;
}
