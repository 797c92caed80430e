import { ClientError } from "./errors.ts";
import type {
  FileStorage,
  OpenSource,
  SourceFile,
  TargetFolder,
  TransferRecord,
} from "./file_storage.ts";

/** How much of a stream is kept in memory, in bytes. */
const MAX_SPOOLED_BYTES = 268_435_456;

/** Transfers without a disk: streams and blobs can be sent, and taken as streams, in this run. */
export class MemoryFiles implements FileStorage {
  /** There is no folder. */
  readonly downloads: undefined;
  readonly #spooled = new Map<string, Blob>();

  transfers(): Promise<TransferRecord[]> {
    return Promise.resolve([]);
  }

  transfer(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  keepTransfer(): Promise<void> {
    return Promise.resolve();
  }

  claim(): Promise<Disposable> {
    return Promise.resolve({ [Symbol.dispose]() {} });
  }

  hasForeignChanges(): Promise<boolean> {
    return Promise.resolve(false);
  }

  renameTransfer(): Promise<void> {
    return Promise.resolve();
  }

  find(): Promise<SourceFile[]> {
    return Promise.reject(noStorage());
  }

  async spool(
    name: string,
    stream: ReadableStream<Uint8Array>,
    size: number,
  ): Promise<SourceFile> {
    if (size > MAX_SPOOLED_BYTES) {
      await stream.cancel();
      throw noStorage();
    }
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for await (const part of stream) {
      length += part.length;
      if (length > size) break;
      parts.push(new Uint8Array(part));
    }
    if (length !== size) {
      throw new RangeError(`expected a stream of ${size} bytes, got another number`);
    }
    const location = `memory:${crypto.randomUUID()}`;
    this.#spooled.set(location, new Blob(parts));
    return { path: name, location, size, isSpooled: true };
  }

  unspool({ location }: SourceFile): Promise<void> {
    this.#spooled.delete(location);
    return Promise.resolve();
  }

  open({ location }: SourceFile): Promise<OpenSource> {
    return Promise.resolve(openBlob(this.#spooled.get(location) ?? new Blob()));
  }

  checkFolder(): Promise<void> {
    return Promise.reject(noStorage());
  }

  openTarget(): Promise<TargetFolder> {
    return Promise.reject(noStorage());
  }
}

/** A blob as a file that is being read. */
export function openBlob(blob: Blob): OpenSource {
  return {
    read: async (offset, length) =>
      new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
    close: () => {},
  };
}

function noStorage(): ClientError {
  return new ClientError("transfer-failed", { name: undefined, reason: "no-storage" });
}
