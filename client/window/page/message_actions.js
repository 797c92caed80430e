/** The actions on a message: answer it, edit it, react to it, delete it. */

import { focusPane } from "./focus_pane.js";
import { afterDraw, change, drawNow, openMenu, send, state } from "./store.js";

/** @import { MessageRow } from "../messages.ts" */

/** Whether a message can be answered. @param {number} chat @param {MessageRow} row */
export function canReply(chat, { isDeleted, state: how }) {
  return (state.chats.get(chat)?.actions ?? "never") !== "never" && isDeleted !== true &&
    how !== "failed";
}

/** Whether a message can be reacted to, and its author can change it. @param {number} chat @param {MessageRow} row */
export function canAct(chat, row) {
  return canReply(chat, row) && state.chats.get(chat)?.name !== "#lobby";
}

/** Whether the user can delete a message. @param {number} chat @param {MessageRow} row */
export function canDelete(chat, row) {
  return row.from === "me" && canAct(chat, row);
}

/** Whether the user can edit a message: not one that offers files. @param {number} chat @param {MessageRow} row */
export function canEdit(chat, row) {
  return row.file === undefined && canDelete(chat, row);
}

/** The next text of the chat answers this message. @param {number} chat @param {MessageRow} row */
export function reply(chat, row) {
  compose(chat, { type: "reply", row });
}

/** The field has the text of a message, to change it. @param {number} chat @param {MessageRow} row */
export function edit(chat, row) {
  compose(chat, { type: "edit", row });
}

/** The field is for a new text again. @param {number} chat */
export function composeAnew(chat) {
  compose(chat, undefined);
}

/** @param {number} chat @param {import("./store.js").Composing | undefined} what */
function compose(chat, what) {
  if (what === undefined) state.composing.delete(chat);
  else state.composing.set(chat, what);
  change();
  drawNow(); // the next key may come at once
  focusPane(chat);
}

/** Reacts, or takes that back. @param {number} chat @param {MessageRow} row @param {string} emoji */
export function react(chat, { id, reactions = [] }, emoji) {
  const isOn = reactions.some((each) => each.emoji === emoji && each.isMine);
  send({ type: isOn ? "unreact" : "react", chat, message: id, emoji });
}

/** Asks whether to delete a message. @param {number} chat @param {MessageRow} row */
export function askToDelete(chat, row) {
  change({ panel: { type: "delete", chat, row } });
}

/** @param {number} chat @param {MessageRow} row @param {Element} at */
export function openReactions(chat, row, at) {
  const { left, bottom } = at.getBoundingClientRect();
  openMenu({ type: "reactions", chat, row }, left, bottom);
}

/** Handles a key on the focused message. @param {number} chat @param {MessageRow} row @param {HTMLElement} element @param {KeyboardEvent} event */
export function onMessageKey(chat, row, element, event) {
  const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
  if (altKey || ctrlKey || metaKey) return;
  const bubble = element.querySelector(".message") ?? element;
  const { left, top } = bubble.getBoundingClientRect();
  if (key === "Enter" || key === "ContextMenu" || (key === "F10" && shiftKey)) {
    openMenu({ type: "message", chat, row }, left + 16, top + 16, element);
  } else if (key === "r" && canReply(chat, row)) reply(chat, row);
  else if (key === "+" && canAct(chat, row)) openReactions(chat, row, bubble);
  else if (key === "e" && canEdit(chat, row)) edit(chat, row);
  else if (key === "Delete" && canDelete(chat, row)) askToDelete(chat, row);
  else return;
  event.preventDefault();
}

/** The newest message of the user's own that can be edited. @param {number} chat @param {readonly MessageRow[]} rows */
export function lastEditable(chat, rows) {
  return rows.findLast((row) => canEdit(chat, row));
}

/** Shows the texts that a message had. @param {number} chat @param {MessageRow} row */
export function showVersions(chat, row) {
  send({ type: "versions", chat, message: row.id });
  afterDraw(() => change({ panel: { type: "versions", chat, row } }));
}
