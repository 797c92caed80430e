import { decodeManifest, type FileRow } from "../../../protocol/mod.ts";
import { storageError } from "../errors.ts";
import type { EventBus } from "../event_bus.ts";
import type { FileStorage, TransferRecord } from "../file_storage.ts";
import type { Room } from "../room.ts";
import type { Transfer } from "../transfer.ts";
import { FileTransfer, type TransferActions, type TransferStart } from "./file_transfer.ts";
import { MANIFEST } from "./giver.ts";
import { givenBytes, type Offered } from "./offer_builder.ts";

/** How many transfers that are over are listed. */
const MAX_OVER = 500;

/** The transfers of this run, and their records in the storage. */
export class TransferList {
  readonly #storage: FileStorage;
  readonly #events: EventBus;
  readonly #actions: TransferActions;
  readonly #roomOf: (id: string) => Room | undefined;
  readonly #transfers = new Map<string, FileTransfer>();
  /** Changes are stored one after the other, the last one of each transfer alone. */
  readonly #unstored = new Set<FileTransfer>();
  #storing: Promise<void> | undefined;
  #count = 0;
  #hasComplained = false;

  constructor(
    { storage, events }: { readonly storage: FileStorage; readonly events: EventBus },
    actions: TransferActions,
    roomOf: (id: string) => Room | undefined,
  ) {
    this.#storage = storage;
    this.#events = events;
    this.#actions = actions;
    this.#roomOf = roomOf;
  }

  get all(): FileTransfer[] {
    return [...this.#transfers.values()];
  }

  /** Resolves once all changes are stored, or could not be. */
  get stored(): Promise<void> {
    return this.#storing ?? Promise.resolve();
  }

  /** A transfer of this run. */
  get(id: string, direction: Transfer["direction"]): FileTransfer | undefined {
    return this.#transfers.get(keyOf(id, direction));
  }

  add(start: Omit<TransferStart, "number">): FileTransfer {
    const transfer = new FileTransfer({ ...start, number: ++this.#count }, this.#actions);
    this.#transfers.set(keyOf(transfer.id, transfer.direction), transfer);
    this.#forgetOldest();
    return transfer;
  }

  remove({ id, direction }: FileTransfer): void {
    this.#transfers.delete(keyOf(id, direction));
  }

  /** An outgoing transfer has another id from here on. */
  rename(transfer: FileTransfer, id: string): void {
    const before = transfer.id;
    this.remove(transfer);
    transfer.id = id;
    this.#transfers.set(keyOf(id, transfer.direction), transfer);
    this.#storage.renameTransfer(before, id).catch(() => {}); // it is stored under the new one, too
    this.store(transfer);
  }

  /** A transfer of this run; else another program of the same user may have begun it. */
  async find(id: string, direction: Transfer["direction"]): Promise<FileTransfer | undefined> {
    const known = this.get(id, direction);
    if (known !== undefined) return known;
    const record = await this.#storage.transfer(id, direction).catch(() => undefined);
    return this.get(id, direction) ?? (record && this.restore(record));
  }

  restore(record: TransferRecord): FileTransfer | undefined {
    const room = record.room === undefined ? undefined : this.#roomOf(record.room);
    if (record.room !== undefined && room === undefined) return undefined; // it was forgotten
    if (this.get(record.id, record.direction) || record.offer.length === 0) return undefined;
    const { id, direction, identity, name, time } = record;
    const state = record.state === "accepted" ? "waiting" : record.state;
    const transfer = this.add({ id, direction, identity, name, time, state, room });
    try {
      transfer.describe(record.offer);
      transfer.manifest = record.manifest;
      if (record.manifest !== undefined) transfer.rows = rowsOfManifest(transfer, record.manifest);
    } catch {
      this.remove(transfer);
      return undefined; // it is damaged
    }
    const { reason, isDelivered = false, sources = [], into, tops, location, report } = record;
    Object.assign(transfer, { reason, isDelivered, sources, into, tops, location, report });
    transfer.roomTakers?.restore(record.takers ?? {});
    if (state === "done") transfer.bytes = transfer.size;
    this.give(transfer, sources.map((source) => () => this.#storage.open(source)));
    return transfer;
  }

  /** Has a transfer of a room that has ended begin anew, as another one in its place. */
  revive(before: FileTransfer, room: Room): FileTransfer {
    this.remove(before);
    const { id, direction, identity, name, time, manifest, rows } = before;
    const transfer = this.add({ id, direction, identity, name, time, state: "offered", room });
    transfer.describe(before.offerBytes);
    const { isDelivered, sources, given } = before;
    Object.assign(transfer, { manifest, rows, isDelivered, sources, given });
    transfer.roomTakers?.restore(before.roomTakers?.record ?? {});
    this.store(transfer);
    return transfer;
  }

  /** How the files of an outgoing transfer are read: those of the manifest, too. */
  give(transfer: FileTransfer, opens: readonly Offered["open"][]): void {
    const { rows, manifest, offer } = transfer;
    const list = manifest && offer?.rows[0] && givenBytes(offer.rows[0], manifest);
    transfer.given = (index) => {
      if (index === MANIFEST) return list;
      const [row, open] = [rows?.[index], opens[index]];
      return row !== undefined && open !== undefined ? { row, open } : undefined;
    };
  }

  store(transfer: FileTransfer): void {
    if (transfer.offerBytes.length === 0) return;
    if (transfer.reason === "taken") return; // the record is that of the program that has taken it
    this.#unstored.add(transfer);
    this.#storing ??= this.#storeAll().finally(() => this.#storing = undefined);
  }

  async #storeAll(): Promise<void> {
    for (const transfer of this.#unstored) {
      this.#unstored.delete(transfer);
      try {
        await this.#storage.keepTransfer(transfer.record);
        this.#hasComplained = false;
      } catch (error) {
        if (this.#hasComplained) continue;
        this.#hasComplained = true;
        this.#events.emit({ type: "error", error: storageError({ what: "changes" }, error) });
      }
    }
  }

  /** Of those that are over only so many are listed. */
  #forgetOldest(): void {
    if (this.#transfers.size <= MAX_OVER) return;
    const over = [...this.#transfers].filter(([, { isOver }]) => isOver);
    for (const [key] of over.slice(0, Math.max(0, over.length - MAX_OVER))) {
      this.#transfers.delete(key);
    }
  }
}

/** The rows of a manifest; undefined if the transfer has none. */
export function rowsOfManifest(
  transfer: FileTransfer,
  manifest: Uint8Array,
): readonly FileRow[] | undefined {
  const summary = transfer.offer?.manifest;
  return summary && decodeManifest(manifest, summary);
}

function keyOf(id: string, direction: Transfer["direction"]): string {
  return `${direction} ${id}`;
}
