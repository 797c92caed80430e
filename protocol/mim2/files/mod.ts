/**
 * Files between peers: what is offered, under which names, and what both sides say over a file link.
 * Knows bytes and names, and no disk.
 *
 * @module
 */

export {
  describeInvalidPath,
  describeInvalidPaths,
  isFolderPath,
  numberedPath,
  pathKey,
  portableName,
  portablePath,
  uniquePaths,
} from "./file_path.ts";
export {
  decodeFileGiverMessage,
  decodeFileTakerMessage,
  encodeFileDataHead,
  encodeFileGiverMessage,
  encodeFileTakerMessage,
  type FileEnd,
  type FileEndCode,
  fileEndCodes,
  type FileGiverMessage,
  type FileTakerMessage,
} from "./file_link.ts";
export { decodeFileMessage, encodeFileMessage, type FileMessage } from "./file_messages.ts";
export { decodeManifest, encodeManifest } from "./manifest.ts";
export {
  countFiles,
  decodeFileOffer,
  encodeFileOffer,
  type FileOffer,
  type FileRow,
  fitsOffer,
} from "./offer.ts";
export { PIECE_BYTES, pieceCount, pieceLength, rootOf } from "./pieces.ts";
export { imageSize } from "./image_size.ts";
