import { splitText } from "./split_text.ts";

/** The parts in which a text goes out. The last one has the message's id, those before it lower ones. */
export function messageParts(
  id: string,
  text: string,
): { readonly id: string; readonly text: string }[] {
  const texts = splitText(text);
  return texts.map((text, index) => ({ id: partId(id, texts.length - 1 - index), text }));
}

/** The ids of the parts before the last of a message, whose text is known if it had several. */
export function earlierPartIds(id: string, text: string | undefined): string[] {
  return text === undefined ? [] : messageParts(id, text).slice(0, -1).map((part) => part.id);
}

function partId(id: string, partsBehind: number): string {
  const number = BigInt.asUintN(64, BigInt(`0x${id}`) - BigInt(partsBehind));
  return number.toString(16).padStart(16, "0");
}
