/** The messages of a chat. Only some screenfuls are elements; scrolling shows the rest. */

import { createButton, createElement } from "./elements.js";
import {
  formatDateTime,
  formatDay,
  formatTime,
  isOtherDay,
  isoTime,
  linkify,
  STATE_STRINGS,
} from "./strings.js";

/** @import { MessageRow } from "../messages.ts" */

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
/** Messages of one side this close to each other share their sender. */
const GROUP_MS = 120_000;

export class MessageList {
  #list = createElement("ol");
  element = createElement(
    "div",
    { class: "log", role: "log", "aria-live": "off", tabindex: 0 },
    this.#list,
  );
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
  #loadOlder;
  #onCancel;

  /**
   * @param {string} label
   * @param {(before: number, count: number) => void} loadOlder
   * @param {(message: number) => void} onCancel the user cancels a queued message
   */
  constructor(label, loadOlder, onCancel) {
    this.element.setAttribute("aria-label", label);
    this.#loadOlder = loadOlder;
    this.#onCancel = onCancel;
    this.element.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    new ResizeObserver(() => this.#follow()).observe(this.element);
  }

  /** @param {readonly MessageRow[]} messages @param {boolean} isComplete */
  set(messages, isComplete) {
    this.#messages = [...messages];
    this.#isComplete = isComplete;
    this.#isLoading = false;
    this.#target = undefined;
    this.#showEnd();
  }

  /** @param {boolean} isComplete whether there are no older messages */
  setComplete(isComplete) {
    this.#isComplete = isComplete;
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
    if (message.from === "me" && message.state === "sending") this.#showEnd();
    else if (isEndShown && (this.#isFollowing || this.#to - this.#from < MAX_ELEMENTS)) {
      this.#list.append(this.#createRow(this.#messages.length - 1));
      this.#to++;
      if (this.#isFollowing && this.#to - this.#from > MAX_ELEMENTS + STEP) this.#trimTop();
      this.#follow();
    }
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
      if (this.#isFollowing) this.element.scrollTop = this.element.scrollHeight;
    });
  }

  #onScroll() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    if (clientHeight === 0) return;
    const below = scrollHeight - scrollTop - clientHeight;
    if (!this.#isScrolling) {
      this.#isFollowing = below < END_DISTANCE && this.#to === this.#messages.length;
    }
    if (scrollTop < EDGE_DISTANCE) this.#extendUp();
    else if (below < EDGE_DISTANCE) this.#extendDown();
  }

  /** Shows more above without moving what is in view. */
  #extendUp() {
    if (this.element.scrollTop >= EDGE_DISTANCE) return;
    if (this.#from === 0) {
      const [first] = this.#messages;
      if (this.#isComplete || this.#isLoading || first === undefined) return;
      this.#isLoading = true;
      return this.#loadOlder(first.id, PAGE_SIZE);
    }
    const from = Math.max(0, this.#from - STEP);
    const rows = this.#createRows(from, this.#from);
    const { scrollHeight, scrollTop } = this.element;
    this.#list.prepend(...rows);
    this.#from = from;
    this.element.scrollTop = scrollTop + this.element.scrollHeight - scrollHeight;
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
    const { scrollHeight, scrollTop } = this.element;
    while (this.#to - this.#from > MAX_ELEMENTS) this.#removeRow(this.#from++);
    if (this.#isFollowing) return this.#follow();
    this.element.scrollTop = scrollTop - (scrollHeight - this.element.scrollHeight);
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
    const { id, from, text, at, state, address } = message;
    const before = this.#messages[index - 1];
    const isNewDay = before === undefined || isOtherDay(before.at, at);
    const isGrouped = !isNewDay && before.from === from && at - before.at < GROUP_MS;
    const time = { datetime: isoTime(at), title: formatDateTime(at) };
    const meta = createElement(
      "span",
      { class: "meta" },
      createElement("time", time, formatTime(at)),
    );
    if (address !== undefined) meta.prepend(createElement("bdi", {}, address), " ");
    if (from === "me") {
      const attributes = { class: "state", "data-is": state };
      meta.append(createElement("span", attributes, STATE_STRINGS[state]));
    }
    if (state === "queued") {
      meta.append(createButton("plain", "Cancel", () => this.#onCancel(id)));
    }
    const row = createElement(
      "li",
      { "data-from": from, "data-grouped": isGrouped, "data-message": id },
      ...(isNewDay ? [createElement("p", { class: "day row" }, formatDay(at))] : []),
      createElement(
        "div",
        { class: "message" },
        createElement("span", { class: "unseen" }, from === "me" ? "You: " : "They: "),
        createElement("p", { class: "text", dir: "auto" }, ...linkify(text)),
        meta,
      ),
    );
    this.#rows.set(id, row);
    return row;
  }
}
