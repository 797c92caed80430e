import type { History } from "./history/mod.ts";

/**
 * Opens the history in a data folder. SQLite is loaded only here, since it makes up much of the start-up
 * time.
 *
 * @param onNote receives a text for the user if something goes wrong, now or later
 * @returns undefined if no history can be kept; a note says why
 */
export async function openHistory(
  folder: string,
  onNote: (text: string) => void,
): Promise<History | undefined> {
  const { History } = await import("./history/mod.ts");
  return History.open(`${folder}/history.db`, onNote);
}
