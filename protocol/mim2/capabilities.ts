/** The capabilities of a client beyond texts, as bits of a quint32. */

/**
 * The bits that have a meaning. In a login and in the table they are a hint; in an introduction they
 * count. Unknown bits are kept and ignored.
 * See protocol/docs/mim2.md, "Login".
 *
 * @example
 * ```ts
 * import { capabilities, hasCapability } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const bits = capabilities.rooms | capabilities.files;
 * assertEquals([hasCapability(bits, "files"), hasCapability(bits, "lobby")], [true, false]);
 * ```
 */
export const capabilities = {
  /** Edits, deletes and reacts to messages. */
  actions: 1,
  /** Takes part in rooms. */
  rooms: 2,
  /** Sends and takes files. */
  files: 4,
  /** Says what its user has seen. */
  seen: 8,
  /** Can do without the whole table. */
  watching: 16,
  /** Is in the server's lobby. */
  lobby: 32,
  /** Takes no messages: what is for its user waits for another program of that user. */
  sendOnly: 64,
  /** The caller wants this connection for rooms alone: no chat opens. */
  roomLink: 128,
} as const;

/** One of {@linkcode capabilities}. */
export type Capability =
  | "actions"
  | "rooms"
  | "files"
  | "seen"
  | "watching"
  | "lobby"
  | "sendOnly"
  | "roomLink";

/** Whether these bits hold that capability. */
export function hasCapability(bits: number, capability: Capability): boolean {
  return (bits & capabilities[capability]) !== 0;
}
