/** The last line of a MIM/2 server's welcome, by which its clients know it. */

import { NONCE_LENGTH } from "./fields.ts";
import { assertLength, KEY_LENGTH } from "../crypto/mod.ts";

const LINE = /^MIM\/2 ([\w-]{43}) ([\w-]{43})(?: .*)?$/;
const BASE64 = { alphabet: "base64url", omitPadding: true } as const;

/** A MIM/2 server's announcement before the login: protocol/docs/mim2.md. */
export interface Announcement {
  /** 32 random bytes, made for this connection alone: the login signs them. */
  readonly nonce: Uint8Array;
  /** The server's public key of Ed25519, 32 bytes. */
  readonly serverKey: Uint8Array;
}

/**
 * The line that announces MIM/2, to stand last in a welcome.
 *
 * @throws {RangeError} if nonce or key don't have 32 bytes
 *
 * @example
 * ```ts
 * import { formatAnnouncement, parseAnnouncement } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const announcement = { nonce: new Uint8Array(32), serverKey: new Uint8Array(32).fill(1) };
 * assertEquals(parseAnnouncement(formatAnnouncement(announcement)), announcement);
 * ```
 */
export function formatAnnouncement({ nonce, serverKey }: Announcement): string {
  assertLength("a login nonce", nonce, NONCE_LENGTH);
  assertLength("a server's key", serverKey, KEY_LENGTH);
  return `MIM/2 ${nonce.toBase64(BASE64)} ${serverKey.toBase64(BASE64)}`;
}

/**
 * Reads the line that announces MIM/2. Words after the key are skipped: the line may grow.
 *
 * @param line a line of the welcome, without its end
 * @returns undefined if it is any other text
 *
 * @example
 * ```ts
 * import { parseAnnouncement } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseAnnouncement("Welcome to MIM/2"), undefined);
 * ```
 */
export function parseAnnouncement(line: string): Announcement | undefined {
  const [, nonce, serverKey] = LINE.exec(line) ?? [];
  if (nonce === undefined || serverKey === undefined) return undefined;
  return { nonce: bytesOf(nonce), serverKey: bytesOf(serverKey) };
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.fromBase64(text, { alphabet: "base64url", lastChunkHandling: "loose" });
}
