import {
  countFiles,
  decodeFileOffer,
  type FileEndCode,
  type FileOffer,
  type FileRow,
} from "../../../protocol/mod.ts";
import { ClientError } from "../errors.ts";
import type { SourceFile, TransferRecord } from "../file_storage.ts";
import { PublicKey } from "../public_key.ts";
import type { Room } from "../room.ts";
import type {
  TakeOptions,
  Transfer,
  TransferReason,
  TransferState,
  TransferTaker,
} from "../transfer.ts";
import type { GivenFile } from "./giver.ts";
import { offerPath } from "./offer_label.ts";
import { RoomTakers } from "./room_takers.ts";

/** The least time between two reports of progress. */
const PROGRESS_INTERVAL_MS = 500;
/** How fast the measured speed follows the present one. */
const SPEED_WEIGHT = 0.3;

/** The requests that a transfer's owner can make. */
export interface TransferActions {
  accept(transfer: FileTransfer, options: TakeOptions): Promise<void>;
  stream(transfer: FileTransfer): ReadableStream<Uint8Array>;
  resume(transfer: FileTransfer): void;
  cancel(transfer: FileTransfer): Promise<void>;
  /** The state has changed: it is to be stored and reported. */
  changed(transfer: FileTransfer): void;
  progressed(transfer: FileTransfer): void;
}

/** The initial values of a transfer. */
export interface TransferStart {
  readonly id: string;
  readonly number: number;
  readonly direction: Transfer["direction"];
  readonly identity: Uint8Array;
  readonly name: string;
  readonly time: number;
  readonly state: TransferState;
  /** The room in which it is offered. */
  readonly room?: Room | undefined;
}

/** A transfer, and what both of its drivers know of it. */
export class FileTransfer extends EventTarget implements Transfer {
  id: string;
  readonly number: number;
  readonly direction: Transfer["direction"];
  readonly time: number;
  readonly room: Room | undefined;
  /** Outgoing, in a room: the members to which it is given. */
  readonly roomTakers: RoomTakers | undefined;
  name: string;
  identity: PublicKey;
  state: TransferState;
  reason: TransferReason | undefined;
  detail: string | undefined;
  place: number | undefined;
  location: string | undefined;
  path = "";
  files = 0;
  size = 0;
  bytes = 0;
  speed = 0;
  mime = "";
  thumbnail: Uint8Array = new Uint8Array(0);
  readonly done: Promise<void>;
  /** The encoded offer; empty while it is being prepared. */
  offerBytes: Uint8Array = new Uint8Array(0);
  offer: FileOffer | undefined;
  /** The files themselves, once they are known: those of the offer, or of its manifest. */
  rows: readonly FileRow[] | undefined;
  manifest: Uint8Array | undefined;
  sources: readonly SourceFile[] = [];
  /** The same as they are given; undefined for an incoming transfer. */
  given: ((index: number) => GivenFile | undefined) | undefined;
  /** The hashes of the files that have been read, by their number: no link has to read them again. */
  readonly lists = new Map<number, Uint8Array>();
  isDelivered = false;
  /** The end that the peer has not noted yet. */
  report: FileEndCode | undefined;
  into: string | undefined;
  tops: Readonly<Record<string, string>> | undefined;
  /** Aborted when what is under way is to stop. */
  stop = new AbortController();
  readonly #actions: TransferActions;
  readonly #done = Promise.withResolvers<void>();
  #reportedAt = -Infinity;
  #measuredAt = 0;
  #measuredBytes = 0;

  constructor(
    { id, number, direction, identity, name, time, state, room }: TransferStart,
    actions: TransferActions,
  ) {
    super();
    this.id = id;
    this.number = number;
    this.direction = direction;
    this.identity = new PublicKey(identity);
    this.name = name;
    this.time = time;
    this.state = state;
    this.room = room;
    this.roomTakers = room !== undefined && direction === "outgoing" ? new RoomTakers() : undefined;
    this.#actions = actions;
    this.done = this.#done.promise;
    this.done.catch(() => {}); // nobody has to watch it
  }

  get isOver(): boolean {
    return this.state === "done" || this.state === "failed";
  }

  get takers(): TransferTaker[] {
    const { room, roomTakers } = this;
    if (room === undefined || roomTakers === undefined) return [];
    const others = room.members.filter(({ isOwn, role }) => !isOwn && role !== "guest");
    return others.map(({ identity, name }) => {
      const { state = "offered", bytes = 0 } = roomTakers.get(identity.toHex()) ?? {};
      return { identity, name, state, bytes };
    });
  }

  /** Whether what it offers can't be given any more. */
  get isGone(): boolean {
    return this.state === "failed" || this.isOver && this.room === undefined;
  }

  /** Whether this side has accepted it, and it is to go on by itself. */
  get isWanted(): boolean {
    return this.state === "waiting" || this.state === "active";
  }

  /** The number of files, and bytes, that come over a link at most. */
  get totalBytes(): number {
    return this.size + (this.offer?.manifest === undefined ? 0 : this.offer.rows[0]?.size ?? 0);
  }

  /** Takes over what is offered. */
  describe(offerBytes: Uint8Array): void {
    const offer = this.offer = decodeFileOffer(offerBytes);
    const { rows, manifest, mime, thumbnail } = offer;
    this.offerBytes = offerBytes;
    this.mime = mime;
    this.thumbnail = thumbnail;
    this.files = manifest?.files ?? countFiles(rows);
    this.size = manifest?.bytes ?? rows.reduce((sum, { size }) => sum + size, 0);
    this.path = offerPath(rows.map(({ path }) => path));
    if (manifest === undefined) this.rows = rows;
  }

  become(state: TransferState, reason?: TransferReason, detail?: string): void {
    if (this.isOver) return;
    if (this.state === state && this.reason === reason && this.detail === detail) return;
    this.state = state;
    this.reason = reason;
    this.detail = detail;
    if (state !== "waiting") this.place = undefined;
    if (state !== "active") this.speed = 0;
    if (this.isOver) this.lists.clear();
    this.#measuredAt = performance.now();
    this.#measuredBytes = this.bytes;
    this.#actions.changed(this);
    if (state === "done") this.#done.resolve();
    if (state === "failed") {
      this.#done.reject(transferError(this.name, reason ?? "cancelled", detail));
    }
    this.dispatchEvent(new Event("change"));
  }

  /** A member of its room is farther than before, or has joined or left. */
  takersChanged(): void {
    const { roomTakers } = this;
    if (roomTakers === undefined || this.isOver || this.state === "paused") return;
    if (this.state === "preparing") return;
    const state = roomTakers.stateFor(this.takers.map(({ identity }) => identity.toHex()));
    this.bytes = state === "done" ? this.size : roomTakers.mostBytes;
    if (state === this.state) this.#actions.changed(this);
    else this.become(state);
  }

  /** So many bytes more are over: in a room, to a member. */
  advance(count: number, key?: string): void {
    const taker = key === undefined ? undefined : this.roomTakers?.of(key);
    if (taker === undefined) this.bytes += count;
    else {
      taker.bytes = Math.min(this.size, taker.bytes + count);
      this.bytes = this.roomTakers?.mostBytes ?? 0;
    }
    if (this.isGone) return; // a piece that was under way
    const now = performance.now();
    if (now - this.#reportedAt < PROGRESS_INTERVAL_MS) return;
    const elapsed = now - this.#measuredAt;
    if (elapsed > PROGRESS_INTERVAL_MS / 2) {
      const speed = Math.max(0, this.bytes - this.#measuredBytes) / elapsed * 1000;
      this.speed = this.speed === 0 ? speed : this.speed + (speed - this.speed) * SPEED_WEIGHT;
      this.#measuredAt = now;
      this.#measuredBytes = this.bytes;
    }
    this.#reportedAt = now;
    this.#actions.progressed(this);
    this.dispatchEvent(new Event("progress"));
  }

  /** Stops whatever is under way; work that starts later gets a new signal. */
  interrupt(): void {
    this.stop.abort(new Error("stopped"));
    this.stop = new AbortController();
  }

  accept(options: TakeOptions = {}): Promise<void> {
    return this.#actions.accept(this, options);
  }

  stream(): ReadableStream<Uint8Array> {
    return this.#actions.stream(this);
  }

  pause(): void {
    if (!this.isWanted && this.state !== "offered") return;
    if (this.direction === "incoming" && this.state === "offered") return;
    this.become("paused");
    this.interrupt();
  }

  resume(): void {
    if (this.state === "paused") this.#actions.resume(this);
  }

  cancel(): Promise<void> {
    return this.#actions.cancel(this);
  }

  get record(): TransferRecord {
    const {
      id,
      direction,
      name,
      time,
      reason,
      isDelivered,
      sources,
      into,
      tops,
      location,
      report,
    } = this;
    return {
      ...{ id, direction, name, time, reason, isDelivered, into, tops, location, report },
      identity: new Uint8Array(this.identity),
      offer: this.offerBytes,
      manifest: this.manifest,
      ...direction === "outgoing" && { sources },
      ...this.room !== undefined && { room: this.room.id },
      ...this.roomTakers !== undefined && { takers: this.roomTakers.record },
      state: STORED_STATES[this.state],
    };
  }
}

const STORED_STATES: Readonly<Record<TransferState, TransferRecord["state"]>> = {
  preparing: "offered",
  offered: "offered",
  waiting: "accepted",
  active: "accepted",
  paused: "paused",
  done: "done",
  failed: "failed",
};

export function transferError(
  name: string,
  reason: TransferReason,
  detail?: string,
): ClientError<"transfer-failed"> {
  return new ClientError("transfer-failed", {
    name,
    reason,
    ...detail !== undefined && { detail },
  });
}
