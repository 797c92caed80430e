/** The position of the typed line on the screen. */

import stringWidth from "string-width";
import { graphemesOf } from "../../../protocol/mod.ts";

const widths = new Map<string, number>();
// deno-lint-ignore no-control-regex
const COLORS = /\x1b\[[\d;]*m/g;
/** Characters that every terminal gives the same number of cells: letters, and those of the prompt. */
const CERTAIN =
  /^[ -~▸…⏎→\uac00-\ud7a3\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]*$/u;

/** A cell of the screen, counted from the first one of the line. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** The visible part of a line, and the position of its cursor. */
export interface Layout {
  readonly before: string;
  readonly after: string;
  readonly cursor: Cell;
  readonly end: Cell;
}

/** A line to show. The prompt may hold colors. */
export interface Line {
  readonly prompt: string;
  readonly before: string;
  readonly after: string;
}

/** The cell behind a text that a terminal wraps at `columns`. */
export function cellAfter(text: string, columns: number): Cell {
  return advance({ row: 0, column: 0 }, text, columns);
}

/** The cell behind rows that a terminal wraps one by one. */
export function cellAfterRows(rows: readonly string[], columns: number): Cell {
  let above = 0;
  for (const text of rows.slice(0, -1)) {
    const { row, column } = cellAfter(text, columns);
    above += row + (column > 0 || row === 0 ? 1 : 0);
  }
  const last = cellAfter(rows.at(-1) ?? "", columns);
  return { row: above + last.row, column: last.column };
}

/** Splits a text into the rows that it takes; the last one is empty if the one before is just full. */
export function rowsOf(text: string, columns: number): string[] {
  const rows = [""];
  let cell: Cell = { row: 0, column: 0 };
  for (const piece of piecesOf(text)) {
    const width = piece.startsWith("\x1b") ? 0 : widthOf(piece, columns);
    const next = advance(cell, piece, columns);
    // A color, or a mark, belongs to what is before it.
    const at = cell.column + width > columns
      ? cell.row + 1
      : width === 0 && cell.column === 0
      ? Math.max(0, cell.row - 1)
      : cell.row;
    rows[at] = (rows[at] ?? "") + piece;
    cell = next;
    for (let row = rows.length; row <= cell.row; row++) rows.push("");
  }
  return rows;
}

/** Whether every terminal gives a text the same number of cells; they differ for emoji. */
export function isCertain(text: string): boolean {
  return CERTAIN.test(text.replace(COLORS, ""));
}

/**
 * Lays a line out. A line of more than `most` rows is cut to those around the cursor, so that none can
 * scroll off the screen.
 */
export function layOut({ prompt, before, after }: Line, columns: number, most: number): Layout {
  const start = cellAfter(prompt, columns);
  const cursor = advance(start, before, columns);
  const end = advance(cursor, after, columns);
  if (end.row < most) return { before: prompt + before, after, cursor, end };
  // The cursor is in the last visible row, unless all before it fits.
  const first = Math.max(0, cursor.row - most + 1);
  const head = first === 0 ? { prompt, before } : { prompt: "", before: fromRow(first) };
  const shownCursor = cellAfter(head.prompt + head.before, columns);
  let tail = "";
  let last = shownCursor;
  for (const character of charactersOf(after)) {
    const next = advance(last, character, columns);
    if (next.row >= most) break;
    tail += character;
    last = next;
  }
  return { before: head.prompt + head.before, after: tail, cursor: shownCursor, end: last };

  function fromRow(row: number): string {
    let cell = start;
    let at = 0;
    for (const character of charactersOf(before)) {
      if (cell.row >= row) break;
      cell = advance(cell, character, columns);
      if (cell.row >= row && cell.column > 0) break; // a wide one that went into the next row
      at += character.length;
    }
    return before.slice(at);
  }
}

/** Words side by side, as many as fit. */
export function inColumns(words: readonly string[], columns: number): string[] {
  const shown = words.map((word) => word.trimEnd());
  const width = Math.max(...shown.map((word) => stringWidth(word)), 0) + 2;
  const each = Math.max(1, Math.floor(columns / width));
  const rows: string[] = [];
  for (let at = 0; at < shown.length; at += each) {
    const row = shown.slice(at, at + each);
    rows.push(row.map((word) => word + " ".repeat(width - stringWidth(word))).join("").trimEnd());
  }
  return rows;
}

function advance(from: Cell, text: string, columns: number): Cell {
  let { row, column } = from;
  for (const character of charactersOf(text.replace(COLORS, ""))) {
    const width = widthOf(character, columns);
    if (column + width > columns) {
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

/** The colors of a text, and the characters between them. */
export function piecesOf(text: string): string[] {
  const colors = text.match(COLORS) ?? [];
  return text.split(COLORS).flatMap((part, at) => [
    ...charactersOf(part),
    ...colors.slice(at, at + 1),
  ]);
}

/** The characters of a text as people see them; none is cut, wherever a row ends. */
export function charactersOf(text: string): Iterable<string> {
  return isCertain(text) ? text : graphemesOf(text);
}

/** How many cells a character takes where each of its code points takes some, and the row at most. */
export function widthOf(character: string, columns: number): number {
  if (character >= " " && character <= "~") return 1;
  let sum = 0;
  for (const point of character) {
    let width = widths.get(point);
    if (width === undefined) {
      width = stringWidth(point);
      widths.set(point, width);
    }
    sum += width;
  }
  return Math.min(sum, columns);
}
