/**
 * Pinned keys, the outbox and the ids of received messages, in one SQLite file. Implements the core's
 * `Store` and decides nothing.
 *
 * @module
 */

export { type ActionHistory, SqliteStore } from "./sqlite_store.ts";
