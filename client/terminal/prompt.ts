import process from "node:process";
import readline from "node:readline";
import stringWidth from "string-width";
import { displayText } from "../../protocol/mod.ts";
import type { Console, Target } from "../console.ts";
import type { ClientEvent } from "../events.ts";
import { EXIT } from "../exit.ts";
import type { Face } from "./face.ts";
import { TextLines } from "./text.ts";

/** The table that comes with a login is taken to be in after so many milliseconds. */
const TABLE_TIME = 250;

/** A face for people: a prompt that stays at the bottom while lines appear above it. */
export class PromptFace implements Face {
  readonly inOrder = false;
  readonly #terminal = readline.createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: true,
    prompt: "> ",
  });
  readonly #text = new TextLines();
  readonly #typed = new TransformStream<string, string>();
  readonly #writer = this.#typed.writable.getWriter();
  readonly #reader = this.#typed.readable.getReader();
  readonly #console: () => Console | undefined;
  #prompting = false;
  /** Ends the question that is being asked. */
  #interrupted: ((code: number) => void) | undefined;
  #closed = false;

  /** @param console what the prompt tells of */
  constructor(console: () => Console | undefined) {
    this.#console = console;
    // Before the line editor's own listener.
    process.stdout.prependListener("resize", () => this.#rewrapped());
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
  typing(): boolean {
    return this.#terminal.line !== "";
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

  /** Puts the prompt up; lines are taken from here on. */
  start(): void {
    this.#prompting = true;
    this.#interrupted = undefined;
    this.#redraw();
  }

  /** Shows an event above the prompt. */
  readonly emit = (event: ClientEvent): void => {
    if (this.#closed && isFarewell(event)) return;
    this.#print(this.#text.of(event, new Date(), this.#console()?.current));
    if (event.kind === "logged-in") {
      setTimeout(() => this.#closed || this.#print(this.#text.arrived()), TABLE_TIME);
    }
  };

  /** Gives the terminal back as it was. */
  close(): void {
    if (!this.#closed) this.#terminal.close();
  }

  /** By Ctrl-D, or by `close`: there is no prompt any more, what still comes is just printed. */
  #ended(): void {
    this.#closed = true;
    process.stdout.write(this.typing() ? "\n" : "\r\x1b[J"); // an empty prompt is of no use
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
    const text = !line.startsWith("/") || line.startsWith("//");
    const kept = this.#console()?.target?.kind === "calling"; // it stays: nobody knows when it goes
    if (this.#prompting && text && !kept) this.#eraseTyped(line);
    void this.#writer.write(line).catch(() => {}); // closed: the program is about to end
    this.#redraw();
  }

  #print(lines: readonly string[]): void {
    if (lines.length === 0) return;
    if (this.#closed || !this.#prompting) {
      process.stdout.write(lines.join("\n") + "\n");
      return;
    }
    const { rows } = this.#terminal.getCursorPos();
    const up = rows > 0 ? `\x1b[${rows}A` : "";
    // readline goes up as many rows again before it draws the prompt: these are to be overwritten.
    process.stdout.write(`${up}\r\x1b[J${lines.join("\n")}\n${"\n".repeat(rows)}`);
    this.#redraw();
  }

  #redraw(): void {
    if (this.#closed || !this.#prompting) return;
    this.#terminal.setPrompt(promptOf(this.#console()?.target));
    this.#terminal.prompt(true);
  }

  /** Takes a text just entered off the screen: it comes back with its time once it is sent. */
  #eraseTyped(line: string): void {
    const rows = rowsOf(this.#terminal.getPrompt() + line, process.stdout.columns || 80);
    process.stdout.write(`\x1b[${rows}A\r\x1b[J`);
  }

  /**
   * Some terminals wrap a half-typed line anew when they change their width, some don't. The line
   * editor is told to go up by no more rows than both have: rather a stale piece of the line is left
   * than a message is lost.
   */
  #rewrapped(): void {
    const { rows } = this.#terminal.getCursorPos();
    const before = "prevRows" in this.#terminal ? Number(this.#terminal.prevRows) : rows;
    Object.assign(this.#terminal, { prevRows: Math.min(before, rows) });
  }

  #interrupt(): void {
    if (this.typing()) {
      this.#terminal.write(null, { ctrl: true, name: "e" });
      this.#terminal.write(null, { ctrl: true, name: "u" });
      return;
    }
    if (this.#interrupted !== undefined) return this.#interrupted(EXIT.interrupted);
    this.#print(["/quit or Ctrl-D leaves"]);
  }

  /** `deno task` goes on when what it runs is stopped, and keeps the terminal: nobody could type. */
  #cannotSuspend(): void {
    this.#print([
      "Ctrl-Z can't suspend what `deno task` runs; `deno run …` as in the README can be",
    ]);
  }
}

/** What the prompt says of whom lines go to. */
function promptOf(target: Target | undefined): string {
  switch (target?.kind) {
    case "chat":
      return `${displayText(target.chat.name)}> `;
    case "calling":
      return `${displayText(target.name)} …> `;
    case "missed":
    case undefined:
      return "> ";
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

/** Whoever leaves knows what becomes of the chats and the login. */
function isFarewell(event: ClientEvent): boolean {
  return event.kind === "logged-out" || (event.kind === "chat-closed" && event.by === "me");
}

/** Whether `deno task` runs this, as its mark in the environment says. */
function insideTask(): boolean {
  const variable = "INIT_CWD";
  const allowed = Deno.permissions.querySync({ name: "env", variable }).state === "granted";
  return allowed && Deno.env.has(variable);
}
