import { reasonOf } from "../../../server/platform/util/errors.ts";
import { isBusy } from "../../../server/platform/storage/sqlite.ts";
import type { SharedFile } from "../../../server/platform/storage/shared_file.ts";
import type { MessageTable } from "./message_table.ts";

/** How many messages are deleted at once; that blocks for some 15 ms. */
const BATCH_SIZE = 50;
/** How often another client may be in the way, and the time until the next attempt. */
const MAX_BUSY_RETRIES = 100;
const RETRY_INTERVAL_MS = 50;

/**
 * Deletes messages in batches, so that the program stays responsive, and then empties the log.
 *
 * @param isOver whether the deletion ends early, as it does once the file is closed
 * @param deleteSome deletes at most so many messages, and returns how many
 * @throws {Error} if not all could be deleted
 */
export async function batchDelete(
  file: SharedFile<MessageTable>,
  isOver: () => boolean,
  deleteSome: (table: MessageTable, most: number) => number,
): Promise<number> {
  let deleted = 0;
  let state: "deleting" | "emptying" | "done" = "deleting";
  while (state !== "done") {
    if (file.isClosed || isOver()) return deleted;
    state = await whenNotBusy(() => {
      if (state === "emptying") return file.do((table) => table.emptyLog()) ? "done" : undefined;
      const count = file.do((table) => deleteSome(table, BATCH_SIZE));
      deleted += count;
      return count === BATCH_SIZE ? "deleting" : deleted === 0 ? "done" : "emptying";
    });
    await new Promise((resolve) => setTimeout(resolve)); // the program goes on in between
  }
  return deleted;
}

/**
 * Works with the history as soon as no other client is in the way.
 *
 * @param work returns undefined if one is in the way, or throws as SQLite does
 * @throws {Error} if it fails, or one is in the way for too long
 */
export async function whenNotBusy<Result>(work: () => Result | undefined): Promise<Result> {
  for (let tries = 0; tries <= MAX_BUSY_RETRIES; tries++) {
    const result = unlessBusy(work);
    if (result !== undefined) return result;
    await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL_MS));
  }
  throw new Error("Cannot delete from the history: another client uses it all the time");
}

/** Works with the history; undefined if another client is in the way. */
export function unlessBusy<Result>(work: () => Result | undefined): Result | undefined {
  try {
    return work();
  } catch (error) {
    if (isBusy(error)) return undefined;
    throw new Error(`Cannot delete from the history: ${reasonOf(error)}`, { cause: error });
  }
}
