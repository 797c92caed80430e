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
  /** A byte for each piece, 1 if it is there; undefined until the stored ones are looked at. */
  #pieces: Uint8Array | undefined;
  #missing: number;
  /** How many of the stored ones have been looked at: a link may end meanwhile. */
  #checked = 0;
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

  /** Hashes what is stored of it: only what fits counts. Goes on where an earlier link has ended. */
  async check(onBytes: (count: number) => void): Promise<void> {
    const part = this.#part;
    if (part === undefined) return;
    const pieces = this.#pieces ??= new Uint8Array(pieceCount(this.row.size));
    for (; this.#checked < pieces.length; this.#checked++) {
      const piece = this.#checked;
      const [at, length] = [piece * PIECE_BYTES, pieceLength(this.row.size, piece)];
      if (at + length > part.length) continue;
      const bytes = await part.read(at, length);
      if (part !== this.#part) throw new Error("it was closed meanwhile");
      if (isPiece(this.row, this.hashes, piece, bytes) && this.#count(piece)) onBytes(length);
    }
  }

  async write(piece: number, bytes: Uint8Array): Promise<void> {
    if (this.#part === undefined || this.#pieces === undefined) throw new Error("expected it open");
    await this.#part.write(piece * PIECE_BYTES, bytes);
    this.#count(piece);
  }

  /** Counts a piece once, however often it comes. Returns whether it was missing. */
  #count(piece: number): boolean {
    if (this.#pieces === undefined || this.#pieces[piece] === 1) return false;
    this.#pieces[piece] = 1;
    this.#missing--;
    return true;
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
