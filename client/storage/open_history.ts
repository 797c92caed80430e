import type { History } from "./history/mod.ts";

/**
 * Opens the history in a data folder. SQLite is loaded only here, since it is slow to start.
 *
 * @param onNote receives texts for the user about failures, now or later
 * @returns undefined if the history can't be opened; a note says why
 */
export async function openHistory(
  folder: string,
  onNote: (text: string) => void,
): Promise<History | undefined> {
  const { History } = await import("./history/mod.ts");
  return await History.open(`${folder}/history.db`, onNote);
}
