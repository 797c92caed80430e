/** The change on the page for each update of the program. */

import { showChat } from "./show_chat.js";
import {
  forgetMessages,
  isSeenAtOnce,
  loadedMessages,
  markSeen,
  noteUnread,
  putMessage,
  receiveMessages,
} from "./loaded_messages.js";
import { takeBackRefused } from "./refused_texts.js";
import { forgetDraft, noteDraft, resendDrafts } from "./drafts.js";
import { clearFind, showFound } from "./find.js";
import { updateFileCards } from "./files.js";
import { announce, notify } from "./notify.js";
import { people } from "./people.js";
import { previewOf } from "./rich_text.js";
import { loadFromSession, saveToSession } from "./session_storage.js";
import { afterDraw, change, drawNow, narrow, say, send, state } from "./store.js";
import { onSentences, rich, says, t } from "./text.js";

/** @import { ChatHead, MessageRow, Snapshot, TransferRow, Update } from "../messages.ts" */

const MAX_INFO_LINES = 300;
/** How long after the page is complete the parts of a chat are loaded, if no chat is shown. */
const CHAT_DELAY_MS = 50;

let isFirst = true;

onSentences(() => {
  change();
  for (const file of state.files.values()) updateFileCards(file);
});

/** @param {Update} update */
export function applyUpdate(update) {
  switch (update.type) {
    case "snapshot":
      return applySnapshot(update);
    case "me": {
      const isLoggedIn = state.me?.state !== "online" && update.me.state === "online";
      const wasInCard = document.activeElement?.closest(".sign-in.card") !== null;
      change({ me: update.me, ...(isLoggedIn ? { typedLogin: {} } : {}) });
      saveToSession("state", update.me.state);
      // The card goes, so the keyboard goes on to what comes next.
      if (isLoggedIn && wasInCard && document.activeElement !== document.body) {
        afterDraw(() => document.getElementById("filter")?.focus());
      }
      return;
    }
    case "users":
      people.changeUsers(update.changed, update.removed);
      return change();
    case "chat":
      noteDraft(update.chat);
      return putChat(update.chat);
    case "called":
      return onCalled(update.chat);
    case "left":
      return leave(update.chat);
    case "chat-removed":
      leave(update.chat);
      state.chats.delete(update.chat);
      if (state.scope === update.chat) clearFind(); // nothing is left to search
      forgetDraft(update.chat);
      people.removeChat(update.chat);
      forgetMessages(update.chat);
      return change();
    case "emptied":
      loadedMessages(update.chat)?.set([], true);
      return change();
    case "message":
      return onMessage(update.chat, update.message, update.unread);
    case "reordered":
      if (loadedMessages(update.chat) !== undefined) send({ type: "open", chat: update.chat });
      return;
    case "message-changed":
      return loadedMessages(update.chat)?.change(update.message);
    case "messages":
      return receiveMessages(update.chat, update.messages, update.isComplete);
    case "older":
      return loadedMessages(update.chat)?.prepend(update.messages, update.isComplete);
    case "callers": {
      const known = new Set(state.callers.map(({ id }) => id));
      const added = update.callers.find(({ id }) => !known.has(id));
      const isOver = update.callers.every(({ id }) => id !== state.request);
      change({ callers: update.callers, ...(isOver ? { request: undefined } : {}) });
      if (added === undefined) return;
      const open = () => change({ request: added.id, showsLog: false });
      notify(added.name, t("wantsToTalk"), { onClick: open });
      if (isIdle()) return open();
      return say({ text: rich("request", { name: added.name }), action: t("open"), run: open });
    }
    case "file":
      return onFile(update.file);
    case "ignored":
      return change({ ignored: update.ignored });
    case "info":
      return change({ info: [...state.info, update.line].slice(-MAX_INFO_LINES) });
    case "show":
      if (state.panel?.type === "new-room") {
        change({ panel: undefined });
        drawNow(); // the keyboard goes to the room
      }
      return showChat(update.chat, {
        ...(update.message === undefined ? {} : { message: update.message }),
      });
    case "found":
      showFound(update);
      announce(t("messagesFound"), `${update.hits.length}${update.hasMore ? "+" : ""}`);
      return change();
    case "safety-number": {
      const { chat, number, qr, key } = update;
      if (state.panel?.type !== "profile" || state.panel.chat !== chat) return;
      return change({
        panel: { type: "profile", chat, number, qr, ...(key === undefined ? {} : { key }) },
      });
    }
    case "server-link":
      return change({ serverLink: update.link === "" ? undefined : update });
    case "versions": {
      const { panel } = state;
      if (panel?.type !== "versions" || panel.row.id !== update.message) return;
      return change({ panel: { ...panel, versions: update.versions } });
    }
    case "ordered": {
      const { action, name, count: n, ban } = update;
      const key = action === "kick" ? "kicked" : action === "ban" ? "banned" : "unbanned";
      return say({
        text: rich(key, { name, n }),
        ...ban !== undefined &&
          { action: t("undo"), run: () => send({ type: "undo-ban", ban }) },
      });
    }
    case "key-backup":
      return change({ keyBackup: update.text });
    case "problem":
      if (update.refused !== undefined) takeBackRefused(update.refused, says(update));
      if (state.panel?.type === "new-room") {
        return change({ panel: { type: "new-room", problem: says(update) } });
      }
      return say({ text: [says(update)], isProblem: true });
  }
}

/** @param {Snapshot} snapshot */
function applySnapshot({ me, users, chats, callers, ignored, info, files }) {
  state.files = new Map(files.map((file) => [file.number, file]));
  state.chats = new Map(chats.map((head) => [head.id, head]));
  people.setUsers(users);
  people.setChats(chats);
  const wanted = isFirst ? savedPanes() : state.panes;
  const panes = wanted.filter((id) => state.chats.has(id));
  isFirst = false;
  for (const id of panes) if (!state.panes.includes(id)) state.panes = [...state.panes, id];
  change({ me, callers, ignored, info: [...info], panes });
  resendDrafts();
  saveToSession("state", me.state);
  drawNow();
  forgetMessages();
  document.documentElement.dataset["ready"] = "";
  performance.mark("complete");
  // Nobody waits for the first chat.
  setTimeout(() => {
    void import("./chat_pane.js").catch(() => {});
  }, CHAT_DELAY_MS);
  if (wanted.length > 0 && document.activeElement === document.body) {
    const [first] = panes;
    if (first !== undefined && !narrow.matches) showChat(first);
  }
}

/** The chats that were shown before a reload, or that the address names. */
function savedPanes() {
  const named = Number(/^#chat=(\d+)$/.exec(location.hash)?.[1]);
  if (named > 0) return [named];
  return loadFromSession("panes").split(" ").map(Number).filter((id) => id > 0);
}

/** @param {TransferRow} file */
function onFile(file) {
  const before = state.files.get(file.number);
  state.files.set(file.number, file);
  updateFileCards(file);
  if (file.direction === "outgoing" || before?.state === file.state || file.state !== "done") {
    return;
  }
  announce(file.name, t("fileCame", { name: file.path }));
}

/** @param {ChatHead} head */
function putChat(head) {
  const before = state.chats.get(head.id);
  if (JSON.stringify(before) === JSON.stringify(head)) return;
  state.chats.set(head.id, head);
  people.putChat(head);
  noteUnread(head);
  change();
  if (before === undefined && head.room?.state === "invited") onInvited(head);
}

/** @param {ChatHead} head */
function onInvited({ id, name, room }) {
  const text = t("invitedBy", { name: room?.invitedBy ?? "" });
  const open = () => showChat(id);
  notify(name, text, { onClick: open });
  if (!isIdle()) say({ text: [`${name}: ${text}`], action: t("open"), run: open });
}

/** Whether nothing else is open or being written. */
function isIdle() {
  const focused = document.activeElement;
  const isTyping = focused instanceof HTMLInputElement && focused.value !== "" &&
    !focused.readOnly && focused.type !== "checkbox";
  return state.panes.length === 0 && state.request === undefined && !state.showsLog &&
    state.panel === undefined && !isTyping;
}

/** A peer has called: the chat comes to the front where nothing else is. @param {number} id */
function onCalled(id) {
  const head = state.chats.get(id);
  if (head === undefined || state.panes.includes(id)) return;
  notify(head.name, t("startedChat"), { isMuted: head.muted, onClick: () => showChat(id) });
  if (isIdle()) return showChat(id, { takesFocus: document.activeElement === document.body });
  say({
    text: [...rich("chatWith", { name: head.name })],
    action: t("open"),
    run: () => showChat(id),
  });
}

/** @param {number} chat @param {MessageRow} message @param {number} [unread] */
function onMessage(chat, message, unread) {
  const head = state.chats.get(chat);
  const isSeen = unread !== undefined && isSeenAtOnce(chat);
  const isNew = putMessage(chat, message);
  if (head === undefined) return;
  if (isSeen) markSeen(chat, message.id);
  const { from, text, at, state: how, id } = message;
  const isLast = message.isDeleted !== true &&
    (head.last === undefined || at > head.last.at || (isNew && at === head.last.at));
  const said = previewOf(text).slice(0, 120);
  const what = message.author === undefined ? said : `${message.author}: ${said}`;
  const last = isLast ? { from, text: what, at, state: how } : head.last;
  putChat({
    ...head,
    ...(last === undefined ? {} : { last, at: last.at }),
    unread: isSeen ? 0 : unread ?? head.unread,
  });
  if (!isNew || from !== "them" || id < 0 || unread === undefined) return;
  const wanted = state.me?.settings?.rooms ?? "mentions";
  const isUnwanted = head.room !== undefined && wanted !== "all";
  const isMentioned = message.isMention === true && wanted !== "off";
  const isMuted = (head.muted || isUnwanted) && !isMentioned;
  notify(head.alias || head.name, what, { isMuted, onClick: () => showChat(chat) });
}

/** The chat was closed: the page leaves it. @param {number} chat */
function leave(chat) {
  if (!state.panes.includes(chat)) return;
  loadedMessages(chat)?.leave();
  const hadFocus = document.activeElement?.closest(".chat") !== null;
  const panes = state.panes.filter((id) => id !== chat);
  saveToSession("panes", panes.join(" "));
  change({ panes });
  if (hadFocus && panes.length === 0) afterDraw(() => document.getElementById("rows")?.focus());
}
