import { WindowLimit } from "../../../server/platform/util/window_limit.ts";
import { clientLimits } from "../limits.ts";
import type { FileTransfer } from "./file_transfer.ts";

/** How many offers one key may make in an hour: later ones come again. */
const OFFER_WINDOW_MS = 3_600_000;
const MAX_NEW_OFFERS = 1_000;

/** How many offers others may make, and how many wait for the user. */
export class OfferLimits {
  readonly #offers = new WindowLimit({ windowMs: OFFER_WINDOW_MS, maxPerKey: MAX_NEW_OFFERS });

  /**
   * Whether a key may make one more offer. Somebody who has made most makes room: so many wait at most.
   *
   * @param all all transfers
   */
  admits(identity: Uint8Array, all: readonly FileTransfer[]): boolean {
    if (this.#offers.take(identity.toHex()) !== "taken") return false;
    const waiting = all.filter(({ direction, state }) =>
      direction === "incoming" && state === "offered"
    );
    const own = waiting.filter((transfer) => transfer.identity.equals(identity));
    const counts = Map.groupBy(waiting, (transfer) => transfer.identity.toHex());
    const fullest = [...counts.values()].sort((one, other) => other.length - one.length)[0] ?? [];
    const full = own.length >= clientLimits.fileOffersPerKey
      ? own
      : waiting.length >= clientLimits.fileOffers
      ? fullest
      : [];
    void full[0]?.cancel().catch(() => {});
    return true;
  }
}
