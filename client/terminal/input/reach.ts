import type { Key } from "node:readline";
import { graphemesOf } from "../../../protocol/mod.ts";

/** The key that moves or deletes one code point, and how often it is to be pressed. */
export interface Reach {
  readonly name: "left" | "right" | "backspace" | "delete";
  readonly count: number;
}

/**
 * How far a key moves or deletes: by a grapheme or a word of graphemes, since node:readline knows
 * only code points and ASCII words. Undefined for other keys.
 */
export function reachOf(line: string, cursor: number, key: Key): Reach | undefined {
  const kind = kindOf(key);
  if (kind === undefined) return undefined;
  const { name, isWord } = kind;
  const isBack = name === "left" || name === "backspace";
  const characters = isBack
    ? graphemesOf(line.slice(0, cursor)).reverse()
    : graphemesOf(line.slice(cursor));
  const reached = characters.slice(0, isWord ? wordLength(characters) : 1).join("");
  return { name, count: [...reached].length };
}

function kindOf(
  { name = "", ctrl = false, meta = false, shift = false }: Key,
): { readonly name: Reach["name"]; readonly isWord: boolean } | undefined {
  if (ctrl && (meta || shift)) return undefined;
  const isWord = ctrl || meta;
  switch (name) {
    case "left":
    case "right":
    case "backspace":
    case "delete":
      return { name, isWord };
    case "b":
      return isWord ? { name: "left", isWord: meta } : undefined;
    case "f":
      return isWord ? { name: "right", isWord: meta } : undefined;
    case "d":
      return isWord ? { name: "delete", isWord: meta } : undefined;
    case "h":
      return ctrl ? { name: "backspace", isWord: false } : undefined;
    case "w":
      return ctrl ? { name: "backspace", isWord: true } : undefined;
    default:
      return undefined;
  }
}

/** How many characters a word has, with the spaces in front of it. */
function wordLength(characters: readonly string[]): number {
  let length = 0;
  while (length < characters.length && classOf(characters[length]) === "space") length++;
  const word = classOf(characters[length]);
  while (length < characters.length && classOf(characters[length]) === word) length++;
  return length;
}

function classOf(character = ""): "space" | "word" | "other" {
  if (/^[\s\uFDD0\uFDD1]/.test(character)) return "space"; // line breaks and tabs are stand-ins
  return /^[\p{L}\p{N}_]/u.test(character) ? "word" : "other";
}
