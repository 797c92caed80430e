/** The dialogs on the desk: which are open, where they stand, and which is on top. */

import { byId, make, moves } from "./elements.js";
import { Dialog } from "./chat_dialog.js";
import { Places } from "./chat_layout.js";

/** @typedef {import("../messages.ts").ChatHead} ChatHead */
/** @typedef {import("../messages.ts").ChatState} ChatState */
/** @typedef {import("../messages.ts").MessageRow} Message */
/** @typedef {import("../messages.ts").Request} Up */

/** So many dialogs are on the desk; more are in the tray until somebody looks at them. */
const MOST = 8;
/** Scrolls no further than it takes. @type {ScrollIntoViewOptions} */
const NEAREST = { block: "nearest", inline: "nearest" };

export class Desk {
  #area = byId("dialogs", HTMLElement);
  #tray = byId("tray", HTMLElement);
  /** All, the one last on top at the end. @type {Map<number, Dialog>} */
  #dialogs = new Map();
  /** The tray's buttons. @type {Map<number, HTMLButtonElement>} */
  #tabs = new Map();
  #places = new Places(this.#area);
  /** How it looked before the page was loaded anew, until the state has come. */
  #before = this.#places.before;
  #width = 0;
  #top = 1;
  #ask;
  #changed;

  /**
   * @param {(up: Up) => void} ask
   * @param {() => void} changed told where what is unread may be different
   */
  constructor(ask, changed) {
    this.#ask = ask;
    this.#changed = changed;
    this.#area.addEventListener("focusin", (event) => this.#raiseAt(event.target));
    this.#area.addEventListener("pointerdown", (event) => this.#raiseAt(event.target));
    // Browsers leave a button as it is that is in view by half.
    this.#tray.addEventListener("focusin", ({ target }) => {
      if (target instanceof Element) target.scrollIntoView(NEAREST);
    });
    new ResizeObserver(() => this.#resized()).observe(this.#area);
    addEventListener(
      "pagehide",
      () => this.#places.keep([...this.#dialogs.values()], this.#inChat),
    );
    document.addEventListener("visibilitychange", () => {
      for (const dialog of this.#dialogs.values()) dialog.seen();
    });
  }

  /** How much was not read in all dialogs. */
  get unread() {
    let sum = 0;
    for (const { head } of this.#dialogs.values()) sum += head.unread;
    return sum;
  }

  /**
   * How much was not read of what somebody said.
   *
   * @param {{ readonly name: string, readonly address: string }} who
   */
  unreadOf({ name, address }) {
    let sum = 0;
    for (const { head } of this.#dialogs.values()) {
      if (head.name === name && head.address === address) sum += head.unread;
    }
    return sum;
  }

  /**
   * All dialogs, as they are now.
   *
   * @param {readonly ChatState[]} chats
   */
  set(chats) {
    const there = new Set(chats.map(({ id }) => id));
    for (const id of this.#dialogs.keys()) if (!there.has(id)) this.remove(id);
    const { dialogs, current, inChat } = this.#before;
    this.#before = { dialogs: [], inChat: false };
    for (const chat of chats) this.#showTab(chat);
    for (const before of dialogs) {
      const chat = chats.find(({ id }) => id === before.id);
      if (chat !== undefined && !this.#dialogs.has(chat.id)) this.#restore(chat, before);
    }
    for (const chat of chats) {
      this.show(chat);
      this.#dialogs.get(chat.id)?.messages.set(chat.messages, chat.whole);
    }
    if (inChat) this.#enterChat(this.#there.at(-1));
    if (current !== undefined && document.activeElement === document.body) this.goTo(current);
  }

  /** The program answers again. */
  back() {
    for (const dialog of this.#dialogs.values()) dialog.back();
  }

  /** @param {number} id */
  get(id) {
    return this.#dialogs.get(id);
  }

  /**
   * A dialog's head is new or has changed.
   *
   * @param {ChatHead} head
   */
  show(head) {
    const known = this.#dialogs.get(head.id);
    if (known === undefined) this.#add(head);
    else known.show(head);
    this.#showTab(head);
    this.#changed();
  }

  /** @param {number} id */
  remove(id) {
    const dialog = this.#dialogs.get(id);
    if (dialog === undefined) return;
    const hadFocus = dialog.isCurrent;
    dialog.forget();
    dialog.element.remove();
    this.#dialogs.delete(id);
    this.#tabs.get(id)?.remove();
    this.#tabs.delete(id);
    this.#tray.hidden = this.#tabs.size === 0;
    this.#places.free(id);
    // Who closes one goes on with the one below.
    const next = this.#there.at(-1);
    if (next === undefined) this.#leaveChat();
    if (hadFocus) (next ?? byId("rows", HTMLElement)).focus();
    this.#changed();
  }

  /**
   * Brings a dialog to the top, and goes there.
   *
   * @param {number} id
   * @param {number} [message] the message to go to; else where one writes
   */
  goTo(id, message) {
    const dialog = this.#dialogs.get(id);
    if (dialog === undefined) return;
    this.#put(dialog);
    this.#raise(dialog);
    this.#enterChat(dialog);
    if (message === undefined) dialog.focus();
    else dialog.messages.goTo(message);
  }

  /** Whether a small screen shows the chats, and not who is online. */
  get #inChat() {
    return document.body.classList.contains("in-chat");
  }

  /** @param {Dialog} [dialog] the one that is to be in view */
  #enterChat(dialog) {
    document.body.classList.add("in-chat");
    dialog?.element.scrollIntoView({ block: "nearest", behavior: moves ? "smooth" : "auto" });
  }

  #leaveChat() {
    document.body.classList.remove("in-chat");
  }

  /** Dialogs stay on the desk when it is smaller; on a small screen the same one stays in view. */
  #resized() {
    const { clientWidth } = this.#area;
    if (clientWidth === 0) return;
    for (const dialog of this.#there) dialog.settle();
    if (this.#inChat && this.#width !== 0 && this.#width !== clientWidth) {
      this.#there.at(-1)?.element.scrollIntoView({ block: "nearest" });
    }
    this.#width = clientWidth;
  }

  /** @param {ChatHead} head */
  #add(head) {
    const dialog = this.#make(head);
    const current = [...this.#dialogs.values()].find(({ isCurrent }) => isCurrent);
    // Nor does it drive others off a full desk: it is in the tray then.
    if (head.by === "them" && this.#there.length >= MOST) return;
    this.#put(dialog);
    this.#raise(dialog);
    // A call takes nobody's place who is writing.
    if (current !== undefined) this.#raise(current);
  }

  /**
   * @param {ChatHead} head
   * @param {import("./chat_layout.js").Before} before
   */
  #restore(head, before) {
    const dialog = this.#make(head);
    if (before.frame === undefined) return;
    this.#area.append(dialog.element);
    this.#places.restore(dialog, before);
    this.#raise(dialog);
  }

  /** @param {ChatHead} head */
  #make(head) {
    const dialog = new Dialog(head, this.#ask, () => {
      this.#leaveChat();
      byId("rows", HTMLElement).focus();
    });
    this.#dialogs.set(head.id, dialog);
    return dialog;
  }

  /** Those on the desk; the others are in the tray alone. */
  get #there() {
    return [...this.#dialogs.values()].filter(({ element }) => element.isConnected);
  }

  /**
   * Puts a dialog on the desk, if need be in the place of the one longest not looked at.
   *
   * @param {Dialog} dialog
   */
  #put(dialog) {
    if (dialog.element.isConnected) return;
    const there = this.#there;
    if (there.length >= MOST) there.find(({ isCurrent }) => !isCurrent)?.element.remove();
    this.#area.append(dialog.element);
    if (dialog.element.style.left === "") this.#places.put(dialog, there);
  }

  /** @param {EventTarget | null} target */
  #raiseAt(target) {
    const element = target instanceof Element ? target.closest(".chat") : null;
    const dialog = this.#there.find((dialog) => dialog.element === element);
    if (dialog === undefined) return;
    this.#raise(dialog);
    this.#enterChat();
  }

  /** @param {Dialog} dialog */
  #raise(dialog) {
    const { id } = dialog.head;
    this.#dialogs.delete(id);
    this.#dialogs.set(id, dialog);
    dialog.element.style.zIndex = String(++this.#top);
    for (const other of this.#dialogs.values()) {
      other.element.classList.toggle("on-top", other === dialog);
    }
    this.#showTop();
  }

  /** Marks whose dialog is on top, and brings that into view where there are more than fit. */
  #showTop() {
    for (const [id, tab] of this.#tabs) {
      const isTop = this.#dialogs.get(id)?.element.classList.contains("on-top") ?? false;
      tab.setAttribute("aria-current", String(isTop));
      if (isTop) tab.scrollIntoView(NEAREST);
    }
  }

  /** @param {ChatHead} head */
  #showTab({ id, name, unread, state }) {
    const tab = this.#tabs.get(id) ?? make("button", { class: "row", type: "button" });
    const isNew = !this.#tabs.has(id);
    if (isNew) {
      tab.addEventListener("click", () => this.goTo(id));
      this.#tabs.set(id, tab);
      this.#tray.append(tab);
    }
    this.#tray.hidden = false;
    tab.dataset["state"] = state;
    tab.replaceChildren(
      make("bdi", { class: "one-line" }, name),
      ...(unread > 0
        ? [
          make(
            "span",
            { class: "unread" },
            `${unread}`,
            make("span", { class: "unseen" }, " unread"),
          ),
        ]
        : []),
    );
    if (isNew) this.#showTop();
  }
}
