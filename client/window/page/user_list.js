/** The user list. Only the rows in view are elements, however many users there are. */

import { createElement, getElement, setText } from "./elements.js";
import { createEntry, foldText, sortComparator } from "./sort.js";
import { formatTime } from "./strings.js";
import { createContactButton, createUserRow } from "./user_row.js";

/** @import { UserRow } from "../messages.ts" */
/** @import { Entry } from "./sort.js" */

/** A row's height in pixels; the same in the stylesheet. */
const ROW_HEIGHT = 52;
/** How many rows are elements above and below those in view. */
const OVERSCAN_ROWS = 6;
/** The view's height before the page is laid out, in pixels. */
const DEFAULT_HEIGHT = 600;
/** How many offline contacts are listed; the filter finds the others. */
const MAX_OFFLINE = 100;

export class UserList {
  #list = getElement("rows", HTMLUListElement);
  #count = getElement("count", HTMLElement);
  #filter = getElement("filter", HTMLInputElement);
  #sort = getElement("sort", HTMLSelectElement);
  #empty = getElement("nobody", HTMLElement);
  #age = getElement("age", HTMLElement);
  #contacts = getElement("contacts", HTMLElement);
  #contactRows = getElement("contact-rows", HTMLUListElement);
  #view = getElement("rows-view", HTMLElement);
  /** @type {Map<number, Entry>} */
  #entries = new Map();
  /** The online users, sorted. @type {Entry[]} */
  #online = [];
  /** The offline contacts, sorted. @type {Entry[]} */
  #offline = [];
  /** The online users that match the filter. @type {Entry[]} */
  #shown = [];
  /** The rows that are elements, by id. @type {Map<number, HTMLLIElement>} */
  #rows = new Map();
  /** The row with the keyboard. @type {number | undefined} */
  #activeId;
  #isPainting = false;
  /** Whether unread messages have changed since the list was sorted. */
  #isUnreadStale = false;
  #onOpen;
  #unreadCount;

  /** @param {(user: number) => void} onOpen @param {(row: UserRow) => number} unreadCount */
  constructor(onOpen, unreadCount) {
    this.#onOpen = onOpen;
    this.#unreadCount = unreadCount;
    this.#view.addEventListener("scroll", () => this.#schedulePaint(), { passive: true });
    new ResizeObserver(() => this.#schedulePaint()).observe(this.#view);
    this.#filter.addEventListener("input", () => {
      this.#view.scrollTop = 0;
      this.#applyFilter();
    });
    this.#filter.addEventListener("keydown", (event) => this.#onFilterKey(event));
    this.#sort.addEventListener("change", () => this.#resort());
    this.#list.addEventListener("keydown", (event) => this.#onKey(event));
    this.#list.addEventListener("focus", () => this.#goTo(this.#activeIndex));
    this.#list.addEventListener("click", (event) => {
      const row = event.target instanceof Element ? event.target.closest("li") : null;
      if (row === null) return;
      this.#activeId = Number(row.dataset["id"]);
      this.#paint();
      this.#onOpen(this.#activeId);
    });
  }

  /** @param {number | undefined} since since when the list is out of date */
  showAge(since) {
    const isStale = since !== undefined && this.#entries.size > 0;
    this.#age.hidden = !isStale;
    setText(this.#age, isStale ? `Not up to date: who was online at ${formatTime(since)}` : "");
    document.body.classList.toggle("is-stale", since !== undefined);
  }

  /** @param {readonly UserRow[]} rows */
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

  /** Unread messages have changed. */
  refresh() {
    this.#isUnreadStale = true;
    this.#schedulePaint();
  }

  /** @param {string} text */
  explainEmpty(text) {
    setText(this.#empty, text);
  }

  #resort() {
    this.#isUnreadStale = false;
    const comparator = sortComparator(this.#sort.value, this.#unreadCount);
    const sorted = [...this.#entries.values()].sort(comparator);
    this.#online = sorted.filter(({ row }) => row.availability !== "offline");
    this.#offline = sorted.filter(({ row }) => row.availability === "offline");
    setText(this.#count, String(this.#online.length));
    for (const row of this.#rows.values()) row.remove();
    this.#rows.clear();
    this.#applyFilter();
  }

  #applyFilter() {
    const text = foldText(this.#filter.value.trim());
    this.#shown = this.#online.filter(({ key }) => key.includes(text));
    this.#showOffline(this.#offline.filter(({ key }) => key.includes(text)));
    const isEmpty = this.#shown.length === 0;
    this.#empty.hidden = !isEmpty;
    this.#list.hidden = isEmpty;
    this.#list.style.height = `${this.#shown.length * ROW_HEIGHT}px`;
    this.#paint();
  }

  /** @param {readonly Entry[]} entries */
  #showOffline(entries) {
    this.#contacts.hidden = entries.length === 0;
    this.#contactRows.replaceChildren(
      ...entries.slice(0, MAX_OFFLINE).map(({ row }) =>
        createElement("li", {}, createContactButton(row, () => this.#onOpen(row.id)))
      ),
    );
  }

  #schedulePaint() {
    if (this.#isPainting) return;
    this.#isPainting = true;
    requestAnimationFrame(() => {
      this.#isPainting = false;
      if (this.#isUnreadStale && this.#sort.value === "unread") this.#resort();
      else this.#paint();
    });
  }

  #paint() {
    const top = Math.floor(this.#view.scrollTop / ROW_HEIGHT);
    const first = Math.max(0, top - OVERSCAN_ROWS);
    const height = this.#view.clientHeight || DEFAULT_HEIGHT;
    const end = top + Math.ceil(height / ROW_HEIGHT) + OVERSCAN_ROWS;
    const visibleIds = new Set();
    for (const [offset, { row }] of this.#shown.slice(first, end).entries()) {
      const index = first + offset;
      visibleIds.add(row.id);
      const item = this.#showRow(row);
      item.style.transform = `translateY(${index * ROW_HEIGHT}px)`;
      item.ariaPosInSet = String(index + 1);
      item.ariaSetSize = String(this.#shown.length);
      item.ariaSelected = String(row.id === this.#activeId);
    }
    for (const [id, item] of this.#rows) {
      if (visibleIds.has(id)) continue;
      item.remove();
      this.#rows.delete(id);
    }
    const active = this.#activeId === undefined ? undefined : this.#rows.get(this.#activeId);
    if (active === undefined) this.#list.removeAttribute("aria-activedescendant");
    else this.#list.setAttribute("aria-activedescendant", active.id);
  }

  /** The element of a row, a new one if its unread messages have changed. @param {UserRow} row */
  #showRow(row) {
    const known = this.#rows.get(row.id);
    const unread = this.#unreadCount(row);
    if (known?.dataset["unread"] === String(unread)) return known;
    known?.remove();
    const item = createUserRow(row, unread);
    this.#list.append(item);
    this.#rows.set(row.id, item);
    return item;
  }

  get #activeIndex() {
    return Math.max(0, this.#shown.findIndex(({ row }) => row.id === this.#activeId));
  }

  /** @param {number} index */
  #goTo(index) {
    const clamped = Math.max(0, Math.min(this.#shown.length - 1, index));
    const entry = this.#shown[clamped];
    if (entry === undefined) return;
    this.#activeId = entry.row.id;
    const top = clamped * ROW_HEIGHT;
    const { scrollTop, clientHeight } = this.#view;
    if (top < scrollTop) this.#view.scrollTop = top;
    else if (top + ROW_HEIGHT > scrollTop + clientHeight) {
      this.#view.scrollTop = top + ROW_HEIGHT - clientHeight;
    }
    this.#paint();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const { key } = event;
    const pageRows = Math.max(1, Math.floor(this.#view.clientHeight / ROW_HEIGHT) - 1);
    const index = this.#activeIndex;
    const target = new Map([
      ["ArrowDown", index + 1],
      ["ArrowUp", index - 1],
      ["PageDown", index + pageRows],
      ["PageUp", index - pageRows],
      ["Home", 0],
      ["End", Infinity],
    ]).get(key);
    if (key === "ArrowUp" && index === 0) this.#filter.focus();
    else if (target !== undefined) this.#goTo(target);
    else if (key !== "Enter" && key !== " ") return;
    else if (this.#activeId !== undefined) this.#onOpen(this.#activeId);
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  #onFilterKey(event) {
    if (event.key === "ArrowDown") {
      event.preventDefault();
      this.#list.focus();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const first = this.#shown.find(({ row }) => !row.own);
      if (first !== undefined) this.#onOpen(first.row.id);
    }
  }
}
