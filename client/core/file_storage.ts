import type { FileRow } from "../../protocol/mod.ts";

/** A file of this machine that is offered, or an empty folder. */
export interface SourceFile {
  /** Its path in the offer; that of a folder ends with `/`. */
  readonly path: string;
  /** Its path on this machine. */
  readonly location: string;
  /** Its size in bytes. */
  readonly size: number;
  /** Whether it was stored for the transfer alone, and goes with it. */
  readonly isSpooled?: boolean;
}

/** A file that is being read. */
export interface OpenSource {
  /**
   * Bytes from there on; fewer than asked for at the end. They are valid until the call after the next, and
   * no call is made before the last one is done.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Frees it. */
  close(): void;
}

/** A file that is being written. */
export interface PartFile {
  /** How many bytes of it may be there. */
  readonly length: number;
  /** A piece as it is stored. It is valid until the next call. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Stores bytes from there on. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** Everything is there: gives it its name. Resolves to its path. */
  finish(): Promise<string>;
  /** Frees it; what was written stays. */
  close(): void;
}

/** The folder into which the files of a transfer go. */
export interface TargetFolder {
  /** The names that folders of the offer have there until {@linkcode end}. */
  readonly tops: Readonly<Record<string, string>>;
  /** How many bytes the disk has left; undefined if that can't be found out. */
  freeBytes(): number | undefined;
  /**
   * Opens a file's part, as far as it is there.
   *
   * @throws {PartBusyError} if another program writes it
   */
  open(row: FileRow): Promise<PartFile>;
  /** A file that was complete before, open for reading: to be checked, and not to be written again. */
  existing(row: FileRow): Promise<(OpenSource & { readonly path: string }) | undefined>;
  /**
   * Nothing more comes: gives the folders of the offer their names.
   *
   * @param only the path of the only file, if it is one
   * @returns where that is now, or all of it
   */
  end(only: string | undefined): Promise<string>;
  /** Removes parts of these files, and the files themselves in folders that have no name yet. */
  discard(rows: readonly FileRow[]): Promise<void>;
}

/** The stored record of a transfer. */
export interface TransferRecord {
  /** Names the offer: 8 bytes in hex; in a room the hash of its entry, once that is written. */
  readonly id: string;
  /** Which way it goes. */
  readonly direction: "incoming" | "outgoing";
  /** The peer's public key, 32 bytes. */
  readonly identity: Uint8Array;
  /** The peer's name. */
  readonly name: string;
  /** In milliseconds since 1970. */
  readonly time: number;
  /** As {@linkcode encodeFileOffer} has it; empty while it is being prepared. */
  readonly offer: Uint8Array;
  /** The content of its manifest, if it has one and that is known. */
  readonly manifest?: Uint8Array | undefined;
  /** How far it is. */
  readonly state: "offered" | "accepted" | "paused" | "done" | "failed";
  /** Why it has failed or is paused. */
  readonly reason?: string | undefined;
  /** Outgoing: whether the peer has the offer. */
  readonly isDelivered?: boolean | undefined;
  /** Outgoing: the files. */
  readonly sources?: readonly SourceFile[] | undefined;
  /** Incoming: the folder. */
  readonly into?: string | undefined;
  /** Incoming: the names of the offer's folders in it once they are made. */
  readonly tops?: Readonly<Record<string, string>> | undefined;
  /** Incoming: where the files are, once they are there. */
  readonly location?: string | undefined;
  /** The room's id, if it is offered in one. */
  readonly room?: string | undefined;
  /** Outgoing, in a room: the members that are done, or have declined, by their keys in hex. */
  readonly takers?: Readonly<Record<string, "done" | "declined">> | undefined;
  /** The end that the peer has not confirmed: one of {@linkcode fileEndCodes}. */
  readonly report?: number | undefined;
}

/** The disk, as transfers use it. */
export interface FileStorage {
  /** The folder for incoming files by default. */
  readonly downloads: string | undefined;
  /** The transfers that are stored, the oldest first. */
  transfers(): Promise<TransferRecord[]>;
  /** One of them. */
  transfer(id: string, direction: TransferRecord["direction"]): Promise<TransferRecord | undefined>;
  /** Adds or replaces one. An incoming one that was taken is not replaced by one that was not. */
  keepTransfer(record: TransferRecord): Promise<void>;
  /**
   * Claims an incoming one until it is disposed, or the program ends: only one of several programs with this
   * storage has it.
   *
   * @returns undefined if another program has it
   */
  claim(id: string): Promise<Disposable | undefined>;
  /** Whether another program has changed the list since this was asked last. */
  hasForeignChanges(): Promise<boolean>;
  /** Gives an outgoing one another id. */
  renameTransfer(id: string, newId: string): Promise<void>;
  /**
   * The files at these paths, and files and empty folders below them if they are folders; links in folders
   * are left out.
   *
   * @throws {Error} if there are none, too many, or one can't be read
   */
  find(paths: readonly string[]): Promise<SourceFile[]>;
  /** Stores a stream as a file. */
  spool(name: string, stream: ReadableStream<Uint8Array>, size: number): Promise<SourceFile>;
  /** Removes what was spooled. */
  unspool(source: SourceFile): Promise<void>;
  /** Opens a file for reading, if it is one. */
  open(source: SourceFile): Promise<OpenSource>;
  /**
   * Makes a folder if it is not there, and tries to write there.
   *
   * @throws {Error} if that is impossible, though not if the disk is only full
   */
  checkFolder(path: string): Promise<void>;
  /** Opens a folder for writing; it, the top ones and the empty ones of the offer are made. */
  openTarget(
    into: string,
    rows: readonly FileRow[],
    tops?: Readonly<Record<string, string>>,
  ): Promise<TargetFolder>;
}

/** Another program is writing that file. */
export class PartBusyError extends Error {}

/** The disk has no room for it. */
export class DiskFullError extends Error {}
