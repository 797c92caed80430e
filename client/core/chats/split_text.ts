import { limits, sliceGraphemes } from "../../../protocol/mod.ts";

const encoder = new TextEncoder();

/**
 * Splits a text into parts as long as a message may be: behind a line break in the second half of a
 * part, else behind a character as people see it. A blank text has no parts.
 */
export function splitText(text: string): string[] {
  const parts: string[] = [];
  const room = new Uint8Array(limits.textBytes);
  let rest = text.replaceAll(/\r\n?/g, "\n");
  while (rest.length > 0) {
    const { read } = encoder.encodeInto(rest, room);
    let end = read;
    if (end < rest.length) {
      end = sliceGraphemes(rest, end).length;
      const line = rest.lastIndexOf("\n", end - 1) + 1;
      if (line > end / 2) end = line;
    }
    const part = rest.slice(0, end).replace(/\n$/, "");
    if (part.trim() !== "") parts.push(part);
    rest = rest.slice(end);
  }
  return parts;
}

/** A text with `\n` for every line break, and none at its end. */
export function plainBreaks(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n").replace(/\n$/, "");
}
