import { join } from "node:path";
import type { FileRow } from "../../../protocol/mod.ts";
import {
  DiskFullError,
  type FileStorage,
  type OpenSource,
  type SourceFile,
  type TargetFolder,
  type TransferRecord,
} from "../../core/mod.ts";
import { statOf } from "../../../server/platform/storage/regular_file.ts";
import { createDataDir } from "../data_dir.ts";
import { claimFile } from "./claim_file.ts";
import { asDiskError } from "./disk_errors.ts";
import { PrivateFolders } from "./private_folders.ts";
import { findSourceFiles, openSource } from "./source_files.ts";
import { SpoolFolder } from "./spool_folder.ts";
import { DiskTargetFolder } from "./target_folder.ts";
import { TransferTable } from "./transfer_table.ts";

/** The folder for incoming files, and whether transfers go on by themselves. */
export interface DiskFilesOptions {
  /** The folder for files that come in. */
  readonly downloads?: string | undefined;
  /** Whether transfers of earlier runs go on: not for a command that sends one file. Default: true. */
  readonly resumes?: boolean;
  /** Receives a text for users: about a damaged file, or one that is not sent. */
  readonly alarm: (text: string) => void;
}

/** Transfers in a data folder, and files anywhere on this machine. */
export class DiskFiles implements FileStorage, Disposable {
  readonly downloads: string | undefined;
  readonly #folder: string;
  readonly #alarm: (text: string) => void;
  readonly #resumes: boolean;
  readonly #spool: SpoolFolder;
  #hasCleared = false;
  /** Opened with the first transfer: most runs have none. */
  #opening: Promise<TransferTable> | undefined;
  #table: TransferTable | undefined;

  /** Nothing is opened yet. */
  constructor(folder: string, { downloads, resumes = true, alarm }: DiskFilesOptions) {
    this.#folder = folder;
    this.#alarm = alarm;
    this.#resumes = resumes;
    this.downloads = downloads;
    this.#spool = new SpoolFolder(join(folder, "outgoing"));
  }

  async transfers(): Promise<TransferRecord[]> {
    if (!this.#resumes) return [];
    if (!this.#hasCleared) {
      this.#hasCleared = true;
      const sources = async () =>
        new Set(
          (await this.#all()).flatMap(({ sources }) => sources ?? []).map(({ location }) =>
            location
          ),
        );
      await this.#spool.clearOrphans(sources).catch(() => {}); // they do no harm
    }
    return await this.#all();
  }

  async #all(): Promise<TransferRecord[]> {
    return this.#isThere ? await (await this.#open()).all() : [];
  }

  async transfer(
    id: string,
    direction: TransferRecord["direction"],
  ): Promise<TransferRecord | undefined> {
    if (!this.#isThere) return undefined;
    return await (await this.#open()).one(id, direction);
  }

  async keepTransfer(record: TransferRecord): Promise<void> {
    await (await this.#open()).keep(record);
  }

  async claim(id: string): Promise<Disposable | undefined> {
    const folder = join(this.#folder, "taking");
    await createDataDir(folder);
    return claimFile(join(folder, id));
  }

  async hasForeignChanges(): Promise<boolean> {
    if (!this.#isThere) return false;
    return await (await this.#open()).hasForeignChanges();
  }

  async renameTransfer(id: string, newId: string): Promise<void> {
    await (await this.#open()).rename(id, newId);
  }

  async find(paths: readonly string[]): Promise<SourceFile[]> {
    const hidden = await PrivateFolders.open(this.#folder, this.downloads);
    return await findSourceFiles(
      paths,
      hidden,
      (path) => this.#alarm(`${path} is not sent: it belongs to MIM's data folder, where keys are`),
    );
  }

  async spool(
    name: string,
    stream: ReadableStream<Uint8Array>,
    size: number,
  ): Promise<SourceFile> {
    try {
      return await this.#spool.add(name, stream, size);
    } catch (error) {
      throw asDiskError(error);
    }
  }

  async unspool({ location }: SourceFile): Promise<void> {
    await this.#spool.remove(location);
  }

  open(source: SourceFile): Promise<OpenSource> {
    return openSource(source);
  }

  async checkFolder(path: string): Promise<void> {
    try {
      await Deno.mkdir(path, { recursive: true });
      await Deno.remove(await Deno.makeTempDir({ dir: path, prefix: ".", suffix: ".part" }));
    } catch (error) {
      if (!(asDiskError(error) instanceof DiskFullError)) throw error;
    }
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
    this.#table?.[Symbol.dispose]();
    this.#spool[Symbol.dispose]();
  }

  get #path(): string {
    return join(this.#folder, "files.db");
  }

  get #isThere(): boolean {
    return this.#opening !== undefined || statOf(this.#path) !== undefined;
  }

  /** @throws {Error} if the list can't be opened, or a newer MIM has written it */
  #open(): Promise<TransferTable> {
    this.#opening ??= TransferTable.open(this.#path, this.#alarm).then(
      (table) => this.#table = table,
      (error) => {
        this.#opening = undefined;
        throw error;
      },
    );
    return this.#opening;
  }
}
