import { type Cut, cutTransfer } from "../survival/cut_transfer.ts";
import type { Section } from "./report.ts";
import { summarize } from "./statistics.ts";

const SIZE = 1_000_000_000;
/** Twenty, half of them kills. */
const CUTS: readonly Cut[] = [
  ...["giver", "link", "taker", "link", "giver", "link", "taker", "long link", "giver", "link"],
  ...["taker", "link", "giver", "link", "taker", "long link", "giver", "link", "taker", "link"],
] as Cut[];

/** A large file between two machines, cut twenty times. Needs Linux, root and `ip`. */
export async function benchCuts(): Promise<Section> {
  const start = performance.now();
  const { isWhole, sentShare } = await cutTransfer(SIZE, CUTS);
  if (!isWhole) throw new Error("the file that has come is another one");
  const seconds = (performance.now() - start) / 1000;
  return {
    title: "1 GB that is cut twenty times",
    notes: [
      "ten kills of either end, eight times the link down for a moment, twice until it is given up",
      "what is sent has the headers of TCP and IP, and what goes over the chat and to the server",
    ],
    figures: [
      {
        ...{ name: "bytes sent for each of the file", unit: "", better: "less", goal: 1.05 },
        ...summarize([sentShare]),
      },
      { name: "until it is there", unit: "s", better: "less", ...summarize([seconds]) },
    ],
  };
}
