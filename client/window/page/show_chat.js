/** The user's actions besides writing: go to chats, leave them, answer requests. */

import { goToMessage, loadedMessages, markRead } from "./loaded_messages.js";
import { flushDraft } from "./drafts.js";
import { focusPane } from "./focus_pane.js";
import { people } from "./people.js";
import { saveToSession } from "./session_storage.js";
import { afterDraw, change, narrow, openMenu, say, send, state } from "./store.js";
import { rich, t } from "./text.js";

/** @import { ListItem } from "./people_rows.js" */

/** The narrowest pane beside another, in rem, and the width of the list. */
const PANE_REM = 24;
const LIST_REM = 20;

/**
 * Shows a chat, and calls nobody.
 *
 * @param {number} id
 * @param {{ message?: number, takesFocus?: boolean, beside?: boolean }} [how]
 */
export function showChat(id, { message, takesFocus = true, beside = false } = {}) {
  const head = state.chats.get(id);
  if (head === undefined) return;
  const isShown = state.panes.includes(id);
  const [before] = state.panes;
  if (!isShown) {
    if (before !== undefined && !beside) loadedMessages(before)?.leave();
    setPanes(beside ? [id, ...state.panes].slice(0, maxPanes()) : [id, ...state.panes.slice(1)]);
    enter(before === undefined && state.request === undefined && !state.showsLog);
  }
  if (message !== undefined) afterDraw(() => goToMessage(head, message));
  change({ request: undefined, showsLog: false });
  if (takesFocus && message === undefined) focusPane(id);
  markRead();
}

/** How many chats fit side by side. */
function maxPanes() {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Math.max(1, Math.floor((innerWidth / rem - LIST_REM) / PANE_REM));
}

/** @param {number[]} panes */
function setPanes(panes) {
  saveToSession("panes", panes.join(" "));
  change({ panes });
}

/** On a small screen, the browser's own way back leads to the list. @param {boolean} isNew */
function enter(isNew) {
  if (isNew && narrow.matches) history.pushState({ chat: true }, "");
}

/** Leaves a chat without closing it. @param {number} [id] the one at the front if none is given */
export function leaveChat(id = state.panes[0]) {
  if (id !== undefined) loadedMessages(id)?.leave();
  const hadFocus = document.activeElement?.closest(".chat, .request, .log-view") !== null;
  setPanes(state.panes.filter((each) => each !== id));
  change({ request: undefined, showsLog: false });
  if (history.state?.chat === true && state.panes.length === 0) history.replaceState(null, "");
  if (!hadFocus) return;
  const [next] = state.panes;
  if (next !== undefined) focusPane(next);
  else afterDraw(() => document.getElementById("rows")?.focus());
}

/** The chats in the order of the list, the one after or before the one that is shown. @param {number} step @param {boolean} unreadOnly */
export function stepChat(step, unreadOnly) {
  const all = people.chats;
  const [current] = state.panes;
  const from = all.findIndex(({ id }) => id === current);
  for (let count = 1; count <= all.length; count++) {
    const start = from < 0 && step < 0 ? 0 : from;
    const head = all.at((start + step * count) % all.length);
    if (head === undefined || (unreadOnly && head.unread === 0)) continue;
    return showChat(head.id);
  }
}

/** @param {ListItem} item */
export function openItem(item) {
  switch (item.type) {
    case "request":
      enter(state.panes.length === 0);
      return change({ request: item.row.id, showsLog: false });
    case "chat":
      return showChat(item.row.id);
    case "user":
      if (item.row.own) return change({ panel: { type: "account" } });
      return send({ type: "call", user: item.row.id });
    case "hit":
      return send({ type: "show-hit", hit: item.row.id });
    case "more":
      return undefined;
  }
}

/** The menu of a row. @param {ListItem} item @param {number} x @param {number} y */
export function openItemMenu(item, x, y) {
  if (item.type === "chat") openMenu({ type: "chat", chat: item.row.id }, x, y);
  else if (item.type === "user" && !item.row.own) openMenu({ type: "user", row: item.row }, x, y);
}

/** @param {number} chat @param {boolean} hasKey */
export function openProfile(chat, hasKey) {
  change({ panel: { type: "profile", chat } });
  if (hasKey) send({ type: "safety-number", chat });
}

/** Ignores somebody, and offers to take it back. @param {"user" | "chat" | "caller"} target @param {number} id @param {string} name */
export function ignore(target, id, name) {
  if (target === "chat") flushDraft(id);
  const before = new Set(state.ignored.map((entry) => entry.id));
  send({ type: "ignore", target, id });
  say({
    text: rich("youIgnore", { name }),
    action: t("undo"),
    run: () => {
      const entry = state.ignored.find((entry) => !before.has(entry.id));
      if (entry !== undefined) send({ type: "unignore", id: entry.id });
    },
  });
}
