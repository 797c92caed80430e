/** Texts that were refused: they go back into the field, with the reason. */

import { draftOf, keepDraft } from "./drafts.js";
import { loadedMessages } from "./loaded_messages.js";
import { change, state } from "./store.js";

/** @import { RefusedText } from "../messages.ts" */

/** @param {RefusedText} refused @param {string} reason */
export function takeBackRefused({ type, chat, text, row: id }, reason) {
  const head = state.chats.get(chat);
  if (head === undefined) return;
  const row = loadedMessages(chat)?.messageOf(id);
  if (type === "edit") {
    if (row !== undefined) state.composing.set(chat, { type, row, text });
  } else {
    // The text that was written since comes behind it.
    keepDraft(chat, `${text}\n${draftOf(head)}`.trimEnd());
    if (row !== undefined && !state.composing.has(chat)) {
      state.composing.set(chat, { type: "reply", row });
    }
  }
  state.refusals.set(chat, reason);
  change();
}
