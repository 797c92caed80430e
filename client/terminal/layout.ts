/** Where on the screen the line that is typed stands. */

import stringWidth from "string-width";

const widths = new Map<string, number>();

/** A cell of the screen, counted from the first one of the line. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** What of a line is shown, and where its cursor stands. */
export interface Layout {
  readonly before: string;
  readonly after: string;
  readonly cursor: Cell;
  /** The cell behind the last character. */
  readonly end: Cell;
}

/** A line to be shown. The prompt may hold colours. */
export interface Line {
  readonly prompt: string;
  readonly before: string;
  readonly after: string;
}

/** The cell behind a text that a terminal wraps at `columns`. */
export function cellAfter(text: string, columns: number): Cell {
  return advance({ row: 0, column: 0 }, text, columns);
}

/**
 * Lays a line out. One that needs more than `most` rows is cut to those around the cursor, so that
 * none of them can be scrolled off the screen.
 */
export function layOut({ prompt, before, after }: Line, columns: number, most: number): Layout {
  const start = cellAfter(prompt, columns);
  const cursor = advance(start, before, columns);
  const end = advance(cursor, after, columns);
  if (end.row < most) return { before: prompt + before, after, cursor, end };
  // The cursor stands in the last row shown, unless what is before it fits whole.
  const first = Math.max(0, cursor.row - most + 1);
  const head = first === 0 ? { prompt, before } : { prompt: "", before: fromRow(first) };
  const shownCursor = cellAfter(head.prompt + head.before, columns);
  let tail = "";
  let last = shownCursor;
  for (const character of after) {
    const next = advance(last, character, columns);
    if (next.row >= most) break;
    tail += character;
    last = next;
  }
  return { before: head.prompt + head.before, after: tail, cursor: shownCursor, end: last };

  function fromRow(row: number): string {
    let cell = start;
    let at = 0;
    for (const character of before) {
      if (cell.row >= row) break;
      cell = advance(cell, character, columns);
      if (cell.row >= row && cell.column > 0) break; // a wide one that went into the next row
      at += character.length;
    }
    return before.slice(at);
  }
}

function advance(from: Cell, text: string, columns: number): Cell {
  let { row, column } = from;
  // deno-lint-ignore no-control-regex
  for (const character of text.replace(/\x1b\[[\d;]*m/g, "")) {
    const width = widthOf(character);
    if (width === 2 && column + 2 > columns) {
      row++;
      column = 0;
    }
    column += width;
    if (column >= columns) {
      row++;
      column = 0;
    }
  }
  return { row, column };
}

/** How many cells a character takes. */
function widthOf(character: string): number {
  if (character >= " " && character <= "~") return 1;
  let width = widths.get(character);
  if (width === undefined) {
    width = stringWidth(character);
    widths.set(character, width);
  }
  return width;
}
