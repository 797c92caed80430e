import process from "node:process";
import readline from "node:readline";
import stringWidth from "string-width";
import { EXIT } from "../exit.ts";

/** What whoever uses a line editor is told of. */
export interface LineEditorEvents {
  /** Ctrl-C on an empty line. */
  interrupted(): void;
  /** Whether a line just entered is to be taken off the screen: it comes back in another form. */
  erases(line: string): boolean;
}

/** The line that is being typed, and all that is printed above it. */
export class LineEditor {
  readonly #terminal = readline.createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: true,
  });
  readonly #typed = new TransformStream<string, string>();
  readonly #writer = this.#typed.writable.getWriter();
  readonly #reader = this.#typed.readable.getReader();
  readonly #events: LineEditorEvents;
  #prompting = false;
  /** Ends the question that is being asked. */
  #interrupted: ((code: number) => void) | undefined;
  #closed = false;

  constructor(events: LineEditorEvents) {
    this.#events = events;
    // Before the line editor's own listener.
    process.stdout.prependListener("resize", () => this.#setRowsAbove(this.#rowsAbove()));
    this.#terminal.on("SIGINT", () => this.#interrupt());
    this.#terminal.on("SIGCONT", () => this.#redraw());
    this.#terminal.on("line", (line) => this.#entered(line));
    this.#terminal.on("close", () => this.#ended());
    if (insideTask()) this.#terminal.on("SIGTSTP", () => this.#cannotSuspend());
  }

  /** The lines typed; Ctrl-D on an empty line ends them. */
  get lines(): AsyncIterable<string> {
    return this.#lines();
  }

  /** Whether a line is half typed. */
  get typing(): boolean {
    return this.#terminal.line !== "";
  }

  /** Whether there is no prompt any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Asks one question, before the prompt is up; an exit code on Ctrl-C and Ctrl-D. */
  async ask(question: string): Promise<string | number> {
    this.#terminal.setPrompt(question);
    this.#terminal.prompt();
    const interrupted = Promise.withResolvers<number>();
    this.#interrupted = interrupted.resolve;
    const answer = this.#reader.read().then(({ value }) => value ?? EXIT.done);
    return await Promise.race([answer, interrupted.promise]);
  }

  /** Puts a prompt up, or changes the one that is up. It may hold colours. */
  prompt(prompt: string): void {
    if (this.#prompting && prompt === this.#terminal.getPrompt()) return;
    this.#interrupted = undefined;
    this.#prompting = true;
    this.#terminal.setPrompt(prompt);
    this.#redraw();
  }

  /** Prints lines above the prompt; the half-typed line stays as it is. */
  print(lines: readonly string[]): void {
    if (lines.length === 0) return;
    if (this.#closed || !this.#prompting) {
      process.stdout.write(lines.join("\n") + "\n");
      return;
    }
    const rows = this.#rowsAbove();
    const up = rows > 0 ? `\x1b[${rows}A` : "";
    process.stdout.write(`${up}\r\x1b[J${lines.join("\n")}\n`);
    this.#setRowsAbove(0); // the cursor is where the prompt is to be
    this.#redraw();
  }

  /** Writes what moves no cursor: a bell, a title. */
  write(bytes: string): void {
    process.stdout.write(bytes);
  }

  /** Gives the terminal back as it was. */
  close(): void {
    if (!this.#closed) this.#terminal.close();
  }

  /** By Ctrl-D, or by `close`: there is no prompt any more, what still comes is just printed. */
  #ended(): void {
    this.#closed = true;
    process.stdout.write(this.typing ? "\n" : "\r\x1b[J"); // an empty prompt is of no use
    void this.#writer.close().catch(() => {});
  }

  async *#lines(): AsyncGenerator<string, void> {
    for (;;) {
      const { value } = await this.#reader.read();
      if (value === undefined) return;
      yield value;
    }
  }

  #entered(line: string): void {
    if (this.#prompting && this.#events.erases(line)) this.#eraseTyped(line);
    void this.#writer.write(line).catch(() => {}); // closed: the program is about to end
    this.#redraw();
  }

  #redraw(): void {
    if (this.#closed || !this.#prompting) return;
    this.#terminal.prompt(true);
  }

  /** Takes a line just entered off the screen. */
  #eraseTyped(line: string): void {
    const rows = rowsOf(this.#terminal.getPrompt() + line, process.stdout.columns || 80);
    process.stdout.write(`\x1b[${rows}A\r\x1b[J`);
  }

  /**
   * How many rows of what is typed stand above the cursor. Some terminals wrap a half-typed line anew
   * when they change their width, some don't: no more rows than both have, for rather a stale piece
   * of the line is left than a message is lost.
   */
  #rowsAbove(): number {
    const { rows } = this.#terminal.getCursorPos();
    return "prevRows" in this.#terminal ? Math.min(Number(this.#terminal.prevRows), rows) : rows;
  }

  /** Tells readline how many rows it is to go up before it draws the line. */
  #setRowsAbove(rows: number): void {
    Object.assign(this.#terminal, { prevRows: rows });
  }

  #interrupt(): void {
    if (this.typing) {
      this.#terminal.write(null, { ctrl: true, name: "e" });
      this.#terminal.write(null, { ctrl: true, name: "u" });
      return;
    }
    if (this.#interrupted !== undefined) return this.#interrupted(EXIT.interrupted);
    this.#events.interrupted();
  }

  /** `deno task` goes on when what it runs is stopped, and keeps the terminal: nobody could type. */
  #cannotSuspend(): void {
    this.print([
      "Ctrl-Z can't suspend what `deno task` runs; `deno run …` as in the README can be",
    ]);
  }
}

/** Over how many rows the line editor lays a line, the row of the cursor behind it included. */
function rowsOf(line: string, columns: number): number {
  let offset = 0;
  for (const character of line) {
    const width = stringWidth(character);
    if (width === 2 && (offset + 1) % columns === 0) offset++; // it does not fit into the row
    offset += width;
  }
  return Math.floor(offset / columns) + 1;
}

/** Whether `deno task` runs this, as its mark in the environment says. */
function insideTask(): boolean {
  const variable = "INIT_CWD";
  const allowed = Deno.permissions.querySync({ name: "env", variable }).state === "granted";
  return allowed && Deno.env.has(variable);
}
