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
  let refusals = 0;
  let state: "deleting" | "emptying" | "done" = "deleting";
  for (;;) {
    if (file.isClosed || isOver()) return deleted;
    try {
      if (state === "deleting") {
        const count = file.do((table) => deleteSome(table, BATCH_SIZE));
        deleted += count;
        if (count < BATCH_SIZE) state = deleted === 0 ? "done" : "emptying";
      } else if (file.do((table) => table.emptyLog())) state = "done";
      else refusals++;
    } catch (error) {
      if (!isBusy(error)) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`Cannot delete from the history: ${reason}`, { cause: error });
      }
      refusals++;
    }
    if (state === "done") return deleted;
    if (refusals > MAX_BUSY_RETRIES) {
      throw new Error("Cannot delete from the history: another client uses it all the time");
    }
    await new Promise((resolve) => setTimeout(resolve, refusals > 0 ? RETRY_INTERVAL_MS : 0));
  }
}
