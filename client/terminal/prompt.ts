import process from "node:process";
import readline from "node:readline";
import stringWidth from "string-width";
import { displayText } from "../../protocol/mod.ts";
import type { Chat } from "../core/mod.ts";
import type { ClientEvent } from "../events.ts";
import type { Face } from "./face.ts";
import { TextLines } from "./text.ts";

/** The table that comes with a login is taken to be in after so many milliseconds. */
const TABLE_TIME = 250;

/** A face for people: a prompt that stays at the bottom while lines appear above it. */
export class PromptFace implements Face {
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
  readonly #current: () => Chat | undefined;
  #prompting = false;
  #closed = false;

  /** @param current the chat that lines go to */
  constructor(current: () => Chat | undefined) {
    this.#current = current;
    this.#terminal.on("SIGINT", () => this.#interrupt());
    this.#terminal.on("SIGCONT", () => this.#redraw());
    this.#terminal.on("line", (line) => this.#entered(line));
    this.#terminal.on("close", () => this.#ended());
  }

  /** The lines typed; Ctrl-D on an empty line ends them. */
  get lines(): AsyncIterable<string> {
    return this.#lines();
  }

  /** Whether a line is half typed. */
  typing(): boolean {
    return this.#terminal.line !== "";
  }

  /** Asks one question, before the prompt is up; undefined on Ctrl-D. */
  async ask(question: string): Promise<string | undefined> {
    this.#terminal.setPrompt(question);
    this.#terminal.prompt();
    return (await this.#reader.read()).value;
  }

  /** Puts the prompt up; lines are taken from here on. */
  start(): void {
    this.#prompting = true;
    this.#redraw();
  }

  /** Shows an event above the prompt. */
  readonly emit = (event: ClientEvent): void => {
    this.#print(this.#text.of(event, new Date(), this.#current()));
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
    if (this.#prompting && text) this.#eraseTyped(line);
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
    const chat = this.#current();
    const name = chat === undefined ? "" : displayText(chat.name);
    this.#terminal.setPrompt(`${name}> `);
    this.#terminal.prompt(true);
  }

  /** Takes a text just entered off the screen: it comes back with its time once it is sent. */
  #eraseTyped(line: string): void {
    const columns = process.stdout.columns || 80;
    const width = stringWidth(this.#terminal.getPrompt() + line);
    const rows = Math.floor(width / columns) + 1;
    process.stdout.write(`\x1b[${rows}A\r\x1b[J`);
  }

  #interrupt(): void {
    if (this.typing()) {
      this.#terminal.write(null, { ctrl: true, name: "e" });
      this.#terminal.write(null, { ctrl: true, name: "u" });
      return;
    }
    this.#print(["/quit or Ctrl-D leaves"]);
  }
}
