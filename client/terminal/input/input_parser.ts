/** Splits the terminal's input into keys, pastes, and answers of the terminal itself. */

const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";
/** A longer paste is dropped, in UTF-16 code units. */
const MAX_PASTE_LENGTH = 4 * 1024 * 1024;

/** A piece of the input. */
export type Input =
  /** Keys, each of which may be several characters. */
  | { readonly type: "keys"; readonly keys: string }
  /** Characters that came at once, with no other key among them. */
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "paste"; readonly text: string }
  | { readonly type: "paste-too-long" }
  /** The position of the cursor, from 1. */
  | { readonly type: "position"; readonly row: number; readonly column: number };

/**
 * Takes the marks of pastes and the terminal's answers out of the input. The beginning of one waits for its
 * rest; the caller calls `flush` if none comes.
 */
export class InputParser {
  #waiting = "";
  #pasted: string[] | undefined;
  #pastedUnits = 0;

  /** Whether a beginning waits for its rest. */
  get unfinished(): "keys" | "paste" | undefined {
    if (this.#pasted !== undefined) return "paste";
    return this.#waiting === "" ? undefined : "keys";
  }

  /** Yields what a piece of input completes. */
  *push(chunk: string): Generator<Input, void> {
    let text = this.#waiting + chunk;
    this.#waiting = "";
    while (text !== "") {
      if (this.#pasted === undefined) {
        // deno-lint-ignore no-control-regex
        const found = /\x1b\[(?:200~|(\d+);(\d+)R)/.exec(text);
        if (found === null) {
          // deno-lint-ignore no-control-regex
          const part = /\x1b(?:O|\[[\d;]{0,9})?$/.exec(text);
          this.#waiting = part?.[0] ?? "";
          yield* keys(text.slice(0, part?.index));
          return;
        }
        yield* keys(text.slice(0, found.index));
        text = text.slice(found.index + found[0].length);
        if (found[0] === PASTE_START) this.#pasted = [];
        else yield { type: "position", row: Number(found[1]), column: Number(found[2]) };
      } else {
        const end = text.indexOf(PASTE_END);
        if (end < 0) {
          const part = partOfEnd(text);
          this.#waiting = text.slice(text.length - part);
          this.#keep(text.slice(0, text.length - part));
          return;
        }
        this.#keep(text.slice(0, end));
        text = text.slice(end + PASTE_END.length);
        yield this.#endPaste();
      }
    }
  }

  /** Yields a beginning whose rest does not come. */
  *flush(): Generator<Input, void> {
    const waiting = this.#waiting;
    this.#waiting = "";
    if (this.#pasted === undefined) return yield* keys(waiting);
    this.#keep(waiting);
    yield this.#endPaste();
  }

  #keep(text: string): void {
    this.#pastedUnits += text.length;
    if (this.#pastedUnits <= MAX_PASTE_LENGTH) this.#pasted?.push(text);
  }

  #endPaste(): Input {
    const text = this.#pasted?.join("") ?? "";
    const tooLong = this.#pastedUnits > MAX_PASTE_LENGTH;
    this.#pasted = undefined;
    this.#pastedUnits = 0;
    return tooLong ? { type: "paste-too-long" } : { type: "paste", text };
  }
}

/** What follows an ESC may belong to it. */
function* keys(text: string): Generator<Input, void> {
  const escape = text.indexOf("\x1b");
  const before = escape < 0 ? text : text.slice(0, escape);
  for (const [piece] of before.matchAll(/\P{Cc}+|\p{Cc}+/gu)) {
    const many = piece.length > 1 && /^\P{Cc}/u.test(piece);
    yield many ? { type: "text", text: piece } : { type: "keys", keys: piece };
  }
  if (escape >= 0) yield { type: "keys", keys: text.slice(escape) };
}

/** How many characters at the end of a text may begin the end mark. */
function partOfEnd(text: string): number {
  for (let length = PASTE_END.length - 1; length > 0; length--) {
    if (text.endsWith(PASTE_END.slice(0, length))) return length;
  }
  return 0;
}
