/** How much new talk is taken of one author in rooms. */
export const TALK_RATE = { burst: 1_200, perSecond: 1 };
/** Talk that is older than that costs so much less: it is history, of which there may be a lot. */
const NEW_ENTRY_MS = 10 * 60_000;
const OLD_ENTRY_COST = 1 / 20;

/** How many entries one counts for that was written so long ago, by its own date. */
export function talkCost(ageMs: number): number {
  return ageMs > NEW_ENTRY_MS ? OLD_ENTRY_COST : 1;
}
