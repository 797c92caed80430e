/** The messages of a chat that are loaded, and the part of them that are elements. */

import { createElement } from "./elements.js";
import { createMessageRow } from "./message_row.js";

/** @import { MessageRow } from "../messages.ts" */
/** @import { MessageActions } from "./message_row.js" */

/** How many messages are elements at most, and how many are added at once. */
const MAX_ELEMENTS = 240;
export const STEP = 60;
/** How much of an answered message is shown. */
const QUOTE_LENGTH = 200;

export class MessageRange {
  element = createElement("ol");
  /** @type {MessageRow[]} */
  #messages = [];
  /** @type {Set<number>} */
  #ids = new Set();
  /** The range of messages that are elements. */
  #from = 0;
  #to = 0;
  /** @type {Map<number, HTMLLIElement>} */
  #rows = new Map();
  /** The first message that was new when the chat was opened. @type {number | undefined} */
  #firstNew;
  /** The newest of the user's messages that the peer has seen. @type {number | undefined} */
  #seenUpTo;
  #actions;

  /** @param {MessageActions} actions */
  constructor(actions) {
    this.#actions = actions;
  }

  /** All loaded messages, oldest first. @returns {readonly MessageRow[]} */
  get messages() {
    return this.#messages;
  }

  /** Whether the first loaded message is an element. */
  get hasStart() {
    return this.#from === 0;
  }

  /** Whether the newest message is an element. */
  get hasEnd() {
    return this.#to === this.#messages.length;
  }

  /** Whether there is room for another element. */
  get hasRoom() {
    return this.#to - this.#from < MAX_ELEMENTS;
  }

  /** Whether there are far more elements than needed. */
  get isOverfull() {
    return this.#to - this.#from > MAX_ELEMENTS + STEP;
  }

  /** @param {readonly MessageRow[]} messages */
  set(messages) {
    this.#messages = [...messages];
    this.#ids = new Set(messages.map(({ id }) => id));
  }

  /** The element of a message; undefined if it has none now. @param {number} id */
  rowOf(id) {
    return this.#rows.get(id);
  }

  /** @param {number} id */
  indexOf(id) {
    return this.#ids.has(id) ? this.#messages.findLastIndex((message) => message.id === id) : -1;
  }

  /** Updates a message. @param {number} index @param {MessageRow} message */
  replace(index, message) {
    this.#messages[index] = message;
    this.#renew(index);
    this.renewQuotes(message);
  }

  /** Rows that answer a message show it as it is now. @param {MessageRow} answered */
  renewQuotes({ id, text, isDeleted }) {
    this.#messages.forEach((message, index) => {
      const { reply } = message;
      if (reply?.message !== id) return;
      const quoted = { ...reply, text: text.slice(0, QUOTE_LENGTH), isDeleted };
      this.#messages[index] = { ...message, reply: quoted };
      this.#renew(index);
    });
  }

  /** Adds a message at the end, which is no element yet. @param {MessageRow} message */
  push(message) {
    this.#messages.push(message);
    this.#ids.add(message.id);
  }

  /** Adds older messages at the top, which are no elements yet. @param {readonly MessageRow[]} messages */
  unshift(messages) {
    this.#messages.unshift(...messages);
    for (const { id } of messages) this.#ids.add(id);
    this.#from += messages.length;
    this.#to += messages.length;
    this.#renew(messages.length); // it may no longer need its date
  }

  /** The line "New" stands above this message; undefined for none. @param {number | undefined} id */
  setFirstNew(id) {
    const changed = [this.#firstNew, id];
    this.#firstNew = id;
    for (const each of changed) if (each !== undefined) this.#renew(this.indexOf(each));
  }

  /** The peer has seen the messages up to this one. @param {number | undefined} id */
  setSeen(id) {
    const before = this.#seenUpTo;
    if (id === before) return;
    this.#seenUpTo = id;
    for (let i = this.#to - 1; i >= this.#from; i--) {
      const message = this.#messages[i];
      if (message === undefined || message.id <= (before ?? -Infinity)) break;
      if (message.from === "me") this.#renew(i);
    }
  }

  get firstNew() {
    return this.#firstNew;
  }

  /** Makes elements of a message and those around it. @param {number} index */
  showAround(index) {
    this.#show(Math.max(0, index - STEP), Math.min(this.#messages.length, index + STEP));
  }

  /** Makes elements of the newest messages. */
  showEnd() {
    this.#show(Math.max(0, this.#messages.length - STEP * 2), this.#messages.length);
  }

  /** Makes elements of some messages above; those at the end go in return. */
  extendUp() {
    const from = Math.max(0, this.#from - STEP);
    this.element.prepend(...this.#createRows(from, this.#from));
    this.#from = from;
  }

  /** Makes elements of some messages below. @param {number} [count] @returns {boolean} whether there were any */
  extendDown(count = STEP) {
    const to = Math.min(this.#messages.length, this.#to + count);
    if (to === this.#to) return false;
    this.element.append(...this.#createRows(this.#to, to));
    this.#to = to;
    return true;
  }

  trimTop() {
    while (this.#to - this.#from > MAX_ELEMENTS) this.#removeRow(this.#from++);
  }

  trimEnd() {
    while (this.#to - this.#from > MAX_ELEMENTS) this.#removeRow(--this.#to);
  }

  /** @param {number} from @param {number} to */
  #show(from, to) {
    this.#from = from;
    this.#to = to;
    this.#rows.clear();
    this.element.replaceChildren(...this.#createRows(from, to));
  }

  /** Makes the element of a message anew, if it has one. @param {number} index */
  #renew(index) {
    const id = this.#messages[index]?.id;
    const row = id === undefined ? undefined : this.#rows.get(id);
    if (row === undefined) return;
    const hasFocus = row.contains(document.activeElement);
    const renewed = this.#createRow(index);
    row.replaceWith(renewed);
    if (hasFocus) renewed.focus({ preventScroll: true });
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
    const isSeen = message.from === "me" && message.id <= (this.#seenUpTo ?? -Infinity);
    const before = this.#messages[index - 1];
    const row = createMessageRow(message, before, isFirstNew, isSeen, this.#actions);
    this.#rows.set(message.id, row);
    return row;
  }
}
