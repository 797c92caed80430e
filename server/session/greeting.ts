import { concat } from "@std/bytes/concat";
import { encodeWelcome, limits, linkPrologue } from "../../protocol/mod.ts";

/** The length of the empty line that ends a welcome. */
const EMPTY_LINE = 1;
const encoder = new TextEncoder();

/** How a server offers MIM/2. */
export interface LinkKeys {
  /** The lines that end the welcome: rotations, and the announcement. */
  readonly lines: readonly string[];
  /** The private static key whose public one is announced, 32 bytes. */
  readonly staticKey: Uint8Array;
}

/** The welcome that every connection gets; its last lines announce MIM/2. */
export class Greeting {
  /** The bytes for each connection. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The start of the server's side of the handshake; undefined if it speaks classic MIM only. */
  readonly link: { readonly prologue: Uint8Array; readonly staticKey: Uint8Array } | undefined;

  /**
   * The same with a notice behind the text; if there is no room for it, without, unless it has to be there.
   *
   * @throws {RangeError} as the constructor
   */
  static withNotice(
    text: string,
    notice: string | undefined,
    hasToBe: boolean,
    keys: LinkKeys | undefined,
  ): Greeting {
    try {
      if (notice !== undefined) return new Greeting(`${text.trimEnd()}\n${notice}`, keys);
    } catch (error) {
      if (hasToBe || !(error instanceof RangeError)) throw error;
    }
    return new Greeting(text, keys);
  }

  /**
   * @param keys undefined if the server speaks classic MIM only
   * @throws {RangeError} if the text has over 64 lines, or over 8 KiB with the announcement
   */
  constructor(text: string, keys: LinkKeys | undefined) {
    this.bytes = keys === undefined ? encodeWelcome(text) : withLines(text, keys.lines);
    this.link = keys && { prologue: linkPrologue(this.bytes), staticKey: keys.staticKey };
  }
}

/** The server's own lines do not count as lines of the text. */
function withLines(text: string, lines: readonly string[]): Uint8Array<ArrayBuffer> {
  const welcome = encodeWelcome(text);
  const own = encoder.encode(`${lines.join("\n")}\n\n`);
  const bytes = concat([welcome.subarray(0, welcome.length - EMPTY_LINE), own]);
  if (bytes.length <= limits.welcomeBytes) return bytes;
  throw new RangeError(
    `expected a welcome of at most ${limits.welcomeBytes} bytes with the server's own lines, ` +
      `got ${bytes.length} bytes`,
  );
}
