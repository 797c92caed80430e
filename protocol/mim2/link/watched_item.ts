/** The items that clients watch at a server which tells only of some users. */

import type { QDataStreamReader, QDataStreamWriter } from "../../codec/mod.ts";
import { KEY_LENGTH } from "../../crypto/mod.ts";
import { ProtocolError } from "../../errors.ts";
import { limits } from "../../limits.ts";
import { nameKey } from "../../text/mod.ts";
import { readBytesField, SESSION_LENGTH, writeBytesField, writeTextField } from "../fields.ts";

/**
 * An item that a client can watch: the rows of a key, a single one, or those of a name.
 * See protocol/docs/mim2.md, "Watching".
 */
export type WatchedItem =
  | { readonly type: "identity"; readonly identity: Uint8Array }
  | { readonly type: "session"; readonly session: Uint8Array }
  | { readonly type: "name"; readonly name: string };

const WATCHED = { identity: 0, session: 1, name: 2 } as const;

/** A text that is the same for all items that mean the same: names are compared as the server compares them. */
export function watchedKey(item: WatchedItem): string {
  switch (item.type) {
    case "identity":
      return `i${item.identity.toHex()}`;
    case "session":
      return `s${item.session.toHex()}`;
    case "name":
      return `n${nameKey(item.name)}`;
  }
}

/**
 * Writes an item.
 *
 * @throws {RangeError} if a field has a wrong length or is too long
 */
export function writeWatched(writer: QDataStreamWriter, item: WatchedItem): void {
  writer.quint8(WATCHED[item.type]);
  switch (item.type) {
    case "identity":
      return writeBytesField(writer, "an identity", item.identity, KEY_LENGTH);
    case "session":
      return writeBytesField(writer, "a session", item.session, SESSION_LENGTH);
    case "name":
      return writeTextField(writer, "a name", item.name, limits.nameUnits);
  }
}

/**
 * Reads an item.
 *
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`
 */
export function readWatched(reader: QDataStreamReader): WatchedItem {
  const kind = reader.quint8();
  switch (kind) {
    case WATCHED.identity:
      return { type: "identity", identity: readBytesField(reader, "an identity", KEY_LENGTH) };
    case WATCHED.session:
      return { type: "session", session: readBytesField(reader, "a session", SESSION_LENGTH) };
    case WATCHED.name:
      return { type: "name", name: reader.qstring(limits.nameUnits) };
    default:
      throw new ProtocolError("bad-field", `expected an item of kind 0 to 2, got ${kind}`);
  }
}
