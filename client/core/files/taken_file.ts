import { type FileRow, PIECE_BYTES, pieceCount, pieceLength } from "../../../protocol/mod.ts";
import type { PartFile } from "../file_storage.ts";
import { isPiece } from "./piece_hashes.ts";

/** How a file that is being taken is stored. */
export interface FileSink {
  open(row: FileRow): Promise<PartFile>;
  /** Whether the complete file is there from before. */
  wasThere?(row: FileRow): Promise<boolean>;
  onFinished(row: FileRow, path: string): void;
}

/** One file of a transfer, and which of its pieces are there. */
export class TakenFile {
  readonly index: number;
  readonly row: FileRow;
  /** The hashes of its pieces, once they fit the root. */
  hashes: Uint8Array | undefined;
  /** Whether the giver does not have it any more. */
  isDropped = false;
  readonly #sink: FileSink;
  #part: PartFile | undefined;
  /** A byte for each piece; undefined until the stored ones are checked. */
  #pieces: Uint8Array | undefined;
  #missing: number;
  #isFinished = false;

  constructor(index: number, row: FileRow, sink: FileSink) {
    this.index = index;
    this.row = row;
    this.#sink = sink;
    this.#missing = pieceCount(row.size);
  }

  /** Whether nothing more is to be done about it. */
  get isOver(): boolean {
    return this.#isFinished || this.isDropped;
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  get isComplete(): boolean {
    return this.#missing === 0;
  }

  /** Whether it was complete before; asked once. */
  async wasThere(): Promise<boolean> {
    if (this.#pieces !== undefined || this.#sink.wasThere === undefined) return false;
    if (!await this.#sink.wasThere(this.row)) return false;
    return this.#isFinished = true;
  }

  async open(): Promise<void> {
    this.#part ??= await this.#sink.open(this.row);
  }

  has(piece: number): boolean {
    return this.#pieces?.[piece] === 1;
  }

  /** Hashes what is stored of it, unless that was done: only what fits counts. */
  async check(onBytes: (count: number) => void): Promise<void> {
    if (this.#pieces !== undefined || this.#part === undefined) return;
    const pieces = new Uint8Array(pieceCount(this.row.size));
    const part = this.#part;
    for (let piece = 0; piece < pieces.length; piece++) {
      const [at, length] = [piece * PIECE_BYTES, pieceLength(this.row.size, piece)];
      if (at + length > part.length) break;
      const bytes = await part.read(at, length);
      if (!isPiece(this.row, this.hashes, piece, bytes)) continue;
      pieces[piece] = 1;
      this.#missing--;
      onBytes(length);
    }
    this.#pieces = pieces;
  }

  async write(piece: number, bytes: Uint8Array): Promise<void> {
    if (this.#part === undefined || this.#pieces === undefined) throw new Error("expected it open");
    await this.#part.write(piece * PIECE_BYTES, bytes);
    this.#pieces[piece] = 1;
    this.#missing--;
  }

  async finish(): Promise<void> {
    await this.open(); // an empty one was not
    const part = this.#part;
    if (part === undefined) return;
    const path = await part.finish();
    this.#part = undefined;
    this.#isFinished = true;
    part.close();
    this.#sink.onFinished(this.row, path);
  }

  drop(): void {
    this.isDropped = true;
    this.close();
  }

  close(): void {
    this.#part?.close();
    this.#part = undefined;
  }
}
