/** Rotations: one key follows another, as both of them sign. */

import { equals } from "@std/bytes/equals";
import { QDataStreamReader, QDataStreamWriter } from "../codec/mod.ts";
import { KEY_LENGTH, SIGNATURE_LENGTH } from "../crypto/mod.ts";
import { ProtocolError } from "../errors.ts";
import { ID_LENGTH, readBytesField, readTime, writeBytesField, writeTime } from "./fields.ts";
import { createSignature, isSignatureValid } from "./signed_statement.ts";
import { identityOf } from "./identity.ts";

/**
 * A statement of type `rotate` with both signatures. Not checked: see {@linkcode isRotationValid}.
 * See protocol/docs/mim2.md, "Keys and signatures".
 */
export interface KeyRotation {
  /** The public key until then, 32 bytes. */
  readonly oldKey: Uint8Array;
  /** The public key from then on, 32 bytes. */
  readonly newKey: Uint8Array;
  /** When that was, in milliseconds since 1970. */
  readonly rotatedAt: number;
  /** The old key's signature, 64 bytes. */
  readonly oldSignature: Uint8Array;
  /** The new key's signature, 64 bytes. */
  readonly newSignature: Uint8Array;
}

/**
 * A chat message that tells a contact of a new key. It is acknowledged.
 * See protocol/docs/mim2.md, "Messages".
 */
export interface RotationMessage {
  /** 8 bytes by which it is acknowledged. */
  readonly id: Uint8Array;
  /** The rotation from the key that the contact knows. */
  readonly rotation: KeyRotation;
}

const ROTATION = 0x49;
/** How many rotations a login, a welcome or an introduction can show: who knows an older key can't follow. */
export const MAX_ROTATIONS = 8;

/**
 * Has the new key follow the old one.
 *
 * @param oldPrivateKey 32 bytes
 * @param newPrivateKey 32 bytes
 * @param rotatedAt when, in milliseconds since 1970
 *
 * @example
 * ```ts
 * import { createRotation, isRotationValid } from "@mim/mim/protocol";
 * import { assert } from "@std/assert";
 *
 * assert(isRotationValid(createRotation(new Uint8Array(32).fill(1), new Uint8Array(32).fill(2), 5)));
 * ```
 */
export function createRotation(
  oldPrivateKey: Uint8Array,
  newPrivateKey: Uint8Array,
  rotatedAt: number,
): KeyRotation {
  const [oldKey, newKey] = [identityOf(oldPrivateKey), identityOf(newPrivateKey)];
  const statement = { type: "rotate", oldKey, newKey, rotatedAt } as const;
  return {
    oldKey,
    newKey,
    rotatedAt,
    oldSignature: createSignature(statement, oldPrivateKey),
    newSignature: createSignature(statement, newPrivateKey),
  };
}

/** Whether both keys have signed the rotation. */
export function isRotationValid(rotation: KeyRotation): boolean {
  const { oldKey, newKey, rotatedAt, oldSignature, newSignature } = rotation;
  const statement = { type: "rotate", oldKey, newKey, rotatedAt } as const;
  return isSignatureValid(statement, oldSignature, oldKey) &&
    isSignatureValid(statement, newSignature, newKey);
}

/**
 * Whether a chain of valid rotations leads from one key to another. Rotations before the first of its
 * own key are skipped.
 *
 * @param rotations the oldest first
 */
export function hasRotatedTo(
  from: Uint8Array,
  to: Uint8Array,
  rotations: readonly KeyRotation[],
): boolean {
  const first = rotations.findIndex(({ oldKey }) => equals(oldKey, from));
  if (first < 0) return false;
  let key = from;
  for (const rotation of rotations.slice(first)) {
    if (!equals(rotation.oldKey, key) || !isRotationValid(rotation)) return false;
    key = rotation.newKey;
  }
  return equals(key, to);
}

/**
 * The rotations that lead to a key, the oldest first, at most eight: the last ones of a list in which
 * others may stand, too.
 */
export function rotationsTo(key: Uint8Array, rotations: readonly KeyRotation[]): KeyRotation[] {
  const chain: KeyRotation[] = [];
  for (const rotation of rotations.toReversed()) {
    if (!equals(rotation.newKey, chain[0]?.oldKey ?? key) || !isRotationValid(rotation)) continue;
    chain.unshift(rotation);
    if (chain.length === MAX_ROTATIONS) break;
  }
  return chain;
}

/**
 * The chat message that tells a contact of a new key.
 *
 * @throws {RangeError} if a field has a wrong length or is out of range
 */
export function encodeRotationMessage(message: RotationMessage): Uint8Array<ArrayBuffer> {
  const { id, rotation } = message;
  const writer = new QDataStreamWriter().quint8(ROTATION);
  writeBytesField(writer, "an id", id, ID_LENGTH);
  writeRotation(writer, rotation);
  return writer.bytes();
}

/**
 * Reads that message.
 *
 * @returns undefined if the message is of another type
 * @throws {ProtocolError} `overrun`, `bad-field`
 */
export function decodeRotationMessage(payload: Uint8Array): RotationMessage | undefined {
  const reader = new QDataStreamReader(payload);
  if (reader.quint8() !== ROTATION) return undefined;
  return { id: readBytesField(reader, "an id", ID_LENGTH), rotation: readRotation(reader) };
}

/**
 * A rotation's bytes alone, to be stored.
 *
 * @throws {RangeError} if a field has a wrong length or is out of range
 */
export function encodeRotation(rotation: KeyRotation): Uint8Array<ArrayBuffer> {
  const writer = new QDataStreamWriter();
  writeRotation(writer, rotation);
  return writer.bytes();
}

/**
 * Reads them.
 *
 * @throws {ProtocolError} `overrun`, `bad-field`
 */
export function decodeRotation(bytes: Uint8Array): KeyRotation {
  return readRotation(new QDataStreamReader(bytes));
}

/**
 * Writes rotations at the end of a message, behind their number.
 *
 * @throws {RangeError} if there are over eight, or a field has a wrong length or is out of range
 */
export function writeRotationList(
  writer: QDataStreamWriter,
  rotations: readonly KeyRotation[] = [],
): void {
  if (rotations.length > MAX_ROTATIONS) throw new RangeError(describeCount(rotations.length));
  writer.quint8(rotations.length);
  for (const rotation of rotations) writeRotation(writer, rotation);
}

/** Reads them, if there are any; a message that ends before their number has none. */
export function readRotationList(
  reader: QDataStreamReader,
): { readonly rotations?: readonly KeyRotation[] } {
  const count = reader.remaining === 0 ? 0 : reader.quint8();
  if (count > MAX_ROTATIONS) throw new ProtocolError("bad-field", describeCount(count));
  if (count === 0) return {};
  return { rotations: Array.from({ length: count }, () => readRotation(reader)) };
}

function describeCount(count: number): string {
  return `expected at most ${MAX_ROTATIONS} rotations, got ${count}`;
}

function writeRotation(writer: QDataStreamWriter, rotation: KeyRotation): void {
  writeBytesField(writer, "an old key", rotation.oldKey, KEY_LENGTH);
  writeBytesField(writer, "a new key", rotation.newKey, KEY_LENGTH);
  writeTime(writer, rotation.rotatedAt);
  writeBytesField(writer, "a signature", rotation.oldSignature, SIGNATURE_LENGTH);
  writeBytesField(writer, "a signature", rotation.newSignature, SIGNATURE_LENGTH);
}

function readRotation(reader: QDataStreamReader): KeyRotation {
  return {
    oldKey: readBytesField(reader, "an old key", KEY_LENGTH),
    newKey: readBytesField(reader, "a new key", KEY_LENGTH),
    rotatedAt: readTime(reader),
    oldSignature: readBytesField(reader, "a signature", SIGNATURE_LENGTH),
    newSignature: readBytesField(reader, "a signature", SIGNATURE_LENGTH),
  };
}
