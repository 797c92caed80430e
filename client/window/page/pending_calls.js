/** The list of pending calls, each with buttons to answer it. */

import { createButton, createElement, getElement } from "./elements.js";
import { SECURITY_STRINGS } from "./strings.js";

/** @import { CallerRow, Request } from "../messages.ts" */

/** How long the mouse does not reach elements that have just moved. */
const SETTLING_MS = 500;

export class PendingCalls {
  #list = getElement("callers", HTMLUListElement);
  #send;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #settling;

  /** @param {(request: Request) => void} send */
  constructor(send) {
    this.#send = send;
  }

  /** @param {readonly CallerRow[]} callers */
  show(callers) {
    const { offsetHeight } = this.#list;
    this.#list.hidden = callers.length === 0;
    this.#list.replaceChildren(...callers.map((caller) => this.#createRow(caller)));
    if (this.#list.offsetHeight !== offsetHeight) this.#settle();
  }

  /** The chats have moved, so a click on its way is meant for what was there before. */
  #settle() {
    document.body.classList.add("is-settling");
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => document.body.classList.remove("is-settling"), SETTLING_MS);
  }

  /** @param {CallerRow} caller */
  #createRow({ id, name, address, leftLines, warning, isClassic }) {
    const lines = leftLines === 1 ? "1 line" : `${leftLines} lines`;
    const hasLeft = leftLines !== undefined;
    const what = hasLeft ? ` has hung up and left ${lines}` : " wants to talk to you";
    const doubt = warning === undefined ? [] : [
      ", but ",
      createElement("bdi", {}, warning),
      isClassic ? `. ${SECURITY_STRINGS.classic}.` : ".",
    ];
    return createElement(
      "li",
      { class: "card row" },
      createElement("span", {}, createElement("bdi", {}, name), ` (${address})${what}`, ...doubt),
      this.#createAnswer(hasLeft ? "Read" : "Accept", name, { type: "accept", caller: id }),
      this.#createAnswer("Refuse", name, { type: "reject", caller: id }),
      this.#createAnswer("Ignore", name, { type: "ignore", target: "caller", id }),
    );
  }

  /**
   * @param {string} word
   * @param {string} name
   * @param {Request} request
   */
  #createAnswer(word, name, request) {
    const className = request.type === "accept" ? "strong" : "";
    const button = createButton(className, word, () => this.#send(request));
    button.ariaLabel = `${word} ${name}`;
    return button;
  }
}
