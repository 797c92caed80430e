/** Unsent texts: kept by the tab at once, and by the program a moment later. */

import { loadFromSession, saveToSession } from "./session_storage.js";
import { send } from "./store.js";

/** How long after the last key a draft goes to the program, which stores it. */
const DRAFT_DELAY_MS = 400;

/** @type {Map<number, { text: string, timer: ReturnType<typeof setTimeout> }>} */
const waiting = new Map();

/** The draft that this tab has for a chat; empty if there is none. @param {number} chat */
export function draftOf(chat) {
  return loadFromSession(`draft ${chat}`);
}

/** @param {number} chat @param {string} text */
export function keepDraft(chat, text) {
  saveToSession(`draft ${chat}`, text);
  clearTimeout(waiting.get(chat)?.timer);
  waiting.set(chat, { text, timer: setTimeout(() => flushDraft(chat), DRAFT_DELAY_MS) });
}

/** Has the program store a draft at once. @param {number} chat */
export function flushDraft(chat) {
  const draft = waiting.get(chat);
  if (draft === undefined) return;
  dropDraft(chat);
  send({ type: "set-draft", chat, text: draft.text });
}

/** The text is sent, with which the program forgets the draft. @param {number} chat */
export function dropDraft(chat) {
  clearTimeout(waiting.get(chat)?.timer);
  waiting.delete(chat);
}
