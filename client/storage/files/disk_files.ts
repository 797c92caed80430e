import { join } from "node:path";
import type { FileRow } from "../../../protocol/mod.ts";
import type {
  FileStorage,
  OpenSource,
  SourceFile,
  TargetFolder,
  TransferRecord,
} from "../../core/mod.ts";
import { createDataDir } from "../data_dir.ts";
import { asDiskError } from "./disk_errors.ts";
import { findSourceFiles, openSource } from "./source_files.ts";
import { DiskTargetFolder } from "./target_folder.ts";
import { TransferTable } from "./transfer_table.ts";

/** Where files go, and whether transfers go on by themselves. */
export interface DiskFilesOptions {
  /** The folder for files that come in. */
  readonly downloads?: string | undefined;
  /** Whether transfers of earlier runs go on: not for a command that sends one file. Default: true. */
  readonly resumes?: boolean;
  /** Receives a text for users about a damaged file. */
  readonly alarm: (text: string) => void;
}

/** Transfers in a data folder, and files anywhere on this machine. */
export class DiskFiles implements FileStorage, Disposable {
  readonly downloads: string | undefined;
  readonly #folder: string;
  readonly #table: TransferTable;
  readonly #resumes: boolean;

  /** @throws {Error} if the list of transfers can't be opened, or a newer MIM has written it */
  static async open(folder: string, options: DiskFilesOptions): Promise<DiskFiles> {
    return new DiskFiles(
      folder,
      await TransferTable.open(`${folder}/files.db`, options.alarm),
      options,
    );
  }

  private constructor(folder: string, table: TransferTable, options: DiskFilesOptions) {
    this.#folder = folder;
    this.#table = table;
    this.downloads = options.downloads;
    this.#resumes = options.resumes ?? true;
  }

  transfers(): Promise<TransferRecord[]> {
    return this.#resumes ? this.#table.all() : Promise.resolve([]);
  }

  transfer(
    id: string,
    direction: TransferRecord["direction"],
  ): Promise<TransferRecord | undefined> {
    return this.#table.one(id, direction);
  }

  keepTransfer(record: TransferRecord): Promise<void> {
    return this.#table.keep(record);
  }

  find(paths: readonly string[]): Promise<SourceFile[]> {
    return findSourceFiles(paths);
  }

  async spool(
    name: string,
    stream: ReadableStream<Uint8Array>,
    size: number,
  ): Promise<SourceFile> {
    const folder = join(this.#folder, "outgoing");
    await createDataDir(folder);
    const location = join(folder, crypto.randomUUID());
    let length = 0;
    try {
      using file = await Deno.open(location, { write: true, createNew: true, mode: 0o600 });
      for await (const part of stream) {
        length += part.length;
        if (length > size) break;
        for (let at = 0; at < part.length;) at += await file.write(part.subarray(at));
      }
      if (length !== size) {
        throw new RangeError(`expected a stream of ${size} bytes, got another number`);
      }
      return { path: name, location, size, isSpooled: true };
    } catch (error) {
      await Deno.remove(location).catch(() => {});
      throw asDiskError(error);
    }
  }

  async unspool({ location }: SourceFile): Promise<void> {
    await Deno.remove(location);
  }

  open(source: SourceFile): Promise<OpenSource> {
    return openSource(source);
  }

  openTarget(
    into: string,
    rows: readonly FileRow[],
    tops?: Readonly<Record<string, string>>,
  ): Promise<TargetFolder> {
    return DiskTargetFolder.open(into, rows, tops);
  }

  /** Closes the list of transfers. */
  [Symbol.dispose](): void {
    this.#table[Symbol.dispose]();
  }
}
