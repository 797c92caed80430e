/** The online list: only the rows that are in view are elements, however many there are. */

import { createElement, getElement, setText } from "./elements.js";
import { createEntry, foldText, sortComparator } from "./sort.js";
import { createContactButton, createUserRow } from "./user_row.js";
import { formatTime } from "./strings.js";

/** @import { UserRow } from "../messages.ts" */
/** @import { Entry } from "./sort.js" */

/** A row's height in pixels; the stylesheet has the same. */
const HEIGHT = 52;
/** How many rows there are beyond what is in view. */
const BEYOND = 6;
/** So many of those who are not online are listed; the filter finds the others. */
const MOST_AWAY = 100;

export class UserList {
  #list = getElement("rows", HTMLUListElement);
  #count = getElement("count", HTMLElement);
  #filter = getElement("filter", HTMLInputElement);
  #sort = getElement("sort", HTMLSelectElement);
  #nobody = getElement("nobody", HTMLElement);
  #age = getElement("age", HTMLElement);
  #contacts = getElement("contacts", HTMLElement);
  #contactRows = getElement("contact-rows", HTMLUListElement);
  /** @type {HTMLElement} */
  #view;
  /** @type {Map<number, Entry>} */
  #entries = new Map();
  /** All, sorted. @type {Entry[]} */
  #sorted = [];
  /** Who is known, and not online. @type {Entry[]} */
  #away = [];
  /** Those that the filter leaves. @type {Entry[]} */
  #shown = [];
  /** The rows that are elements, by id. @type {Map<number, HTMLLIElement>} */
  #rows = new Map();
  /** The row that the keyboard is at. @type {number | undefined} */
  #active;
  #painting = false;
  /** Whether what is unread may have changed since it was sorted. */
  #unsorted = false;
  #open;
  #unreadCount;

  /**
   * @param {(user: number) => void} open opens the chat with somebody
   * @param {(row: UserRow) => number} unreadCount how much was not read of what somebody said
   */
  constructor(open, unreadCount) {
    this.#open = open;
    this.#unreadCount = unreadCount;
    const view = this.#list.parentElement;
    if (view === null) throw new TypeError("expected the list to be in something");
    this.#view = view;
    view.addEventListener("scroll", () => this.#paintSoon(), { passive: true });
    new ResizeObserver(() => this.#paintSoon()).observe(view);
    this.#filter.addEventListener("input", () => this.#refilter(true));
    this.#filter.addEventListener("keydown", (event) => this.#filterKey(event));
    this.#sort.addEventListener("change", () => this.#resort());
    this.#list.addEventListener("keydown", (event) => this.#key(event));
    this.#list.addEventListener("focus", () => this.#goTo(this.#activeIndex()));
    this.#list.addEventListener("click", (event) => {
      const row = event.target instanceof Element ? event.target.closest("li") : null;
      if (row === null) return;
      this.#active = Number(row.dataset["id"]);
      this.#paint();
      this.#open(this.#active);
    });
  }

  /**
   * Says how old the list is, where it is not kept up to date.
   *
   * @param {number | undefined} since
   */
  showAge(since) {
    const old = since !== undefined && this.#entries.size > 0;
    this.#age.hidden = !old;
    setText(this.#age, old ? `Not up to date: who was online at ${formatTime(since)}` : "");
    document.body.classList.toggle("is-stale", since !== undefined);
  }

  /** @param {readonly UserRow[]} rows all that there are */
  set(rows) {
    this.#entries = new Map(rows.map((row) => [row.id, createEntry(row)]));
    this.#resort();
  }

  /**
   * @param {readonly UserRow[]} changed new rows, and those that differ
   * @param {readonly number[]} removed
   */
  change(changed, removed) {
    for (const id of removed) this.#entries.delete(id);
    for (const row of changed) this.#entries.set(row.id, createEntry(row));
    this.#resort();
  }

  /** What is unread has changed. */
  refresh() {
    this.#unsorted = true;
    this.#paintSoon();
  }

  /** @param {string} text what an empty list says */
  explainEmpty(text) {
    setText(this.#nobody, text);
  }

  #resort() {
    this.#unsorted = false;
    const all = [...this.#entries.values()].sort(
      sortComparator(this.#sort.value, this.#unreadCount),
    );
    this.#sorted = all.filter(({ row }) => row.availability !== "offline");
    this.#away = all.filter(({ row }) => row.availability === "offline");
    setText(this.#count, String(this.#sorted.length));
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
    this.#refilter(false);
  }

  /** @param {boolean} toTop */
  #refilter(toTop) {
    const part = foldText(this.#filter.value.trim());
    this.#shown = part === "" ? this.#sorted : this.#sorted.filter(({ key }) => key.includes(part));
    this.#showAway(part);
    const none = this.#shown.length === 0;
    this.#nobody.hidden = !none;
    this.#list.hidden = none;
    this.#list.style.height = `${this.#shown.length * HEIGHT}px`;
    if (toTop) this.#view.scrollTop = 0;
    this.#paint();
  }

  /**
   * Who is known and not online stands in a list of its own: what is written to them waits.
   *
   * @param {string} part
   */
  #showAway(part) {
    const away = this.#away.filter(({ key }) => key.includes(part)).slice(0, MOST_AWAY);
    this.#contacts.hidden = away.length === 0;
    this.#contactRows.replaceChildren(...away.map(({ row }) => {
      const button = createContactButton(row);
      button.addEventListener("click", () => this.#open(row.id));
      return createElement("li", {}, button);
    }));
  }

  #paintSoon() {
    if (this.#painting) return;
    this.#painting = true;
    requestAnimationFrame(() => {
      this.#painting = false;
      if (this.#unsorted && this.#sort.value === "unread") this.#resort();
      else this.#paint();
    });
  }

  #paint() {
    const top = Math.floor(this.#view.scrollTop / HEIGHT);
    const first = Math.max(0, top - BEYOND);
    const height = this.#view.clientHeight || 600;
    const end = Math.min(this.#shown.length, top + Math.ceil(height / HEIGHT) + BEYOND);
    const visible = new Set();
    for (let index = first; index < end; index++) {
      const entry = this.#shown[index];
      if (entry === undefined) continue;
      visible.add(entry.row.id);
      const row = this.#row(entry.row);
      row.style.transform = `translateY(${index * HEIGHT}px)`;
      row.setAttribute("aria-posinset", String(index + 1));
      row.setAttribute("aria-setsize", String(this.#shown.length));
      row.setAttribute("aria-selected", String(entry.row.id === this.#active));
    }
    for (const [id, row] of this.#rows) {
      if (visible.has(id)) continue;
      row.remove();
      this.#rows.delete(id);
    }
    const active = this.#active === undefined ? undefined : this.#rows.get(this.#active);
    if (active === undefined) this.#list.removeAttribute("aria-activedescendant");
    else this.#list.setAttribute("aria-activedescendant", active.id);
  }

  /** The element of a row: the one there is, where it says what is. @param {UserRow} row */
  #row(row) {
    const known = this.#rows.get(row.id);
    const unread = this.#unreadCount(row);
    if (known?.dataset["unread"] === String(unread)) return known;
    known?.remove();
    return this.#createElement(row, unread);
  }

  /**
   * @param {UserRow} row
   * @param {number} unread
   */
  #createElement(row, unread) {
    const item = createUserRow(row, unread);
    this.#list.append(item);
    this.#rows.set(row.id, item);
    return item;
  }

  #activeIndex() {
    return Math.max(0, this.#shown.findIndex(({ row }) => row.id === this.#active));
  }

  /** @param {number} index */
  #goTo(index) {
    const entry = this.#shown[Math.max(0, Math.min(this.#shown.length - 1, index))];
    if (entry === undefined) return;
    this.#active = entry.row.id;
    const top = this.#shown.indexOf(entry) * HEIGHT;
    const { scrollTop, clientHeight } = this.#view;
    if (top < scrollTop) this.#view.scrollTop = top;
    else if (top + HEIGHT > scrollTop + clientHeight) {
      this.#view.scrollTop = top + HEIGHT - clientHeight;
    }
    this.#paint();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const page = Math.max(1, Math.floor(this.#view.clientHeight / HEIGHT) - 1);
    const at = this.#activeIndex();
    switch (event.key) {
      case "ArrowDown":
        this.#goTo(at + 1);
        break;
      case "ArrowUp":
        if (at === 0) this.#filter.focus();
        else this.#goTo(at - 1);
        break;
      case "PageDown":
        this.#goTo(at + page);
        break;
      case "PageUp":
        this.#goTo(at - page);
        break;
      case "Home":
        this.#goTo(0);
        break;
      case "End":
        this.#goTo(this.#shown.length - 1);
        break;
      case "Enter":
      case " ":
        if (this.#active !== undefined) this.#open(this.#active);
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  #filterKey(event) {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      this.#list.focus();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const first = this.#shown.find(({ row }) => !row.own);
      if (first !== undefined) this.#open(first.row.id);
    }
  }
}
