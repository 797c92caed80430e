/** The last lines of a MIM/2 server's welcome: its keys, and those that it had before. */

import { KEY_LENGTH, SIGNATURE_LENGTH } from "../../crypto/mod.ts";
import { assertLength } from "../../crypto/mod.ts";
import { limits } from "../../limits.ts";
import type { KeyRotation } from "../key_rotation.ts";
import { createSignature, isSignatureValid } from "../signed_statement.ts";
import { identityOf } from "../identity.ts";

const LINE = /^MIM\/2 ([\w-]{43}) ([\w-]{43}) ([\w-]{86})((?: \S+)*)$/;
const ROTATION = /^MIM\/2-was ([\w-]{43}) (\d{1,16}) ([\w-]{86}) ([\w-]{86})(?: \S+)*$/;
const UNCERTIFIED = "uncertified";
const NO_LOBBY = "no-lobby";
const VERSION = /^version=(\d{1,5}\.\d{1,5}\.\d{1,5})$/;

/** The announcement of a MIM/2 server, before the login. See protocol/docs/mim2.md, "Announcement". */
export interface LinkAnnouncement {
  /** The server's public key of Ed25519, 32 bytes. */
  readonly serverKey: Uint8Array;
  /** The server's public key of X25519, 32 bytes, made anew at each start. */
  readonly staticKey: Uint8Array;
  /** The server key's signature over the statement of type `static`, 64 bytes. */
  readonly signature: Uint8Array;
  /** Whether the server certifies nobody. */
  readonly isUncertified: boolean;
  /** The version of the server's program, three numbers; undefined if it says none. */
  readonly version?: string;
  /** Whether the server has no lobby; undefined if it has one. */
  readonly hasNoLobby?: true;
}

/**
 * Announces a server.
 *
 * @param privateKey the server's private key of Ed25519, 32 bytes
 * @param staticKey its public key of X25519, 32 bytes
 * @param version of the server's program; one that is not three numbers is left out
 */
export function createAnnouncement(
  privateKey: Uint8Array,
  staticKey: Uint8Array,
  isUncertified: boolean,
  version?: string,
  hasNoLobby = false,
): LinkAnnouncement {
  const signature = createSignature({ type: "static", staticKey }, privateKey);
  const serverKey = identityOf(privateKey);
  const isVersion = VERSION.test(`version=${version}`);
  return {
    ...{ serverKey, staticKey, signature, isUncertified },
    ...isVersion && { version },
    ...hasNoLobby && { hasNoLobby },
  };
}

/** Whether the server's key has signed its static key. A client that finds it has not, hangs up. */
export function isAnnouncementValid(announcement: LinkAnnouncement): boolean {
  const { serverKey, staticKey, signature } = announcement;
  return isSignatureValid({ type: "static", staticKey }, signature, serverKey);
}

/**
 * The line that announces MIM/2, to stand last in a welcome.
 *
 * @throws {RangeError} if a key or the signature has a wrong length
 *
 * @example
 * ```ts
 * import { createAnnouncement, formatLinkAnnouncement, parseLinkAnnouncement } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const key = new Uint8Array(32).fill(1);
 * const announcement = createAnnouncement(key, new Uint8Array(32), false);
 * assertEquals(parseLinkAnnouncement(formatLinkAnnouncement(announcement)), announcement);
 * ```
 */
export function formatLinkAnnouncement(announcement: LinkAnnouncement): string {
  const { serverKey, staticKey, signature, isUncertified, version, hasNoLobby } = announcement;
  assertLength("a server's key", serverKey, KEY_LENGTH);
  assertLength("a static key", staticKey, KEY_LENGTH);
  assertLength("a signature", signature, SIGNATURE_LENGTH);
  const words = ["MIM/2", ...[serverKey, staticKey, signature].map(toText)];
  if (isUncertified) words.push(UNCERTIFIED);
  if (version !== undefined) words.push(`version=${version}`);
  if (hasNoLobby) words.push(NO_LOBBY);
  return words.join(" ");
}

/**
 * Reads the line that announces MIM/2. Unknown words at its end are skipped: the line may grow.
 *
 * @returns undefined if it is any other text
 */
export function parseLinkAnnouncement(line: string): LinkAnnouncement | undefined {
  const [, serverKey, staticKey, signature, words] = LINE.exec(line) ?? [];
  if (serverKey === undefined || staticKey === undefined || signature === undefined) {
    return undefined;
  }
  return {
    serverKey: toBytes(serverKey),
    staticKey: toBytes(staticKey),
    signature: toBytes(signature),
    isUncertified: (words ?? "").split(" ").includes(UNCERTIFIED),
    ...versionIn(words ?? ""),
    ...(words ?? "").split(" ").includes(NO_LOBBY) && { hasNoLobby: true },
  };
}

function versionIn(words: string): Pick<LinkAnnouncement, "version"> {
  const version = words.split(" ").flatMap((word) => VERSION.exec(word)?.[1] ?? [])[0];
  return version === undefined ? {} : { version };
}

/**
 * The line that tells of a rotation of the server's key. These lines stand before the announcement,
 * the oldest first; the new key is not in them, but in the next line.
 * See protocol/docs/mim2.md, "Announcement".
 *
 * @throws {RangeError} if a key or a signature has a wrong length
 */
export function formatRotationLine(rotation: KeyRotation): string {
  assertLength("an old key", rotation.oldKey, KEY_LENGTH);
  assertLength("a signature", rotation.oldSignature, SIGNATURE_LENGTH);
  assertLength("a signature", rotation.newSignature, SIGNATURE_LENGTH);
  const signatures = [rotation.oldSignature, rotation.newSignature].map(toText);
  return ["MIM/2-was", toText(rotation.oldKey), rotation.rotatedAt, ...signatures].join(" ");
}

/**
 * Reads the line that tells of a rotation.
 *
 * @param newKey the old key of the next such line, or the server's key as announced
 * @returns undefined if it is any other text
 */
export function parseRotationLine(line: string, newKey: Uint8Array): KeyRotation | undefined {
  const [, oldKey, time, oldSignature, newSignature] = ROTATION.exec(line) ?? [];
  const rotatedAt = Number(time);
  if (oldKey === undefined || oldSignature === undefined || newSignature === undefined) {
    return undefined;
  }
  if (rotatedAt > limits.timeMs) return undefined;
  return {
    oldKey: toBytes(oldKey),
    newKey,
    rotatedAt,
    oldSignature: toBytes(oldSignature),
    newSignature: toBytes(newSignature),
  };
}

function toText(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function toBytes(text: string): Uint8Array {
  return Uint8Array.fromBase64(text, { alphabet: "base64url", lastChunkHandling: "loose" });
}
