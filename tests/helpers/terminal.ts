import { Buffer } from "node:buffer";
import pty from "@lydell/node-pty";
import xterm from "@xterm/headless";
import { useTodaysWidths } from "./screen.ts";
import { PATIENCE } from "./wait.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** A program in a terminal: keys go in, and what a person would see comes out. */
export class TestTerminal implements AsyncDisposable {
  readonly #screen: xterm.Terminal;
  readonly #process: pty.IPty;
  readonly #exit = Promise.withResolvers<number>();
  readonly #wakers = new Set<() => void>();
  /** Whether the terminal answers what the program asks it. */
  answers = true;
  /** All bytes that the program wrote, as text. */
  output = "";

  /**
   * Starts a program, Deno where none is named, in a terminal of `columns` by `rows`.
   *
   * @param env variables on top of the environment of the tests
   */
  constructor(
    args: readonly string[],
    columns = 80,
    rows = 24,
    program = Deno.execPath(),
    env: Readonly<Record<string, string>> = {},
  ) {
    this.#screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    useTodaysWidths(this.#screen);
    this.#process = pty.spawn(program, [...args], {
      cols: columns,
      rows,
      cwd: ROOT,
      env: { ...Deno.env.toObject(), NO_COLOR: "", TERM: "xterm-256color", ...env },
    });
    this.#process.onData((data) => {
      this.output += data;
      this.#screen.write(data, () => this.#wakers.forEach((wake) => wake()));
    });
    // What the terminal itself answers, as to where its cursor is.
    this.#screen.onData((answer) => this.answers && this.#process.write(answer));
    // By then all of its output has come, but the screen takes it in its own time.
    this.#process.onExit(({ exitCode }) =>
      this.#screen.write("", () => this.#exit.resolve(exitCode))
    );
  }

  /** The lines on the screen and those scrolled off it, without empty ones at the end. */
  get lines(): string[] {
    const buffer = this.#screen.buffer.active;
    const lines = Array.from(
      { length: buffer.length },
      (_, row) => buffer.getLine(row)?.translateToString(true).trimEnd() ?? "",
    );
    while (lines.at(-1) === "") lines.pop();
    return lines;
  }

  /** The column of the cursor, from 0. */
  get cursorColumn(): number {
    return this.#screen.buffer.active.cursorX;
  }

  /** The text in a row: the cursor's, or so many below it, or above it where negative. */
  rowAt(offset: number): string {
    const { baseY, cursorY } = this.#screen.buffer.active;
    const line = this.#screen.buffer.active.getLine(baseY + cursorY + offset);
    return line?.translateToString(true).trimEnd() ?? "";
  }

  /** The number of the program's process. */
  get pid(): number {
    return this.#process.pid;
  }

  /** The program's exit code, once it has ended and all that it wrote is on the screen. */
  get exitCode(): Promise<number> {
    return this.#exit.promise;
  }

  /** Makes the terminal larger or smaller. */
  resize(columns: number, rows: number): void {
    this.#process.resize(columns, rows);
    this.#screen.resize(columns, rows);
  }

  /** Presses keys: text, `\r` for Enter, control characters. */
  type(keys: string): void {
    this.#process.write(keys);
  }

  typeBytes(bytes: readonly number[]): void {
    this.#process.write(Buffer.from(bytes) as unknown as string); // it takes both
  }

  /** Waits until the screen is as it should be. */
  async until(condition: (lines: string[]) => boolean, what: string): Promise<void> {
    await this.when(() => condition(this.lines), what);
  }

  /** The same, for conditions that look for themselves. */
  async when(condition: () => boolean, what: string): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, PATIENCE);
    let waiting = true;
    void late.promise.then(() => waiting = false);
    try {
      while (!condition()) {
        if (!waiting) throw new Error(`expected ${what}, got:\n${this.lines.join("\n")}`);
        const news = Promise.withResolvers<void>();
        this.#wakers.add(news.resolve);
        await Promise.race([news.promise, late.promise]);
        this.#wakers.delete(news.resolve);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits until a line of the screen matches. */
  async shows(line: RegExp): Promise<void> {
    await this.until((lines) => lines.some((each) => line.test(each)), `a line ${line}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.exitCode;
    this.#screen.dispose();
  }
}
