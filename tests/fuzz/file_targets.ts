/** The readers of bytes about files from outside. */

import {
  decodeFileGiverMessage,
  decodeFileMessage,
  decodeFileOffer,
  decodeFileTakerMessage,
  decodeManifest,
  encodeFileGiverMessage,
  encodeFileMessage,
  encodeFileOffer,
  encodeFileTakerMessage,
  encodeManifest,
  imageSize,
} from "../../protocol/mod.ts";
import {
  anyFileMessage,
  anyGiverMessage,
  anyOffer,
  anyRows,
  anyTakerMessage,
} from "../fixtures/file_messages.ts";
import { utf8 } from "../fixtures/decoding.ts";
import fc from "fast-check";
import { type Target, whole } from "./target.ts";

const pictures = ["\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "RIFF\0\0\0\0WEBPVP8X", "RIFF\0\0\0\0WEBPVP8L"];
const anyPicture = fc.tuple(fc.constantFrom(...pictures), fc.uint8Array({ maxLength: 60 }))
  .map(([head, rest]) => Uint8Array.from([...head].map((c) => c.charCodeAt(0)).concat(...rest)));

/** All of them. */
export const FILE_TARGETS: readonly Target[] = [
  whole("message about files", decodeFileMessage, anyFileMessage.map(encodeFileMessage)),
  whole("offer of files", decodeFileOffer, anyOffer.map(encodeFileOffer)),
  whole(
    "manifest",
    (bytes) => decodeManifest(bytes, { files: 1, bytes: 0 }),
    anyRows.map(encodeManifest),
  ),
  whole("taker", decodeFileTakerMessage, anyTakerMessage.map(encodeFileTakerMessage)),
  whole("giver", decodeFileGiverMessage, anyGiverMessage.map(encodeFileGiverMessage)),
  whole("picture", imageSize, fc.oneof(anyPicture, fc.constant(utf8("GIF89a")))),
];
