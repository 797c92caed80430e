// deno-lint-ignore-file no-control-regex
/** Splits the input of a terminal into keys, pastes, and answers of the terminal itself. */

const ESC = "\x1b";
const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";
/** A longer paste is dropped, in UTF-16 code units. */
const MAX_PASTE_LENGTH = 4 * 1024 * 1024;
/** A longer control string is cut, in UTF-16 code units. */
const MAX_STRING_LENGTH = 4096;

/** The sequences of ECMA-48, and CSI [ of the Linux console. Two ESC are Alt and such a key. */
const WHOLE = [
  /^\x1b{1,2}\[(?:\[[@-~]|[0-?]*[ -/]*[@-Z\\-~])/, // CSI
  /^\x1b{1,2}O\d*[@-~]/, // SS3
  /^\x1b[PX\]^_][^\x00-\x1f\x9c]*(?:\x07|\x1b\\|\x9c)/, // DCS, SOS, OSC, PM, APC
  /^\x1b[^[OPX\]^_\x1b]/u, // Alt and a character
];
/** Their beginnings. */
const PART = /^\x1b{1,2}(?:\[(?:\[|[0-?]*[ -/]*)|O\d*)?$|^\x1b[PX\]^_][^\x00-\x1f\x9c]*\x1b?$/;
/** The part of an interrupted sequence that is dropped. */
const INTERRUPTED = /^\x1b{1,2}(?:\[\[?[0-?]*[ -/]*|O\d*|[PX\]^_][^\x00-\x1f]*)/;
const STRING = /^\x1b[PX\]^_]/;
/** The sequences that may be keys. */
const KEY = /^\x1b{1,2}(?:\[\[?(?:\d{1,3}(?:;\d)?)?[A-Za-z~^$]|O\d?[A-Za-z])$/;
/** Text that can only be the rest of a sequence, since nobody types it at once. */
const REST =
  /^(?:\[(?:[0-?]+[ -/]*[@-~]|[A-DFH]$)|O[A-DFHP-S]$|[PX\]^_][^\x00-\x1f\x9c]*(?:\x07|\x1b\\|\x9c))/;

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
 * Takes the input apart by its grammar, wherever it is cut. A sequence that is no key and no answer
 * is dropped as a whole. The caller calls `flush` if the rest of something does not come.
 */
export class InputParser {
  /** An incomplete sequence, or the beginning of the end mark of a paste. */
  #open = "";
  /** Whether its rest was given up. */
  #isGivenUp = false;
  #pasted: string[] | undefined;
  #pastedUnits = 0;

  /** The kind of input that waits for its rest. */
  get unfinished(): "keys" | "paste" | undefined {
    if (this.#isGivenUp) return undefined;
    if (this.#pasted !== undefined) return "paste";
    return this.#open === "" ? undefined : "keys";
  }

  /** Yields the input that a chunk completes. */
  *push(chunk: string): Generator<Input, void> {
    if (this.#isGivenUp && this.#pasted !== undefined && chunk === "\x03") {
      this.#isGivenUp = false;
      return yield this.#endPaste();
    }
    let text = this.#takeOpen(chunk) + chunk;
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
    if (this.#pasted !== undefined) return;
    if (this.#open === ESC || this.#open === ESC + ESC) yield { type: "keys", keys: ESC };
  }

  /** Takes the incomplete input, unless the chunk seems to be something else. */
  #takeOpen(chunk: string): string {
    const open = this.#open;
    const isGivenUp = this.#isGivenUp;
    this.#open = "";
    this.#isGivenUp = false;
    if (!isGivenUp || this.#pasted !== undefined) return open;
    if (open === ESC || open === ESC + ESC) return REST.test(chunk) ? ESC : "";
    // Alt and a letter like P begins a string, too: a key or two are no rest of one.
    return STRING.test(open) && open.length === 2 && chunk.length < 3 ? "" : open;
  }

  /** Takes keys off a text. Returns the rest; undefined if that has to wait. */
  *#keys(text: string): Generator<Input, string | undefined> {
    const at = text.search(/[\x1b\x80-\x9f]/);
    if (at !== 0) {
      yield* typed(at < 0 ? text : text.slice(0, at));
      return at < 0 ? undefined : text.slice(at);
    }
    const [first = ""] = text;
    // A C1 control is ESC and a character.
    const input = first === ESC
      ? text
      : ESC + String.fromCharCode(first.charCodeAt(0) - 0x40) + text.slice(1);
    const whole = WHOLE.map((sequence) => sequence.exec(input)?.[0]).find(Boolean);
    if (whole !== undefined) {
      yield* this.#sequence(whole);
      return input.slice(whole.length);
    }
    if (PART.test(input)) {
      const isLong = input.length > MAX_STRING_LENGTH;
      this.#open = isLong ? input.slice(0, 2) + (input.endsWith(ESC) ? ESC : "") : input;
      return undefined;
    }
    const dropped = INTERRUPTED.exec(input)?.[0];
    if (dropped === undefined) yield { type: "keys", keys: ESC };
    return input.slice(dropped?.length ?? 1);
  }

  *#sequence(sequence: string): Generator<Input, void> {
    const position = /^\x1b\[(\d+);(\d+)R$/.exec(sequence);
    if (sequence === PASTE_START) {
      this.#pasted = [];
      this.#pastedUnits = 0;
    } else if (position !== null) {
      yield { type: "position", row: Number(position[1]), column: Number(position[2]) };
    } else if (KEY.test(sequence) && sequence !== PASTE_END || /^\x1b[^[O]$/u.test(sequence)) {
      yield { type: "keys", keys: sequence };
    }
  }

  /** Takes a paste off a text. Returns the text after it; undefined if the paste goes on. */
  *#paste(text: string): Generator<Input, string | undefined> {
    const end = text.indexOf(PASTE_END);
    if (end < 0) {
      const part = partOfEnd(text);
      this.#open = text.slice(text.length - part);
      this.#keep(text.slice(0, text.length - part));
      return undefined;
    }
    this.#keep(text.slice(0, end));
    yield this.#endPaste();
    return text.slice(end + PASTE_END.length);
  }

  #keep(text: string): void {
    this.#pastedUnits += text.length;
    if (this.#pastedUnits <= MAX_PASTE_LENGTH) this.#pasted?.push(text);
  }

  #endPaste(): Input {
    const text = this.#pasted?.join("") ?? "";
    this.#open = "";
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

/** How many characters at the end of a text may begin the end mark. */
function partOfEnd(text: string): number {
  for (let length = PASTE_END.length - 1; length > 0; length--) {
    if (text.endsWith(PASTE_END.slice(0, length))) return length;
  }
  return 0;
}
