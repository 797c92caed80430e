import { cellAfterRows, isCertain, type Layout, layOut, type Line, rowsOf } from "./layout.ts";

/** A terminal that says where its cursor is does so within so many milliseconds. */
const ANSWER_TIMEOUT_MS = 200;
/** Has the terminal show what follows at once, where it knows how to. */
const [HOLD, SHOW] = ["\x1b[?2026h", "\x1b[?2026l"];
/** Has the terminal wrap what does not fit into a row (DECAWM), or cut it. */
const [WRAP, CUT] = ["\x1b[?7h", "\x1b[?7l"];

/**
 * Erases from the cursor on, which stands at the left: not all at once, for what is erased from the
 * first cell of the screen on is kept in tmux's scrollback, like a screen that was cleared.
 */
const ERASE = "\x1b[C\x1b[J\r\x1b[K";

/** What of a terminal is needed to draw on it. */
export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  /** Whether it wraps lines anew long before it tells of its new width, as tmux does. */
  readonly tellsLate: boolean;
  write(text: string): void;
}

/** What is on the screen. */
interface Drawn extends Layout {
  /** What stands before the cursor, and all: as rows that the terminal wraps each for itself. */
  readonly rowsBefore: readonly string[];
  readonly rowsInAll: readonly string[];
  /** Whether it is known how many cells the terminal gave it. */
  readonly certain: boolean;
}

/**
 * The rows at the bottom where a line is edited, and what is printed above them. Each change is one
 * write.
 *
 * When a terminal changes its width, some wrap a half-typed line anew, some don't. The column of the
 * cursor tells which; meanwhile nothing is drawn, and what is printed waits. Where nothing is
 * answered, no more rows are taken to stand above the cursor than both have: rather a stale piece of
 * the line is left than a message is lost.
 *
 * Where the terminal may have another idea of how wide the line is, or of how wide it is itself, each
 * row is written by itself and cut at the edge: then there are as many rows as were written, and none
 * of them is ever joined with another.
 */
export class EditBox {
  readonly #canvas: Canvas;
  readonly #line: () => Line;
  #drawn: Drawn | undefined;
  /** The width for which it was drawn. */
  #columns = 0;
  /** The column of the cursor, had the terminal wrapped nothing anew; undefined but in a resize. */
  #clamped: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting: string[] = [];

  /** @param line what is to be shown, asked whenever it is drawn */
  constructor(canvas: Canvas, line: () => Line) {
    this.#canvas = canvas;
    this.#line = line;
  }

  /** Draws the line where it stands, or at the cursor where it isn't shown yet. */
  draw(): void {
    if (!this.#resizing()) this.#write(this.#erased() + this.#fresh());
  }

  /** Prints lines above. */
  print(lines: readonly string[]): void {
    if (this.#resizing()) return void this.#waiting.push(...lines);
    const text = lines.map((line) => line + "\r\n").join("");
    this.#write(this.#erased() + text + this.#fresh());
  }

  /** Takes the line off the screen. */
  erase(): void {
    this.#settle(undefined);
    this.#write(this.#erased());
  }

  /** Leaves the line on the screen and goes on below it. */
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

  /** Forgets what is on the screen: somebody else has written there. */
  forget(): void {
    this.#drawn = undefined;
  }

  /** The terminal has another size. */
  resized(): void {
    if (this.#drawn === undefined) return;
    const column = this.#clamped ?? this.#drawn.cursor.column;
    this.#clamped = Math.min(column, this.#canvas.columns - 1);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.position(undefined), ANSWER_TIMEOUT_MS);
    this.#canvas.write("\x1b[6n");
  }

  /** The terminal says in which column its cursor is, from 0; undefined where it says nothing. */
  position(column: number | undefined): void {
    if (this.#clamped === undefined) return;
    this.#settle(column);
    this.print(this.#waiting.splice(0));
  }

  /** Whether it is unknown where the line stands: the signal of a resize may come late. */
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
    const layout = layOut(this.#line(), columns, Math.max(1, Math.floor(rows / 2)));
    const { before, after, cursor, end } = layout;
    const certain = isCertain(before + after);
    const whole = certain && (end.row === 0 || !tellsLate);
    const rowsBefore = whole ? [before] : rowsOf(before, columns);
    const rowsInAll = whole ? [before + after] : rowsOf(before + after, columns);
    this.#drawn = { ...layout, rowsBefore, rowsInAll, certain };
    this.#columns = columns;
    const back = up(end.row - cursor.row) + "\r";
    if (!whole) {
      // What is before the cursor is written again, so that it stands where the terminal has it.
      return `\r${CUT}${rowsInAll.join("\r\n")}${back}${rowsBefore.at(-1) ?? ""}${WRAP}`;
    }
    // A row that is just full is gone on from only once something stands in the next.
    const next = end.row > 0 && end.column === 0 ? " " : "";
    const right = cursor.column > 0 ? `\x1b[${cursor.column}C` : "";
    return `\r${before}${after}${next}${back}${right}`;
  }

  #write(text: string): void {
    if (text !== "") this.#canvas.write(HOLD + text + SHOW);
  }
}

function up(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : "";
}
