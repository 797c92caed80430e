const MIN_BACKOFF_MS = 500;
/** No wait between two attempts is longer than this, in milliseconds. */
export const MAX_BACKOFF_MS = 30_000;

/**
 * How long to wait before the next attempt, in milliseconds: half a second, doubling up to half a
 * minute, of which a random part of up to half is left out, so that not all clients of a server that
 * comes back arrive at once.
 */
export function backoff(tries: number, random: number): number {
  return Math.min(MIN_BACKOFF_MS * 2 ** tries, MAX_BACKOFF_MS) * (1 - random / 2);
}
