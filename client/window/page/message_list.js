/** The messages of a chat. Only some screenfuls are elements; scrolling shows the rest. */

import { createButton, createElement, setText } from "./elements.js";
import { createMessageRow } from "./message_row.js";
import { t } from "./text.js";

/** @import { MessageRow } from "../messages.ts" */
/** @import { MessageActions } from "./message_row.js" */

/** How many messages are elements at most, and how many are added at once. */
const MAX_ELEMENTS = 240;
const STEP = 60;
/** How many messages are loaded at once when scrolling, and when going to an old message. */
const PAGE_SIZE = 100;
const SEEK_PAGE_SIZE = 1_000;
/** This close to an edge, more messages are added, in pixels. */
const EDGE_DISTANCE = 240;
/** The list follows new messages while it is scrolled this close to its end, in pixels. */
const END_DISTANCE = 24;
export class MessageList {
  #list = createElement("ol");
  #log = createElement(
    "div",
    { class: "log", role: "log", "aria-live": "off", tabindex: 0 },
    this.#list,
  );
  #jump = createButton("jump", "", () => this.#showEnd());
  element = createElement("div", { class: "messages" }, this.#log, this.#jump);
  /** @type {MessageRow[]} */
  #messages = [];
  /** Whether there are no older ones. */
  #isComplete = true;
  #isLoading = false;
  /** The range of messages that are elements. */
  #from = 0;
  #to = 0;
  /** @type {Map<number, HTMLLIElement>} */
  #rows = new Map();
  /** Whether to keep the end in view. */
  #isFollowing = true;
  #isScrolling = false;
  /** The message to go to once it is loaded. @type {number | undefined} */
  #target;
  /** The first message that was new when the chat was opened. @type {number | undefined} */
  #firstNew;
  #unread = 0;
  #loadOlder;
  #actions;
  #onEndSeen;

  /**
   * @param {string} label
   * @param {(before: number, count: number) => void} loadOlder
   * @param {MessageActions} actions
   * @param {() => void} onEndSeen the end has come into view
   */
  constructor(label, loadOlder, actions, onEndSeen) {
    this.#log.setAttribute("aria-label", label);
    this.#loadOlder = loadOlder;
    this.#actions = actions;
    this.#onEndSeen = onEndSeen;
    this.#log.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    this.#log.addEventListener("keydown", (event) => {
      if (event.key !== "End" || event.target !== this.#log) return;
      event.preventDefault();
      this.#showEnd();
    });
    new ResizeObserver(() => this.#follow()).observe(this.#log);
    this.showUnread(0);
  }

  /** Whether the newest message is in view. */
  get isAtEnd() {
    return this.#isFollowing && this.#to === this.#messages.length && this.#log.isConnected;
  }

  /** The id of the newest message; undefined if there is none. */
  get lastId() {
    return this.#messages.at(-1)?.id;
  }

  /** The newest text of the user's own. */
  get lastOwnText() {
    return this.#messages.findLast(({ from }) => from === "me")?.text;
  }

  /** Shows how many messages below are unread. @param {number} count */
  showUnread(count) {
    this.#unread = count;
    setText(this.#jump, `↓ ${t("jump", { n: count })}`);
    this.#jump.hidden = this.#isFollowing && this.#to === this.#messages.length;
  }

  /** Puts the line "New" above the first of so many unread messages. @param {number} count */
  markNew(count) {
    const unread = this.#messages.filter(({ from }) => from === "them").slice(-count);
    this.#setFirstNew(count === 0 ? undefined : unread[0]?.id);
  }

  /** Goes to the line "New", or to the end. */
  showNew() {
    this.#showEnd();
    if (this.#firstNew === undefined) return;
    const index = this.#indexOf(this.#firstNew);
    if (index < this.#from) {
      this.#show(Math.max(0, index - STEP), Math.min(this.#messages.length, index + STEP));
    }
    const row = this.#rows.get(this.#firstNew);
    if (row === undefined) return;
    // If all new messages are in view together, so is the end.
    const { scrollHeight, clientHeight } = this.#log;
    if (scrollHeight - row.offsetTop <= clientHeight) return;
    this.#isFollowing = false;
    row.scrollIntoView({ block: "start" });
    this.showUnread(this.#unread);
  }

  /** It stands in the page again, which has forgotten where it was scrolled to. */
  shown() {
    if (this.#firstNew === undefined) this.#showEnd();
    else this.showNew();
  }

  /** The user has left the chat: the line "New" goes. */
  leave() {
    this.#setFirstNew(undefined);
  }

  /** @param {readonly MessageRow[]} messages @param {boolean} isComplete */
  set(messages, isComplete) {
    this.#messages = [...messages];
    this.#isComplete = isComplete;
    this.#isLoading = false;
    this.#target = undefined;
    this.#showEnd();
  }

  /**
   * Adds a message, or updates it.
   *
   * @param {MessageRow} message
   * @returns {boolean} whether it is new
   */
  put(message) {
    const { id } = message;
    const isLast = id > (this.#messages.at(-1)?.id ?? -Infinity);
    const index = isLast ? -1 : this.#messages.findIndex((other) => other.id === id);
    if (index >= 0) {
      this.#messages[index] = message;
      this.#rows.get(id)?.replaceWith(this.#createRow(index));
      return false;
    }
    const isEndShown = this.#to === this.#messages.length;
    this.#messages.push(message);
    const { from, state } = message;
    if (from === "me" && state === "sending") {
      this.#setFirstNew(undefined);
      this.#showEnd();
    } else if (isEndShown && (this.#isFollowing || this.#to - this.#from < MAX_ELEMENTS)) {
      this.#list.append(this.#createRow(this.#messages.length - 1));
      this.#to++;
      if (this.#isFollowing && this.#to - this.#from > MAX_ELEMENTS + STEP) this.#trimTop();
      this.#follow();
    } else this.showUnread(this.#unread);
    return true;
  }

  /**
   * Adds older messages at the top.
   *
   * @param {readonly MessageRow[]} messages
   * @param {boolean} isComplete
   */
  prepend(messages, isComplete) {
    this.#isLoading = false;
    this.#isComplete = isComplete;
    const first = this.#messages[0];
    this.#messages.unshift(...messages);
    this.#from += messages.length;
    this.#to += messages.length;
    if (this.#target !== undefined) return this.#seek(this.#target);
    // The former first message may no longer need its date.
    if (first !== undefined) {
      this.#rows.get(first.id)?.replaceWith(this.#createRow(messages.length));
    }
    this.#extendUp();
  }

  /** Goes to a message, and loads older ones until it is there. @param {number} id */
  goTo(id) {
    this.#target = id;
    this.#seek(id);
  }

  /** @param {number} id */
  #seek(id) {
    const [first] = this.#messages;
    if (first !== undefined && id < first.id && !this.#isComplete) {
      if (this.#isLoading) return;
      this.#isLoading = true;
      return this.#loadOlder(first.id, SEEK_PAGE_SIZE);
    }
    this.#target = undefined;
    const index = this.#messages.findIndex((message) => message.id === id);
    this.#isFollowing = false;
    this.#show(Math.max(0, index - STEP), Math.min(this.#messages.length, index + STEP));
    const row = this.#rows.get(id);
    if (row === undefined) return this.#showEnd();
    row.classList.add("hit");
    row.tabIndex = -1;
    row.scrollIntoView({ block: "center" });
    row.focus({ preventScroll: true });
  }

  #showEnd() {
    this.#show(Math.max(0, this.#messages.length - STEP * 2), this.#messages.length);
    this.#isFollowing = true;
    this.#follow();
    this.showUnread(this.#unread);
  }

  /** @param {number} id */
  #indexOf(id) {
    return this.#messages.findIndex((message) => message.id === id);
  }

  /** @param {number | undefined} id */
  #setFirstNew(id) {
    const changed = [this.#firstNew, id];
    this.#firstNew = id;
    for (const each of changed) {
      const row = each === undefined ? undefined : this.#rows.get(each);
      if (each !== undefined) row?.replaceWith(this.#createRow(this.#indexOf(each)));
    }
  }

  /** Makes elements of this range only. @param {number} from @param {number} to */
  #show(from, to) {
    this.#from = from;
    this.#to = to;
    this.#rows.clear();
    this.#list.replaceChildren(...this.#createRows(from, to));
  }

  /** Scrolls to the end with the next frame. */
  #follow() {
    if (!this.#isFollowing || this.#isScrolling) return;
    this.#isScrolling = true;
    requestAnimationFrame(() => {
      this.#isScrolling = false;
      if (!this.#isFollowing) return;
      this.#log.scrollTop = this.#log.scrollHeight;
      this.#onEndSeen();
    });
  }

  #onScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.#log;
    if (clientHeight === 0) return;
    const below = scrollHeight - scrollTop - clientHeight;
    if (!this.#isScrolling) {
      const was = this.#isFollowing;
      this.#isFollowing = below < END_DISTANCE && this.#to === this.#messages.length;
      if (was !== this.#isFollowing) this.showUnread(this.#unread);
      if (this.#isFollowing && !was) this.#onEndSeen();
    }
    if (scrollTop < EDGE_DISTANCE) this.#extendUp();
    else if (below < EDGE_DISTANCE) this.#extendDown();
  }

  /** Shows more above without moving what is in view. */
  #extendUp() {
    if (this.#log.scrollTop >= EDGE_DISTANCE) return;
    if (this.#from === 0) {
      const [first] = this.#messages;
      if (this.#isComplete || this.#isLoading || first === undefined) return;
      this.#isLoading = true;
      return this.#loadOlder(first.id, PAGE_SIZE);
    }
    const from = Math.max(0, this.#from - STEP);
    const rows = this.#createRows(from, this.#from);
    const { scrollHeight, scrollTop } = this.#log;
    this.#list.prepend(...rows);
    this.#from = from;
    this.#log.scrollTop = scrollTop + this.#log.scrollHeight - scrollHeight;
    while (this.#to - this.#from > MAX_ELEMENTS) this.#removeRow(--this.#to);
    this.#isFollowing = this.#isFollowing && this.#to === this.#messages.length;
  }

  #extendDown() {
    const to = Math.min(this.#messages.length, this.#to + STEP);
    if (to === this.#to) return;
    this.#list.append(...this.#createRows(this.#to, to));
    this.#to = to;
    this.#trimTop();
  }

  #trimTop() {
    const { scrollHeight, scrollTop } = this.#log;
    while (this.#to - this.#from > MAX_ELEMENTS) this.#removeRow(this.#from++);
    if (this.#isFollowing) return this.#follow();
    this.#log.scrollTop = scrollTop - (scrollHeight - this.#log.scrollHeight);
  }

  /** @param {number} index */
  #removeRow(index) {
    const id = this.#messages[index]?.id ?? 0;
    this.#rows.get(id)?.remove();
    this.#rows.delete(id);
  }

  /** @param {number} from @param {number} to */
  #createRows(from, to) {
    return Array.from({ length: to - from }, (_, index) => this.#createRow(from + index));
  }

  /** @param {number} index */
  #createRow(index) {
    const message = this.#messages[index];
    if (message === undefined) throw new RangeError(`expected a message, got none at ${index}`);
    const isFirstNew = message.id === this.#firstNew;
    const row = createMessageRow(message, this.#messages[index - 1], isFirstNew, this.#actions);
    this.#rows.set(message.id, row);
    return row;
  }
}
