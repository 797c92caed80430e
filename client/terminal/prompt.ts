import { displayText } from "../../protocol/mod.ts";
import type { Console, Target } from "../console.ts";
import type { ClientEvent } from "../events.ts";
import { reachable } from "../who.ts";
import { complete, type Known } from "./completion.ts";
import type { Face } from "./face.ts";
import { LineEditor } from "./line_editor.ts";
import { TextLines } from "./text.ts";

/** The table that comes with a login is taken to be in after so many milliseconds. */
const TABLE_TIME = 250;

/** A face for people: a prompt that stays at the bottom while lines appear above it. */
export class PromptFace implements Face {
  readonly inOrder = false;
  readonly #console: () => Console | undefined;
  readonly #text = new TextLines();
  readonly #editor: LineEditor;
  /** Whom something was said to or heard from, the latest first. */
  #recent: string[] = [];
  #started = false;

  /**
   * @param console what the prompt tells of
   * @param inputHistory the file that entered lines are kept in for the arrow keys, if any
   */
  constructor(console: () => Console | undefined, inputHistory?: string) {
    this.#console = console;
    this.#editor = new LineEditor({
      interrupted: () => this.#editor.print(["/quit or Ctrl-D leaves"]),
      erases: (line) => this.#comesBack(line),
      complete: (line, cursor) => complete(line, cursor, this.#known()),
    }, inputHistory);
  }

  /** The lines typed; Ctrl-D on an empty line ends them. */
  get lines(): AsyncIterable<string> {
    return this.#editor.lines;
  }

  /** Whether a line is half typed. */
  typing(): boolean {
    return this.#editor.typing;
  }

  /** Asks one question, before the prompt is up; an exit code on Ctrl-C and Ctrl-D. */
  async ask(question: string): Promise<string | number> {
    return await this.#editor.ask(question);
  }

  /** Puts the prompt up. */
  start(): void {
    this.#started = true;
    this.#prompt();
  }

  /** Shows an event above the prompt. */
  readonly emit = (event: ClientEvent): void => {
    if (this.#editor.closed && isFarewell(event)) return;
    if ("chat" in event) {
      const { name } = event.chat;
      this.#recent = [name, ...this.#recent.filter((each) => each !== name)].slice(0, 20);
    }
    this.#editor.print(this.#text.of(event, new Date(), this.#console()?.current));
    this.#prompt();
    if (event.kind === "logged-in") {
      setTimeout(() => this.#editor.closed || this.#editor.print(this.#text.arrived()), TABLE_TIME);
    }
  };

  /** Gives the terminal back as it was. */
  close(): void {
    this.#editor.close();
  }

  #known(): Known {
    const { chats = [], online = [] } = this.#console()?.messenger ?? {};
    return { people: reachable(chats, online.filter(({ own }) => !own)), recent: this.#recent };
  }

  #prompt(): void {
    if (this.#started) this.#editor.prompt(promptOf(this.#console()?.target));
  }

  /** A text comes back with its time once it is sent; while somebody is called nobody knows when. */
  #comesBack(line: string): boolean {
    const text = !line.startsWith("/") || line.startsWith("//");
    return text && this.#console()?.target?.kind !== "calling";
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

/** Whoever leaves knows what becomes of the chats and the login. */
function isFarewell(event: ClientEvent): boolean {
  return event.kind === "logged-out" || (event.kind === "chat-closed" && event.by === "me");
}
