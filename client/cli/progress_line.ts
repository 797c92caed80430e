const encoder = new TextEncoder();

/** One line about what is under way, drawn over itself, on stderr if that is a terminal. */
export class ProgressLine {
  readonly #isTerminal = Deno.stderr.isTerminal();
  #shown = "";

  readonly show = (line: string): void => {
    if (!this.#isTerminal || line === this.#shown) return;
    this.#shown = line;
    const { columns } = Deno.consoleSize();
    this.#write(`\r\x1b[K${Array.from(line).slice(0, Math.max(1, columns - 1)).join("")}`);
  };

  readonly end = (): void => {
    if (this.#shown !== "") this.#write("\r\x1b[K");
    this.#shown = "";
  };

  #write(text: string): void {
    try {
      Deno.stderr.writeSync(encoder.encode(text));
    } catch {
      // Nobody reads it.
    }
  }
}
