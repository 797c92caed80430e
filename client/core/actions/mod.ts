/**
 * Actions on earlier messages (edits, deletes and reactions) and their results.
 * Pure rules, and a memory for clients without a history; knows no chats and no connections.
 *
 * @module
 */

export { ActionMemory, isAllowed, isByAuthor } from "./action_memory.ts";
export type { ActionChange, AppliedChange, MessageAction, MessageRef } from "./message_action.ts";
export {
  type ActionStamp,
  type Applied,
  applyToMessage,
  type MessageState,
  type MessageVersion,
  type Reaction,
} from "./message_state.ts";
