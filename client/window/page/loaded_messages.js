/** The messages of the chats that were opened, and which of them the user has seen. */

import { narrow, send, state } from "./store.js";

/** @import { ChatHead, MessageRow } from "../messages.ts" */
/** @import { MessageList } from "./message_list.js" */
/** @typedef {(text: string, isAtCaret: boolean) => void} InsertText */

/** How many chats keep their messages in the page. */
const MAX_LISTS = 12;
/** How long messages that were read are collected before the program hears of them. */
const READ_DELAY_MS = 30;

/** @type {Map<number, MessageList>} */
const lists = new Map();
/** The chats whose messages are on their way, and the message to go to then. @type {Map<number, number | undefined>} */
const opening = new Map();
/** @type {Map<number, InsertText>} */
const composers = new Map();
/** The newest message of each chat that was seen as it came. @type {Map<number, number>} */
const unmarked = new Map();
/** @type {ReturnType<typeof setTimeout> | undefined} */
let readTimer;

/** A chat has a list for its messages, which are asked for. @param {number} id @param {MessageList} list */
export function addList(id, list) {
  lists.set(id, list);
  for (const other of lists.keys()) {
    if (lists.size <= MAX_LISTS) break;
    if (!state.panes.includes(other)) lists.delete(other);
  }
  if (!opening.has(id)) opening.set(id, undefined);
  send({ type: "open", chat: id });
}

/** The messages of a chat if they are here. @param {number} id */
export function loadedMessages(id) {
  return lists.get(id);
}

/**
 * Adds a message to its chat, or updates it there. While the messages of the chat are on their way, the
 * answer will have it.
 *
 * @param {number} id
 * @param {MessageRow} message
 * @returns {boolean} whether it is new, as far as the page knows
 */
export function putMessage(id, message) {
  return opening.has(id) ? true : lists.get(id)?.put(message) ?? true;
}

/** Forgets the messages of all chats, or of one; those that are shown are asked for again. @param {number} [id] */
export function forgetMessages(id) {
  for (const each of id === undefined ? [...lists.keys()] : [id]) {
    if (!lists.has(each)) continue;
    if (id === undefined && state.panes.includes(each)) send({ type: "open", chat: each });
    else lists.delete(each);
  }
}

/** @param {number} id @param {readonly MessageRow[]} messages @param {boolean} isComplete */
export function receiveMessages(id, messages, isComplete) {
  const list = lists.get(id);
  const head = state.chats.get(id);
  if (list === undefined || head === undefined) return;
  const target = opening.get(id);
  const isFirst = opening.delete(id);
  list.set(messages, isComplete);
  list.showUnread(head.unread);
  list.showSeen(head.seenUpTo);
  if (isFirst) list.markNew(head.unread);
  if (target !== undefined) list.goTo(target);
  else if (isFirst) list.showNew();
  markRead();
}

/** Goes to a message, as soon as it is there. @param {ChatHead} head @param {number} message */
export function goToMessage(head, message) {
  if (lists.has(head.id) && !opening.has(head.id)) return lists.get(head.id)?.goTo(message);
  opening.set(head.id, message); // its list is about to be there
}

/** Whether a chat is on the screen, and the user looks at this page. @param {number} id */
function isLookedAt(id) {
  const panes = narrow.matches ? state.panes.slice(0, 1) : state.panes;
  const isShown = panes.includes(id) && state.request === undefined && !state.showsLog;
  return isShown && !document.hidden && document.hasFocus();
}

/** Whether a message that comes now is seen at once. @param {number} id */
export function isSeenAtOnce(id) {
  return isLookedAt(id) && lists.get(id)?.isAtEnd === true && !opening.has(id);
}

/** Counts as read what is in view to its end while the user looks at it. */
export function markRead() {
  readTimer ??= setTimeout(() => {
    readTimer = undefined;
    for (const [chat, message] of unmarked) send({ type: "mark-read", chat, message });
    unmarked.clear();
    for (const id of state.panes) {
      const message = lists.get(id)?.lastId;
      const unread = state.chats.get(id)?.unread ?? 0;
      if (unread === 0 || message === undefined || !isSeenAtOnce(id)) continue;
      send({ type: "mark-read", chat: id, message });
    }
  }, READ_DELAY_MS);
}

/** A message was seen as it came, which the program has yet to hear. @param {number} id @param {number} message */
export function markSeen(id, message) {
  unmarked.set(id, message);
  markRead();
}

/** A message has come: if it is not seen at once, the line "New" stands above it. @param {ChatHead} head */
export function noteUnread(head) {
  const list = lists.get(head.id);
  if (list === undefined) return;
  list.showUnread(head.unread);
  list.showSeen(head.seenUpTo);
  if (head.unread === 0) return;
  if (isLookedAt(head.id) && list.isAtEnd) return markRead();
  if (head.unread === 1) list.markNew(1);
}

/** How a text gets into the field of a chat. @param {number} id @param {InsertText | undefined} insert */
export function connectComposer(id, insert) {
  if (insert === undefined) composers.delete(id);
  else composers.set(id, insert);
}

/** Puts a text into the field of a chat: in front of what stands there, or where the user writes. @param {number} id @param {string} text @param {boolean} [isAtCaret] */
export function intoComposer(id, text, isAtCaret = false) {
  composers.get(id)?.(text, isAtCaret);
}
