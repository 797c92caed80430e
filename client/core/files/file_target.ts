import { equals } from "@std/bytes/equals";
import { type FileRow, rootOf } from "../../../protocol/mod.ts";
import { reasonOf } from "../../../server/platform/util/errors.ts";
import { ClientError } from "../errors.ts";
import type { FileStorage, PartFile, TargetFolder } from "../file_storage.ts";
import { SerialQueue } from "../serial_queue.ts";
import { transferError } from "./file_transfer.ts";
import { readHashes } from "./piece_hashes.ts";

/** The destination of a transfer's files. */
export interface FileTarget {
  /** The path of the files, once they are there. */
  readonly location: string | undefined;
  open(row: FileRow): Promise<PartFile>;
  /** Whether a file was complete in an earlier run. */
  wasThere(row: FileRow): Promise<boolean>;
  finished(row: FileRow, path: string): void;
  freeBytes(): number | undefined;
  /** Nothing more comes: everything gets its name. */
  end(): Promise<void>;
  discard(rows: readonly FileRow[]): Promise<void>;
}

/** A folder of a disk. */
export class DiskTarget implements FileTarget {
  readonly #folder: TargetFolder;
  readonly #isNew: boolean;
  readonly #hasFolders: boolean;
  #only: string | undefined;
  #location: string | undefined;
  #count = 0;

  /**
   * @param isNew whether nothing can be there from before
   * @param hasFolders whether empty folders come, too
   */
  constructor(
    folder: TargetFolder,
    { isNew, hasFolders }: { readonly isNew: boolean; readonly hasFolders: boolean },
  ) {
    this.#folder = folder;
    this.#isNew = isNew;
    this.#hasFolders = hasFolders;
  }

  /** The only file, or the folder in which all are. */
  get location(): string | undefined {
    return this.#location;
  }

  open(row: FileRow): Promise<PartFile> {
    return this.#folder.open(row);
  }

  async wasThere(row: FileRow): Promise<boolean> {
    if (this.#isNew) return false;
    const file = await this.#folder.existing(row);
    if (file === undefined) return false;
    try {
      const hashes = await readHashes(file, row.size);
      if (hashes === undefined || !equals(rootOf(hashes), row.root)) return false;
      this.finished(row, file.path);
      return true;
    } finally {
      file.close();
    }
  }

  finished(_row: FileRow, path: string): void {
    this.#count++;
    this.#only = path;
  }

  freeBytes(): number | undefined {
    return this.#folder.freeBytes();
  }

  async end(): Promise<void> {
    const isOne = this.#count === 1 && !this.#hasFolders;
    this.#location = await this.#folder.end(isOne ? this.#only : undefined);
  }

  discard(rows: readonly FileRow[]): Promise<void> {
    return this.#folder.discard(rows);
  }
}

/** A stream that a program reads, piece by piece, no faster than that. */
export class StreamTarget implements FileTarget {
  readonly location = undefined;
  readonly stream: ReadableStream<Uint8Array>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** Several pieces may come before one is read: they go out in their order. */
  readonly #writes = new SerialQueue();
  #pulled = Promise.withResolvers<void>();
  #isOver = false;

  /** @param onCancel called if nobody reads it any more */
  constructor(onCancel: () => void) {
    this.stream = new ReadableStream({
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#pulled.resolve(),
      cancel: () => {
        this.#isOver = true;
        this.#pulled.resolve();
        onCancel();
      },
    }, { highWaterMark: 1 });
  }

  open(): Promise<PartFile> {
    return Promise.resolve({
      length: 0,
      read: () => Promise.resolve(new Uint8Array(0)),
      write: (_offset, bytes) => this.#writes.run(() => this.#write(bytes)),
      finish: () => Promise.resolve(""),
      close: () => {},
    });
  }

  wasThere(): Promise<boolean> {
    return Promise.resolve(false);
  }

  finished(): void {}

  freeBytes(): undefined {}

  end(): Promise<void> {
    if (!this.#isOver) this.#controller?.close();
    this.#isOver = true;
    return Promise.resolve();
  }

  discard(): Promise<void> {
    return Promise.resolve();
  }

  fail(error: unknown): void {
    if (!this.#isOver) this.#controller?.error(error);
    this.#isOver = true;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    while (!this.#isOver && (this.#controller?.desiredSize ?? 0) <= 0) {
      this.#pulled = Promise.withResolvers<void>();
      await this.#pulled.promise;
    }
    if (!this.#isOver) this.#controller?.enqueue(bytes.slice());
  }
}

/**
 * Looks whether files can go into a folder.
 *
 * @throws {ClientError} `transfer-failed` if it can't be made, or written
 */
export async function checkFolder(
  storage: FileStorage,
  name: string,
  folder: string,
): Promise<void> {
  await storage.checkFolder(folder).catch((error) => {
    if (error instanceof ClientError) throw error;
    throw transferError(name, "unwritable", reasonOf(error));
  });
}
