/** The dialogs on the desk: which are open, where they stand, and which is on top. */

import { byId, make, moves } from "./dom.js";
import { Dialog } from "./dialog.js";

/** @typedef {import("../bridge.ts").ChatHead} ChatHead */
/** @typedef {import("../bridge.ts").ChatState} ChatState */
/** @typedef {import("../bridge.ts").Message} Message */
/** @typedef {import("../bridge.ts").Up} Up */

/** So many dialogs are on the desk; more are in the tray until somebody looks at them. */
const MOST = 8;
/** How far dialogs that stand side by side are apart; and where there is no more room, one over another. */
const GAP = 14;
const APART = 44;

export class Desk {
  #area = byId("dialogs", HTMLElement);
  #tray = byId("tray", HTMLElement);
  /** All, the one last on top at the end. @type {Map<number, Dialog>} */
  #dialogs = new Map();
  /** The tray's buttons. @type {Map<number, HTMLButtonElement>} */
  #tabs = new Map();
  /** Which places are taken, by dialog. @type {Map<number, number>} */
  #places = new Map();
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
    for (const chat of chats) {
      this.show(chat);
      this.#dialogs.get(chat.id)?.messages.set(chat.messages, chat.whole);
    }
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
    this.#places.delete(id);
    // Who closes one goes on with the one below.
    const next = [...this.#dialogs.values()].findLast(({ element }) => element.isConnected);
    if (hadFocus) (next ?? byId("rows", HTMLElement)).focus();
    this.#changed();
  }

  /**
   * Brings a dialog to the top, and goes there.
   *
   * @param {number} id
   */
  goTo(id) {
    const dialog = this.#dialogs.get(id);
    if (dialog === undefined) return;
    this.#put(dialog);
    this.#raise(dialog);
    dialog.focus();
    dialog.element.scrollIntoView({ block: "nearest", behavior: moves ? "smooth" : "auto" });
  }

  /** @param {ChatHead} head */
  #add(head) {
    const dialog = new Dialog(head, this.#ask);
    const current = [...this.#dialogs.values()].find(({ isCurrent }) => isCurrent);
    this.#dialogs.set(head.id, dialog);
    // Nor does it drive others off a full desk: it is in the tray then.
    if (head.by === "them" && this.#there.length >= MOST) return;
    this.#put(dialog);
    this.#raise(dialog);
    // A call takes nobody's place who is writing.
    if (current !== undefined) this.#raise(current);
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
    if (dialog.element.style.left !== "") return;
    // Side by side as long as there is room, then over those, each title in view: not behind the one
    // in which somebody writes, which stays on top.
    const width = dialog.element.offsetWidth + GAP;
    const columns = Math.max(1, Math.floor((this.#area.clientWidth - GAP) / width));
    const current = there.find(({ isCurrent }) => isCurrent);
    const kept = current && this.#places.get(current.head.id);
    const isBehind = (/** @type {number} */ place) =>
      kept !== undefined && columns > 1 && place >= columns && place % columns === kept % columns;
    const taken = new Set(there.map(({ head }) => this.#places.get(head.id)));
    let place = 0;
    while (taken.has(place) || isBehind(place)) place++;
    this.#places.set(dialog.head.id, place);
    // Whole on the desk, however many there are.
    const room = this.#area.clientHeight - dialog.element.offsetHeight - GAP;
    const layers = Math.max(1, 1 + Math.floor(room / APART));
    const layer = Math.floor(place / columns) % layers * APART;
    dialog.moveTo(GAP + (place % columns) * width + layer, GAP + layer);
  }

  /** @param {EventTarget | null} target */
  #raiseAt(target) {
    const element = target instanceof Element ? target.closest(".chat") : null;
    for (const dialog of this.#dialogs.values()) {
      if (dialog.element === element) return this.#raise(dialog);
    }
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
  }

  /** @param {ChatHead} head */
  #showTab({ id, name, unread, state }) {
    const tab = this.#tabs.get(id) ?? make("button", { type: "button" });
    if (!this.#tabs.has(id)) {
      tab.addEventListener("click", () => this.goTo(id));
      this.#tabs.set(id, tab);
      this.#tray.append(tab);
    }
    this.#tray.hidden = false;
    tab.dataset["state"] = state;
    tab.replaceChildren(
      make("bdi", {}, name),
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
  }
}
