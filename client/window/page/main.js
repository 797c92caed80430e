/** The page: shows what comes over the bridge. */

import { Connection, FOLDER } from "./connection.js";
import { Desk } from "./chat_area.js";
import { byId, say } from "./elements.js";
import { Login } from "./login_bar.js";
import { Safety, Search, Settings } from "./panels.js";
import { People } from "./user_list.js";
import { Callers, Info } from "./sidebar.js";

/** @typedef {import("../messages.ts").Update} Down */
/** @typedef {import("../messages.ts").Request} Up */
/** @typedef {import("../messages.ts").Me} Me */

/** How long a problem is shown, in milliseconds. */
const PROBLEM_TIME = 8000;
/** How long it may take until title and list say how much is unread, in milliseconds. */
const SOON = 30;

/** What to do next, where no chat is open. */
const HINTS = {
  offline: "Type your name above and log in, to see who is there.",
  connecting: "Looking for the server…",
  reconnecting: "The server does not answer. It is tried again by itself.",
  online: "Choose a name on the list to begin a chat.",
};

// The address with the token is done with: this one is right for who loads the page anew.
history.replaceState(null, "", FOLDER);

const live = byId("live", HTMLElement);
const problem = byId("problem", HTMLElement);
const cut = byId("cut", HTMLElement);
const hint = byId("hint", HTMLElement);
/** @type {Me | undefined} */
let me;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let problemEnd;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let changed;

/** @param {Up} up */
const ask = (up) => connection.ask(up);
const desk = new Desk(ask, () => {
  changed ??= setTimeout(showUnread, SOON);
});
const people = new People((user) => ask({ type: "talk", user }), (row) => desk.unreadOf(row));
const login = new Login(ask);
const info = new Info();
const callers = new Callers(ask);
const search = new Search(ask);
const settings = new Settings(ask);
const safety = new Safety(ask);
const connection = new Connection(take, (lost) => {
  cut.hidden = !lost;
  say(
    cut,
    lost ? "MIM does not answer. If it has ended, start it again and open its new address." : "",
  );
  document.body.classList.toggle("is-cut", lost);
  if (!lost) desk.back();
});

document.addEventListener("keydown", (event) => {
  const command = (event.ctrlKey || event.metaKey) && !event.altKey;
  if (command && event.key.toLowerCase() === "k") {
    event.preventDefault();
    search.open();
  }
});

/** @param {Down} down */
function take(down) {
  switch (down.type) {
    case "state":
      showMe(down.me);
      desk.set(down.chats);
      people.set(down.users);
      callers.show(down.callers);
      settings.showIgnored(down.ignored);
      info.set(down.info);
      document.documentElement.dataset["ready"] = "";
      performance.mark("complete");
      return;
    case "me":
      return showMe(down.me);
    case "users":
      return people.change(down.add, down.gone);
    case "chat": {
      const isNew = desk.get(down.chat.id) === undefined;
      desk.show(down.chat);
      if (down.whole !== undefined) desk.get(down.chat.id)?.messages.setWhole(down.whole);
      if (isNew && down.chat.by === "them") tell(down.chat.name, `${down.chat.name} calls you`);
      return;
    }
    case "chat-gone":
      return desk.remove(down.chat);
    case "message": {
      const dialog = desk.get(down.chat);
      const { from, text, id } = down.message;
      const isNew = dialog?.messages.put(down.message) ?? false;
      if (dialog !== undefined && down.unread !== undefined) {
        desk.show({ ...dialog.head, unread: down.unread });
      }
      if (dialog !== undefined && isNew && from === "them" && id > 0) tell(dialog.head.name, text);
      return;
    }
    case "older":
      return desk.get(down.chat)?.messages.prepend(down.messages, down.whole);
    case "callers": {
      callers.show(down.callers);
      const last = down.callers.at(-1);
      if (last !== undefined) tell(last.name, "wants to talk to you");
      return;
    }
    case "ignored":
      return settings.showIgnored(down.ignored);
    case "info":
      return info.add(down.line);
    case "show":
      return desk.goTo(down.chat, down.message);
    case "found":
      return search.show(down.words, down.found);
    case "safety": {
      const dialog = desk.get(down.chat);
      return dialog === undefined ? undefined : safety.show(dialog.head, down.number);
    }
    case "problem":
      return showProblem(down.text);
  }
}

/** @param {Me} now */
function showMe(now) {
  me = now;
  login.show(now);
  settings.show(now);
  const stale = now.staleSince === undefined
    ? "Log in to see who is online."
    : "Nobody was online.";
  say(hint, HINTS[now.state]);
  people.explain(now.state === "online" ? "Nobody of that name is online." : stale);
  people.showAge(now.staleSince);
  showTitle();
}

function showUnread() {
  changed = undefined;
  showTitle();
  people.refresh();
}

function showTitle() {
  const { unread } = desk;
  const name = me === undefined || me.state === "offline" ? "" : ` — ${me.name}`;
  document.title = `${unread > 0 ? `(${unread}) ` : ""}MIM${name}`;
}

/**
 * Says it aloud to whoever listens to the page, and outside of it where it is hidden.
 *
 * @param {string} name
 * @param {string} text
 */
function tell(name, text) {
  say(live, `${name}: ${text.slice(0, 300)}`);
  if (!document.hidden || Notification.permission !== "granted") return;
  const note = new Notification(name, { body: text.slice(0, 300), tag: name });
  note.onclick = () => {
    focus();
    note.close();
  };
}

/** @param {string} text */
function showProblem(text) {
  say(problem, text);
  problem.hidden = false;
  clearTimeout(problemEnd);
  problemEnd = setTimeout(() => problem.hidden = true, PROBLEM_TIME);
}
