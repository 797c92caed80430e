import process from "node:process";
import readline, { type Interface, type Key } from "node:readline";
import { Readable } from "node:stream";
import { InputDecoder } from "./input_decoder.ts";
import { type Input, InputParser } from "./input_parser.ts";

/** How long a lone ESC waits for the rest of its sequence, as in readline, in milliseconds. */
const ESCAPE_TIMEOUT_MS = 500;
/** A paste that pauses for this long is reported as stalled, in milliseconds. */
const PASTE_TIMEOUT_MS = 2_000;
const [MARK_PASTES, MARK_NONE] = ["\x1b[?2004h", "\x1b[?2004l"];

export interface KeyboardEvents {
  /** A key, or several characters at once: then only their text is given. */
  key(text: string | undefined, key: Key): void;
  /** A paste; undefined if it was too long. */
  paste(text: string | undefined): void;
  /** The rest of a paste does not come: only its end mark or Ctrl-C ends it. */
  pasteStalled(): void;
  /** The column of the cursor, from 0, as the terminal reports it. */
  position(column: number): void;
  /** The terminal is gone, or its input has ended. */
  ended(): void;
}

/** The input of the line editor's engine: it has a raw mode, but keys reach the engine by another way. */
export class RawMode extends Readable {
  readonly isTTY = true;
  isRaw = false;

  override _read(): void {}

  /** In raw mode pastes are marked; otherwise the terminal is as before. */
  setRawMode(raw: boolean): this {
    if (raw !== this.isRaw) process.stdout.write(raw ? MARK_PASTES : MARK_NONE);
    this.isRaw = raw;
    process.stdin.setRawMode(raw);
    return this;
  }
}

/** Reads keys, pastes and the answers of the terminal from stdin. */
export class Keyboard {
  readonly #parser = new InputParser();
  readonly #decoder = new InputDecoder();
  readonly #keys = new Readable({ read() {} });
  readonly #events: KeyboardEvents;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #read = (chunk: Uint8Array) => {
    this.#take(this.#parser.push(this.#decoder.decode(chunk)));
  };

  /** @param engine its waiting time for the rest of a key counts */
  constructor(engine: Interface, events: KeyboardEvents) {
    this.#events = events;
    readline.emitKeypressEvents(this.#keys, engine);
    this.#keys.on("keypress", (text: string | undefined, key: Key) => events.key(text, key));
    process.stdin.on("data", this.#read);
    process.stdin.on("end", events.ended);
    process.stdin.on("error", events.ended);
  }

  close(): void {
    clearTimeout(this.#timer);
    process.stdin.off("data", this.#read);
    process.stdin.pause();
  }

  #take(inputs: Iterable<Input>): void {
    clearTimeout(this.#timer);
    for (const input of inputs) {
      // node:readline would wait once more for what may follow.
      if (input.type === "keys" && input.keys === "\x1b") {
        this.#events.key(undefined, { name: "escape", meta: true });
      } else if (input.type === "keys") this.#keys.emit("data", input.keys);
      else if (input.type === "text") this.#events.key(input.text, {});
      else if (input.type === "paste") this.#events.paste(input.text);
      else if (input.type === "paste-too-long") this.#events.paste(undefined);
      else this.#events.position(input.column - 1);
    }
    const { unfinished } = this.#parser;
    if (unfinished === undefined) return;
    const time = unfinished === "keys" ? ESCAPE_TIMEOUT_MS : PASTE_TIMEOUT_MS;
    this.#timer = setTimeout(() => {
      if (unfinished === "paste") this.#events.pasteStalled();
      this.#take(this.#parser.flush());
    }, time);
  }
}
