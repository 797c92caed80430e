/** The keys that end a line, erase a character or the line, and cancel. */
const [ENTER, ERASE, KILL, GIVE_UP] = ["\r\n", "\b\x7f", "\x15", "\x03\x04"];

/**
 * Asks for a secret at the terminal without showing it. Questions go to stderr, so that stdout can be a
 * file. (@std/cli's own asks on stdout and blocks, so that a signal could not end it.)
 */
export class PasswordPrompt {
  /** Characters that were typed ahead. */
  #typed = "";
  readonly #decoder = new TextDecoder();

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

  async #line(): Promise<string | undefined> {
    let line = "";
    for (;;) {
      const [first, ...rest] = this.#typed;
      this.#typed = rest.join("");
      if (first === undefined) {
        const chunk = new Uint8Array(1024);
        const length = await Deno.stdin.read(chunk);
        if (length === null) return undefined;
        this.#typed = this.#decoder.decode(chunk.subarray(0, length), { stream: true });
      } else if (ENTER.includes(first)) return line;
      else if (GIVE_UP.includes(first)) return undefined;
      else if (ERASE.includes(first)) line = [...line].slice(0, -1).join("");
      else if (first === KILL) line = "";
      else if (first >= " ") line += first;
    }
  }
}

function show(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}
