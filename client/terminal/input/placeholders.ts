/**
 * Placeholders in the edited line for what it cannot hold: line breaks, tabs and long pastes. They are
 * noncharacters of Unicode, which no text has after `sanitizeText`, so a typed `⏎` stays one.
 */

import { sanitizeText } from "../../../protocol/mod.ts";

/** A line break within the line. */
export const BREAK = "\uFDD0";
const TAB = "\uFDD1";
/** A slash that begins a pasted text and not a command. */
const SLASH = "\uFDD2";
const FIRST_PASTE = 0xfdd3;
/** How many long pastes a line may hold. */
const MAX_PASTES = 29;
/** A longer paste is shown as a summary, in UTF-16 units. */
const MAX_SHOWN = 4_096;
/** A paste with more lines is shown as a summary. */
const MAX_LINES = 10;

export interface Pasted {
  /** The text or placeholder for the line. */
  readonly inserted: string;
  /** A question to show if the paste is long. */
  readonly question: string | undefined;
}

/** A text as the line holds it, with placeholders and without control characters. */
export function intoLine(text: string): string {
  return text.split(/\r\n|\r|\n/).map((row) => row.split("\t").map(sanitizeText).join(TAB))
    .join(BREAK);
}

/** The long pastes of a line; each has one placeholder in it. */
export class Placeholders {
  #pastes: string[] = [];

  /** Adds a paste; undefined if there are too many long ones in this line. */
  paste(text: string): Pasted | undefined {
    const ended = text.replace(/(?:\r\n|\r|\n)$/, ""); // the end of the last line
    const held = intoLine(ended);
    const lines = held.split(BREAK).length;
    const body = lines > 1 && held.startsWith("/") ? SLASH + held.slice(1) : held;
    if (body.length <= MAX_SHOWN && lines <= MAX_LINES) {
      return { inserted: body, question: undefined };
    }
    if (this.#pastes.length === MAX_PASTES) return undefined;
    this.#pastes.push(body);
    const inserted = String.fromCharCode(FIRST_PASTE + this.#pastes.length - 1);
    return {
      inserted,
      question: `P${this.#summary(body).slice(1)}: Enter sends it, Ctrl-C discards it`,
    };
  }

  /** The text that a line stands for; a pasted slash at its start begins no command. */
  textOf(line: string): string {
    const whole = line.replace(/[\uFDD3-\uFDEF]/g, (one) => this.#pasteOf(one) ?? "");
    const text = whole.replaceAll(BREAK, "\n").replaceAll(TAB, "\t").replaceAll(SLASH, "/");
    const pasted = line.charCodeAt(0) >= FIRST_PASTE && line.charCodeAt(0) <= 0xfdef;
    const isText = whole.startsWith(SLASH) || (pasted && whole.startsWith("/"));
    return isText ? `/${text}` : text;
  }

  /** A line as it is shown. */
  shown(line: string): string {
    return line.replace(/[\uFDD0-\uFDEF]/g, (one) => {
      if (one === BREAK) return "⏎";
      if (one === TAB) return " ";
      if (one === SLASH) return "/";
      const kept = this.#pasteOf(one);
      return kept === undefined ? "" : `[${this.#summary(kept)}]`;
    });
  }

  /** Forgets the pastes. */
  clear(): void {
    this.#pastes = [];
  }

  #pasteOf(one: string): string | undefined {
    return this.#pastes[one.charCodeAt(0) - FIRST_PASTE];
  }

  #summary(body: string): string {
    const lines = body.split(BREAK).length;
    return lines > 1 ? `paste of ${lines} lines` : `paste of ${body.length} characters`;
  }
}
