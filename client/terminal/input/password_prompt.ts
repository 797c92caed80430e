import { delay } from "@std/async/delay";
import { InputDecoder } from "./input_decoder.ts";
import { InputParser } from "./input_parser.ts";

/** How long a lone ESC waits for the rest of its sequence, in milliseconds. */
const ESCAPE_TIMEOUT_MS = 500;
/** The keys that end a line, erase a character or the line, and cancel. */
const [ENTER, ERASE, KILL, GIVE_UP] = ["\r\n", "\b\x7f", "\x15", "\x03\x04"];

/**
 * Asks for a secret at the terminal without showing it. Questions go to stderr, so that stdout can be a
 * file. (@std/cli's own asks on stdout and blocks, so that a signal could not end it.)
 */
export class PasswordPrompt {
  /** Characters that were typed ahead. */
  #typed = "";
  readonly #decoder = new InputDecoder();
  readonly #parser = new InputParser();
  /** A read that goes on while a lone ESC waits. */
  #reading: Promise<Uint8Array | undefined> | undefined;

  /** @returns the answer; undefined if the user cancels or the input ends */
  async ask(question: string): Promise<string | undefined> {
    Deno.stdin.setRaw(true);
    try {
      show(question); // only in raw mode, so that no answer is ever shown
      return await this.#line();
    } finally {
      Deno.stdin.setRaw(false);
      show("\n");
    }
  }

  /** Asks for a line that is not secret; undefined if the input ends. */
  async line(question: string): Promise<string | undefined> {
    show(question);
    return await this.#line();
  }

  /** The next input, without the keys and answers that are no text; undefined at the end. */
  async #read(): Promise<string | undefined> {
    this.#reading ??= readChunk();
    const isWaiting = this.#parser.unfinished === "keys";
    using timer = new DisposableStack();
    const abort = new AbortController();
    timer.defer(() => abort.abort());
    const late = delay(ESCAPE_TIMEOUT_MS, { signal: abort.signal }).then(
      () => "late",
      () => "late",
    );
    const chunk = await (isWaiting ? Promise.race([this.#reading, late]) : this.#reading);
    if (typeof chunk === "string") {
      for (const _ of this.#parser.flush()); // an ESC is no text
      return "";
    }
    this.#reading = undefined;
    if (chunk === undefined) return undefined;
    let text = "";
    for (const input of this.#parser.push(this.#decoder.decode(chunk))) {
      if (input.type === "text" || input.type === "paste") text += input.text;
      else if (input.type === "keys" && !input.keys.startsWith("\x1b")) text += input.keys;
    }
    return text;
  }

  async #line(): Promise<string | undefined> {
    let line = "";
    for (;;) {
      const [first, ...rest] = this.#typed;
      this.#typed = rest.join("");
      if (first === undefined) {
        const typed = await this.#read();
        if (typed === undefined) return undefined;
        this.#typed = typed;
      } else if (ENTER.includes(first)) return line;
      else if (GIVE_UP.includes(first)) return undefined;
      else if (ERASE.includes(first)) line = [...line].slice(0, -1).join("");
      else if (first === KILL) line = "";
      else if (first >= " ") line += first;
    }
  }
}

async function readChunk(): Promise<Uint8Array | undefined> {
  const chunk = new Uint8Array(1024);
  const length = await Deno.stdin.read(chunk);
  return length === null ? undefined : chunk.subarray(0, length);
}

function show(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}
