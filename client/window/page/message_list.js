/** The messages of a chat. Only some screenfuls are elements; scrolling shows the rest. */

import { createButton, createElement, setText } from "./elements.js";
import { MessageRange } from "./message_range.js";
import { t } from "./text.js";

/** @import { MessageRow } from "../messages.ts" */
/** @import { MessageActions } from "./message_row.js" */

/** How many messages are loaded at once when scrolling, and when going to an old message. */
const PAGE_SIZE = 100;
const SEEK_PAGE_SIZE = 1_000;
/** This close to an edge, more messages are added, in pixels. */
const EDGE_DISTANCE = 240;
/** The list follows new messages while it is scrolled this close to its end, in pixels. */
const END_DISTANCE = 24;

export class MessageList {
  #range;
  #log;
  #jump = createButton("jump", "", () => this.#showEnd());
  element;
  /** Whether there are no older ones than those that are loaded. */
  #isComplete = true;
  #isLoading = false;
  /** Whether to keep the end in view. */
  #isFollowing = true;
  #isScrolling = false;
  /** The message to go to once it is loaded. @type {number | undefined} */
  #target;
  #unread = 0;
  #loadOlder;
  #onEndSeen;

  /**
   * @param {string} label
   * @param {(before: number, count: number) => void} loadOlder
   * @param {MessageActions} actions
   * @param {() => void} onEndSeen the end has come into view
   */
  constructor(label, loadOlder, actions, onEndSeen) {
    this.#range = new MessageRange(actions);
    const log = { class: "log", role: "log", "aria-live": "off", tabindex: 0, "aria-label": label };
    this.#log = createElement("div", log, this.#range.element);
    this.element = createElement("div", { class: "messages" }, this.#log, this.#jump);
    this.#loadOlder = loadOlder;
    this.#onEndSeen = onEndSeen;
    this.#log.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    this.#log.addEventListener("keydown", (event) => this.#onKey(event));
    // Cards and pictures grow after they are in the list.
    const observer = new ResizeObserver(() => this.#follow());
    for (const each of [this.#log, this.list]) observer.observe(each);
    this.showUnread(0);
  }

  /** Whether the newest message is in view. */
  get isAtEnd() {
    return this.#isFollowing && this.#range.hasEnd && this.#log.isConnected;
  }

  /** All loaded messages, oldest first. */
  get messages() {
    return this.#range.messages;
  }

  /** The element of the messages. */
  get list() {
    return this.#range.element;
  }

  /** @param {number} id @returns {MessageRow | undefined} */
  messageOf(id) {
    return this.messages[this.#range.indexOf(id)];
  }

  /** The id of the newest message; undefined if there is none. */
  get lastId() {
    return this.messages.at(-1)?.id;
  }

  /** The newest text of the user's own. */
  get lastOwnText() {
    return this.messages.findLast(({ from }) => from === "me")?.text;
  }

  /** Shows how many messages below are unread. @param {number} count */
  showUnread(count) {
    this.#unread = count;
    setText(this.#jump, `↓ ${t("jump", { n: count })}`);
    this.#jump.hidden = this.#isFollowing && this.#range.hasEnd;
  }

  /** The peer has seen the user's messages up to this one. @param {number | undefined} id */
  showSeen(id) {
    this.#range.setSeen(id);
  }

  /** Puts the line "New" above the first of so many unread messages. @param {number} count */
  markNew(count) {
    const unread = this.messages.filter(({ from }) => from === "them").slice(-count);
    this.#range.setFirstNew(count === 0 ? undefined : unread[0]?.id);
  }

  /** Goes to the line "New", or to the end. */
  showNew() {
    this.#showEnd();
    const { firstNew } = this.#range;
    if (firstNew === undefined) return;
    if (this.#range.rowOf(firstNew) === undefined) {
      this.#range.showAround(this.#range.indexOf(firstNew));
    }
    const row = this.#range.rowOf(firstNew);
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
    this.showNew();
  }

  /** The user has left the chat: the line "New" goes. */
  leave() {
    this.#range.setFirstNew(undefined);
  }

  /** @param {readonly MessageRow[]} messages @param {boolean} isComplete */
  set(messages, isComplete) {
    this.#range.set(messages);
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
    const index = this.#range.indexOf(message.id);
    if (index >= 0) {
      this.#range.replace(index, message);
      this.#follow();
      return false;
    }
    const { hasEnd } = this.#range;
    this.#range.push(message);
    if (message.from === "me" && message.state === "sending") {
      this.#range.setFirstNew(undefined);
      this.#showEnd();
    } else if (hasEnd && (this.#isFollowing || this.#range.hasRoom)) {
      this.#range.extendDown(1);
      if (this.#isFollowing && this.#range.isOverfull) this.#trimTop();
      this.#follow();
    } else this.showUnread(this.#unread);
    return true;
  }

  /** Replaces a message's row, if it is here. @param {MessageRow} message */
  change(message) {
    const index = this.#range.indexOf(message.id);
    if (index < 0) this.#range.renewQuotes(message);
    else this.#range.replace(index, message);
    this.#follow();
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
    this.#range.unshift(messages);
    if (this.#target !== undefined) return this.#seek(this.#target);
    this.#extendUp();
  }

  /** Goes to a message, and loads older ones until it is there. @param {number} id */
  goTo(id) {
    this.#target = id;
    this.#seek(id);
  }

  /** @param {number} id */
  #seek(id) {
    const [first] = this.messages;
    if (first !== undefined && this.#range.indexOf(id) < 0 && !this.#isComplete) {
      if (this.#isLoading) return;
      this.#isLoading = true;
      return this.#loadOlder(first.id, SEEK_PAGE_SIZE);
    }
    this.#target = undefined;
    this.#isFollowing = false;
    this.#range.showAround(this.#range.indexOf(id));
    const row = this.#range.rowOf(id);
    if (row === undefined) return this.#showEnd();
    row.classList.add("hit");
    row.tabIndex = -1;
    row.scrollIntoView({ block: "center" });
    row.focus({ preventScroll: true });
    this.showUnread(this.#unread);
  }

  /** The arrows go from message to message; End goes to the newest. @param {KeyboardEvent} event */
  #onKey(event) {
    const { key, target, altKey, ctrlKey, metaKey, shiftKey } = event;
    const row = target instanceof HTMLElement && target.matches("[data-message]")
      ? target
      : undefined;
    if (altKey || ctrlKey || metaKey || shiftKey) return;
    if (row === undefined && target !== this.#log) return;
    const step = key === "ArrowUp" ? -1 : key === "ArrowDown" ? 1 : 0;
    if (key === "End") this.#showEnd();
    else if (step === 0) return;
    else {
      const next = row === undefined
        ? this.#range.element.lastElementChild
        : step < 0
        ? row.previousElementSibling
        : row.nextElementSibling;
      if (!(next instanceof HTMLElement)) return;
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
    }
    event.preventDefault();
  }

  #showEnd() {
    this.#range.showEnd();
    this.#isFollowing = true;
    this.#follow();
    this.showUnread(this.#unread);
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
      this.#isFollowing = below < END_DISTANCE && this.#range.hasEnd;
      if (was !== this.#isFollowing) this.showUnread(this.#unread);
      if (this.#isFollowing && !was) this.#onEndSeen();
    }
    if (scrollTop < EDGE_DISTANCE) this.#extendUp();
    else if (below < EDGE_DISTANCE) this.#extendDown();
  }

  /** Shows more above without moving what is in view. */
  #extendUp() {
    if (this.#log.scrollTop >= EDGE_DISTANCE) return;
    if (this.#range.hasStart) {
      const [first] = this.messages;
      if (this.#isComplete || this.#isLoading || first === undefined) return;
      this.#isLoading = true;
      return this.#loadOlder(first.id, PAGE_SIZE);
    }
    const { scrollHeight, scrollTop } = this.#log;
    this.#range.extendUp();
    this.#log.scrollTop = scrollTop + this.#log.scrollHeight - scrollHeight;
    this.#range.trimEnd();
    this.#isFollowing = this.#isFollowing && this.#range.hasEnd;
  }

  #extendDown() {
    if (this.#range.extendDown()) this.#trimTop();
  }

  #trimTop() {
    if (this.#isFollowing) {
      this.#range.trimTop(); // without a look at heights, which would lay everything out at once
      return this.#follow();
    }
    const { scrollHeight, scrollTop } = this.#log;
    this.#range.trimTop();
    this.#log.scrollTop = scrollTop - (scrollHeight - this.#log.scrollHeight);
  }
}
