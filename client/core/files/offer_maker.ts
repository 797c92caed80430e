import { isFolderPath } from "../../../protocol/mod.ts";
import { reasonOf } from "../../../server/platform/util/errors.ts";
import { ClientError } from "../errors.ts";
import type { FileStorage } from "../file_storage.ts";
import { randomMessageId } from "../message.ts";
import type { Room } from "../room.ts";
import type { FileInput, SendFileOptions } from "../transfer.ts";
import { type FileTransfer, transferError } from "./file_transfer.ts";
import { buildOffer, findFiles, type Offered } from "./offer_builder.ts";
import { offerPath } from "./offer_label.ts";
import { rowsOfManifest, type TransferList } from "./transfer_list.ts";

/** Makes transfers of files that the user offers. */
export class OfferMaker {
  readonly #storage: FileStorage;
  readonly #list: TransferList;

  constructor(storage: FileStorage, list: TransferList) {
    this.#storage = storage;
    this.#list = list;
  }

  /**
   * Finds files, and reads them in the background.
   *
   * @param onReady makes the offer, once it is stored
   * @throws {ClientError} `transfer-failed` if there are none, or one can't be read
   */
  async make(
    peer: { readonly name: string; readonly identity: Uint8Array },
    room: Room | undefined,
    input: FileInput,
    options: SendFileOptions,
    onReady: (transfer: FileTransfer) => Promise<void>,
  ): Promise<FileTransfer> {
    options.signal?.throwIfAborted();
    const files = await findFiles(this.#storage, input, options).catch((error) => {
      if (error instanceof ClientError) throw error;
      throw transferError(peer.name, "unreadable", reasonOf(error));
    });
    const transfer = this.#list.add({
      ...{ id: randomMessageId(), direction: "outgoing", state: "preparing", time: Date.now() },
      ...peer,
      room,
    });
    transfer.files = files.filter(({ source }) => !isFolderPath(source.path)).length;
    transfer.size = files.reduce((sum, { source }) => sum + source.size, 0);
    transfer.path = offerPath(files.map(({ source }) => source.path));
    const cancel = () => void transfer.cancel().catch(() => {});
    options.signal?.addEventListener("abort", cancel);
    transfer.done.catch(() => {}).finally(() =>
      options.signal?.removeEventListener("abort", cancel)
    );
    void this.#prepare(transfer, files, options.thumbnail ?? new Uint8Array(0), onReady);
    return transfer;
  }

  async #prepare(
    transfer: FileTransfer,
    files: readonly Offered[],
    thumbnail: Uint8Array,
    onReady: (transfer: FileTransfer) => Promise<void>,
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
      if (built.manifest !== undefined) transfer.rows = rowsOfManifest(transfer, built.manifest);
      this.#list.give(transfer, files.map(({ open }) => open));
      transfer.become("offered");
      // A program that is killed has to know its offer before the peer does.
      await this.#storage.keepTransfer(transfer.record);
      await onReady(transfer);
    } catch (error) {
      if (signal.aborted) return;
      const reason = error instanceof ClientError ? "no-storage" : "unreadable";
      transfer.become("failed", reason, reasonOf(error));
    }
  }
}
