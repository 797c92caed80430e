import config from "../../deno.json" with { type: "json" };
import type { Messenger } from "../core/mod.ts";
import type { NoteWords } from "./events.ts";

/**
 * Tells the user, once for each version, that a server runs a newer one. Nobody is asked for that: a server says it in
 * its welcome.
 *
 * @param isWanted whether the user wants that now
 * @param own the version of this program
 */
export function noticeUpdates(
  messenger: Pick<Messenger, "subscribe" | "serverVersion">,
  isWanted: () => boolean,
  note: (text: string, words: NoteWords) => void,
  own: string = config.version,
): void {
  const told = new Set<string>();
  messenger.subscribe((event) => {
    const { serverVersion } = messenger;
    if (event.type !== "logged-in" || serverVersion === undefined || !isWanted()) return;
    if (told.has(serverVersion) || !isNewer(serverVersion, own)) return;
    told.add(serverVersion);
    note(
      `The server runs MIM ${serverVersion}, and this is MIM ${own}; ask whoever gave you MIM ` +
        "whether there is a newer one",
      { code: "newer-version", values: { version: serverVersion, own } },
    );
  });
}

/** Whether one version, three numbers, comes after another. */
function isNewer(one: string, other: string): boolean {
  const [left, right] = [one, other].map((version) => version.split(/[.-]/).map(Number));
  for (let at = 0; at < 3; at++) {
    const difference = (left?.[at] ?? 0) - (right?.[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
