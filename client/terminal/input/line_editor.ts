import process from "node:process";
import readline, { type Key } from "node:readline";
import { Writable } from "node:stream";
import { EXIT } from "../../app/mod.ts";
import { type Completion, extend } from "./completion.ts";
import { EditBox } from "./edit_box.ts";
import { Keyboard, RawMode } from "./keyboard.ts";
import { inColumns, type Line } from "./layout.ts";
import { HistoryNavigator } from "./history_navigator.ts";
import { type Reach, reachOf } from "./reach.ts";
import { wrapLine } from "./wrap.ts";
import { SCREEN } from "./screen.ts";
import { BREAK, intoLine, Placeholders } from "./placeholders.ts";
import { JobControl } from "./job_control.ts";

/** The events and questions of a line editor. */
export interface LineEditorEvents {
  /** Ctrl-C on an empty line. */
  interrupted(): void;
  /** Whether a line just entered is erased, since it appears again in another form. */
  erases(line: string): boolean;
  complete?(line: string, cursor: number): Completion;
  /** Finds those whose names begin like this; undefined if everybody is known already. */
  findPeople?(start: string): Promise<void> | undefined;
  /** Alt and a digit from 1 to 9. */
  chatKey?(number: number): void;
  /** A key was pressed, or something pasted. */
  touched?(): void;
  cleared?(): void;
  /** The name of the user to whom a line just entered is sent, if any. */
  recipientOf?(line: string): string | undefined;
  /** The file for entered lines can't be used; comes once, and not before the editor is made. */
  historyFailed?(reason: string): void;
}

/**
 * The line being typed, below all printed lines. node:readline edits it; this class draws it and
 * decides which keys reach readline.
 */
export class LineEditor {
  readonly #input = new RawMode();
  readonly #engine = readline.createInterface({
    input: this.#input,
    output: new Writable({ write: (_chunk, _encoding, done) => done() }), // it is drawn here
    terminal: true,
    historySize: 0,
    escapeCodeTimeout: 50,
  });
  readonly #keyboard = new Keyboard(this.#engine, {
    key: (text, key) => {
      this.#key(text, key);
      this.#events.touched?.();
    },
    paste: (text) => {
      this.#paste(text);
      this.#events.touched?.();
    },
    pasteStalled: () => this.print(["The paste has not ended yet; Ctrl-C ends it here"]),
    position: (column) => this.#box.position(column),
    ended: () => this.close(),
  });
  readonly #box = new EditBox(SCREEN, () => this.#shown());
  readonly #placeholders = new Placeholders();
  readonly #history: HistoryNavigator;
  readonly #typed = new TransformStream<string, string>();
  readonly #writer = this.#typed.writable.getWriter();
  readonly #reader = this.#typed.readable.getReader();
  readonly #events: LineEditorEvents;
  readonly #resized = () => this.#box.resized();
  readonly #restore = () => this.close();
  readonly #jobControl = new JobControl(this.#input, (unasked) => {
    if (unasked) this.#box.forget();
    this.#box.draw();
  });
  #prompting = false;
  /** Whether the screen does not show the current line yet. */
  #stale = false;
  /** Ends the current question. */
  #interrupted: ((code: number) => void) | undefined;
  #closed = false;

  /** @param historyFile the file for entered lines; undefined: they are forgotten at the end */
  constructor(events: LineEditorEvents, historyFile?: string) {
    this.#events = events;
    this.#history = new HistoryNavigator(
      (line) => this.#replace(line),
      historyFile,
      (reason) => queueMicrotask(() => events.historyFailed?.(reason)),
    );
    process.stdout.on("resize", this.#resized);
    this.#engine.on("SIGINT", () => this.#interrupt());
    this.#engine.on("line", (line) => this.#entered(line));
    this.#engine.on("close", () => this.#ended());
    this.#engine.on("SIGTSTP", () => this.#suspend());
    for (const end of ["error", "unhandledrejection", "unload"]) {
      globalThis.addEventListener(end, this.#restore);
    }
  }

  /** The typed lines; Ctrl-D on an empty line ends them. */
  get lines(): AsyncIterable<string> {
    return this.#lines();
  }

  /** Whether a line is half typed. */
  get typing(): boolean {
    return this.#engine.line !== "";
  }

  /** The line typed so far, with placeholders in it. */
  get line(): string {
    return this.#engine.line;
  }

  get columns(): number {
    return SCREEN.columns;
  }

  get rows(): number {
    return SCREEN.rows;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Asks one question, before the prompt is up; an exit code on Ctrl-C and Ctrl-D. */
  async ask(question: string): Promise<string | number> {
    this.#engine.setPrompt(question);
    if (!this.#closed) this.#box.draw();
    const interrupted = Promise.withResolvers<number>();
    this.#interrupted = interrupted.resolve;
    const answer = this.#reader.read().then(({ value }) => value ?? EXIT.done);
    return await Promise.race([answer, interrupted.promise]);
  }

  /** Shows a prompt, or changes it. It may hold colors. */
  prompt(prompt: string): void {
    if (this.#closed || (this.#prompting && prompt === this.#engine.getPrompt())) return;
    this.#interrupted = undefined;
    this.#prompting = true;
    this.#engine.setPrompt(prompt);
    this.#box.draw();
  }

  /** Prints lines above the prompt; the half-typed line stays as it is. */
  print(lines: readonly string[]): void {
    if (lines.length === 0) return;
    if (this.#closed || !this.#prompting) {
      const rows = lines.flatMap((line) => wrapLine(line, SCREEN.columns));
      process.stdout.write(rows.join("\n") + "\n");
    } else this.#box.print(lines);
  }

  /** Writes bytes that don't move the cursor: a bell, a title. */
  write(bytes: string): void {
    process.stdout.write(bytes);
  }

  forget(name: string): number {
    return this.#history.forget(name);
  }

  /** Restores the terminal. */
  close(): void {
    if (!this.#closed) this.#engine.close();
  }

  /** Ctrl-D or `close` has ended the prompt; later lines are just printed. */
  #ended(): void {
    this.#draw();
    this.#closed = true;
    this.#keyboard.close();
    this.#jobControl.close();
    process.stdout.off("resize", this.#resized);
    for (const end of ["error", "unhandledrejection", "unload"]) {
      globalThis.removeEventListener(end, this.#restore);
    }
    if (this.typing) this.#box.leave();
    else this.#box.erase(); // an empty prompt is useless
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
    const text = this.#placeholders.textOf(line);
    if (this.#prompting) this.#history.add(text, this.#events.recipientOf?.(text));
    if (this.#prompting && this.#events.erases(text)) this.#box.erase();
    else this.#box.leave();
    this.#forgetLine(line);
    this.#interrupted = undefined; // answered
    void this.#writer.write(text).catch(() => {}); // closed: the program is ending
  }

  #forgetLine(line: string): void {
    this.#history.finish(line, (draft) => intoLine(this.#placeholders.textOf(draft)));
    this.#placeholders.clear();
  }

  #key(text: string | undefined, key: Key): void {
    if (this.#closed) return;
    if (!this.#history.takes(text, key)) this.#edit(text, key);
    if (this.#stale) return;
    this.#stale = true;
    queueMicrotask(() => this.#draw());
  }

  /** Draws once for all keys that came together. */
  #draw(): void {
    if (!this.#stale) return;
    this.#stale = false;
    if (this.#closed || this.#jobControl.away) return;
    if (this.#prompting || this.#interrupted !== undefined) this.#box.draw();
  }

  #edit(text: string | undefined, key: Key): void {
    const { name, ctrl = false, meta = false } = key;
    const plain = !ctrl && !meta;
    const older = plain && name === "up" || ctrl && name === "p";
    if (older || plain && name === "down" || ctrl && name === "n") {
      if (this.#prompting) this.#history.step(older, this.#engine.line);
      return;
    }
    const breaks = meta || this.#engine.line.endsWith("\\");
    if (this.#prompting && name === "return" && breaks) return this.#break(meta);
    if (plain && name === "tab") return this.#complete();
    if (ctrl && name === "r") {
      if (this.#prompting) this.#history.startSearch(this.#engine.line);
    } else if (ctrl && name === "l") {
      this.#events.cleared?.();
      this.#box.clear();
    } else if (meta && /^[1-9]$/.test(name ?? "")) this.#events.chatKey?.(Number(name));
    else {
      const reach = reachOf(this.#engine.line, this.#engine.cursor, key);
      const isEnd = ctrl && name === "d" && !this.typing;
      if (reach !== undefined && !isEnd) return this.#press(reach.name, reach.count);
      if (name === "return" || name === "enter") this.#draw(); // the line stays as it was
      // A typed noncharacter would be taken for a placeholder.
      this.#engine.write(text?.replace(/[\uFDD0-\uFDEF]/g, "\uFFFD"), key);
    }
  }

  /** Presses a key of the engine, which knows code points only. */
  #press(name: Reach["name"], count: number): void {
    for (let times = 0; times < count; times++) this.#engine.write(null, { name });
  }

  /** Inserts a line break, by Alt-Enter or by a backslash at the end, which it replaces. */
  #break(here: boolean): void {
    if (!here) {
      this.#engine.write(null, { ctrl: true, name: "e" });
      this.#engine.write(null, { name: "backspace" });
    }
    this.#engine.write(BREAK);
  }

  /** @param isAgain whether everybody is known by now whose name may be meant */
  #complete(isAgain = false): void {
    const { line, cursor } = this.#engine;
    const completion = this.#events.complete?.(line, cursor);
    if (!this.#prompting || completion === undefined) return;
    const { from, candidates, labels, name } = completion;
    const finding = isAgain || name === undefined ? undefined : this.#events.findPeople?.(name);
    if (finding !== undefined) {
      void finding.then(() => {
        const isSame = this.#engine.line === line && this.#engine.cursor === cursor;
        if (!isSame || this.#closed) return; // the user has typed on
        this.#complete(true);
        this.#box.draw();
      });
      return;
    }
    const part = line.slice(from, cursor);
    const extended = extend(part, candidates);
    if (extended === part) {
      if (labels !== undefined && labels.length > 1) this.print(labels);
      else if (candidates.length > 1) this.#box.print(inColumns(candidates, SCREEN.columns));
      return;
    }
    this.#press("backspace", [...part].length);
    this.#engine.write(extended);
  }

  #paste(text: string | undefined): void {
    if (this.#closed) return;
    this.#history.endSearch();
    const pasted = text === undefined ? undefined : this.#placeholders.paste(text);
    if (pasted === undefined) return this.print(["! That paste is too long"]);
    if (pasted.inserted !== "") this.#engine.write(pasted.inserted);
    if (pasted.question !== undefined) this.print([pasted.question]);
    this.#box.draw();
  }

  /** Puts a text into the line, in place of what is typed. */
  fill(text: string): void {
    if (this.#closed) return;
    this.#replace(intoLine(text));
    this.#box.draw();
  }

  #replace(line: string): void {
    this.#engine.write(null, { ctrl: true, name: "e" });
    this.#engine.write(null, { ctrl: true, name: "u" });
    if (line !== "") this.#engine.write(line);
  }

  #shown(): Line {
    const { search } = this.#history;
    const shown = (text: string) => this.#placeholders.shown(text);
    if (search !== undefined) {
      const found = search.found === undefined ? "" : shown(intoLine(search.found));
      return { prompt: "search: ", before: search.query, after: found && ` → ${found}` };
    }
    const { line, cursor } = this.#engine;
    const before = shown(line.slice(0, cursor));
    return { prompt: this.#engine.getPrompt(), before, after: shown(line.slice(cursor)) };
  }

  #interrupt(): void {
    if (this.typing) {
      this.#forgetLine(this.#engine.line);
      return this.#replace("");
    }
    if (this.#interrupted !== undefined) return this.#interrupted(EXIT.interrupted);
    this.#events.interrupted();
  }

  #suspend(): void {
    if (!this.#jobControl.possible) {
      const why = "Ctrl-Z can't suspend `deno task`; it can suspend `deno run`";
      return this.print([why]);
    }
    this.#box.leave();
    this.#jobControl.suspend();
  }
}
