/**
 * Decodes what a terminal sends: UTF-8, wherever it is cut. A byte from 0x80 to 0x9F that is no part of a
 * character is the control character of that number, as terminals mean it; any other such byte is U+FFFD.
 */
export class InputDecoder {
  /** The beginning of a character. */
  #open: number[] = [];

  decode(chunk: Uint8Array): string {
    const whole = this.#open.length === 0 ? tryDecode(chunk) : undefined;
    if (whole !== undefined) return whole;
    const pieces: string[] = [];
    for (const byte of chunk) this.#take(byte, pieces);
    return pieces.join("");
  }

  #take(byte: number, pieces: string[]): void {
    const open = this.#open;
    open.push(byte);
    const length = lengthOf(open);
    if (length === open.length) {
      pieces.push(new TextDecoder().decode(new Uint8Array(open)));
      this.#open = [];
    } else if (length === 0) {
      const [first = 0, ...rest] = open;
      this.#open = [];
      pieces.push(first < 0xa0 ? String.fromCharCode(first) : "\uFFFD");
      for (const byte of rest) this.#take(byte, pieces);
    }
  }
}

/** How many bytes a character has that begins with these; 0 if none does. */
function lengthOf([first = 0, second, ...rest]: readonly number[]): number {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const isTail = (byte: number, from = 0x80, to = 0xbf) => byte >= from && byte <= to;
  const from = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const to = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second !== undefined && !isTail(second, from, to)) return 0;
  if (!rest.every((byte) => isTail(byte))) return 0;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

function tryDecode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // cut within a character, or no UTF-8
  }
}
