/**
 * The message history, in one SQLite file with a full-text index. Knows messages and peers, but no
 * chats and no events.
 *
 * @module
 */

export {
  type DeliveryStatus,
  History,
  type NewAction,
  type NewMessage,
  type SearchScope,
  type StoredMessage,
  type StoredThread,
  type ThreadFacts,
  type ThreadStatus,
} from "./history.ts";
