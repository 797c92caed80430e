/**
 * What the line that is edited holds in place of what it cannot hold: line breaks, tabs, long
 * pastes. The stand-ins are noncharacters of Unicode, which no text from outside has after
 * `sanitizeText`, so that a `⏎` somebody types stays one.
 */

import { sanitizeText } from "../../../protocol/mod.ts";

/** A line break within the line. */
export const BREAK = "\uFDD0";
const TAB = "\uFDD1";
/** A slash that begins a pasted text, and no command. */
const SLASH = "\uFDD2";
const FIRST_KEPT = 0xfdd3;
/** So many long pastes may be in a line. */
const MAX_KEPT = 29;
/** A paste is shown as a summary from so many characters, or with more lines than these. */
const MAX_SHOWN = 4_096;
/** A paste with more lines is asked about. */
const MAX_LINES = 10;

/** What a paste has become. */
export interface Pasted {
  /** What goes into the line. */
  readonly inserted: string;
  /** What is asked before it is sent, where it is long. */
  readonly question: string | undefined;
}

/** A text with line breaks as the line holds it: nothing in it can act on the terminal. */
export function intoLine(text: string): string {
  return text.split(/\r\n|\r|\n/).map((row) => row.split("\t").map(sanitizeText).join(TAB))
    .join(BREAK);
}

/** The texts of long pastes, for which one character each stands in the line. */
export class Placeholders {
  #kept: string[] = [];

  /** Takes a paste in; undefined where there are too many long ones in this line. */
  paste(text: string): Pasted | undefined {
    const ended = text.replace(/(?:\r\n|\r|\n)$/, ""); // the end of the last line
    const held = intoLine(ended);
    const lines = held.split(BREAK).length;
    const body = lines > 1 && held.startsWith("/") ? SLASH + held.slice(1) : held;
    if (body.length <= MAX_SHOWN && lines <= MAX_LINES) {
      return { inserted: body, question: undefined };
    }
    if (this.#kept.length === MAX_KEPT) return undefined;
    this.#kept.push(body);
    const inserted = String.fromCharCode(FIRST_KEPT + this.#kept.length - 1);
    return { inserted, question: `${this.#summary(body)}: Enter sends it, Ctrl-C drops it` };
  }

  /** The text that a line stands for; a pasted slash at its start is no command's. */
  textOf(line: string): string {
    const whole = line.replace(/[\uFDD3-\uFDEF]/g, (one) => this.#keptAs(one) ?? "");
    const text = whole.replaceAll(BREAK, "\n").replaceAll(TAB, "\t").replaceAll(SLASH, "/");
    const pasted = line.charCodeAt(0) >= FIRST_KEPT && line.charCodeAt(0) <= 0xfdef;
    const isText = whole.startsWith(SLASH) || (pasted && whole.startsWith("/"));
    return isText ? `/${text}` : text;
  }

  /** A line as it is shown. */
  shown(line: string): string {
    return line.replace(/[\uFDD0-\uFDEF]/g, (one) => {
      if (one === BREAK) return "⏎";
      if (one === TAB) return " ";
      if (one === SLASH) return "/";
      const kept = this.#keptAs(one);
      return kept === undefined ? "" : `[${this.#summary(kept)}]`;
    });
  }

  /** Forgets the long pastes: the line is done with. */
  clear(): void {
    this.#kept = [];
  }

  #keptAs(one: string): string | undefined {
    return this.#kept[one.charCodeAt(0) - FIRST_KEPT];
  }

  #summary(body: string): string {
    const lines = body.split(BREAK).length;
    return lines > 1 ? `paste of ${lines} lines` : `paste of ${body.length} characters`;
  }
}
