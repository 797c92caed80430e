/** Several changes of the table in one message, for a client that watches. */

import { QDataStreamReader, QDataStreamWriter } from "../../codec/mod.ts";
import { ProtocolError } from "../../errors.ts";
import { decodeLinkUpdate, type LinkUpdate } from "./entry.ts";

const LIST = 0x77;
/** Bytes of updates in one list: with its encryption it fits into a block. */
const MAX_LIST_BYTES = 60_000;
/** Longer than any update. */
const MAX_UPDATE_BYTES = 4_096;

/**
 * Messages with these updates, in order, each to be encrypted for a client that watches: one that stands alone
 * is its own message, and several are lists.
 *
 * @param updates as {@linkcode encodeLinkUpdate} makes them
 *
 * @example
 * ```ts
 * import { encodeLinkUpdate, encodeLinkUpdates } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const gone = encodeLinkUpdate({ type: "delete", session: new Uint8Array(8) });
 * assertEquals([...encodeLinkUpdates([gone])], [gone]);
 * assertEquals([...encodeLinkUpdates([gone, gone])].length, 1);
 * ```
 */
export function* encodeLinkUpdates(
  updates: readonly Uint8Array[],
): Generator<Uint8Array, void> {
  let first = 0;
  while (first < updates.length) {
    let [end, bytes] = [first, 0];
    for (; end < updates.length; end++) {
      bytes += 4 + (updates[end]?.length ?? 0);
      if (end > first && bytes > MAX_LIST_BYTES) break;
    }
    const [only, ...others] = updates.slice(first, end);
    first = end;
    if (only === undefined) return;
    if (others.length === 0) {
      yield only;
      continue;
    }
    const writer = new QDataStreamWriter().quint8(LIST).quint16(1 + others.length);
    for (const update of [only, ...others]) writer.qbytearray(update);
    yield writer.bytes();
  }
}

/**
 * Reads a list of updates; those of unknown types are left out.
 *
 * @returns undefined if it is no list
 * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field`
 */
export function decodeLinkUpdates(body: Uint8Array): LinkUpdate[] | undefined {
  const reader = new QDataStreamReader(body);
  if (reader.quint8() !== LIST) return undefined;
  const updates: LinkUpdate[] = [];
  for (let left = reader.quint16(); left > 0; left--) {
    const bytes = reader.qbytearray(MAX_UPDATE_BYTES);
    if (bytes.length === 0) throw new ProtocolError("bad-field", "expected an update, got nothing");
    const update = decodeLinkUpdate(bytes);
    if (update !== undefined) updates.push(update);
  }
  return updates;
}
