/** The list as one listbox with sections; only the rows in view are elements. */

import { createElement, setText } from "./elements.js";
import { createListRow, keyOf, signatureOf } from "./people_rows.js";

/** @import { ListItem } from "./people_rows.js" */
/**
 * @typedef {{ id: string, title: string, length: number, at: (index: number) => ListItem | undefined, height: number }} Section
 */
/** @typedef {{ element: HTMLElement, head: HTMLElement, top: number, first: number, section: Section }} Placed */

/** How many rows above and below the view are elements, too. */
const OVERSCAN_ROWS = 6;
/** The height of the view before it is laid out, in pixels. */
const DEFAULT_HEIGHT = 800;
/** The height of a section's head, in rem. */
const HEAD_REM = 1.9;

export class PeopleView {
  #list = createElement("div", { id: "rows", role: "listbox", tabindex: 0 });
  element = createElement("div", { class: "rows" }, this.#list);
  /** @type {Map<string, Placed>} */
  #placed = new Map();
  /** @type {Map<string, { element: HTMLElement, signature: string }>} */
  #rows = new Map();
  /** @type {string | undefined} */
  #activeKey;
  /** @type {ReadonlySet<string>} */
  #selected = new Set();
  #words = "";
  #count = 0;
  #isScheduled = false;
  #onOpen;
  #onMenu;

  /**
   * @param {string} label
   * @param {(item: ListItem) => void} onOpen
   * @param {(item: ListItem, x: number, y: number) => void} onMenu
   */
  constructor(label, onOpen, onMenu) {
    this.#list.ariaLabel = label;
    this.#onOpen = onOpen;
    this.#onMenu = onMenu;
    this.element.addEventListener("scroll", () => this.paintSoon(), { passive: true });
    new ResizeObserver(() => this.paintSoon()).observe(this.element);
    this.#list.addEventListener("keydown", (event) => this.#onKey(event));
    this.#list.addEventListener("click", (event) => {
      const item = this.#itemOf(event.target);
      if (item === undefined) return;
      this.#activate(keyOf(item));
      onOpen(item);
    });
    this.#list.addEventListener("contextmenu", (event) => {
      const item = this.#itemOf(event.target);
      if (item === undefined) return; // from the keyboard; #onKey has opened it
      event.preventDefault();
      onMenu(item, event.clientX, event.clientY);
    });
  }

  focus() {
    if (this.#activeKey === undefined || this.#find(this.#activeKey) === undefined) this.#goTo(0);
    this.#list.focus();
  }

  /**
   * Shows these sections at once.
   *
   * @param {readonly Section[]} sections
   * @param {string} words the words that were searched
   * @param {readonly string[]} selected the keys of rows to mark
   */
  show(sections, words, selected) {
    this.#selected = new Set(selected);
    this.#words = words;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    let [top, first] = [0, 0];
    const before = this.#placed;
    this.#placed = new Map();
    for (const section of sections) {
      if (section.length === 0) continue;
      const known = before.get(section.id);
      const head = known?.head ?? createHead(section.id);
      setText(head.children[0] ?? head, section.title);
      setText(head.children[1] ?? head, String(section.length));
      const element = known?.element ??
        createElement("div", { role: "group", "aria-labelledby": `head-${section.id}` }, head);
      if (this.#list.children[this.#placed.size] !== element) {
        this.#list.insertBefore(element, this.#list.children[this.#placed.size] ?? null);
      }
      head.style.transform = `translateY(${top}px)`;
      this.#placed.set(section.id, { element, head, top: top + HEAD_REM * rem, first, section });
      top += (HEAD_REM + section.length * section.height) * rem;
      first += section.length;
      before.delete(section.id);
    }
    for (const { element } of before.values()) element.remove();
    this.#count = first;
    this.#list.style.height = `${top}px`;
    this.#paint();
  }

  /** Shows with the next frame what has changed in the rows. */
  paintSoon() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#paint();
    });
  }

  #paint() {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const { scrollTop, clientHeight } = this.element;
    const visible = new Set();
    for (const { element, top, section } of this.#placed.values()) {
      const height = section.height * rem;
      const first = Math.floor((scrollTop - top) / height) - OVERSCAN_ROWS;
      const end = Math.ceil((scrollTop + (clientHeight || DEFAULT_HEIGHT) - top) / height);
      let previous = element.firstElementChild;
      for (let i = Math.max(0, first); i < Math.min(section.length, end + OVERSCAN_ROWS); i++) {
        const item = section.at(i);
        if (item === undefined) continue;
        const key = keyOf(item);
        visible.add(key);
        const row = this.#showRow(key, item);
        row.style.transform = `translateY(${top + i * height}px)`;
        row.style.height = `${height}px`;
        row.ariaPosInSet = String(i + 1);
        row.ariaSetSize = String(section.length);
        row.ariaSelected = String(this.#selected.has(key));
        row.classList.toggle("is-active", key === this.#activeKey);
        // The elements stand in the order in which they are seen.
        if (previous?.nextElementSibling !== row) previous?.after(row);
        previous = row;
      }
    }
    for (const [key, { element }] of this.#rows) {
      if (visible.has(key)) continue;
      element.remove();
      this.#rows.delete(key);
    }
    const active = this.#activeKey === undefined ? undefined : this.#rows.get(this.#activeKey);
    if (active === undefined) this.#list.removeAttribute("aria-activedescendant");
    else this.#list.setAttribute("aria-activedescendant", active.element.id);
  }

  /** @param {string} key @param {ListItem} item */
  #showRow(key, item) {
    const signature = `${signatureOf(item)} ${item.type === "hit" ? this.#words : ""}`;
    const known = this.#rows.get(key);
    if (known?.signature === signature) return known.element;
    const element = createListRow(item, this.#words);
    element.dataset["key"] = key;
    known?.element.replaceWith(element);
    this.#rows.set(key, { element, signature });
    return element;
  }

  /** @param {EventTarget | null} target */
  #itemOf(target) {
    const key = target instanceof Element
      ? target.closest("[data-key]")?.getAttribute("data-key")
      : null;
    return key === null || key === undefined ? undefined : this.#find(key)?.item;
  }

  /** @param {string} key */
  #find(key) {
    for (const { section, first } of this.#placed.values()) {
      for (let i = 0; i < section.length; i++) {
        const item = section.at(i);
        if (item !== undefined && keyOf(item) === key) return { item, index: first + i };
      }
    }
    return undefined;
  }

  /** @param {string} key */
  #activate(key) {
    this.#activeKey = key;
    this.#paint();
  }

  /** @param {number} index */
  #goTo(index) {
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const clamped = Math.max(0, Math.min(this.#count - 1, index));
    const placed = [...this.#placed.values()].findLast(({ first }) => first <= clamped);
    const item = placed?.section.at(clamped - placed.first);
    if (placed === undefined || item === undefined) return;
    const height = placed.section.height * rem;
    const top = placed.top + (clamped - placed.first) * height;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = clamped === 0 ? 0 : top;
    else if (top + height > scrollTop + clientHeight) {
      this.element.scrollTop = top + height - clientHeight;
    }
    this.#activate(keyOf(item));
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const { key, altKey, ctrlKey, metaKey } = event;
    if (altKey || ctrlKey || metaKey) return;
    const page = Math.max(1, Math.floor(this.element.clientHeight / 56) - 1);
    const found = this.#activeKey === undefined ? undefined : this.#find(this.#activeKey);
    const index = found?.index ?? -1;
    const target = new Map([
      ["ArrowDown", index + 1],
      ["ArrowUp", index - 1],
      ["PageDown", index + page],
      ["PageUp", index - page],
      ["Home", 0],
      ["End", Infinity],
    ]).get(key);
    if (target !== undefined) this.#goTo(target);
    else if (found === undefined) return;
    else if (key === "Enter" || key === " ") this.#onOpen(found.item);
    else if (key === "ContextMenu" || (key === "F10" && event.shiftKey)) {
      const box = this.#rows.get(this.#activeKey ?? "")?.element.getBoundingClientRect();
      this.#onMenu(found.item, (box?.left ?? 0) + 24, (box?.bottom ?? 0) - 8);
    } else return;
    event.preventDefault();
  }
}

/** @param {string} id */
function createHead(id) {
  return createElement(
    "div",
    { class: "section-head", id: `head-${id}`, role: "presentation" },
    createElement("span"),
    createElement("span", { id: id === "online" ? "count" : `count-${id}`, "aria-hidden": "true" }),
  );
}
