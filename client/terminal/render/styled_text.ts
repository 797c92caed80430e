import { displayName, displayRoom, sanitizeText } from "../../../protocol/mod.ts";

/** A piece of a line that stands out. */
export interface StyledText {
  readonly text: string;
  /** Parameters of the escape sequence "select graphic rendition" (ECMA-48, 8.3.117). */
  readonly sgr: string;
}

/**
 * Some of the 256 colors of terminals, all around the color wheel, each with a contrast of at least 3.6 to
 * black and to white (by WCAG 2.2).
 */
const NAME_COLORS = [160, 166, 130, 100, 64, 28, 29, 30, 31, 32, 27, 63, 99, 129, 164, 162];

/** A text of less interest. */
export function dim(text: string): StyledText {
  return { text, sgr: "2" };
}

/** A text about something that went wrong. */
export function alarming(text: string): StyledText {
  return { text, sgr: "1;38;5;160" };
}

/** A name, always in the same color. */
export function named(name: string): StyledText {
  return colored(name, displayName(name));
}

/** The name of a room with its `#`, always in the same color. */
export function roomNamed(label: string): StyledText {
  return colored(label, displayRoom(label));
}

function colored(name: string, text: string): StyledText {
  let hash = 0;
  for (const character of name.toLowerCase()) {
    hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  }
  return { text, sgr: `38;5;${NAME_COLORS[hash % NAME_COLORS.length]}` };
}

/** Makes a line from a template; its values come out safe to print, with or without colors. */
export type LineOf = (
  literals: TemplateStringsArray,
  ...values: readonly (string | number | StyledText)[]
) => string;

/** Blanks behind something visible, so many that they could push what follows to another place. */
const WIDE_GAP = /(?<=[^\p{Zs}\u2800\u{1D159}])[\p{Zs}\u2800\u{1D159}]{3,}/gu;

function shown(text: string): string {
  return sanitizeText(text).replace(WIDE_GAP, " ");
}

/**
 * The one way by which strings from others get onto the terminal: each value of the template passes
 * `sanitizeText`.
 *
 * @param colors whether the terminal shows them
 *
 * @example
 * ```ts
 * import { lineWith, named } from "./styled_text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(lineWith(false)`${named("bob")}: ${"red \x1b[31m"}`, "bob: red ␛[31m");
 * ```
 */
export function lineWith(colors: boolean): LineOf {
  return (literals, ...values) =>
    literals.map((literal, index) => {
      const value = values[index];
      if (value === undefined) return literal;
      if (typeof value !== "object") return literal + shown(String(value));
      const text = shown(value.text);
      return literal + (colors && text !== "" ? `\x1b[${value.sgr}m${text}\x1b[m` : text);
    }).join("");
}
