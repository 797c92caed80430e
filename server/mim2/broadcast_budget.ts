import { serverLimits } from "../limits.ts";
import { TokenBucket } from "../platform/util/token_bucket.ts";

/**
 * How many bytes each source may have broadcast: one change of status costs its bytes for each client that
 * is told. Callers pass the time.
 */
export class BroadcastBudget {
  readonly #sources = new Map<string, TokenBucket>();

  /** Whether a source may have so many bytes broadcast now; if so, counts them. */
  take(source: string, bytes: number, now: number): boolean {
    const { broadcastBurstBytes: burst, broadcastBytesPerSecond: perSecond } = serverLimits;
    const bucket = this.#sources.getOrInsertComputed(
      source,
      () => new TokenBucket(burst, perSecond),
    );
    return bucket.take(now, Math.min(bytes, burst));
  }

  /** Forgets sources that have their whole budget. To be called every second or so. */
  tick(now: number): void {
    for (const [source, bucket] of this.#sources) {
      if (bucket.isFull(now)) this.#sources.delete(source);
    }
  }
}
