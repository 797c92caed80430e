import type { History } from "../storage/mod.ts";
import type { NoteWords } from "./events.ts";

/**
 * Deletes the messages that came longer ago than so many days.
 *
 * @param note receives how many these were, and why some stay that look old enough
 */
export async function pruneHistory(
  history: History,
  days: number,
  note: (text: string, words: NoteWords) => void,
): Promise<void> {
  const { deleted, doubtedDays } = await history.prune(days);
  if (deleted > 0) {
    const messages = deleted === 1 ? "1 message" : `${deleted} messages`;
    note(`Deleted ${messages} from the history, which keeps ${days} days`, {
      code: "pruned",
      values: { count: String(deleted), days: String(days) },
    });
  }
  if (doubtedDays === 0) return;
  note(
    `The clock has gone on by ${doubtedDays} days since MIM last ran: no messages are deleted ` +
      "for that until the clock has been right for a week",
    { code: "clock-doubted", values: { days: String(doubtedDays) } },
  );
}
