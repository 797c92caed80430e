/** Unsent texts: the tab keeps them at once, and the program a moment later. */

import { loadFromSession, saveToSession } from "./session_storage.js";
import { send, state } from "./store.js";

/** @import { ChatHead } from "../messages.ts" */

/** How long after the last key a draft goes to the program, which stores it. */
const DRAFT_DELAY_MS = 400;
/** The longest text that the program accepts, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 250_000;

/**
 * The drafts that were changed here, until the program has them.
 *
 * @type {Map<number, { text: string, timer: ReturnType<typeof setTimeout> | undefined }>}
 */
const unconfirmed = new Map();

/** The draft of a chat: the program's, unless it was changed here since. @param {ChatHead} head */
export function draftOf({ id, draft }) {
  const text = loadFromSession(keyOf(id));
  if (text !== "" && !unconfirmed.has(id)) keepDraft(id, text); // the page was reloaded
  return unconfirmed.get(id)?.text ?? draft;
}

/** Whether the user has changed a draft here, and the program does not have it yet. @param {number} chat */
export function isChangedHere(chat) {
  return unconfirmed.has(chat);
}

/** @param {number} chat @param {string} text */
export function keepDraft(chat, text) {
  saveToSession(keyOf(chat), text);
  clearTimeout(unconfirmed.get(chat)?.timer);
  unconfirmed.set(chat, { text, timer: setTimeout(() => flushDraft(chat), DRAFT_DELAY_MS) });
}

/** Has the program store a draft at once, unless it has it. @param {number} chat */
export function flushDraft(chat) {
  const draft = unconfirmed.get(chat);
  if (draft === undefined) return;
  clearTimeout(draft.timer);
  if (draft.text.length <= MAX_TEXT_LENGTH) send({ type: "set-draft", chat, text: draft.text });
}

/** Has the program store all drafts at once. */
export function flushDrafts() {
  for (const chat of unconfirmed.keys()) flushDraft(chat);
}

/** The text is sent, with which the program forgets the draft. @param {number} chat */
export function dropDraft(chat) {
  keepDraft(chat, "");
  clearTimeout(unconfirmed.get(chat)?.timer);
}

/** The program says which draft it has. @param {ChatHead} head */
export function noteDraft({ id, draft }) {
  if (unconfirmed.get(id)?.text === draft) forgetDraft(id);
}

/** The connection is there again: what the program has missed is sent. */
export function resendDrafts() {
  for (const id of unconfirmed.keys()) {
    const head = state.chats.get(id);
    if (head === undefined) forgetDraft(id);
    else noteDraft(head);
  }
  flushDrafts();
}

/** @param {number} chat */
export function forgetDraft(chat) {
  clearTimeout(unconfirmed.get(chat)?.timer);
  unconfirmed.delete(chat);
  saveToSession(keyOf(chat), "");
}

/** @param {number} chat */
const keyOf = (chat) => `draft ${chat}`;
