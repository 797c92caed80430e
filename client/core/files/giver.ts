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
  /** The piece of the open file that is read before it is asked for. */
  #ahead: { readonly piece: number; readonly bytes: Promise<Uint8Array> } | undefined;
  /** Resolves once the last piece is sent. */
  #sending: Promise<void> = Promise.resolve();

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
      await this.#close();
    }
  }

  /** A file that has changed, or can't be read any more: the others may be whole. */
  async #failed(index: number, error: unknown): Promise<boolean> {
    if (!(error instanceof ChangedError)) throw error;
    this.#changed.add(index);
    await this.#close();
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
    asked: number,
  ): Promise<boolean> {
    const { row } = file;
    const count = pieceCount(row.size);
    const hashes = count === 1 ? undefined : await this.#list(index, file);
    for (let piece = first; piece < first + asked; piece++) {
      const bytes = await this.#read(index, file, piece);
      if (piece + 1 < count) this.#readAhead(file, piece + 1);
      if (!isPiece(row, hashes, piece, bytes)) throw new ChangedError();
      this.#bytesLeft -= bytes.length;
      if (this.#bytesLeft < 0) return true;
      await this.#send(index, piece, bytes);
    }
    if (count === 1) await this.#close();
    return false;
  }

  /** Sends a piece while the one before it is on its way; its bytes may be used again at once. */
  async #send(index: number, piece: number, bytes: Uint8Array): Promise<void> {
    const before = this.#sending;
    const { length } = bytes;
    this.#sending = this.#wire.send(dataOf(piece, bytes)).then(() => this.#onBytes(length, index));
    this.#sending.catch(() => {}); // the next one to send sees it
    await before;
  }

  async #read(index: number, file: GivenFile, piece: number): Promise<Uint8Array> {
    const source = await this.#source(index, file);
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead?.piece === piece) return await reading(ahead.bytes);
    await ahead?.bytes.catch(() => {});
    return await reading(readPiece(source, file.row, piece));
  }

  /** Reads the next piece of the open file while this one is hashed and encrypted. */
  #readAhead({ row }: GivenFile, piece: number): void {
    if (this.#open === undefined) return;
    const bytes = readPiece(this.#open.source, row, piece);
    bytes.catch(() => {}); // the read of that piece sees it
    this.#ahead = { piece, bytes };
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
    await this.#close();
    const source = await reading(file.open());
    this.#open = { index, source };
    return source;
  }

  async #close(): Promise<void> {
    const [open, ahead] = [this.#open, this.#ahead];
    this.#open = this.#ahead = undefined;
    await ahead?.bytes.catch(() => {});
    open?.source.close();
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

function readPiece(source: OpenSource, { size }: FileRow, piece: number): Promise<Uint8Array> {
  return source.read(piece * PIECE_BYTES, pieceLength(size, piece));
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
