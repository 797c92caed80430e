import { deadline } from "@std/async/deadline";
import { storageError } from "./errors.ts";
import type { EventBus } from "./event_bus.ts";
import { clientLimits } from "./limits.ts";

/**
 * The answer of a store, if it comes in time.
 *
 * @throws {ClientError} `storage-failed`; the signal's reason once it is aborted
 */
export async function fromStore<Value>(read: Promise<Value>, signal?: AbortSignal): Promise<Value> {
  try {
    return await withinTime(read, clientLimits.storeTimeoutMs, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw storageError({ what: "contents" }, error);
  }
}

/**
 * Waits for what is being written, and emits an error if that takes too long.
 *
 * @param written never rejects
 * @returns false if it took too long
 */
export async function untilStored(
  written: Promise<unknown>,
  timeoutMs: number,
  events: EventBus,
): Promise<boolean> {
  try {
    await withinTime(written, timeoutMs);
    return true;
  } catch (error) {
    events.emit({ type: "error", error: storageError({ what: "changes" }, error) });
    return false;
  }
}

async function withinTime<Value>(
  answer: Promise<Value>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Value> {
  try {
    return await deadline(answer, timeoutMs, signal === undefined ? {} : { signal });
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "TimeoutError") throw error;
    throw new Error(`no answer within ${clientLimits.storeTimeoutMs / 1000} s`, { cause: error });
  }
}
