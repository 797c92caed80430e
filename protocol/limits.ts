/**
 * The limits of the wire, which both ends rely on. Their units are in their names; those without one
 * are counts. `server/limits.ts` and `client/core/limits.ts` hold what one program alone enforces.
 * See protocol/docs/errors.md, "Limits".
 *
 * @example A text field for user names
 * ```ts
 * import { limits } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const field = { maxLength: limits.nameUnits };
 * assertEquals(field, { maxLength: 64 });
 * ```
 */
export const limits = {
  /** A user's name, in UTF-16 code units, after trimming. */
  nameUnits: 64,
  /** The body of a login frame. */
  loginFrameBytes: 4_096,
  /** The body of any frame that a server sends. */
  frameBytes: 65_535,
  /** The whole welcome, including its line ends. */
  welcomeBytes: 8_192,
  /** Lines of the welcome, without the server's announcement and the empty line that ends it. */
  welcomeLines: 64,
  /** One line of classic chat, not counting its line end. */
  lineBytes: 65_536,
  /** A status text, as UTF-8. */
  statusBytes: 256,
  /** Additional addresses of one client. */
  furtherAddresses: 4,
  /** Each of them, in UTF-16 code units. */
  addressUnits: 64,
  /** The text of a server's rejection, in UTF-16 code units. */
  rejectionUnits: 1_024,
  /** The latest time that anyone may send, in milliseconds since 1970: the last one that a Date has. */
  timeMs: 8.64e15,
  /** The text of an encrypted message, as UTF-8. */
  textBytes: 16_384,
  /** The emoji of a reaction, as UTF-8. */
  emojiBytes: 32,
  /** An entry of a room: its header and its body. */
  roomEntryBytes: 49_152,
  /** The random bytes that the body of such an entry begins with. */
  roomSaltBytes: 16,
  /** A room's topic, in UTF-16 code units. */
  roomTopicUnits: 256,
  /** Files in one offer; more stand in a manifest. */
  offerRows: 200,
  /** An offer as a whole. */
  offerBytes: 32_768,
  /** One file. */
  fileBytes: 2 ** 40,
  /** The picture in an offer, and its width and height. */
  thumbnailBytes: 8_192,
  thumbnailPixels: 256,
  /** Files in a manifest, and its size. */
  manifestFiles: 100_000,
  manifestBytes: 33_554_432,
  /** The data of one message of a file link. */
  fileDataBytes: 65_000,
  /** The text with which a transfer ends, in UTF-16 code units. */
  fileEndUnits: 256,
  /** How long a user has to answer a ping after a report that the user is unreachable. */
  unreachableTimeoutMs: 4_000,
  /** Ports below are for services of the system: nobody is dialed there at the word of others. */
  firstUserPort: 1_024,
  /** How long a probe of a client's listener may take. */
  probeTimeoutMs: 3_000,
} as const;
