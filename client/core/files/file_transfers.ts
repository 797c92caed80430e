import { equals } from "@std/bytes/equals";
import { type FileEndCode, fileEndCodes, type FileMessage } from "../../../protocol/mod.ts";
import type { MessageRef } from "../actions/mod.ts";
import { reasonOf } from "../../../server/platform/util/errors.ts";
import { storageError } from "../errors.ts";
import type { FileLink, SecureConnection } from "../peer/mod.ts";
import { PublicKey } from "../public_key.ts";
import type { Room } from "../room.ts";
import type { FileInput, Files, SendFileOptions, TakeOptions, Transfer } from "../transfer.ts";
import { Claims } from "./claims.ts";
import {
  type FileComponents,
  type FilePeers,
  type FileRooms,
  type OfferQueue,
  say,
} from "./file_components.ts";
import { checkFolder } from "./file_target.ts";
import { FileLinkOpener } from "./file_link_opener.ts";
import { type FileTransfer, type TransferActions, transferError } from "./file_transfer.ts";
import { IncomingTransfers } from "./incoming_transfers.ts";
import { OfferLimits } from "./offer_limits.ts";
import { OfferMaker } from "./offer_maker.ts";
import { OutgoingTransfers } from "./outgoing_transfers.ts";
import { RoomTransfers } from "./room_transfers.ts";
import { TransferList } from "./transfer_list.ts";

/** All transfers: what is offered here and there, under way, or over. */
export class FileTransfers implements Files, TransferActions {
  readonly #components: FileComponents;
  readonly #opener: FileLinkOpener;
  readonly #claims: Claims;
  readonly #incoming: IncomingTransfers;
  readonly #outgoing: OutgoingTransfers;
  readonly #list: TransferList;
  /** Those that are offered in rooms. */
  readonly inRooms: RoomTransfers;
  readonly #limits = new OfferLimits();
  readonly #maker: OfferMaker;
  readonly #queues = new WeakMap<FileTransfer, OfferQueue>();
  #rooms: FileRooms | undefined;
  #loading: Promise<void> | undefined;
  #isClosed = false;

  constructor(components: FileComponents) {
    this.#components = components;
    const { events, storage } = components;
    const list = this.#list = new TransferList(components, this, (id) => this.#rooms?.get(id));
    this.#maker = new OfferMaker(storage, list);
    this.#opener = new FileLinkOpener(components, (isInRoom) => this.#peers(isInRoom));
    const report = (transfer: FileTransfer, code: FileEndCode) => this.#report(transfer, code);
    const peersOf = ({ room }: FileTransfer) => this.#peers(room !== undefined);
    this.#claims = new Claims(storage, list);
    this.#incoming = new IncomingTransfers(components, this.#claims, this.#opener, peersOf, report);
    const outgoing = this.#outgoing = new OutgoingTransfers(
      this.#opener,
      report,
      async ({ room, id, identity }, key) =>
        room === undefined
          ? identity.equals(key)
          : await this.#rooms?.mayTake(room, id, key) ?? false,
    );
    const rooms = () => this.#assertRooms();
    const admits = (identity: PublicKey) => this.#limits.admits(identity, list.all);
    this.inRooms = new RoomTransfers({ events, storage, list, outgoing, rooms, admits });
    events.on("logged-in", () => this.#claims.start());
    events.on("chat-opened", ({ chat: { identity } }) => {
      if (identity !== undefined) this.#connected(identity, false);
    });
  }

  /** Files can be offered in rooms, too. */
  set rooms(rooms: FileRooms) {
    this.#rooms = rooms;
  }

  get all(): Transfer[] {
    return this.#list.all;
  }

  [Symbol.iterator](): Iterator<Transfer> {
    return this.all[Symbol.iterator]();
  }

  /** Resolves once all changes are stored, or could not be. */
  get stored(): Promise<void> {
    return this.#list.stored;
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
      const transfer = this.#list.restore(record);
      if (transfer === undefined || transfer.isOver) continue;
      if (transfer.direction === "outgoing" && !transfer.isDelivered) {
        if (transfer.room === undefined) offers.push(this.#enqueue(transfer, requeue(transfer)));
        else void this.#publish(transfer, false);
      }
      if (transfer.direction === "incoming" && transfer.isWanted) this.#incoming.pursue(transfer);
    }
    await Promise.all(offers);
  }

  /** Stops all transfers until the next login. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const transfer of this.#list.all) transfer.interrupt();
    await this.#outgoing.ended();
    await this.#claims.stop();
    await this.stored;
  }

  /** Stops what is under way with peers whom the user ignores from now on. */
  stopWith(isMeant: (peer: Pick<FileTransfer, "name" | "identity">) => boolean): void {
    for (const transfer of this.#list.all) {
      if (transfer.roomTakers === undefined && isMeant(transfer)) transfer.pause();
    }
  }

  /**
   * Offers files to a peer: finds them, and reads them in the background.
   *
   * @throws {ClientError} `transfer-failed` if there are none, or one can't be read
   */
  async offer(
    peer: { readonly name: string; readonly identity: Uint8Array },
    input: FileInput,
    options: SendFileOptions,
    queue: OfferQueue,
  ): Promise<FileTransfer> {
    const onReady = (transfer: FileTransfer) => this.#enqueue(transfer, queue);
    return await this.#maker.make(peer, undefined, input, options, onReady);
  }

  /** The same in a room, where the offer becomes a message. */
  async offerInRoom(
    room: Room,
    input: FileInput,
    options: SendFileOptions,
  ): Promise<FileTransfer> {
    const owner = { name: room.label, identity: this.#components.keys.identity };
    const onReady = (transfer: FileTransfer) => this.#publish(transfer, true);
    return await this.#maker.make(owner, room, input, options, onReady);
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
        this.#list.store(transfer);
      }, giveUp);
    } catch (error) {
      giveUp(error);
    }
  }

  /** Resolves once the offer is a message of its room, or can't be one. */
  async #publish(transfer: FileTransfer, isNew: boolean): Promise<void> {
    try {
      if (!transfer.isOver) await this.inRooms.publish(transfer, isNew);
    } catch (error) {
      transfer.become("failed", "cancelled", reasonOf(error));
    }
  }

  /** A peer offers files. Returns whether this is new. */
  async offered(
    peer: { readonly name: string; readonly identity: Uint8Array },
    message: Extract<FileMessage, { readonly type: "file-offer" }>,
    time: number,
  ): Promise<FileTransfer | undefined> {
    const id = message.id.toHex();
    const known = await this.#list.find(id, "incoming");
    if (known !== undefined) return undefined;
    if (!this.#limits.admits(peer.identity, this.#list.all)) throw new Error("too many offers");
    const transfer = this.#list.add({ ...peer, id, direction: "incoming", state: "offered", time });
    transfer.describe(message.offer);
    await this.#components.storage.keepTransfer(transfer.record).catch(() => {
      this.#list.remove(transfer);
      throw new Error("the offer can't be stored");
    });
    return transfer;
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
      const asked = this.#list.get(id, "incoming");
      const isAnswer = isMeant(asked) && asked.isWanted;
      if (isAnswer) return this.#incoming.answered(asked, message);
      return void this.#outgoing.asked(await this.#list.find(id, "outgoing"), connection, message);
    }
    const transfer = await this.#list.find(id, message.isOwn ? "incoming" : "outgoing");
    const { offer, code } = message;
    const isToNote = code === fileEndCodes.done || code === fileEndCodes.changed ||
      code === fileEndCodes.stopped;
    if (isToNote) {
      const isOwn = !message.isOwn;
      say(connection, { type: "file-end", offer, isOwn, code: fileEndCodes.noted, text: "" });
    }
    if (transfer?.roomTakers !== undefined) {
      const member = transfer.room && this.#rooms?.member(transfer.room, connection.peer.identity);
      return void (isToNote && member && this.inRooms.ended(transfer, member, code, connection));
    }
    if (!isMeant(transfer)) return;
    if (code === fileEndCodes.noted) {
      transfer.report = undefined;
      return this.#list.store(transfer);
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
    else transfer.become("failed", isOutgoing ? "declined" : "withdrawn");
    transfer.interrupt();
    void this.#cleanUp(transfer);
  }

  /** What a message of a chat offers, if it does. */
  async inChat(identity: PublicKey, { id, direction }: MessageRef): Promise<Transfer | undefined> {
    const found = await this.#list.find(id, direction);
    return found?.room === undefined && found?.identity.equals(identity) ? found : undefined;
  }

  /** The peer has deleted the message that offers these. */
  withdrawn(id: string): void {
    const transfer = this.#list.get(id, "incoming");
    if (transfer?.isOver === false) this.#ended(transfer, fileEndCodes.stopped);
  }

  onFileLink(link: FileLink, token: Uint8Array): boolean {
    return this.#opener.rendezvous.arrive(link, token);
  }

  /** A contact has a new key, which the old one has signed. */
  followKey(oldKey: Uint8Array, newKey: Uint8Array): void {
    for (const transfer of this.#list.all) {
      if (!transfer.identity.equals(oldKey) || transfer.room !== undefined) continue;
      transfer.identity = new PublicKey(newKey);
      this.#list.store(transfer);
    }
  }

  async accept(transfer: FileTransfer, { into }: TakeOptions): Promise<void> {
    this.#assertIncoming(transfer);
    const { storage } = this.#components;
    const folder = into ?? storage.downloads;
    // If it is not writable, the offer stays: the user may name another folder.
    if (transfer.state === "offered" && folder !== undefined) {
      await checkFolder(storage, transfer.name, folder);
    }
    await this.#incoming.accept(transfer, folder);
  }

  stream(transfer: FileTransfer): ReadableStream<Uint8Array> {
    this.#assertIncoming(transfer);
    return this.#incoming.stream(transfer);
  }

  resume(transfer: FileTransfer): void {
    transfer.become(transfer.direction === "incoming" ? "waiting" : "offered");
    if (transfer.direction === "incoming") this.#incoming.pursue(transfer);
    else this.#outgoing.resume(transfer);
  }

  async cancel(transfer: FileTransfer): Promise<void> {
    const isGiven = transfer.roomTakers !== undefined && !transfer.isGone;
    if (transfer.isOver && !isGiven) return;
    const isKnownThere = transfer.state !== "preparing"; // it may be on its way
    transfer.become("failed", "cancelled");
    transfer.interrupt();
    await this.#queues.get(transfer)?.cancel(transfer);
    if (transfer.roomTakers !== undefined) await this.inRooms.withdraw(transfer);
    else if (isKnownThere) this.#report(transfer, fileEndCodes.stopped);
    await this.#cleanUp(transfer);
  }

  changed(transfer: FileTransfer): void {
    this.#list.store(transfer);
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
    if (transfer.state !== "done" || transfer.roomTakers !== undefined) return;
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
    if (transfer.roomTakers !== undefined) return; // a taker hears it when it asks
    transfer.report = code;
    this.#list.store(transfer);
    const peers = this.#peers(transfer.room !== undefined);
    for (const connection of peers.connections(transfer.identity)) {
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

  /** A peer is connected, in a chat or for rooms. */
  connectedInRooms(identity: Uint8Array): void {
    this.#connected(identity, true);
  }

  #connected(identity: Uint8Array, isInRoom: boolean): void {
    for (const transfer of this.#list.all) {
      if (!transfer.identity.equals(identity)) continue;
      if (transfer.roomTakers || (transfer.room !== undefined) !== isInRoom) continue;
      if (transfer.direction === "incoming") this.#incoming.wake(transfer);
      if (transfer.report === undefined) continue;
      // The event comes before the connection is in use.
      queueMicrotask(() => {
        const [connection] = this.#peers(isInRoom).connections(identity);
        const { report } = transfer;
        if (connection && report !== undefined) this.#sayEnd(connection, transfer, report);
      });
    }
  }

  #peers(isInRoom: boolean): FilePeers {
    return isInRoom ? this.#assertRooms() : this.#components.peers;
  }

  #assertRooms(): FileRooms {
    if (this.#rooms !== undefined) return this.#rooms;
    throw new Error("expected rooms, since something is offered in one");
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
}
