/** How a message names an earlier one of the same two people. */

import type { QDataStreamReader, QDataStreamWriter } from "../codec/mod.ts";
import { ProtocolError } from "../errors.ts";
import { assertLength } from "../crypto/mod.ts";
import { ID_LENGTH } from "./fields.ts";

/** An earlier message between two peers. See protocol/docs/mim2.md, "Messages". */
export interface MessageTarget {
  /** The author of the message: the side that sends this target, or the side that reads it. */
  readonly whose: "sender" | "reader";
  /** The message's id, 8 bytes: each side chooses those of its own. */
  readonly id: Uint8Array;
}

const WHOSE = ["sender", "reader"] as const;
const TARGET_LENGTH = 1 + ID_LENGTH;

/**
 * A target's bytes, as they stand in its field, and to be stored.
 *
 * @throws {RangeError} if the id has a wrong length
 *
 * @example
 * ```ts
 * import { decodeTarget, encodeTarget } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const target = { whose: "reader", id: new Uint8Array(8) } as const;
 * assertEquals(encodeTarget(target).toHex(), "01" + "0000000000000000");
 * assertEquals(decodeTarget(encodeTarget(target)), target);
 * ```
 */
export function encodeTarget({ whose, id }: MessageTarget): Uint8Array<ArrayBuffer> {
  assertLength("an id", id, ID_LENGTH);
  const bytes = new Uint8Array(TARGET_LENGTH);
  bytes[0] = WHOSE.indexOf(whose);
  bytes.set(id, 1);
  return bytes;
}

/**
 * Reads a target.
 *
 * @throws {ProtocolError} `bad-field`
 */
export function decodeTarget(bytes: Uint8Array): MessageTarget {
  const whose = WHOSE[bytes[0] ?? WHOSE.length];
  if (bytes.length === TARGET_LENGTH && whose !== undefined) return { whose, id: bytes.slice(1) };
  throw new ProtocolError("bad-field", `expected a target of ${TARGET_LENGTH} bytes, got another`);
}

/** Writes a target's field; an empty one if there is none. */
export function writeTarget(writer: QDataStreamWriter, target: MessageTarget | undefined): void {
  writer.qbytearray(target === undefined ? new Uint8Array() : encodeTarget(target));
}

/** Reads a target's field; undefined if it is empty. */
export function readTarget(reader: QDataStreamReader): MessageTarget | undefined {
  const bytes = reader.qbytearray(TARGET_LENGTH);
  return bytes.length === 0 ? undefined : decodeTarget(bytes);
}
