import type { PublicKey } from "./public_key.ts";

/** The content to send: one or several paths on this machine, a `Blob`, or a stream. */
export type FileInput =
  | string
  | readonly string[]
  | Blob
  | {
    /** The name under which it is offered. */
    readonly name: string;
    /** How many bytes the stream will give. */
    readonly size: number;
    /** The bytes. */
    readonly stream: ReadableStream<Uint8Array>;
  };

/** How files are sent. */
export interface SendFileOptions {
  /** Cancels the transfer. */
  readonly signal?: AbortSignal | undefined;
  /** The name of a `Blob`; default: that of a `File`, else `file`. */
  readonly name?: string | undefined;
  /** A small picture of the first file: PNG, JPEG or WebP, at most 8 KiB and 256 × 256 pixels. */
  readonly thumbnail?: Uint8Array | undefined;
}

/** How files are taken. */
export interface TakeOptions {
  /** The folder into which they go; default: that of the storage. */
  readonly into?: string | undefined;
}

/**
 * How far a transfer is:
 *
 * | | |
 * |---|---|
 * | `preparing` | outgoing: the files are being read, to name their content |
 * | `offered` | the taker has not accepted yet; outgoing: perhaps not even heard of it |
 * | `waiting` | accepted; the other side can't be reached now, or serves others first |
 * | `active` | bytes are on their way |
 * | `paused` | by this side, or since the disk is full: see {@linkcode Transfer.reason} |
 * | `done` | everything is there, and checked |
 * | `failed` | it will not go on: see {@linkcode Transfer.reason} |
 */
export type TransferState =
  | "preparing"
  | "offered"
  | "waiting"
  | "active"
  | "paused"
  | "done"
  | "failed";

/**
 * Why a transfer has failed or is paused:
 *
 * | | |
 * |---|---|
 * | `cancelled` | by this side |
 * | `taken` | another program with the same data folder takes it, or has it |
 * | `withdrawn`, `declined` | by the other side |
 * | `unknown` | the other side does not know the transfer |
 * | `invalid` | the offer breaks the rules |
 * | `changed` | a file has changed since it was offered |
 * | `unreadable` | a file can't be read |
 * | `mismatch` | the bytes that arrived are not those of the offer |
 * | `disk-full` | the disk is full |
 * | `unwritable` | the folder can't be written |
 * | `no-storage` | this messenger has no storage for files |
 */
export type TransferReason =
  | "cancelled"
  | "taken"
  | "withdrawn"
  | "declined"
  | "unknown"
  | "invalid"
  | "changed"
  | "unreadable"
  | "mismatch"
  | "disk-full"
  | "unwritable"
  | "no-storage";

/** The room in which files are offered. */
export interface TransferRoom {
  /** The room's ID: see {@linkcode Rooms.get}. */
  readonly id: string;
  /** `#` and its name, as it came. */
  readonly label: string;
}

/** The progress of one member of a room with files that the user offers there. */
export interface TransferTaker {
  /** The member's public key. */
  readonly identity: PublicKey;
  /** The member's name, as it came. */
  readonly name: string;
  /** `offered` until the member takes them; `declined` if the member does not want or can't take them. */
  readonly state: "offered" | "waiting" | "active" | "done" | "declined";
  /** How many bytes the member has received. */
  readonly bytes: number;
}

/**
 * Files on their way to a peer or from one. It goes on by itself after any break, in later runs, too, if
 * there is a storage, until it is `done` or `failed`. `progress` events come at most twice a second.
 */
export interface Transfer extends EventTarget {
  /** Names the offer: 8 bytes in hex; in a room the id of its message. */
  readonly id: string;
  /** The transfer's number in this run, from 1. */
  readonly number: number;
  /** Which way it goes. */
  readonly direction: "incoming" | "outgoing";
  /** The peer's name, as it came: not yet safe to print. Of the user's own in a room: the room's label. */
  readonly name: string;
  /** The peer's public key; the user's, if the user offers it in a room. */
  readonly identity: PublicKey;
  /** The room in which it is offered; undefined in a chat. */
  readonly room: TransferRoom | undefined;
  /** The other members of that room, if the user has offered it; else empty. */
  readonly takers: readonly TransferTaker[];
  /** When it was offered, in milliseconds since 1970. */
  readonly time: number;
  /** The only file's path, or the folder that all files are in; not yet safe to print. */
  readonly path: string;
  /** How many files there are, without empty folders. */
  readonly files: number;
  /** How many bytes they have. */
  readonly size: number;
  /** How many bytes have been transferred. */
  readonly bytes: number;
  /** The present state. */
  readonly state: TransferState;
  /** Why it has failed or is paused. */
  readonly reason: TransferReason | undefined;
  /** The system's own message about that. */
  readonly detail: string | undefined;
  /** The place in the giver's line, from 1, while others are served. */
  readonly place: number | undefined;
  /** The media type of the first file, as its sender says; may be empty. */
  readonly mime: string;
  /** A small picture of the first file; may be empty. */
  readonly thumbnail: Uint8Array;
  /** The path of the files on this machine, once an incoming transfer is done. */
  readonly location: string | undefined;
  /** Bytes a second, over the last moments; 0 unless it is `active`. */
  readonly speed: number;
  /**
   * Resolves once it is `done`. Files that the user offers in a room are done once each member has them or
   * has declined, and at least one has them; members who join later can still take them. Rejects with a
   * {@linkcode ClientError} `transfer-failed` once it has failed. You need not handle that.
   */
  readonly done: Promise<void>;
  /**
   * Takes an incoming offer. Does nothing if it was taken before.
   *
   * @throws {ClientError} `transfer-failed` if it has failed, or nothing can be stored in the folder; in that
   *   case the offer stays
   */
  accept(options?: TakeOptions): Promise<void>;
  /**
   * Takes an incoming offer of one file as a stream, which is checked piece by piece.
   *
   * @throws {ClientError} `transfer-failed` if it has ended, or there are several files
   */
  stream(): ReadableStream<Uint8Array>;
  /** Pauses it, until {@linkcode Transfer.resume}. */
  pause(): void;
  /** Continues after a pause. */
  resume(): void;
  /** Ends it: withdraws the user's offer, or declines the peer's. Parts that have arrived are removed. */
  cancel(): Promise<void>;
}

/** The transfers of this run, and those of earlier runs that are stored. */
export interface Files extends Iterable<Transfer> {
  /** All of them, in the order in which they were offered. */
  readonly all: Transfer[];
}
