import type xterm from "@xterm/headless";
import stringWidth from "string-width";

const VERSION = "now";

/** Gives an emulated terminal the widths of today's emoji: its own are those of Unicode 6. */
export function useTodaysWidths(screen: xterm.Terminal): void {
  screen.unicode.register({ version: VERSION, wcwidth: widthOf, charProperties });
  screen.unicode.activeVersion = VERSION;
}

const known = new Map<number, 0 | 1 | 2>();

function widthOf(code: number): 0 | 1 | 2 {
  if (code >= 0x20 && code < 0x7f) return 1;
  let width = known.get(code);
  if (width === undefined) {
    const columns = stringWidth(String.fromCodePoint(code));
    width = columns === 0 ? 0 : columns === 1 ? 1 : 2;
    known.set(code, width);
  }
  return width;
}

/** As xterm packs it: the width above the lowest bit, which says that it joins what is before. */
function charProperties(code: number, before: number): number {
  const width = widthOf(code);
  const widthBefore = (before >> 1) & 3;
  const joins = width === 0 && widthBefore > 0;
  return (joins ? widthBefore : width) << 1 | (joins ? 1 : 0);
}
