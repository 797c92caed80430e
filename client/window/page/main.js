/** The page's program: shows every update, and sends what the user asks for. */

import { ChatArea } from "./chat_area.js";
import { Connection, FOLDER } from "./connection.js";
import { getElement, setText } from "./elements.js";
import { InfoLog } from "./info_log.js";
import { LoginBar } from "./login_bar.js";
import { SafetyPanel, SearchPanel, SettingsPanel } from "./panels.js";
import { PendingCalls } from "./pending_calls.js";
import { UserList } from "./user_list.js";

/** @import { Me, Request, Update } from "../messages.ts" */

/** How long a problem is shown. */
const PROBLEM_MS = 8000;
/** How long changes of the unread messages are collected before they are shown. */
const UNREAD_DELAY_MS = 30;

/** A hint for the next step while no chat is open. */
const HINTS = {
  offline: "Type your name above and log in to see who is online.",
  connecting: "Connecting to the server…",
  reconnecting: "The server does not answer. MIM keeps trying.",
  online: "Choose a name in the list to start a chat.",
};

// Removes the token from the address; this one also works after a reload.
history.replaceState(null, "", FOLDER);

const live = getElement("live", HTMLElement);
const problem = getElement("problem", HTMLElement);
const disconnected = getElement("disconnected", HTMLElement);
const hint = getElement("hint", HTMLElement);
/** @type {Me | undefined} */
let me;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let problemTimer;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let unreadTimer;

/** @param {Request} request */
const send = (request) => connection.send(request);
const chats = new ChatArea(send, () => {
  unreadTimer ??= setTimeout(showUnread, UNREAD_DELAY_MS);
});
const users = new UserList((user) => send({ type: "call", user }), (row) => chats.unreadCount(row));
const loginBar = new LoginBar(send);
const info = new InfoLog();
const calls = new PendingCalls(send);
const search = new SearchPanel(send);
const settings = new SettingsPanel(send);
const safety = new SafetyPanel(send);
const connection = new Connection((update) => attempt(() => show(update)), (isLost, isRevoked) => {
  disconnected.hidden = !isLost;
  const text = isRevoked
    ? "Another program has used this window's address, so MIM has closed it. Open the new address."
    : "MIM does not answer. If it has ended, start it again and open its new address.";
  setText(disconnected, isLost ? text : "");
  document.body.classList.toggle("is-disconnected", isLost);
  if (!isLost) chats.onReconnect();
});

document.addEventListener("keydown", (event) => {
  const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
  if (isCommand && event.key.toLowerCase() === "k") {
    event.preventDefault();
    search.open();
  }
});

/** If this fails, only this is missing from the page. @param {() => void} show */
function attempt(show) {
  try {
    show();
  } catch (error) {
    showProblem(`Something could not be shown: ${error}`);
  }
}

/** @param {Update} update */
function show(update) {
  switch (update.type) {
    case "snapshot":
      attempt(() => showMe(update.me));
      attempt(() => chats.set(update.chats));
      attempt(() => users.set(update.users));
      attempt(() => calls.show(update.callers));
      attempt(() => settings.showIgnored(update.ignored));
      attempt(() => info.set(update.info));
      document.documentElement.dataset["ready"] = "";
      performance.mark("complete");
      return;
    case "me":
      return showMe(update.me);
    case "users":
      return users.change(update.changed, update.removed);
    case "chat": {
      const { id, name, direction } = update.chat;
      const isNew = chats.get(id) === undefined;
      chats.show(update.chat);
      if (update.isComplete !== undefined) chats.get(id)?.messages.setComplete(update.isComplete);
      if (isNew && direction === "incoming") notify(name, "started a chat with you");
      return;
    }
    case "chat-removed":
      return chats.remove(update.chat);
    case "message": {
      const dialog = chats.get(update.chat);
      if (dialog === undefined) return;
      const { from, text, id } = update.message;
      const isNew = dialog.messages.put(update.message);
      if (update.unread !== undefined) chats.show({ ...dialog.head, unread: update.unread });
      if (isNew && from === "them" && id > 0) notify(dialog.head.name, text);
      return;
    }
    case "older":
      return chats.get(update.chat)?.messages.prepend(update.messages, update.isComplete);
    case "callers": {
      calls.show(update.callers);
      const last = update.callers.at(-1);
      if (last !== undefined) notify(last.name, "wants to talk to you");
      return;
    }
    case "ignored":
      return settings.showIgnored(update.ignored);
    case "info":
      return info.add(update.line);
    case "show":
      return chats.goTo(update.chat, update.message);
    case "found":
      return search.show(update.words, update.hits);
    case "safety-number": {
      const dialog = chats.get(update.chat);
      if (dialog !== undefined) safety.show(dialog.head, update.number);
      return;
    }
    case "problem":
      return showProblem(update.text);
  }
}

/** @param {Me} now */
function showMe(now) {
  me = now;
  loginBar.show(now);
  settings.show(now);
  setText(hint, HINTS[now.state]);
  const isOffline = now.staleSince === undefined
    ? "Log in to see who is online."
    : "Nobody was online.";
  users.explainEmpty(now.state === "online" ? "Nobody with that name is online." : isOffline);
  users.showAge(now.staleSince);
  showTitle();
}

function showUnread() {
  unreadTimer = undefined;
  showTitle();
  users.refresh();
}

function showTitle() {
  const unread = chats.unreadCount();
  const name = me === undefined || me.state === "offline" ? "" : ` — ${me.name}`;
  document.title = `${unread > 0 ? `(${unread}) ` : ""}MIM${name}`;
}

/**
 * Has screen readers announce a text, and shows a notification if the page is hidden.
 *
 * @param {string} name
 * @param {string} text
 */
function notify(name, text) {
  setText(live, `${name}: ${text.slice(0, 300)}`);
  if (!document.hidden || Notification.permission !== "granted") return;
  const notification = new Notification(name, { body: text.slice(0, 300), tag: name });
  notification.onclick = () => {
    focus();
    notification.close();
  };
}

/** @param {string} text */
function showProblem(text) {
  setText(problem, text);
  problem.hidden = false;
  clearTimeout(problemTimer);
  problemTimer = setTimeout(() => problem.hidden = true, PROBLEM_MS);
}
