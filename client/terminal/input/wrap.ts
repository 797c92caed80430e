import { isCertain, piecesOf, widthOf } from "./layout.ts";

/** How far rows that continue a line are indented, if the screen is wide enough. */
const MAX_GUTTER_WIDTH = 8;
/** Have the terminal cut what does not fit into a row (DECAWM), and wrap it again. */
const [CUT, WRAP] = ["\x1b[?7l", "\x1b[?7h"];

/** The blanks that begin each row that continues a line: no text begins a row. */
export function gutterOf(columns: number): string {
  return " ".repeat(Math.min(MAX_GUTTER_WIDTH, Math.max(1, Math.floor(columns / 3))));
}

/**
 * Wraps a line to rows, between words if they fit. All rows but the first begin with the gutter, and
 * the terminal wraps none of them, even if it gives a character more cells than expected.
 */
export function wrapLine(line: string, columns: number): string[] {
  if (columns <= 2) return [line]; // nothing can be read there
  if (line.length <= columns && /^[ -~]*$/.test(line)) return [line];
  return rowsOf(line, columns).map((row) => isCertain(row) ? row : `${CUT}${row}${WRAP}`);
}

function rowsOf(line: string, columns: number): string[] {
  const gutter = gutterOf(columns);
  const rows: string[] = [];
  let [row, width] = ["", 0];
  /** The index of the row's last word, and the width of the text before it. */
  let word: { readonly at: number; readonly width: number } | undefined;
  const pieces = piecesOf(line);
  for (const [at, piece] of pieces.entries()) {
    const cells = cellsOf(piece, columns);
    if (width + cells > columns) {
      const room = columns - gutter.length - width + (word?.width ?? 0);
      const kept = word !== undefined && fits(pieces, at, room, columns)
        ? word
        : { at: row.length, width };
      rows.push(row.slice(0, kept.at).trimEnd());
      row = gutter + row.slice(kept.at);
      width = gutter.length + width - kept.width;
      word = undefined;
      if (piece === " " && width === gutter.length) continue;
    }
    row += piece;
    width += cells;
    if (piece === " " && row.trim() !== "") word = { at: row.length, width };
  }
  return [...rows, row];
}

/** Whether the rest of a word takes no more than so many cells. */
function fits(pieces: readonly string[], from: number, room: number, columns: number): boolean {
  let width = 0;
  for (let at = from; at < pieces.length && pieces[at] !== " "; at++) {
    width += cellsOf(pieces[at] ?? "", columns);
    if (width > room) return false;
  }
  return true;
}

function cellsOf(piece: string, columns: number): number {
  return piece.startsWith("\x1b") ? 0 : widthOf(piece, columns);
}
