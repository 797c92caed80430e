const SHORTEST = 500;
/** No wait between two attempts is longer than this, in milliseconds. */
export const LONGEST_WAIT = 30_000;

/**
 * How long to wait before the next attempt, in milliseconds: half a second, doubling up to half a
 * minute, of which a random part of up to half is left out, so that not all clients of a server that
 * comes back arrive at once.
 *
 * @param tries how many attempts have failed so far
 * @param random a number from 0 to 1
 */
export function backoff(tries: number, random: number): number {
  return Math.min(SHORTEST * 2 ** tries, LONGEST_WAIT) * (1 - random / 2);
}
