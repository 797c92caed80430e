/** The area with the chats: which of them are shown, which is on top, and the tray with all of them. */

import { allowsMotion, createButton, createElement, getElement } from "./elements.js";
import { ChatDialog } from "./chat_dialog.js";
import { ChatLayout } from "./chat_layout.js";

/** @import { ChatHead, ChatState, Request, UserRow } from "../messages.ts" */
/** @import { SavedChat } from "./chat_layout.js" */

/** How many chats are in the area; the others are only in the tray. */
const MAX_DIALOGS = 8;
/** Scrolls no further than necessary. @type {ScrollIntoViewOptions} */
const NEAREST = { block: "nearest", inline: "nearest" };

export class ChatArea {
  #area = getElement("dialogs", HTMLElement);
  #tray = getElement("tray", HTMLElement);
  /** All chats; the last one is on top. @type {Map<number, ChatDialog>} */
  #dialogs = new Map();
  /** @type {Map<number, HTMLButtonElement>} */
  #tabs = new Map();
  #layout = new ChatLayout(this.#area);
  /** The layout before a reload, until the snapshot has come. */
  #saved = this.#layout.load();
  #width = 0;
  #topIndex = 1;
  #send;
  #onUnreadChange;

  /** @param {(request: Request) => void} send @param {() => void} onUnreadChange */
  constructor(send, onUnreadChange) {
    this.#send = send;
    this.#onUnreadChange = onUnreadChange;
    this.#area.addEventListener("focusin", (event) => this.#raiseAt(event.target));
    this.#area.addEventListener("pointerdown", (event) => this.#raiseAt(event.target));
    // Browsers do not scroll to a button that is half visible.
    this.#tray.addEventListener("focusin", ({ target }) => {
      if (target instanceof Element) target.scrollIntoView(NEAREST);
    });
    new ResizeObserver(() => this.#onResize()).observe(this.#area);
    addEventListener(
      "pagehide",
      () => this.#layout.save([...this.#dialogs.values()], this.#isInChat),
    );
    document.addEventListener("visibilitychange", () => {
      for (const dialog of this.#dialogs.values()) dialog.markRead();
    });
  }

  /** The unread messages in all chats, or of one user. @param {UserRow} [user] */
  unreadCount(user) {
    let sum = 0;
    for (const { head } of this.#dialogs.values()) {
      const isOther = user && (head.name !== user.name || head.address !== user.address);
      if (!isOther) sum += head.unread;
    }
    return sum;
  }

  /** Shows these chats and no others. @param {readonly ChatState[]} chats */
  set(chats) {
    const ids = new Set(chats.map(({ id }) => id));
    for (const id of this.#dialogs.keys()) if (!ids.has(id)) this.remove(id);
    const { chats: savedChats, current, inChat } = this.#saved;
    this.#saved = { chats: [], inChat: false };
    for (const chat of chats) this.#showTab(chat);
    for (const saved of savedChats) {
      const chat = chats.find(({ id }) => id === saved.id);
      if (chat !== undefined && !this.#dialogs.has(chat.id)) this.#restore(chat, saved);
    }
    for (const chat of chats) {
      this.show(chat);
      this.#dialogs.get(chat.id)?.messages.set(chat.messages, chat.isComplete);
    }
    if (inChat) this.#enterChat(this.#placed.at(-1));
    if (current !== undefined && document.activeElement === document.body) this.goTo(current);
  }

  /** The program can be reached again. */
  onReconnect() {
    for (const dialog of this.#dialogs.values()) dialog.onReconnect();
  }

  /** @param {number} id */
  get(id) {
    return this.#dialogs.get(id);
  }

  /** Adds a chat, or updates its head. @param {ChatHead} head */
  show(head) {
    const known = this.#dialogs.get(head.id);
    if (known === undefined) this.#add(head);
    else known.show(head);
    this.#showTab(head);
    this.#onUnreadChange();
  }

  /** @param {number} id */
  remove(id) {
    const dialog = this.#dialogs.get(id);
    if (dialog === undefined) return;
    const hadFocus = dialog.isCurrent;
    dialog.close();
    dialog.element.remove();
    this.#dialogs.delete(id);
    this.#tabs.get(id)?.remove();
    this.#tabs.delete(id);
    this.#tray.hidden = this.#tabs.size === 0;
    this.#layout.free(id);
    const next = this.#placed.at(-1);
    if (next === undefined) this.#leaveChat();
    if (hadFocus) (next ?? getElement("rows", HTMLElement)).focus();
    this.#onUnreadChange();
  }

  /**
   * Brings a chat to the top, and the keyboard there.
   *
   * @param {number} id
   * @param {number} [message] the message to go to instead of the text field
   */
  goTo(id, message) {
    const dialog = this.#dialogs.get(id);
    if (dialog === undefined) return;
    this.#place(dialog);
    this.#raise(dialog);
    this.#enterChat(dialog);
    if (message === undefined) dialog.focus();
    else dialog.messages.goTo(message);
  }

  /** Whether a small screen shows the chats instead of the user list. */
  get #isInChat() {
    return document.body.classList.contains("in-chat");
  }

  /** @param {ChatDialog} [dialog] the one to bring into view */
  #enterChat(dialog) {
    document.body.classList.add("in-chat");
    const behavior = allowsMotion ? "smooth" : "auto";
    dialog?.element.scrollIntoView({ block: "nearest", behavior });
  }

  #leaveChat() {
    document.body.classList.remove("in-chat");
  }

  /** Keeps chats inside the area, and on a small screen the same one in view. */
  #onResize() {
    const { clientWidth } = this.#area;
    if (clientWidth === 0) return;
    for (const dialog of this.#placed) dialog.fitPosition();
    if (this.#isInChat && this.#width !== 0 && this.#width !== clientWidth) {
      this.#placed.at(-1)?.element.scrollIntoView({ block: "nearest" });
    }
    this.#width = clientWidth;
  }

  /** @param {ChatHead} head */
  #add(head) {
    const dialog = this.#create(head);
    const current = [...this.#dialogs.values()].find(({ isCurrent }) => isCurrent);
    // An incoming call replaces no chat of a full area.
    if (head.direction === "incoming" && this.#placed.length >= MAX_DIALOGS) return;
    this.#place(dialog);
    this.#raise(dialog);
    // It stays behind the chat that the user writes in.
    if (current !== undefined) this.#raise(current);
  }

  /** @param {ChatHead} head @param {SavedChat} saved */
  #restore(head, saved) {
    const dialog = this.#create(head);
    if (saved.frame === undefined) return;
    this.#area.append(dialog.element);
    this.#layout.restore(dialog, saved);
    this.#raise(dialog);
  }

  /** @param {ChatHead} head */
  #create(head) {
    const dialog = new ChatDialog(head, this.#send, () => {
      this.#leaveChat();
      getElement("rows", HTMLElement).focus();
    });
    this.#dialogs.set(head.id, dialog);
    return dialog;
  }

  /** The chats in the area. */
  get #placed() {
    return [...this.#dialogs.values()].filter(({ element }) => element.isConnected);
  }

  /**
   * Puts a chat into the area. In a full one it replaces the chat that was not used for longest.
   *
   * @param {ChatDialog} dialog
   */
  #place(dialog) {
    if (dialog.element.isConnected) return;
    const placed = this.#placed;
    if (placed.length >= MAX_DIALOGS) placed.find(({ isCurrent }) => !isCurrent)?.element.remove();
    this.#area.append(dialog.element);
    if (dialog.element.style.left === "") this.#layout.place(dialog, placed);
  }

  /** @param {EventTarget | null} target */
  #raiseAt(target) {
    const element = target instanceof Element ? target.closest(".chat") : null;
    const dialog = this.#placed.find((dialog) => dialog.element === element);
    if (dialog === undefined) return;
    this.#raise(dialog);
    this.#enterChat();
  }

  /** @param {ChatDialog} dialog */
  #raise(dialog) {
    const { id } = dialog.head;
    this.#dialogs.delete(id);
    this.#dialogs.set(id, dialog);
    dialog.element.style.zIndex = String(++this.#topIndex);
    for (const other of this.#dialogs.values()) {
      other.element.classList.toggle("on-top", other === dialog);
    }
    this.#showTop();
  }

  /** Marks the tab of the chat on top, and scrolls the tray to it. */
  #showTop() {
    for (const [id, tab] of this.#tabs) {
      const isTop = this.#dialogs.get(id)?.element.classList.contains("on-top") ?? false;
      tab.setAttribute("aria-current", String(isTop));
      if (isTop) tab.scrollIntoView(NEAREST);
    }
  }

  /** @param {ChatHead} head */
  #showTab({ id, name, unread, state }) {
    const known = this.#tabs.get(id);
    const tab = known ?? createButton("row", "", () => this.goTo(id));
    if (known === undefined) {
      this.#tabs.set(id, tab);
      this.#tray.append(tab);
    }
    this.#tray.hidden = false;
    tab.dataset["state"] = state;
    tab.replaceChildren(createElement("bdi", { class: "one-line" }, name));
    if (unread > 0) {
      const word = createElement("span", { class: "unseen" }, " unread");
      tab.append(createElement("span", { class: "unread" }, `${unread}`, word));
    }
    if (known === undefined) this.#showTop();
  }
}
