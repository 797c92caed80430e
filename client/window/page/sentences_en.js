/** The program's sentences in English, by their codes, where its own words don't stand. */

/** @type {Readonly<Record<string, string>>} */
export default {
  "transfer-failed.cancelled": "cancelled",
  "transfer-failed.taken": "another program of yours takes it, or has it",
  "transfer-failed.withdrawn": "withdrawn",
  "transfer-failed.declined": "declined",
  "transfer-failed.unknown": "the other side knows nothing of this offer any more",
  "transfer-failed.invalid": "the offer breaks the rules",
  "transfer-failed.changed": "a file is not any more what was offered",
  "transfer-failed.unreadable": "a file can't be read",
  "transfer-failed.mismatch": "what came is not what was offered",
  "transfer-failed.disk-full": "the disk is full; it goes on once there is room",
  "transfer-failed.unwritable": "the files can't be written",
  "transfer-failed.no-storage": "this program stores no files",
};
