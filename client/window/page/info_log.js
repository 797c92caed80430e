/** The info log: welcome, connections and errors, with the newest line in view. */

import { createElement, getElement } from "./elements.js";
import { formatTime, isoTime, linkify } from "./strings.js";

/** @import { InfoLine } from "../messages.ts" */

const MAX_LINES = 300;
/** The log follows new lines while it is scrolled this close to its end, in pixels. */
const END_DISTANCE = 40;

export class InfoLog {
  #view = getElement("info-view", HTMLElement);
  #list = getElement("info", HTMLOListElement);
  /** Whether to keep the newest line in view; not while the user reads older ones. */
  #isFollowing = true;

  constructor() {
    this.#view.addEventListener("scroll", () => {
      const { scrollHeight, scrollTop, clientHeight } = this.#view;
      this.#isFollowing = scrollHeight - scrollTop - clientHeight < END_DISTANCE;
    });
    // Its height changes with the number of chats.
    new ResizeObserver(() => this.#follow()).observe(this.#view);
  }

  /** @param {readonly InfoLine[]} lines */
  set(lines) {
    this.#list.replaceChildren(...lines.map(createLine));
    this.#isFollowing = true;
    this.#follow();
  }

  /** @param {InfoLine} line */
  add(line) {
    this.#list.append(createLine(line));
    if (this.#list.childElementCount > MAX_LINES) this.#list.firstElementChild?.remove();
    this.#follow();
  }

  #follow() {
    if (this.#isFollowing) this.#view.scrollTop = this.#view.scrollHeight;
  }
}

/** @param {InfoLine} line */
function createLine({ at, type, text }) {
  return createElement(
    "li",
    { "data-type": type },
    createElement("time", { datetime: isoTime(at) }, formatTime(at)),
    // A sentence of MIM's stays as it is, whatever name it begins with.
    createElement("span", type === "welcome" ? { dir: "auto" } : {}, ...linkify(text)),
  );
}
