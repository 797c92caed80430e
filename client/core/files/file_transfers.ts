import { equals } from "@std/bytes/equals";
import {
  decodeManifest,
  type FileEndCode,
  fileEndCodes,
  type FileMessage,
  type FileRow,
} from "../../../protocol/mod.ts";
import { reasonOf } from "../../../server/platform/util/errors.ts";
import { WindowLimit } from "../../../server/platform/util/window_limit.ts";
import { ClientError, storageError } from "../errors.ts";
import type { TransferRecord } from "../file_storage.ts";
import { clientLimits } from "../limits.ts";
import { randomMessageId } from "../message.ts";
import type { FileLink, SecureConnection } from "../peer/mod.ts";
import { PublicKey } from "../public_key.ts";
import type { FileInput, Files, SendFileOptions, TakeOptions, Transfer } from "../transfer.ts";
import { type FileComponents, say } from "./file_components.ts";
import { FileLinkOpener } from "./file_link_opener.ts";
import {
  FileTransfer,
  type TransferActions,
  transferError,
  type TransferStart,
} from "./file_transfer.ts";
import { IncomingTransfers } from "./incoming_transfers.ts";
import { buildOffer, findFiles, givenBytes, type Offered } from "./offer_builder.ts";
import { offerPath } from "./offer_label.ts";
import { OutgoingTransfers } from "./outgoing_transfers.ts";

/** An offer that is ready goes into the outbox. */
export interface OfferQueue {
  /** Resolves once it is in the outbox; `delivered` resolves once the peer has it. */
  queue(transfer: FileTransfer): Promise<{ readonly delivered: Promise<void> }>;
  /** Takes it out again, if the peer does not have it. */
  cancel(transfer: FileTransfer): Promise<void>;
}

/** How many offers one key may make in an hour: later ones come again. */
const OFFER_WINDOW_MS = 3_600_000;
const MAX_NEW_OFFERS = 1_000;
/** How many transfers that are over are listed. */
const MAX_OVER = 500;
const REASONS: Readonly<Record<number, "withdrawn" | "declined">> = {
  0: "declined",
  1: "withdrawn",
};

/** All transfers: what is offered here and there, under way, or over. */
export class FileTransfers implements Files, TransferActions {
  readonly #components: FileComponents;
  readonly #opener: FileLinkOpener;
  readonly #incoming: IncomingTransfers;
  readonly #outgoing: OutgoingTransfers;
  readonly #transfers = new Map<string, FileTransfer>();
  readonly #offers = new WindowLimit({ windowMs: OFFER_WINDOW_MS, maxPerKey: MAX_NEW_OFFERS });
  readonly #queues = new WeakMap<FileTransfer, OfferQueue>();
  /** Changes are stored one after the other, the last one of each transfer alone. */
  readonly #unstored = new Set<FileTransfer>();
  #storing: Promise<void> | undefined;
  #count = 0;
  #loading: Promise<void> | undefined;
  #isClosed = false;
  #hasComplained = false;

  constructor(components: FileComponents) {
    this.#components = components;
    this.#opener = new FileLinkOpener(components);
    const report = (transfer: FileTransfer, code: FileEndCode) => this.#report(transfer, code);
    this.#incoming = new IncomingTransfers(components, this.#opener, report);
    this.#outgoing = new OutgoingTransfers(this.#opener, report);
    components.events.on("chat-opened", ({ chat: { identity } }) => {
      if (identity !== undefined) this.#connected(identity);
    });
  }

  get all(): Transfer[] {
    return [...this.#transfers.values()];
  }

  [Symbol.iterator](): Iterator<Transfer> {
    return this.all[Symbol.iterator]();
  }

  /** Resolves once all changes are stored, or could not be. */
  get stored(): Promise<void> {
    return this.#storing ?? Promise.resolve();
  }

  /**
   * Goes on with what is stored since an earlier run, unless that is done. Resolves once the offers of
   * that run are in the outbox.
   *
   * @param requeue puts an offer back into the outbox that its peer does not have
   */
  load(requeue: (transfer: FileTransfer) => OfferQueue): Promise<void> {
    this.#isClosed = false;
    return this.#loading ??= this.#load(requeue).catch((error) => {
      this.#loading = undefined;
      throw storageError({ what: "contents" }, error);
    });
  }

  async #load(requeue: (transfer: FileTransfer) => OfferQueue): Promise<void> {
    const offers: Promise<void>[] = [];
    for (const record of await this.#components.storage.transfers()) {
      const transfer = this.#restore(record);
      if (transfer === undefined || transfer.isOver) continue;
      if (transfer.direction === "outgoing" && !transfer.isDelivered) {
        offers.push(this.#enqueue(transfer, requeue(transfer)));
      }
      if (transfer.direction === "incoming" && transfer.isWanted) this.#incoming.pursue(transfer);
    }
    await Promise.all(offers);
  }

  /** Stops all transfers until the next login. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const transfer of this.#transfers.values()) transfer.interrupt();
    await this.stored;
  }

  /** Stops what is under way with peers whom the user ignores from now on. */
  stopWith(isMeant: (peer: Pick<FileTransfer, "name" | "identity">) => boolean): void {
    for (const transfer of this.#transfers.values()) {
      if (isMeant(transfer)) transfer.pause();
    }
  }

  /**
   * Offers files: finds them, and reads them in the background.
   *
   * @throws {ClientError} `transfer-failed` if there are none, or one can't be read
   */
  async offer(
    peer: { readonly name: string; readonly identity: Uint8Array },
    input: FileInput,
    options: SendFileOptions,
    queue: OfferQueue,
  ): Promise<FileTransfer> {
    options.signal?.throwIfAborted();
    const files = await findFiles(this.#components.storage, input, options).catch((error) => {
      if (error instanceof ClientError) throw error;
      throw transferError(peer.name, "unreadable", reasonOf(error));
    });
    const transfer = this.#add({
      ...{ id: randomMessageId(), direction: "outgoing", state: "preparing", time: Date.now() },
      ...peer,
    });
    transfer.files = files.length;
    transfer.size = files.reduce((sum, { source }) => sum + source.size, 0);
    transfer.path = offerPath(files.map(({ source }) => source.path));
    const cancel = () => void transfer.cancel().catch(() => {});
    options.signal?.addEventListener("abort", cancel);
    transfer.done.catch(() => {}).finally(() =>
      options.signal?.removeEventListener("abort", cancel)
    );
    void this.#prepare(transfer, files, options.thumbnail ?? new Uint8Array(0), queue);
    return transfer;
  }

  async #prepare(
    transfer: FileTransfer,
    files: readonly Offered[],
    thumbnail: Uint8Array,
    queue: OfferQueue,
  ): Promise<void> {
    const { signal } = transfer.stop;
    try {
      const onBytes = (count: number) => transfer.advance(count);
      const built = await buildOffer(files, thumbnail, transfer.lists, onBytes, signal);
      if (signal.aborted) return;
      transfer.bytes = 0;
      transfer.manifest = built.manifest;
      transfer.describe(built.offer);
      transfer.sources = files.map(({ source }) => source);
      if (built.manifest !== undefined) transfer.rows = rowsOf(transfer, built.manifest);
      this.#give(transfer, files.map(({ open }) => open));
      transfer.become("offered");
      // A program that is killed has to know its offer before the peer does.
      await this.#components.storage.keepTransfer(transfer.record);
      await this.#enqueue(transfer, queue);
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof ClientError ? "no-storage" : "unreadable";
      transfer.become("failed", reason, reasonOf(error));
    }
  }

  /** Resolves once the offer is in the outbox, or can't be put there. */
  async #enqueue(transfer: FileTransfer, queue: OfferQueue): Promise<void> {
    this.#queues.set(transfer, queue);
    const giveUp = (error: unknown) => transfer.become("failed", "cancelled", reasonOf(error));
    try {
      const { delivered } = await queue.queue(transfer);
      delivered.then(() => {
        if (transfer.isDelivered || transfer.isOver) return;
        transfer.isDelivered = true;
        this.#store(transfer);
      }, giveUp);
    } catch (error) {
      giveUp(error);
    }
  }

  /** How the files of an outgoing transfer are read: those of the manifest, too. */
  #give(transfer: FileTransfer, opens: readonly Offered["open"][]): void {
    const { rows, manifest, offer } = transfer;
    const list = manifest && offer?.rows[0] && givenBytes(offer.rows[0], manifest);
    transfer.given = (index) => {
      if (index === -1) return list;
      const [row, open] = [rows?.[index], opens[index]];
      return row !== undefined && open !== undefined ? { row, open } : undefined;
    };
  }

  /** A peer offers files. Returns whether this is new. */
  async offered(
    peer: { readonly name: string; readonly identity: Uint8Array },
    message: Extract<FileMessage, { readonly type: "file-offer" }>,
    time: number,
  ): Promise<FileTransfer | undefined> {
    const id = message.id.toHex();
    const known = await this.#find(id, "incoming");
    if (known !== undefined) return undefined;
    if (this.#offers.take(peer.identity.toHex()) !== "taken") throw new Error("too many offers");
    this.#makeRoom(peer.identity);
    const transfer = this.#add({ ...peer, id, direction: "incoming", state: "offered", time });
    transfer.describe(message.offer);
    await this.#components.storage.keepTransfer(transfer.record).catch(() => {
      this.#transfers.delete(keyOf(id, "incoming"));
      throw new Error("the offer can't be stored");
    });
    return transfer;
  }

  /** Somebody who is not asked for long makes room: so many offers wait at most. */
  #makeRoom(identity: Uint8Array): void {
    const waiting = [...this.#transfers.values()].filter(({ direction, state }) =>
      direction === "incoming" && state === "offered"
    );
    const own = waiting.filter((transfer) => transfer.identity.equals(identity));
    const counts = Map.groupBy(waiting, (transfer) => transfer.identity.toHex());
    const fullest = [...counts.values()].sort((one, other) => other.length - one.length)[0] ?? [];
    const full = own.length >= clientLimits.fileOffersPerKey
      ? own
      : waiting.length >= clientLimits.fileOffers
      ? fullest
      : [];
    void full[0]?.cancel().catch(() => {});
  }

  /** A peer says something about files, over the connection of a chat. */
  async heard(
    connection: SecureConnection,
    message: Extract<FileMessage, { readonly type: "file-link" | "file-end" }>,
  ): Promise<void> {
    if (this.#isClosed) return;
    const id = message.offer.toHex();
    const isMeant = (transfer: FileTransfer | undefined): transfer is FileTransfer =>
      transfer !== undefined && equals(transfer.identity, connection.peer.identity);
    if (message.type === "file-link") {
      const asked = this.#transfers.get(keyOf(id, "incoming"));
      const isAnswer = isMeant(asked) && asked.isWanted;
      if (isAnswer) return this.#incoming.answered(asked, message);
      return void this.#outgoing.asked(await this.#find(id, "outgoing"), connection, message);
    }
    const transfer = await this.#find(id, message.isOwn ? "incoming" : "outgoing");
    const { offer, code } = message;
    const isToNote = code === fileEndCodes.done || code === fileEndCodes.changed ||
      code === fileEndCodes.stopped;
    if (isToNote) {
      const isOwn = !message.isOwn;
      say(connection, { type: "file-end", offer, isOwn, code: fileEndCodes.noted, text: "" });
    }
    if (!isMeant(transfer)) return;
    if (code === fileEndCodes.noted) {
      transfer.report = undefined;
      return this.#store(transfer);
    }
    if (transfer.isOver) return;
    if (transfer.direction === "incoming" && !isToNote) {
      return this.#incoming.answered(transfer, message);
    }
    if (isToNote) this.#ended(transfer, code);
  }

  /** The peer says that a transfer is over. */
  #ended(transfer: FileTransfer, code: FileEndCode): void {
    const isOutgoing = transfer.direction === "outgoing";
    if (code === fileEndCodes.done && isOutgoing) {
      transfer.bytes = transfer.size;
      transfer.become("done");
    } else if (code === fileEndCodes.changed) transfer.become("failed", "changed");
    else transfer.become("failed", REASONS[isOutgoing ? 0 : 1]);
    transfer.interrupt();
    void this.#cleanUp(transfer);
  }

  onFileLink(link: FileLink, token: Uint8Array): boolean {
    return this.#opener.rendezvous.arrive(link, token);
  }

  /** A contact has a new key, which the old one has signed. */
  followKey(oldKey: Uint8Array, newKey: Uint8Array): void {
    for (const transfer of this.#transfers.values()) {
      if (!transfer.identity.equals(oldKey)) continue;
      transfer.identity = new PublicKey(newKey);
      this.#store(transfer);
    }
  }

  accept(transfer: FileTransfer, { into }: TakeOptions): Promise<void> {
    return Promise.try(() => {
      this.#assertIncoming(transfer);
      this.#incoming.accept(transfer, into);
    });
  }

  stream(transfer: FileTransfer): ReadableStream<Uint8Array> {
    this.#assertIncoming(transfer);
    return this.#incoming.stream(transfer);
  }

  resume(transfer: FileTransfer): void {
    transfer.become(transfer.direction === "incoming" ? "waiting" : "offered");
    if (transfer.direction === "incoming") this.#incoming.pursue(transfer);
  }

  async cancel(transfer: FileTransfer): Promise<void> {
    if (transfer.isOver) return;
    const isKnownThere = transfer.state !== "preparing"; // it may be on its way
    transfer.become("failed", "cancelled");
    transfer.interrupt();
    await this.#queues.get(transfer)?.cancel(transfer);
    if (isKnownThere) this.#report(transfer, fileEndCodes.stopped);
    await this.#cleanUp(transfer);
  }

  changed(transfer: FileTransfer): void {
    this.#store(transfer);
    const { events } = this.#components;
    events.emit({ type: "file-state", transfer });
    if (transfer.state === "failed") {
      const reason = transfer.reason ?? "cancelled";
      events.emit({
        type: "file-failed",
        transfer,
        error: transferError(transfer.name, reason, transfer.detail),
      });
      if (transfer.direction === "outgoing") void this.#cleanUp(transfer);
    }
    if (transfer.state !== "done") return;
    events.emit({
      type: transfer.direction === "incoming" ? "file-received" : "file-sent",
      transfer,
    });
  }

  progressed(transfer: FileTransfer): void {
    this.#components.events.emit({ type: "file-progress", transfer });
  }

  #assertIncoming({ name, direction }: FileTransfer): void {
    if (direction === "outgoing") throw transferError(name, "unknown");
  }

  /** Tells the peer of an end, now and whenever it is connected, until it is noted. */
  #report(transfer: FileTransfer, code: FileEndCode): void {
    transfer.report = code;
    this.#store(transfer);
    for (const connection of this.#components.peers.connections(transfer.identity)) {
      this.#sayEnd(connection, transfer, code);
    }
  }

  #sayEnd(connection: SecureConnection, transfer: FileTransfer, code: FileEndCode): void {
    const isOwn = transfer.direction === "outgoing";
    say(connection, {
      ...{ type: "file-end", isOwn, code, text: "" },
      offer: Uint8Array.fromHex(transfer.id),
    });
  }

  #connected(identity: Uint8Array): void {
    for (const transfer of this.#transfers.values()) {
      if (!transfer.identity.equals(identity)) continue;
      if (transfer.direction === "incoming") this.#incoming.wake(transfer);
      if (transfer.report === undefined) continue;
      // The event comes before the connection is in use.
      queueMicrotask(() => {
        const [connection] = this.#components.peers.connections(identity);
        const { report } = transfer;
        if (connection && report !== undefined) this.#sayEnd(connection, transfer, report);
      });
    }
  }

  /** Removes what nobody needs any more: incomplete files, and copies that were made to be sent. */
  async #cleanUp(transfer: FileTransfer): Promise<void> {
    if (transfer.direction === "incoming") {
      if (transfer.state === "failed") await this.#incoming.discard(transfer).catch(() => {});
      return;
    }
    for (const source of transfer.sources) {
      if (source.isSpooled) await this.#components.storage.unspool(source).catch(() => {});
    }
  }

  #add(start: Omit<TransferStart, "number">): FileTransfer {
    const transfer = new FileTransfer({ ...start, number: ++this.#count }, this);
    this.#transfers.set(keyOf(transfer.id, transfer.direction), transfer);
    this.#forgetOldest();
    return transfer;
  }

  /** Of those that are over only so many are listed. */
  #forgetOldest(): void {
    if (this.#transfers.size <= MAX_OVER) return;
    const over = [...this.#transfers].filter(([, { isOver }]) => isOver);
    for (const [key] of over.slice(0, Math.max(0, over.length - MAX_OVER))) {
      this.#transfers.delete(key);
    }
  }

  /** A transfer of this run; else another program of the same user may have begun it. */
  async #find(
    id: string,
    direction: Transfer["direction"],
  ): Promise<FileTransfer | undefined> {
    const known = this.#transfers.get(keyOf(id, direction));
    if (known !== undefined) return known;
    const record = await this.#components.storage.transfer(id, direction).catch(() => undefined);
    return this.#transfers.get(keyOf(id, direction)) ?? (record && this.#restore(record));
  }

  #restore(record: TransferRecord): FileTransfer | undefined {
    const key = keyOf(record.id, record.direction);
    if (this.#transfers.has(key) || record.offer.length === 0) return undefined;
    const { id, direction, identity, name, time } = record;
    const state = record.state === "accepted" ? "waiting" : record.state;
    const transfer = this.#add({ id, direction, identity, name, time, state });
    try {
      transfer.describe(record.offer);
      transfer.manifest = record.manifest;
      if (record.manifest !== undefined) transfer.rows = rowsOf(transfer, record.manifest);
    } catch {
      this.#transfers.delete(key);
      return undefined; // it is damaged
    }
    const { reason, isDelivered = false, sources = [], into, tops, location, report } = record;
    Object.assign(transfer, { reason, isDelivered, sources, into, tops, location, report });
    if (state === "done") transfer.bytes = transfer.size;
    const { storage } = this.#components;
    this.#give(transfer, sources.map((source) => () => storage.open(source)));
    return transfer;
  }

  #store(transfer: FileTransfer): void {
    if (transfer.offerBytes.length === 0) return;
    this.#unstored.add(transfer);
    this.#storing ??= this.#storeAll().finally(() => this.#storing = undefined);
  }

  async #storeAll(): Promise<void> {
    for (const transfer of this.#unstored) {
      this.#unstored.delete(transfer);
      try {
        await this.#components.storage.keepTransfer(transfer.record);
        this.#hasComplained = false;
      } catch (error) {
        if (this.#hasComplained) continue;
        this.#hasComplained = true;
        const { events } = this.#components;
        events.emit({ type: "error", error: storageError({ what: "changes" }, error) });
      }
    }
  }
}

function keyOf(id: string, direction: Transfer["direction"]): string {
  return `${direction} ${id}`;
}

function rowsOf(transfer: FileTransfer, manifest: Uint8Array): readonly FileRow[] | undefined {
  const summary = transfer.offer?.manifest;
  return summary && decodeManifest(manifest, summary);
}
