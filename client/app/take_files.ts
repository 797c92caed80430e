import type { Messenger } from "../core/mod.ts";

const MEGABYTE = 1_000_000;

/**
 * Takes files of pinned and verified people as they are offered, if the user wants that.
 *
 * @param limit how many megabytes they may have; false for none
 */
export function takeFiles(messenger: Messenger, limit: () => number | false): void {
  messenger.subscribe((event) => {
    if (event.type !== "file-offered") return;
    const { transfer } = event;
    const most = limit();
    if (most === false || transfer.size > most * MEGABYTE) return;
    const chat = messenger.chats.all.find(({ identity }) => identity?.equals(transfer.identity));
    if (chat?.security !== "pinned" && chat?.security !== "verified") return;
    return transfer.accept();
  });
}
