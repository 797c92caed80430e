/**
 * The server link: how a client and a server talk in MIM/2, encrypted, from the welcome on.
 *
 * @module
 */

export * from "./announcement.ts";
export * from "./client_message.ts";
export * from "./entry.ts";
export * from "./greeting_decoder.ts";
export { LinkClient, type LinkServerMessage } from "./link_client.ts";
export * from "./link_server.ts";
export * from "./login.ts";
export * from "./notice.ts";
export type { OrderAction, OrderOutcome, OrderSubject } from "./order.ts";
export * from "./preamble.ts";
export { hashTable, RecordSealer } from "./record.ts";
export { RecordOpener } from "./record_opener.ts";
export * from "./update_list.ts";
export { type WatchedItem, watchedKey } from "./watched_item.ts";
