/** What happens around the chats: the info area, and calls that wait. */

import { byId, make } from "./elements.js";
import { clockOf, SECURITY, withLinks } from "./strings.js";

/** @typedef {import("../messages.ts").InfoLine} InfoLine */
/** @typedef {import("../messages.ts").CallerRow} CallerRow */
/** @typedef {import("../messages.ts").Request} Up */
/** @typedef {(up: Up) => void} Ask */

/** How many lines the info area shows. */
const MOST_LINES = 300;
/** How long the mouse does not reach what has moved just now, in milliseconds. */
const SETTLING = 500;

/** The welcome, connections and errors, the newest in view. */
export class Info {
  #view = byId("info-view", HTMLElement);
  #list = byId("info", HTMLOListElement);
  /** Whether the newest line is to stay in view; not while somebody reads what is older. */
  #follows = true;

  constructor() {
    this.#view.addEventListener("scroll", () => {
      const { scrollHeight, scrollTop, clientHeight } = this.#view;
      this.#follows = scrollHeight - scrollTop - clientHeight < 40;
    });
    // The room that it has changes with the dialogs.
    new ResizeObserver(() => this.#follow()).observe(this.#view);
  }

  /** @param {readonly InfoLine[]} lines */
  set(lines) {
    this.#list.replaceChildren(...lines.map(row));
    this.#follows = true;
    this.#follow();
  }

  /** @param {InfoLine} line */
  add(line) {
    this.#list.append(row(line));
    if (this.#list.childElementCount > MOST_LINES) this.#list.firstElementChild?.remove();
    this.#follow();
  }

  #follow() {
    if (this.#follows) this.#view.scrollTop = this.#view.scrollHeight;
  }
}

/** @param {InfoLine} line */
function row({ at, type, text }) {
  const iso = new Date(at).toISOString();
  return make(
    "li",
    { "data-kind": type },
    make("time", { datetime: iso }, clockOf(at)),
    make("span", { dir: "auto" }, ...withLinks(text)),
  );
}

/** Those who call and wait for an answer. */
export class Callers {
  #list = byId("callers", HTMLUListElement);
  #ask;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #settling;

  /** @param {Ask} ask */
  constructor(ask) {
    this.#ask = ask;
  }

  /** @param {readonly CallerRow[]} callers */
  show(callers) {
    const { offsetHeight } = this.#list;
    this.#list.hidden = callers.length === 0;
    this.#list.replaceChildren(...callers.map((caller) => this.#row(caller)));
    if (this.#list.offsetHeight !== offsetHeight) this.#settle();
  }

  /** The desk has moved: a click that was on its way is for what was there before. */
  #settle() {
    document.body.classList.add("is-settling");
    clearTimeout(this.#settling);
    this.#settling = setTimeout(
      () => document.body.classList.remove("is-settling"),
      SETTLING,
    );
  }

  /** @param {CallerRow} caller */
  #row({ id, name, address, left, why, classic }) {
    const lines = left === 1 ? "1 line" : `${left} lines`;
    const what = left === undefined ? " wants to talk to you" : ` has hung up and left ${lines}`;
    const doubt = why === undefined
      ? []
      : [", but ", make("bdi", {}, why), classic ? `. ${SECURITY.classic}.` : "."];
    return make(
      "li",
      { class: "card row" },
      make("span", {}, make("bdi", {}, name), ` (${address})${what}`, ...doubt),
      this.#button(
        left === undefined ? "Accept" : "Read",
        name,
        { type: "accept", caller: id },
        true,
      ),
      this.#button("Refuse", name, { type: "refuse", caller: id }, false),
      this.#button("Ignore", name, { type: "ignore", of: "caller", id }, false),
    );
  }

  /**
   * @param {string} word
   * @param {string} name
   * @param {Up} up
   * @param {boolean} strong
   */
  #button(word, name, up, strong) {
    const label = { type: "button", "aria-label": `${word} ${name}`, class: strong && "strong" };
    const button = make("button", label, word);
    button.addEventListener("click", () => this.#ask(up));
    return button;
  }
}
