/** The kinds of examples about files. */

import {
  decodeFileGiverMessage,
  decodeFileMessage,
  decodeFileTakerMessage,
  decodeManifest,
  encodeFileGiverMessage,
  encodeFileMessage,
  encodeFileOffer,
  encodeFileTakerMessage,
  encodeManifest,
  type FileGiverMessage,
  type FileMessage,
  type FileTakerMessage,
} from "../../protocol/mod.ts";
import { type Kind, kind, recordOf, type Value } from "./example_kinds.ts";

/** The fields of a message; numbers whose name starts with `is` are booleans. */
function message<Message>(type: string): (values: readonly Value[]) => Message {
  return (values) => {
    const fields = Object.entries(recordOf<Record<string, unknown>>(values))
      .map(([name, value]) => [name, name.startsWith("is") ? value === 1 : value]);
    return { type, ...Object.fromEntries(fields) } as Message;
  };
}

/** One row from path, size and root. */
function rowIn(values: readonly Value[]) {
  const { path, size, root } = recordOf<{ path: string; size: number; root: Uint8Array }>(values);
  return { path, size, root };
}

function offerIn(values: readonly Value[]): FileMessage {
  const { id, sentAt, mime, thumbnail } = recordOf<{
    id: Uint8Array;
    sentAt: number;
    mime: string;
    thumbnail: Uint8Array;
  }>(values);
  const offer = encodeFileOffer({ rows: [rowIn(values)], mime, thumbnail });
  return { type: "file-offer", id, sentAt, offer };
}

const taker = (type: FileTakerMessage["type"]): Kind =>
  kind(message<FileTakerMessage>(type), encodeFileTakerMessage, decodeFileTakerMessage);
const giver = (type: FileGiverMessage["type"]): Kind =>
  kind(message<FileGiverMessage>(type), encodeFileGiverMessage, decodeFileGiverMessage);

/** The kinds of examples about files. */
export const FILE_KINDS: readonly (readonly [string, Kind])[] = [
  ["file-offer", kind(offerIn, encodeFileMessage, decodeFileMessage)],
  ["file-link", kind(message<FileMessage>("file-link"), encodeFileMessage, decodeFileMessage)],
  ["file-end", kind(message<FileMessage>("file-end"), encodeFileMessage, decodeFileMessage)],
  [
    "manifest",
    kind(
      (values) => [rowIn(values)],
      encodeManifest,
      (bytes) => decodeManifest(bytes, { files: 1, bytes: 2_097_153 }),
    ),
  ],
  ["token", taker("token")],
  ["ask-file", taker("file")],
  ["ask-hashes", taker("hashes")],
  ["ask-pieces", taker("pieces")],
  ["tell-hashes", giver("hashes")],
  ["tell-data", giver("data")],
  ["tell-end", giver("end")],
];
