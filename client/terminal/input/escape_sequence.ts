// deno-lint-ignore-file no-control-regex
/** The states between sequences and in them; strings are DCS, SOS, OSC, PM and APC. */
type State = "ground" | "escape" | "intermediate" | "csi" | "console" | "ss3" | "mouse" | "string";

/** The effect of a character in a sequence. */
export interface Step {
  /** False if it ends the sequence, and is no part of it. */
  readonly taken: boolean;
  /** A key that acts, though it came within a sequence. */
  readonly keys?: string;
  /** The whole sequence, if it may be a key or an answer. */
  readonly complete?: string;
}

const ESC = "\x1b";
/** CAN and SUB end any sequence. */
const CANCEL = /[\x18\x1a]/;
/** The beginning of an OSC, the only string that a BEL ends as well. */
const OPERATING_SYSTEM_COMMAND = /^(?:\x1b\]|\x9d)/;
/** Keys that end a string, so that Alt and a letter do not swallow what follows. */
const LINE_KEY = /[\x03\x04\r\n]/;
const C0 = /[\x00-\x1f\x7f]/;
const C1 = /[\x80-\x9f]/;
/** A report of the mouse in X10's form has three characters behind it: button, column and row. */
const MOUSE_CHARACTERS = 3;
/** A longer sequence is no key, in UTF-16 code units. */
const MAX_LENGTH = 64;
/** The sequences that may be keys; two ESC are Alt and such a key, CSI [ is the Linux console's. */
const KEY =
  /^(?:\x1b{1,2}\[|\x9b)\[?(?:\d{1,3}(?:;\d)?)?[A-Za-z~^$]$|^(?:\x1b{1,2}O|\x8f)\d?[A-Za-z]$/;

/** Whether a sequence may be a key. */
export function isKey(sequence: string): boolean {
  return (KEY.test(sequence) && !sequence.endsWith("201~")) || /^\x1b[^[O]$/u.test(sequence);
}

/** An escape or control sequence of ECMA-48, or a control string, that comes character by character. */
export class EscapeSequence {
  #state: State = "ground";
  /** Its beginning. */
  #text = "";
  /** How many characters of a mouse report are missing. */
  #missing = 0;
  /** Whether an ESC in a string may begin its end. */
  #isEnding = false;

  /** Whether it has begun, and its end is missing. */
  get isOpen(): boolean {
    return this.#state !== "ground";
  }

  /** Whether it is an ESC, or two, and nothing more. */
  get isLoneEscape(): boolean {
    return this.#state === "escape";
  }

  /** Whether a control string has begun by Alt and a letter, and nothing more. */
  get isStringStart(): boolean {
    return this.#state === "string" && this.#text.length === 2;
  }

  reset(): void {
    this.#state = "ground";
  }

  /** Begins with ESC or a control character from 0x80 to 0x9F; one that begins nothing is dropped. */
  begin(first: string): void {
    this.#text = first;
    this.#isEnding = false;
    if (first === ESC) this.#state = "escape";
    else if (first === "\x9b") this.#state = "csi";
    else if (first === "\x8f") this.#state = "ss3";
    else this.#state = /[\x90\x98\x9d-\x9f]/.test(first) ? "string" : "ground";
  }

  /** Takes the next character of an open sequence. */
  take(char: string): Step {
    if (this.#state === "string") return this.#inString(char);
    if (this.#state === "mouse" && char >= " ") {
      if (--this.#missing === 0) this.reset();
      return { taken: true };
    }
    if (char === ESC) return this.#escape();
    if (C1.test(char)) {
      this.begin(char);
      return { taken: true };
    }
    if (this.#state === "escape") return this.#afterEscape(char);
    if (CANCEL.test(char)) {
      this.reset();
      return { taken: true };
    }
    if (C0.test(char)) return { taken: true, keys: char }; // as a terminal does; the sequence goes on
    switch (this.#state) {
      case "intermediate":
        return /[ -~]/.test(char) ? this.#collect(char, /[0-~]/, false) : this.#interrupt();
      case "csi":
        return this.#inControlSequence(char);
      case "ss3":
        return /[0-9@-~]/.test(char) ? this.#collect(char, /[@-~]/) : this.#interrupt();
      case "console":
        return /[@-~]/.test(char) ? this.#collect(char, /[@-~]/) : this.#interrupt();
      default:
        return this.#interrupt();
    }
  }

  /** An ESC makes Alt of what follows one, and drops any other sequence. */
  #escape(): Step {
    const isThird = this.#text === ESC + ESC;
    const isSecond = this.#state === "escape";
    this.begin(ESC);
    if (isSecond) this.#text = ESC + ESC;
    return { taken: true, ...isSecond && isThird && { keys: ESC } };
  }

  #afterEscape(char: string): Step {
    const isTwo = this.#text.length === 2;
    if (char === "[" || char === "O") {
      this.#text += char;
      this.#state = char === "[" ? "csi" : "ss3";
      return { taken: true };
    }
    this.#text = ESC + char;
    const keys = isTwo ? { keys: ESC } : {};
    if (/[PX\]^_]/.test(char)) {
      this.#state = "string";
    } else if (/[ -/]/.test(char)) {
      this.#state = "intermediate";
    } else {
      this.reset();
      return { taken: true, ...keys, complete: this.#text };
    }
    return { taken: true, ...keys };
  }

  #inControlSequence(char: string): Step {
    if (!/[ -~]/.test(char)) return this.#interrupt();
    const isFirst = /^(?:\x1b{1,2}\[|\x9b)$/.test(this.#text);
    if (isFirst && char === "[") {
      this.#text += char;
      this.#state = "console";
      return { taken: true };
    }
    if (isFirst && char === "M") {
      this.#state = "mouse";
      this.#missing = MOUSE_CHARACTERS;
      return { taken: true };
    }
    return this.#collect(char, /[@-~]/);
  }

  #inString(char: string): Step {
    if (C1.test(char)) {
      this.begin(char); // ST, or another sequence
      return { taken: true };
    }
    if (this.#isEnding && char !== ESC && char !== "\\") {
      this.begin(ESC); // the string was interrupted by another sequence
      return this.#afterEscape(char);
    }
    const isBellEnd = char === "\x07" && OPERATING_SYSTEM_COMMAND.test(this.#text);
    const isEnd = isBellEnd || (this.#isEnding && char === "\\");
    const isLineKey = LINE_KEY.test(char);
    if (isEnd || isLineKey || CANCEL.test(char)) this.reset();
    else if (char === ESC) this.#isEnding = true;
    else if (this.#text.length < MAX_LENGTH) this.#text += char;
    return { taken: true, ...isLineKey && { keys: char } };
  }

  #collect(char: string, final: RegExp, mayBeKey = true): Step {
    if (this.#text.length < MAX_LENGTH) this.#text += char;
    if (!final.test(char)) return { taken: true };
    this.reset();
    return { taken: true, ...mayBeKey && { complete: this.#text } };
  }

  #interrupt(): Step {
    this.reset();
    return { taken: false };
  }
}
