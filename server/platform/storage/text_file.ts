const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Decodes the text of a file, without a byte order mark.
 *
 * @throws {SyntaxError} if it is not UTF-8; the message names the line
 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    const good = new TextDecoder().decode(bytes).split("\ufffd", 1)[0] ?? "";
    throw new SyntaxError(
      `expected text in UTF-8, got another encoding in line ${lineCount(good)}`,
    );
  }
}

/**
 * Parses JSON that people may have edited: with a byte order mark, comments or trailing commas.
 *
 * @throws {SyntaxError} if it is something else
 *
 * @example
 * ```ts
 * import { parseEditedJson } from "./text_file.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseEditedJson('{ "a": "//b", } // c'), { a: "//b" });
 * ```
 */
export function parseEditedJson(text: string): unknown {
  const string = /"(?:[^"\\]|\\.)*"/.source;
  const comment = /\/\/[^\r\n]*|\/\*[^]*?\*\//.source;
  const plain = text.replace(/^\ufeff/, "")
    .replace(new RegExp(`(${string})|${comment}`, "g"), (_, string = " ") => string)
    .replace(new RegExp(`(${string})|,(?=\\s*[}\\]])`, "g"), (_, string = "") => string);
  return JSON.parse(plain);
}

function lineCount(text: string): number {
  return text.split(/\r\n|\r|\n/).length;
}
