import { ClientError, type Messenger, type Transfer } from "../core/mod.ts";

const MEGABYTE = 1_000_000;
/** How many files that are not finished one person may have on their way without the user's word. */
const MAX_TAKEN_AT_ONCE = 10;

/**
 * Takes files of people whom the user knows by their key now, as they are offered, if the user wants that.
 *
 * @param limit how many megabytes an offer may have; false for none
 * @param onFailed gets the reason if an offer that stays can't be taken
 */
export function takeFiles(
  messenger: Messenger,
  limit: () => number | false,
  onFailed: (error: ClientError) => void,
): void {
  messenger.subscribe((event) => {
    if (event.type !== "file-offered") return;
    const { transfer } = event;
    const most = limit();
    if (most === false || transfer.size > most * MEGABYTE) return;
    const { trust, files } = messenger;
    if (!trust.contacts.some(({ identity }) => transfer.identity.equals(identity))) return;
    const unfinished = files.all.filter((other) => isUnfinishedOf(transfer, other));
    if (unfinished.length >= MAX_TAKEN_AT_ONCE) return;
    return transfer.accept().catch((error) => {
      if (transfer.state === "failed") return; // it was withdrawn, which is reported
      if (!(error instanceof ClientError)) throw error;
      onFailed(error);
    });
  });
}

/** Whether a transfer of the same person was taken and is not over. */
function isUnfinishedOf({ identity }: Transfer, other: Transfer): boolean {
  const isTaken = other.state === "waiting" || other.state === "active" || other.state === "paused";
  return isTaken && other.direction === "incoming" && other.identity.equals(identity);
}
