/** The messages of a chat: a few screens of them are elements, the rest comes on scrolling. */

import { make } from "./elements.js";
import { clockOf, dayOf, fullTimeOf, isOtherDay, STATE, withLinks } from "./strings.js";

/** @typedef {import("../messages.ts").MessageRow} Message */

/** How many messages are elements at the most, and how many more come at a time. */
const MOST = 240;
const STEP = 60;
/** How many the program is asked for at a time; and where one far back is looked for. */
const A_PAGE = 100;
const FAR = 1_000;
/** So many pixels from an end count as being there. */
const NEAR = 240;
const AT_END = 24;

export class Messages {
  #list = make("ol");
  element = make("div", { class: "log", role: "log", "aria-live": "off", tabindex: 0 }, this.#list);
  /** @type {Message[]} */
  #all = [];
  /** Whether there are none before the first. */
  #whole = true;
  #asking = false;
  /** What of them are elements: from here, up to there. */
  #from = 0;
  #to = 0;
  /** @type {Map<number, HTMLLIElement>} */
  #rows = new Map();
  /** Whether the end is in view, and stays so. */
  #following = true;
  #scrolling = false;
  /** The message to go to, while what is before is asked for. @type {number | undefined} */
  #wanted;
  #older;
  #canceled;

  /**
   * @param {string} label
   * @param {(before: number, count: number) => void} older asks for what was before a message
   * @param {(message: number) => void} canceled a message that waits is not to be sent any more
   */
  constructor(label, older, canceled) {
    this.element.setAttribute("aria-label", label);
    this.#older = older;
    this.#canceled = canceled;
    this.element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#follow()).observe(this.element);
  }

  /**
   * @param {readonly Message[]} messages
   * @param {boolean} whole
   */
  set(messages, whole) {
    this.#all = [...messages];
    this.#whole = whole;
    this.#asking = false;
    this.#wanted = undefined;
    this.#toEnd();
  }

  /** @param {boolean} whole whether there are none before the first */
  setWhole(whole) {
    this.#whole = whole;
  }

  /**
   * A message that is new, or has changed.
   *
   * @param {Message} message
   * @returns {boolean} whether it is new
   */
  put(message) {
    const last = this.#all.at(-1)?.id ?? -Infinity;
    const index = message.id > last ? -1 : this.#all.findIndex(({ id }) => id === message.id);
    if (index >= 0) {
      this.#all[index] = message;
      this.#rows.get(message.id)?.replaceWith(this.#row(index));
      return false;
    }
    const atEnd = this.#to === this.#all.length;
    this.#all.push(message);
    if (message.from === "me" && message.state === "sending") this.#toEnd();
    else if (atEnd && (this.#following || this.#to - this.#from < MOST)) {
      this.#list.append(this.#row(this.#all.length - 1));
      this.#to++;
      if (this.#following && this.#to - this.#from > MOST + STEP) this.#trimTop();
      this.#follow();
    }
    return true;
  }

  /**
   * What was before the first.
   *
   * @param {readonly Message[]} messages
   * @param {boolean} whole
   */
  prepend(messages, whole) {
    this.#asking = false;
    this.#whole = whole;
    const first = this.#all[0];
    this.#all.unshift(...messages);
    this.#from += messages.length;
    this.#to += messages.length;
    if (this.#wanted !== undefined) return this.#seek(this.#wanted);
    // There may be no day line above what was the first.
    if (first !== undefined) this.#rows.get(first.id)?.replaceWith(this.#row(messages.length));
    this.#up();
  }

  /**
   * Goes to a message, from however far back it comes.
   *
   * @param {number} id
   */
  goTo(id) {
    this.#wanted = id;
    this.#seek(id);
  }

  /** @param {number} id */
  #seek(id) {
    const [first] = this.#all;
    if (first !== undefined && id < first.id && !this.#whole) {
      if (this.#asking) return;
      this.#asking = true;
      return this.#older(first.id, FAR);
    }
    this.#wanted = undefined;
    const index = this.#all.findIndex((message) => message.id === id);
    this.#following = false;
    this.#show(Math.max(0, index - STEP), Math.min(this.#all.length, index + STEP));
    const row = this.#rows.get(id);
    if (row === undefined) return this.#toEnd();
    row.classList.add("hit");
    row.tabIndex = -1;
    row.scrollIntoView({ block: "center" });
    row.focus({ preventScroll: true });
  }

  #toEnd() {
    this.#show(Math.max(0, this.#all.length - STEP * 2), this.#all.length);
    this.#following = true;
    this.#follow();
  }

  /**
   * Makes elements of these and no others.
   *
   * @param {number} from
   * @param {number} to
   */
  #show(from, to) {
    this.#from = from;
    this.#to = to;
    this.#rows.clear();
    const rows = [];
    for (let index = from; index < to; index++) rows.push(this.#row(index));
    this.#list.replaceChildren(...rows);
  }

  /** Keeps the end in view, once the browser lays things out anyway. */
  #follow() {
    if (!this.#following || this.#scrolling) return;
    this.#scrolling = true;
    requestAnimationFrame(() => {
      this.#scrolling = false;
      if (this.#following) this.element.scrollTop = this.element.scrollHeight;
    });
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    if (clientHeight === 0) return;
    const below = scrollHeight - scrollTop - clientHeight;
    if (!this.#scrolling) this.#following = below < AT_END && this.#to === this.#all.length;
    if (scrollTop < NEAR) this.#up();
    else if (below < NEAR) this.#down();
  }

  /** Shows more above; what is in view stays where it is. */
  #up() {
    if (this.element.scrollTop >= NEAR) return;
    if (this.#from === 0) {
      const [first] = this.#all;
      if (this.#whole || this.#asking || first === undefined) return;
      this.#asking = true;
      return this.#older(first.id, A_PAGE);
    }
    const from = Math.max(0, this.#from - STEP);
    const rows = [];
    for (let index = from; index < this.#from; index++) rows.push(this.#row(index));
    const { scrollHeight, scrollTop } = this.element;
    this.#list.prepend(...rows);
    this.#from = from;
    this.element.scrollTop = scrollTop + this.element.scrollHeight - scrollHeight;
    while (this.#to - this.#from > MOST) this.#drop(--this.#to);
    this.#following = this.#following && this.#to === this.#all.length;
  }

  /** Shows more below. */
  #down() {
    const to = Math.min(this.#all.length, this.#to + STEP);
    if (to === this.#to) return;
    for (; this.#to < to; this.#to++) this.#list.append(this.#row(this.#to));
    this.#trimTop();
  }

  #trimTop() {
    if (this.#following) {
      while (this.#to - this.#from > MOST) this.#drop(this.#from++);
      return this.#follow();
    }
    const { scrollHeight, scrollTop } = this.element;
    while (this.#to - this.#from > MOST) this.#drop(this.#from++);
    this.element.scrollTop = scrollTop - (scrollHeight - this.element.scrollHeight);
  }

  /** @param {number} index */
  #drop(index) {
    const id = this.#all[index]?.id ?? 0;
    this.#rows.get(id)?.remove();
    this.#rows.delete(id);
  }

  /** @param {number} index */
  #row(index) {
    const message = this.#all[index];
    if (message === undefined) throw new RangeError(`expected a message, got none at ${index}`);
    const before = this.#all[index - 1];
    const newDay = before === undefined || isOtherDay(before.at, message.at);
    const grouped = !newDay && before.from === message.from && message.at - before.at < 120_000;
    const time = make("time", {
      datetime: new Date(message.at).toISOString(),
      title: fullTimeOf(message.at),
    }, clockOf(message.at));
    const meta = make("span", { class: "meta" }, time);
    if (message.address !== undefined) meta.prepend(make("bdi", {}, message.address), " ");
    if (message.from === "me") {
      meta.append(make("span", { class: "state", "data-is": message.state }, STATE[message.state]));
      if (message.state === "queued") {
        const cancel = make("button", { type: "button", class: "plain" }, "Cancel");
        cancel.addEventListener("click", () => this.#canceled(message.id));
        meta.append(cancel);
      }
    }
    const row = make(
      "li",
      { "data-from": message.from, "data-grouped": grouped, "data-message": message.id },
      ...(newDay ? [make("p", { class: "day row" }, dayOf(message.at))] : []),
      make(
        "div",
        { class: "message" },
        make("span", { class: "unseen" }, message.from === "me" ? "You: " : "They: "),
        make("p", { class: "text", dir: "auto" }, ...withLinks(message.text)),
        meta,
      ),
    );
    this.#rows.set(message.id, row);
    return row;
  }
}
