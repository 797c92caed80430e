/** Fields that several messages of MIM/2 have in common. */

import { ProtocolError } from "../errors.ts";
import { limits } from "../limits.ts";
import { assertLength } from "../crypto/mod.ts";
import type { QDataStreamReader, QDataStreamWriter } from "../codec/mod.ts";

const encoder = new TextEncoder();

/** Bytes of a session. */
export const SESSION_LENGTH = 8;
/** Bytes of a message's id. */
export const ID_LENGTH = 8;

/** A user's availability, as set by the user. */
export type Availability = "online" | "away" | "busy";

/** Whether the server can dial a user: `unknown` if it has not tried. */
export type Reachability = "unknown" | "reachable" | "unreachable";

const AVAILABILITIES = ["online", "away", "busy"] as const;
const REACHABILITIES = ["unknown", "reachable", "unreachable"] as const;

/** Reads a byte array of this length, or an empty one if `orNone` is set. */
export function readBytesField(
  reader: QDataStreamReader,
  what: string,
  length: number,
  orNone = false,
): Uint8Array<ArrayBuffer> {
  const bytes = reader.qbytearray(length);
  if (bytes.length === length || (orNone && bytes.length === 0)) return bytes;
  throw new ProtocolError(
    "bad-field",
    `expected ${what} of ${length} bytes, got one of ${bytes.length}`,
  );
}

/** Writes a byte array of this length; or an empty one if `orNone` is set. */
export function writeBytesField(
  writer: QDataStreamWriter,
  what: string,
  bytes: Uint8Array,
  length: number,
  orNone = false,
): void {
  if (!orNone || bytes.length > 0) assertLength(what, bytes, length);
  writer.qbytearray(bytes);
}

/** Writes a text of at most so many UTF-16 code units. */
export function writeTextField(
  writer: QDataStreamWriter,
  what: string,
  text: string,
  most: number,
): void {
  if (text.length > most) {
    throw new RangeError(`expected ${what} of at most ${most} UTF-16 units, got ${text.length}`);
  }
  writer.qstring(text);
}

/**
 * Writes a message's text; returns the writer.
 *
 * @throws {RangeError} if it takes more than `limits.textBytes` bytes of UTF-8
 */
export function writeMessageText(
  writer: QDataStreamWriter,
  text: string,
): QDataStreamWriter {
  if (isTooLong(text)) throw new RangeError(tooLongText(text));
  return writer.qstring(text);
}

/** Reads a message's text. One of more than `limits.textBytes` bytes of UTF-8 is refused. */
export function readMessageText(reader: QDataStreamReader): string {
  const text = reader.qstring(limits.textBytes); // no unit has less than a byte of UTF-8
  if (isTooLong(text)) throw new ProtocolError("bad-field", tooLongText(text));
  return text;
}

/** Whether a text takes more than so many bytes of UTF-8. */
export function isTooLong(text: string, maxBytes: number = limits.textBytes): boolean {
  // No UTF-16 unit takes more than three bytes.
  return text.length * 3 > maxBytes && encoder.encode(text).length > maxBytes;
}

function tooLongText(text: string): string {
  const { length } = encoder.encode(text);
  return `expected a text of at most ${limits.textBytes} bytes, got ${length}`;
}

/** Reads a time in milliseconds since 1970. One that no Date can have is refused. */
export function readTime(reader: QDataStreamReader): number {
  const time = reader.quint64();
  if (time <= limits.timeMs) return time;
  throw new ProtocolError("bad-field", `expected a time of at most ${limits.timeMs}, got ${time}`);
}

/** Writes a time in milliseconds since 1970. */
export function writeTime(writer: QDataStreamWriter, time: number): void {
  if (time > limits.timeMs) {
    throw new RangeError(`expected a time of at most ${limits.timeMs}, got ${time}`);
  }
  writer.quint64(time);
}

/** Reads an availability. One of a later version is read as online. */
export function readAvailability(reader: QDataStreamReader): Availability {
  return AVAILABILITIES[reader.quint8()] ?? "online";
}

/** Writes an availability. */
export function writeAvailability(writer: QDataStreamWriter, availability: Availability): void {
  writer.quint8(AVAILABILITIES.indexOf(availability));
}

/** Reads whether the server can dial a user. */
export function readReachability(reader: QDataStreamReader): Reachability {
  return REACHABILITIES[reader.quint8()] ?? "unknown";
}

/** Writes whether the server can dial a user. */
export function writeReachability(writer: QDataStreamWriter, reachability: Reachability): void {
  writer.quint8(REACHABILITIES.indexOf(reachability));
}
