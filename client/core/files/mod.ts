/**
 * Transfers of files: offers, links of their own, and what goes on after a break. Knows no disk: see
 * `file_storage.ts`.
 *
 * @module
 */

export type { FilePeers, FileRooms } from "./file_components.ts";
export type { FileTransfer } from "./file_transfer.ts";
export type { OfferQueue } from "./file_components.ts";
export { FileTransfers } from "./file_transfers.ts";
export { offerLabel, offerPath } from "./offer_label.ts";
