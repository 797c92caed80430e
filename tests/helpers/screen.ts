import xterm from "@xterm/headless";
import stringWidth from "string-width";

/** Operating system commands that a terminal may obey: titles, colours, links, clipboard, notes. */
const COMMANDS = [0, 1, 2, 4, 7, 8, 9, 10, 11, 50, 52, 104, 133, 777, 1337];
/** Ends of device control strings that xterm has a handler for. */
const DEVICE_CONTROLS = ["q", "p", "r", "t", "u", "v", "{", "|", "}"];

/** A terminal without a program: what is written to it, as it looks, and all else that it does. */
export class ScreenProbe implements Disposable {
  readonly #screen: xterm.Terminal;
  /** What it was made to do besides showing text: titles, links, clipboard, device controls. */
  readonly obeyed: string[] = [];
  /** What it would type as if the user had. */
  answers = "";
  /** How often it rang. */
  bells = 0;

  /** A terminal of `columns` by `rows`, with room above for what scrolls off. */
  constructor(columns: number, rows: number, scrollback = 0) {
    const screen = this.#screen = new xterm.Terminal({
      cols: columns,
      rows,
      scrollback,
      allowProposedApi: true,
    });
    screen.onBell(() => this.bells++);
    screen.onData((data) => this.answers += data);
    for (const command of COMMANDS) {
      screen.parser.registerOscHandler(command, (data) => this.#obey(`OSC ${command};${data}`));
    }
    for (const final of DEVICE_CONTROLS) {
      for (const intermediates of ["", "$", "+"]) {
        screen.parser.registerDcsHandler(
          { intermediates, final },
          (data) => this.#obey(`DCS ${intermediates}${final}${data}`),
        );
      }
    }
  }

  /** Writes; resolves once it is on the screen. */
  async write(text: string): Promise<void> {
    await new Promise<void>((resolve) => this.#screen.write(text, resolve));
  }

  /** Makes it larger or smaller; it wraps anew what it wrapped, but for the cursor's line. */
  resize(columns: number, rows: number): void {
    this.#screen.resize(columns, rows);
  }

  /** Gives it the widths of today's emoji; its own are those of Unicode 6. */
  useTodaysWidths(): void {
    useTodaysWidths(this.#screen);
  }

  /** Empties it. */
  reset(): void {
    this.#screen.reset();
  }

  /** The row and the column of the cursor, from 0, counted from what scrolled off first. */
  get cursor(): readonly [row: number, column: number] {
    const { baseY, cursorY, cursorX } = this.#screen.buffer.active;
    return [baseY + cursorY, cursorX];
  }

  /** Whether this is the other screen, which full-screen programs use. */
  get alternate(): boolean {
    return this.#screen.buffer.active.type === "alternate";
  }

  /** What stands in a row, without the empty cells at its end. */
  row(row: number): string {
    return this.#screen.buffer.active.getLine(row)?.translateToString(true) ?? "";
  }

  /** All rows, those that scrolled off too, down to the cursor's. */
  get rows(): string[] {
    return Array.from({ length: this.cursor[0] + 1 }, (_, row) => this.row(row));
  }

  /** Texts that blink, can't be seen, are struck through or underlined, or have a background. */
  get adorned(): string[] {
    const found: string[] = [];
    const buffer = this.#screen.buffer.active;
    const reused = buffer.getNullCell();
    for (let row = 0; row <= this.cursor[0]; row++) {
      const line = buffer.getLine(row);
      for (let column = 0; column < (line?.length ?? 0); column++) {
        const cell = line?.getCell(column, reused);
        if (cell === undefined || cell.isAttributeDefault()) continue;
        const worn = cell.isBlink() || cell.isInvisible() || cell.isStrikethrough() ||
          cell.isUnderline() || cell.isInverse() || !cell.isBgDefault();
        if (worn) found.push(cell.getChars());
      }
    }
    return found;
  }

  [Symbol.dispose](): void {
    this.#screen.dispose();
  }

  #obey(what: string): boolean {
    this.obeyed.push(what);
    return true;
  }
}

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
