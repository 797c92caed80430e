import { equals } from "@std/bytes/equals";
import {
  decodeFileTakerMessage,
  encodeFileDataHead,
  encodeFileGiverMessage,
  type FileEndCode,
  fileEndCodes,
  type FileRow,
  limits,
  PIECE_BYTES,
  pieceCount,
  pieceLength,
  rootOf,
} from "../../../protocol/mod.ts";
import type { OpenSource } from "../file_storage.ts";
import type { FileLink } from "../peer/mod.ts";
import { isPiece, readHashes } from "./piece_hashes.ts";

/** A link may carry so many times what was offered: a taker that wants more is stopped. */
const MAX_SERVINGS = 2;

/** The number of the manifest among the files of an offer. */
export const MANIFEST = -1;

/** A file that a giver has. */
export interface GivenFile {
  readonly row: FileRow;
  open(): Promise<OpenSource>;
}

/** A link, as files need it. */
export interface FileWire extends Pick<FileLink, "send" | "next"> {
  /** Set while data has to come: then a silence is a fault. */
  isMoving?: boolean;
}

/** A file is not any more what was offered. */
class ChangedError extends Error {}

/** Gives a taker over one link what it asks for, each piece only if it is still what was offered. */
export class Giver {
  readonly #wire: FileWire;
  readonly #file: (index: number) => GivenFile | undefined;
  readonly #onBytes: (count: number, file: number) => void;
  /** The lists of the files that have been read, by their number. */
  readonly #lists: Map<number, Uint8Array>;
  readonly #changed = new Set<number>();
  #bytesLeft: number;
  #current: number;
  #open: { readonly index: number; readonly source: OpenSource } | undefined;

  /**
   * @param file the files that are offered, by their number
   * @param first the number of the file with which the link begins
   * @param totalBytes how many bytes they have
   * @param lists the hashes that are known, each under its file's number; others are added
   * @param onBytes called for each piece that is sent, with the file's number
   */
  constructor(
    wire: FileWire,
    file: (index: number) => GivenFile | undefined,
    first: number,
    totalBytes: number,
    lists = new Map<number, Uint8Array>(),
    onBytes: (count: number, file: number) => void = () => {},
  ) {
    this.#wire = wire;
    this.#file = file;
    this.#lists = lists;
    this.#onBytes = onBytes;
    this.#current = first;
    this.#bytesLeft = MAX_SERVINGS * (totalBytes + PIECE_BYTES);
  }

  /** Which files have been found changed. */
  get changed(): ReadonlySet<number> {
    return this.#changed;
  }

  /** Serves until the taker closes; resolves to the code with which it ends, if it says one. */
  async serve(): Promise<FileEndCode | undefined> {
    try {
      for (;;) {
        const payload = await this.#wire.next();
        if (payload === undefined) return undefined;
        const message = decodeFileTakerMessage(payload);
        if (message?.type === "end") return message.code;
        if (message?.type === "file") this.#current = message.file;
        if (message?.type !== "hashes" && message?.type !== "pieces") continue;
        const index = this.#current;
        if (this.#changed.has(index)) continue; // the taker knows already
        const file = this.#file(index);
        if (file === undefined) return await this.#stop(fileEndCodes.stopped);
        const { first, count } = message;
        const isThere = count > 0 && first + count <= pieceCount(file.row.size);
        if (!isThere) return await this.#stop(fileEndCodes.stopped);
        const go = message.type === "hashes"
          ? this.#sendHashes(index, file, first, count)
          : this.#sendPieces(index, file, first, count);
        const isEnough = await go.catch((error) => this.#failed(index, error));
        if (isEnough) return await this.#stop(fileEndCodes.stopped);
      }
    } finally {
      this.#close();
    }
  }

  /** A file that has changed, or can't be read any more: the others may be whole. */
  async #failed(index: number, error: unknown): Promise<boolean> {
    if (!(error instanceof ChangedError)) throw error;
    this.#changed.add(index);
    this.#close();
    await this.#say(fileEndCodes.changed);
    return false;
  }

  async #stop(code: FileEndCode): Promise<undefined> {
    await this.#say(code);
  }

  #say(code: FileEndCode): Promise<void> {
    return this.#wire.send([[encodeFileGiverMessage({ type: "end", code, text: "" })]]);
  }

  async #sendHashes(
    index: number,
    file: GivenFile,
    first: number,
    count: number,
  ): Promise<boolean> {
    const hashes = (await this.#list(index, file)).subarray(first * 32, (first + count) * 32);
    await this.#wire.send([[encodeFileGiverMessage({ type: "hashes", first, hashes })]]);
    return false;
  }

  /** Resolves to true if the taker has had enough. */
  async #sendPieces(
    index: number,
    file: GivenFile,
    first: number,
    count: number,
  ): Promise<boolean> {
    const { row } = file;
    const isSingle = pieceCount(row.size) === 1;
    const hashes = isSingle ? undefined : await this.#list(index, file);
    const source = await this.#source(index, file);
    const read = (piece: number) =>
      reading(source.read(piece * PIECE_BYTES, pieceLength(row.size, piece)));
    let bytes = await read(first);
    for (let piece = first; piece < first + count; piece++) {
      if (!isPiece(row, hashes, piece, bytes)) throw new ChangedError();
      this.#bytesLeft -= bytes.length;
      if (this.#bytesLeft < 0) return true;
      const { length } = bytes;
      // The bytes are encrypted before this returns, so that the next may be read.
      const sending = this.#wire.send(dataOf(piece, bytes));
      const isLast = piece + 1 === first + count;
      if (!isLast) [bytes] = await Promise.all([read(piece + 1), sending]);
      else await sending;
      this.#onBytes(length, index);
    }
    if (isSingle) this.#close();
    return false;
  }

  /** The list of a file's hashes, once it fits the root. */
  async #list(index: number, file: GivenFile): Promise<Uint8Array> {
    const before = this.#lists.get(index);
    if (before !== undefined) return before;
    const source = await this.#source(index, file);
    const hashes = await reading(readHashes(source, file.row.size));
    if (hashes === undefined || !equals(rootOf(hashes), file.row.root)) throw new ChangedError();
    this.#lists.set(index, hashes);
    return hashes;
  }

  async #source(index: number, file: GivenFile): Promise<OpenSource> {
    if (this.#open?.index === index) return this.#open.source;
    this.#close();
    const source = await reading(file.open());
    this.#open = { index, source };
    return source;
  }

  #close(): void {
    this.#open?.source.close();
    this.#open = undefined;
  }
}

/** A file that can't be read is not any more what was offered. */
async function reading<Value>(read: Promise<Value>): Promise<Value> {
  try {
    return await read;
  } catch (error) {
    throw new ChangedError("it can't be read", { cause: error });
  }
}

/** A piece in as many messages as it takes. */
function dataOf(piece: number, bytes: Uint8Array): Uint8Array[][] {
  const messages: Uint8Array[][] = [];
  for (let offset = 0; offset < bytes.length; offset += limits.fileDataBytes) {
    const part = bytes.subarray(offset, offset + limits.fileDataBytes);
    messages.push([encodeFileDataHead(piece, offset, part.length), part]);
  }
  return messages;
}
