import { wrapLine } from "./wrap.ts";
import {
  cellAfterRows,
  charactersOf,
  isCertain,
  type Layout,
  layOut,
  type Line,
  rowsOf,
  widthOf,
} from "./layout.ts";

/** A terminal that reports its cursor does so within this time, in milliseconds. */
const ANSWER_TIMEOUT_MS = 200;
/** Makes the terminal show the output between them at once, if it can. */
const [HOLD, SHOW] = ["\x1b[?2026h", "\x1b[?2026l"];
/** Makes the terminal wrap long rows (DECAWM), or cut them. */
const [WRAP, CUT] = ["\x1b[?7h", "\x1b[?7l"];

/**
 * Erases from the cursor on, in two steps: tmux saves in its scrollback whatever is erased from the
 * first cell of the screen on.
 */
const ERASE = "\x1b[C\x1b[J\r\x1b[K";

export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  /** Whether it rewraps lines long before it reports its new width, as tmux does. */
  readonly tellsLate: boolean;
  write(text: string): void;
}

interface Drawn extends Layout {
  /** The text before the cursor, and all of it, as rows that the terminal wraps one by one. */
  readonly rowsBefore: readonly string[];
  readonly rowsInAll: readonly string[];
  readonly certain: boolean;
}

/**
 * The rows at the bottom where a line is edited, and the lines printed above them. Each change is one
 * write.
 *
 * When the width changes, some terminals rewrap a half-typed line and some don't. The column of the
 * cursor shows which; until the terminal reports it, nothing is drawn and printed lines wait. If it does
 * not answer, the smaller number of rows above the cursor counts: a stale piece of the line may stay, but
 * no message is lost.
 *
 * If the terminal may count the cells of the line differently, each row is written by itself and cut at
 * the edge: then there are as many rows as were written, and none is ever joined with another.
 */
export class EditBox {
  readonly #canvas: Canvas;
  readonly #line: () => Line;
  #drawn: Drawn | undefined;
  /** The width for which it was drawn. */
  #columns = 0;
  /** The column of the cursor if the terminal rewraps nothing; undefined except during a resize. */
  #clamped: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting: string[] = [];

  constructor(canvas: Canvas, line: () => Line) {
    this.#canvas = canvas;
    this.#line = line;
  }

  /** Draws the line in its place, or at the cursor if it isn't shown yet. */
  draw(): void {
    if (!this.#resizing()) this.#write(this.#erased() + this.#fresh());
  }

  print(lines: readonly string[]): void {
    if (this.#resizing()) return void this.#waiting.push(...lines);
    const rows = lines.flatMap((line) => wrapLine(line, this.#canvas.columns));
    const text = rows.map((row) => row + "\r\n").join("");
    this.#write(this.#erased() + text + this.#fresh());
  }

  /** Takes the line off the screen. */
  erase(): void {
    this.#settle(undefined);
    this.#write(this.#erased());
  }

  /** Leaves the line on the screen and continues below it. */
  leave(): void {
    this.#settle(undefined);
    const drawn = this.#drawn;
    this.#drawn = undefined;
    if (drawn === undefined) return;
    const down = drawn.end.row - drawn.cursor.row;
    this.#canvas.write((down > 0 ? `\x1b[${down}B` : "") + "\r\n");
  }

  /** Begins on an empty screen. */
  clear(): void {
    this.#settle(undefined);
    this.#write(`${this.#erased()}\x1b[H\x1b[2J${this.#fresh()}`);
  }

  /** Forgets what is on the screen: another program has written there. */
  forget(): void {
    this.#drawn = undefined;
  }

  resized(): void {
    if (this.#drawn === undefined) return;
    const column = this.#clamped ?? this.#drawn.cursor.column;
    this.#clamped = Math.min(column, this.#canvas.columns - 1);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.position(undefined), ANSWER_TIMEOUT_MS);
    this.#canvas.write("\x1b[6n");
  }

  /** The terminal reports the column of its cursor, from 0; undefined if it does not answer. */
  position(column: number | undefined): void {
    if (this.#clamped === undefined) return;
    this.#settle(column);
    this.print(this.#waiting.splice(0));
  }

  /** Whether the position of the line is unknown: the signal of a resize may come late. */
  #resizing(): boolean {
    const changed = this.#drawn !== undefined && this.#columns !== this.#canvas.columns;
    if (changed && this.#clamped === undefined) this.resized();
    return this.#clamped !== undefined;
  }

  #settle(column: number | undefined): void {
    clearTimeout(this.#timer);
    const kept = this.#clamped;
    this.#clamped = undefined;
    const drawn = this.#drawn;
    if (kept === undefined || drawn === undefined) return;
    const anew = cellAfterRows(drawn.rowsBefore, this.#canvas.columns);
    const { row } = drawn.cursor;
    const isAnew = drawn.certain && column === anew.column && column !== kept;
    const isKept = column === kept && column !== anew.column;
    const above = isAnew ? anew.row : isKept ? row : Math.min(anew.row, row);
    const end = isAnew ? cellAfterRows(drawn.rowsInAll, this.#canvas.columns) : drawn.end;
    this.#columns = this.#canvas.columns;
    this.#drawn = { ...drawn, cursor: { row: above, column: column ?? kept }, end };
  }

  #erased(): string {
    const drawn = this.#drawn;
    this.#drawn = undefined;
    if (drawn === undefined) return "";
    return `${up(drawn.cursor.row)}\r${ERASE}`;
  }

  #fresh(): string {
    const { columns, rows, tellsLate } = this.#canvas;
    const line = this.#line();
    const layout = layOut(line, columns, Math.max(1, Math.floor(rows / 2)));
    const { cursor, end } = layout;
    const isCutBefore = layout.before.length < line.prompt.length + line.before.length;
    const before = isCutBefore ? markCut(layout.before, 0) : layout.before;
    const isCutAfter = layout.after.length < line.after.length;
    const after = isCutAfter ? markCut(layout.after, -1) : layout.after;
    const certain = isCertain(before + after);
    const whole = certain && (end.row === 0 || !tellsLate);
    const rowsBefore = whole ? [before] : rowsOf(before, columns);
    const rowsInAll = whole ? [before + after] : rowsOf(before + after, columns);
    this.#drawn = { ...layout, rowsBefore, rowsInAll, certain };
    this.#columns = columns;
    const back = up(end.row - cursor.row) + "\r";
    if (!whole) {
      // The text before the cursor is written again, so that the terminal puts the cursor there.
      return `\r${CUT}${rowsInAll.join("\r\n")}${back}${rowsBefore.at(-1) ?? ""}${WRAP}`;
    }
    // The terminal leaves a full row only when the next one has a character.
    const next = end.row > 0 && end.column === 0 ? " " : "";
    const right = cursor.column > 0 ? `\x1b[${cursor.column}C` : "";
    return `\r${before}${after}${next}${back}${right}`;
  }

  #write(text: string): void {
    if (text !== "") this.#canvas.write(HOLD + text + SHOW);
  }
}

/** Puts a sign in the place of the first or last character: there is more than is shown. */
function markCut(text: string, at: 0 | -1): string {
  const characters = [...charactersOf(text)];
  const replaced = characters.at(at);
  if (replaced === undefined || characters.length < 2) return text;
  const sign = `\x1b[2m…\x1b[m${" ".repeat(Math.max(0, widthOf(replaced, Infinity) - 1))}`;
  return at === 0 ? sign + characters.slice(1).join("") : characters.slice(0, -1).join("") + sign;
}

function up(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : "";
}
