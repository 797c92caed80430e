import { equals } from "@std/bytes/equals";
import {
  decodeFileGiverMessage,
  encodeFileTakerMessage,
  type FileEndCode,
  fileEndCodes,
  type FileGiverMessage,
  type FileTakerMessage,
  PIECE_BYTES,
  pieceCount,
  pieceLength,
  ProtocolError,
  rootOf,
} from "../../../protocol/mod.ts";
import type { FileWire } from "./giver.ts";
import { isPiece } from "./piece_hashes.ts";
import type { TakenFile } from "./taken_file.ts";

/** How many bytes, and how many requests, may be asked for and not there: a break costs no more. */
const MAX_BYTES_ASKED = 2 * PIECE_BYTES;
const MAX_REQUESTS = 256;
/** Hashes that are asked for at once. */
const MAX_HASHES = 2_000;
/** How many files are given their names at once, and how many pieces are written. */
const MAX_FINISHING = 16;
const MAX_WRITING = 4;

/** A request of the taker; they are answered in order. */
type Request =
  | {
    readonly type: "hashes";
    readonly file: TakenFile;
    readonly first: number;
    readonly count: number;
    readonly resolve: (hashes: Uint8Array) => void;
  }
  | { readonly type: "piece"; readonly file: TakenFile; readonly piece: number };

/** The giver ends the link. */
export class FileEndError extends Error {
  readonly code: FileEndCode;

  constructor(code: FileEndCode) {
    super(`the other side has ended it (${code})`);
    this.code = code;
  }
}

/** The content does not match the offer. */
export class MismatchError extends Error {}

/** Takes files over one link: asks for what is missing, checks it, and has it stored. */
export class Taker {
  readonly #wire: FileWire;
  readonly #onBytes: (count: number, file: number) => void;
  /** The requests without an answer so far. */
  readonly #requests: Request[] = [];
  #bytesAsked = 0;
  /** The file that the giver takes requests to be about. */
  #current: number;
  #isReceiving = false;
  /** The file of which data has come last. */
  #moving: TakenFile | undefined;
  /** The piece under way, and how much of it is there. */
  #piece = new Uint8Array(0);
  #have = 0;
  /** Buffers of whole pieces that are written. */
  readonly #buffers: Uint8Array<ArrayBuffer>[] = [];
  readonly #writing = new Set<Promise<void>>();
  readonly #finishing = new Set<Promise<void>>();
  #wake: () => void = () => {};
  readonly #failure = Promise.withResolvers<never>();
  #isDone = false;

  /** @param onBytes called for each piece that is stored, or was there already, with the file's number */
  constructor(
    wire: FileWire,
    first: number,
    onBytes: (count: number, file: number) => void = () => {},
  ) {
    this.#wire = wire;
    this.#current = first;
    this.#onBytes = onBytes;
    this.#failure.promise.catch(() => {});
  }

  /**
   * Resolves once all files are there, but those that the giver says have changed.
   *
   * @throws {FileEndError} if the giver ends the link
   * @throws {MismatchError} if what comes is not what was offered
   * @throws {ProtocolError} as the link does, and `truncated` at its end
   */
  async take(files: readonly TakenFile[]): Promise<void> {
    if (!this.#isReceiving) void this.#receive().catch((error) => this.#failure.reject(error));
    this.#isReceiving = true;
    try {
      await Promise.race([this.#askForAll(files), this.#failure.promise]);
    } catch (error) {
      this.#isDone = true;
      throw error;
    } finally {
      await Promise.allSettled([...this.#writing, ...this.#finishing]);
      for (const file of files) file.close();
    }
  }

  /** Nothing more is wanted. */
  async end(): Promise<void> {
    this.#isDone = true;
    await this.#say({ type: "end", code: fileEndCodes.done, text: "" }).catch(() => {});
  }

  async #askForAll(files: readonly TakenFile[]): Promise<void> {
    for (const file of files) {
      if (this.#isDone) return;
      if (file.isOver || await file.wasThere()) continue;
      await this.#room();
      if (pieceCount(file.row.size) === 0) await this.#finish(file);
      else await this.#askFor(file);
    }
    while (this.#requests.length > 0) await this.#change();
    await Promise.all(this.#writing);
    while (this.#finishing.size > 0) await Promise.all(this.#finishing);
  }

  async #askFor(file: TakenFile): Promise<void> {
    const count = pieceCount(file.row.size);
    if (count > 1 && file.hashes === undefined) await this.#askForHashes(file, count);
    if (file.isOver) return; // it has changed
    await file.open();
    if (this.#isDone) return file.close();
    await file.check((count) => this.#onBytes(count, file.index));
    if (file.isComplete) return await this.#finish(file);
    for (let piece = 0; piece < count && !file.isOver && !this.#isDone;) {
      if (file.has(piece)) piece++;
      else {
        await this.#room();
        if (file.isOver) return; // it has changed meanwhile: the giver answers nothing about it
        this.#bytesAsked += pieceLength(file.row.size, piece);
        this.#requests.push({ type: "piece", file, piece });
        await this.#ask(file, { type: "pieces", first: piece, count: 1 });
        piece++;
      }
    }
  }

  async #askForHashes(file: TakenFile, count: number): Promise<void> {
    const hashes = new Uint8Array(count * 32);
    const parts: Promise<void>[] = [];
    for (let first = 0; first < count; first += MAX_HASHES) {
      const asked = Math.min(MAX_HASHES, count - first);
      const { promise, resolve } = Promise.withResolvers<Uint8Array>();
      parts.push(promise.then((part) => hashes.set(part, first * 32)));
      this.#requests.push({ type: "hashes", file, first, count: asked, resolve });
      await this.#ask(file, { type: "hashes", first, count: asked });
    }
    await Promise.all(parts);
    if (file.isOver) return;
    if (!equals(rootOf(hashes), file.row.root)) {
      throw new MismatchError("hashes without their root");
    }
    file.hashes = hashes;
  }

  /** Waits while too much is asked for or being stored. */
  async #room(): Promise<void> {
    while (
      this.#bytesAsked >= MAX_BYTES_ASKED || this.#requests.length >= MAX_REQUESTS ||
      this.#finishing.size >= MAX_FINISHING
    ) await this.#change();
  }

  async #change(): Promise<void> {
    await new Promise<void>((resolve) => this.#wake = resolve);
  }

  async #ask(file: TakenFile, message: FileTakerMessage): Promise<void> {
    if (this.#current !== file.index) {
      this.#current = file.index;
      await this.#say({ type: "file", file: file.index }, message);
    } else await this.#say(message);
  }

  #say(...messages: FileTakerMessage[]): Promise<void> {
    return this.#wire.send(messages.map((message) => [encodeFileTakerMessage(message)]));
  }

  async #receive(): Promise<void> {
    while (!this.#isDone) {
      const payload = await this.#wire.next();
      if (this.#isDone) return;
      if (payload === undefined) {
        throw new ProtocolError("truncated", "expected files, got the end");
      }
      const message = decodeFileGiverMessage(payload);
      if (message === undefined || message.type === "token") continue;
      const [request] = this.#requests;
      await this.#take(message);
      const [next] = this.#requests;
      // The giver may have to read a whole file before its first piece.
      if (message.type === "data") this.#moving = request?.file;
      this.#wire.isMoving = next?.type === "piece" && next.file === this.#moving;
      this.#wake();
    }
  }

  async #take(message: Exclude<FileGiverMessage, { readonly type: "token" }>): Promise<void> {
    const [request] = this.#requests;
    if (message.type === "end") {
      if (message.code !== fileEndCodes.changed || request === undefined) {
        throw new FileEndError(message.code);
      }
      return this.#drop(request.file);
    }
    if (message.type === "hashes") {
      const { first, hashes } = message;
      const fits = request?.type === "hashes" && request.first === first &&
        hashes.length === request.count * 32;
      if (!fits) throw new MismatchError("hashes that were not asked for");
      this.#requests.shift();
      return request.resolve(hashes);
    }
    const { piece, offset, bytes } = message;
    const fits = request?.type === "piece" && request.piece === piece && offset === this.#have;
    const length = fits ? pieceLength(request.file.row.size, piece) : 0;
    if (!fits || offset + bytes.length > length) {
      throw new MismatchError("data that was not asked for");
    }
    if (offset === 0) this.#piece = this.#buffer(length);
    this.#piece.set(bytes, offset);
    this.#have += bytes.length;
    if (this.#have === length) await this.#complete(request.file, piece, length);
  }

  #buffer(length: number): Uint8Array<ArrayBuffer> {
    const used = length === PIECE_BYTES ? this.#buffers.pop() : undefined;
    return used ?? new Uint8Array(length);
  }

  async #complete(file: TakenFile, piece: number, length: number): Promise<void> {
    const bytes = this.#piece;
    this.#requests.shift();
    this.#bytesAsked -= length;
    this.#have = 0;
    if (!isPiece(file.row, file.hashes, piece, bytes)) throw new MismatchError("a false piece");
    this.#track(this.#writing, this.#store(file, piece, bytes));
    while (this.#writing.size >= MAX_WRITING) await Promise.race(this.#writing);
  }

  async #store(file: TakenFile, piece: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await file.write(piece, bytes);
    if (bytes.length === PIECE_BYTES) this.#buffers.push(bytes);
    this.#onBytes(bytes.length, file.index);
    if (file.isComplete) await this.#finish(file);
  }

  /** Gives the file its name, while others are on their way. */
  async #finish(file: TakenFile): Promise<void> {
    if (this.#finishing.size >= MAX_FINISHING) await Promise.race(this.#finishing);
    this.#track(this.#finishing, file.finish());
  }

  #track(set: Set<Promise<void>>, work: Promise<void>): void {
    const tracked: Promise<void> = work.catch((error) => this.#failure.reject(error)).finally(
      () => {
        set.delete(tracked);
        this.#wake();
      },
    );
    set.add(tracked);
  }

  /** The giver does not have that file any more: what was asked of it is void. */
  #drop(file: TakenFile): void {
    file.drop();
    this.#have = 0;
    for (const request of this.#requests.filter((each) => each.file === file)) {
      if (request.type === "hashes") request.resolve(new Uint8Array(request.count * 32));
      else this.#bytesAsked -= pieceLength(file.row.size, request.piece);
    }
    const others = this.#requests.filter((each) => each.file !== file);
    this.#requests.splice(0, this.#requests.length, ...others);
  }
}
