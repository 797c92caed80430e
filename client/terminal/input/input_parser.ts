// deno-lint-ignore-file no-control-regex
import { EscapeSequence, isKey } from "./escape_sequence.ts";

const ESC = "\x1b";
/** The start of a paste, as ECMA-48 writes CSI in 7 and in 8 bits; the end is written alike. */
const PASTE_START = /^\x1b{0,2}(\x1b\[|\x9b)200~$/;
/** A longer paste is dropped, in UTF-16 code units. */
const MAX_PASTE_LENGTH = 4 * 1024 * 1024;
/** Text that can only be the rest of a sequence, since nobody types it at once. */
const REST =
  /^(?:\[(?:[0-?][ -?]*[@-~\x18\x1a]|M[^\x00-\x1f]{3}|[A-DFH]$)|O[A-DFHP-S]$|[#-%(-/][ -/]*[0-~]$|\][^\x00-\x1f\x9c]*(?:[\x07\x18\x1a\x9c]|\x1b\\)|[PX^_][^\x00-\x1f\x9c]*(?:[\x18\x1a\x9c]|\x1b\\))/;

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
 * Takes the input of a terminal apart into keys, pastes and answers of the terminal, by the grammar of
 * ECMA-48 and wherever it is cut. A sequence that is no key and no answer is dropped as a whole. The
 * caller calls `flush` if the rest of something does not come.
 */
export class InputParser {
  readonly #sequence = new EscapeSequence();
  /** Whether the rest of an incomplete sequence or of a paste was given up. */
  #isGivenUp = false;
  #pasted: string[] | undefined;
  #pastedUnits = 0;
  /** The end mark of the paste, and what may be the beginning of one. */
  #pasteEnd = "";
  #partOfEnd = "";

  /** The kind of input that waits for its rest. */
  get unfinished(): "keys" | "paste" | undefined {
    if (this.#isGivenUp) return undefined;
    if (this.#pasted !== undefined) return "paste";
    return this.#sequence.isOpen ? "keys" : undefined;
  }

  /** Yields the input that a chunk completes. */
  *push(chunk: string): Generator<Input, void> {
    if (this.#isGivenUp) {
      this.#isGivenUp = false;
      if (this.#pasted === undefined) this.#resume(chunk);
      else if (chunk === "\x03") return yield this.#endPaste();
    }
    let text = chunk;
    while (text !== "") {
      const rest = this.#pasted === undefined ? yield* this.#keys(text) : yield* this.#paste(text);
      if (rest === undefined) return;
      text = rest;
    }
  }

  /**
   * Gives up the rest of incomplete input. A lone ESC is a key; another sequence stays open, so
   * that its rest is never text. A paste stays open until its end mark, or Ctrl-C.
   */
  *flush(): Generator<Input, void> {
    this.#isGivenUp = true;
    if (this.#pasted === undefined && this.#sequence.isLoneEscape) {
      yield { type: "keys", keys: ESC };
    }
  }

  /** Goes on with a sequence that was given up, unless the chunk seems to be something else. */
  #resume(chunk: string): void {
    const sequence = this.#sequence;
    if (sequence.isLoneEscape) {
      sequence.reset();
      if (REST.test(chunk)) sequence.begin(ESC);
    } else if (sequence.isStringStart && chunk.length < 3) {
      sequence.reset(); // Alt and a letter like P begins a string, too: a key or two are no rest of one.
    }
  }

  /** Takes keys off a text. Returns the rest once a paste begins. */
  *#keys(text: string): Generator<Input, string | undefined> {
    const sequence = this.#sequence;
    let at = 0;
    while (at < text.length) {
      if (!sequence.isOpen) {
        const length = text.slice(at).search(/[\x1b\x80-\x9f]/);
        const end = length < 0 ? text.length : at + length;
        yield* typed(text.slice(at, end));
        at = end + 1;
        if (end < text.length) sequence.begin(text.charAt(end));
        continue;
      }
      const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
      const step = sequence.take(char);
      if (step.taken) at += char.length;
      if (step.keys !== undefined) yield { type: "keys", keys: step.keys };
      if (step.complete === undefined) continue;
      yield* this.#completed(step.complete);
      if (this.#pasted !== undefined) return text.slice(at);
    }
    return undefined;
  }

  *#completed(sequence: string): Generator<Input, void> {
    const start = PASTE_START.exec(sequence);
    const position = /^(?:\x1b\[|\x9b)(\d+);(\d+)R$/.exec(sequence);
    if (start !== null) {
      const [whole, introducer = ""] = start;
      if (whole.startsWith(ESC + ESC)) yield { type: "keys", keys: ESC };
      this.#pasted = [];
      this.#pastedUnits = 0;
      this.#pasteEnd = `${introducer}201~`; // no other: text in a paste must not end it
    } else if (position !== null) {
      yield { type: "position", row: Number(position[1]), column: Number(position[2]) };
    } else if (isKey(sequence)) yield { type: "keys", keys: sequence.replace("\x9b", "\x1b[") };
  }

  /** Takes a paste off a text. Returns the text after it; undefined if the paste goes on. */
  *#paste(chunk: string): Generator<Input, string | undefined> {
    const text = this.#partOfEnd + chunk;
    const end = text.indexOf(this.#pasteEnd);
    if (end < 0) {
      this.#partOfEnd = partOfEnd(text, this.#pasteEnd);
      this.#keep(text.slice(0, text.length - this.#partOfEnd.length));
      return undefined;
    }
    this.#partOfEnd = "";
    this.#keep(text.slice(0, end));
    yield this.#endPaste();
    return text.slice(end + this.#pasteEnd.length);
  }

  #keep(text: string): void {
    this.#pastedUnits += text.length;
    if (this.#pastedUnits <= MAX_PASTE_LENGTH) this.#pasted?.push(text);
  }

  #endPaste(): Input {
    const text = this.#pasted?.join("") ?? "";
    this.#partOfEnd = "";
    this.#pasted = undefined;
    return this.#pastedUnits > MAX_PASTE_LENGTH
      ? { type: "paste-too-long" }
      : { type: "paste", text };
  }
}

/** Characters without an ESC: texts, and control characters. */
function* typed(text: string): Generator<Input, void> {
  for (const [piece] of text.matchAll(/\P{Cc}+|\p{Cc}+/gu)) {
    const many = piece.length > 1 && /^\P{Cc}/u.test(piece);
    yield many ? { type: "text", text: piece } : { type: "keys", keys: piece };
  }
}

/** The end of a text that may begin the end mark. */
function partOfEnd(text: string, mark: string): string {
  for (let length = mark.length - 1; length > 0; length--) {
    if (text.endsWith(mark.slice(0, length))) return mark.slice(0, length);
  }
  return "";
}
