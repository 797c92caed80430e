import { encodeWelcome, linkPrologue } from "../../protocol/mod.ts";

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
  /** What a server's side of the handshake starts from; undefined if it speaks classic MIM only. */
  readonly link: { readonly prologue: Uint8Array; readonly staticKey: Uint8Array } | undefined;

  /**
   * @param keys undefined if the server speaks classic MIM only
   * @throws {RangeError} if the text and the announcement have over 64 lines or 8 KiB
   */
  constructor(text: string, keys: LinkKeys | undefined) {
    const lines = keys?.lines ?? [];
    this.bytes = encodeWelcome([text.trimEnd(), ...lines].join("\n"));
    this.link = keys && { prologue: linkPrologue(this.bytes), staticKey: keys.staticKey };
  }
}
