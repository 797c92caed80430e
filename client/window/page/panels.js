/** The panels that open over the page: search, settings, safety number. */

import { createButton, createElement, getElement, setText } from "./elements.js";
import { formatDateTime, isoTime } from "./strings.js";

/** @import { ChatHead, IgnoredRow, Me, Request, SearchHit } from "../messages.ts" */

/** @typedef {(request: Request) => void} Send */
/** @typedef {{ readonly item: HTMLLIElement, readonly calls: HTMLElement }} Row */

/** How often the open settings refresh the number of refused calls. */
const REFRESH_MS = 1000;
/** How long after the last key a search starts. */
const SEARCH_DELAY_MS = 120;

/** Searches all chats. */
export class SearchPanel {
  #panel = getElement("search", HTMLDialogElement);
  #words = getElement("words", HTMLInputElement);
  #summary = getElement("search-summary", HTMLElement);
  #hits = getElement("found", HTMLOListElement);
  #send;

  /** @param {Send} send */
  constructor(send) {
    this.#send = send;
    this.#panel.addEventListener("keydown", (event) => this.#onArrowKey(event));
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let delay;
    getElement("open-search", HTMLButtonElement).addEventListener("click", () => this.open());
    // By default, Escape would only clear the field.
    this.#words.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      this.#panel.close();
    });
    this.#words.addEventListener("input", () => {
      clearTimeout(delay);
      const words = this.#words.value.trim();
      if (words === "") return this.show("", []);
      delay = setTimeout(() => send({ type: "search", words }), SEARCH_DELAY_MS);
    });
  }

  open() {
    this.#panel.showModal();
    this.#words.focus();
    this.#words.select();
  }

  /** @param {string} words @param {readonly SearchHit[]} hits oldest first */
  show(words, hits) {
    if (words !== this.#words.value.trim()) return; // the user has typed on
    const count = hits.length === 1 ? "1 message" : `${hits.length} messages`;
    const summary = hits.length === 0 ? "No message has all these words" : count;
    setText(this.#summary, words === "" ? "" : summary);
    this.#hits.replaceChildren(
      ...hits.toReversed().map((hit) => createElement("li", {}, this.#createHit(hit))),
    );
  }

  /** @param {SearchHit} hit */
  #createHit({ id, name, from, text, at }) {
    const time = { datetime: isoTime(at) };
    const button = createButton("", "", () => {
      this.#panel.close();
      this.#send({ type: "show-hit", hit: id });
    });
    button.append(
      createElement(
        "span",
        { class: "meta" },
        from === "me" ? "you to " : "",
        createElement("bdi", {}, name),
        createElement("time", time, formatDateTime(at)),
      ),
      createElement("span", { class: "text", dir: "auto" }, text),
    );
    return button;
  }

  /** Moves from the field to the hits, and along them. @param {KeyboardEvent} event */
  #onArrowKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const stops = [this.#words, ...this.#hits.querySelectorAll("button")];
    const index = stops.findIndex((stop) => stop === document.activeElement);
    stops[Math.max(0, index + step)]?.focus();
  }
}

export class SettingsPanel {
  #panel = getElement("settings", HTMLDialogElement);
  #unknownCallers = getElement("unknown-callers", HTMLSelectElement);
  #notify = getElement("notify", HTMLButtonElement);
  #ignored = getElement("ignored", HTMLUListElement);
  #none = getElement("no-ignored", HTMLElement);
  /** The rows of the ignore list by id. @type {Map<number, Row>} */
  #rows = new Map();
  #history = getElement("history", HTMLElement);
  #noKey = getElement("no-key", HTMLElement);
  #send;

  /** @param {Send} send */
  constructor(send) {
    this.#send = send;
    getElement("open-settings", HTMLButtonElement).addEventListener("click", () => {
      this.#showNotify();
      this.#panel.showModal();
      // The program counts refused calls without an update.
      const refresh = () => send({ type: "list-ignored" });
      refresh();
      const timer = setInterval(refresh, REFRESH_MS);
      this.#panel.addEventListener("close", () => clearInterval(timer), { once: true });
    });
    this.#unknownCallers.addEventListener("change", () => {
      const policy = /** @type {Me["unknownCallers"]} */ (this.#unknownCallers.value);
      send({ type: "set-unknown-callers", policy });
    });
    this.#notify.addEventListener("click", () => {
      Notification.requestPermission().then(() => this.#showNotify(), () => {});
    });
  }

  /** @param {Me} me */
  show({ unknownCallers, noHistoryReason, noKeyReason }) {
    this.#unknownCallers.value = unknownCallers;
    this.#noKey.hidden = noKeyReason === undefined;
    setText(this.#noKey, `Encryption is off, and you have no key: ${noKeyReason ?? ""}`);
    setText(
      this.#history,
      noHistoryReason === undefined
        ? "Messages are stored on this computer, for you alone."
        : `Messages are not stored: ${noHistoryReason}`,
    );
  }

  /**
   * Updates the ignore list. Known rows stay the same elements, so that they keep the focus.
   *
   * @param {readonly IgnoredRow[]} ignored
   */
  showIgnored(ignored) {
    this.#none.hidden = ignored.length > 0;
    const ids = new Set(ignored.map(({ id }) => id));
    for (const [id, { item }] of this.#rows) {
      if (ids.has(id)) continue;
      item.remove();
      this.#rows.delete(id);
    }
    for (const entry of ignored) {
      const { calls } = this.#rows.get(entry.id) ?? this.#addIgnored(entry);
      const count = entry.rejectedCalls;
      setText(calls, count === 1 ? "1 call refused" : `${count} calls refused`);
    }
  }

  /** @param {IgnoredRow} entry @returns {Row} */
  #addIgnored({ id, label }) {
    const calls = createElement("span");
    const end = createButton("", "End", () => this.#send({ type: "unignore", id }));
    end.ariaLabel = `No longer ignore ${label}`;
    const text = createElement("span", {}, createElement("bdi", {}, label), ", ", calls);
    const row = { item: createElement("li", { class: "card row" }, text, end), calls };
    this.#ignored.append(row.item);
    this.#rows.set(id, row);
    return row;
  }

  #showNotify() {
    const { permission } = Notification;
    this.#notify.disabled = permission !== "default";
    const word = { granted: "Allowed", denied: "Blocked in the browser", default: "Allow" };
    setText(this.#notify, word[permission]);
  }
}

/** Shows the safety number of a chat, which the user compares another way. */
export class SafetyPanel {
  #panel = getElement("safety", HTMLDialogElement);
  #advice = getElement("safety-advice", HTMLElement);
  #number = getElement("safety-number", HTMLElement);
  #verify = getElement("verify", HTMLButtonElement);
  #chat = 0;

  /** @param {Send} send */
  constructor(send) {
    this.#verify.addEventListener("click", () => {
      send({ type: "verify", chat: this.#chat });
      this.#panel.close();
    });
  }

  /** @param {ChatHead} head @param {string} number */
  show({ id, name, security }, number) {
    this.#chat = id;
    const isVerified = security === "verified";
    setText(
      this.#advice,
      isVerified
        ? `You have compared this number with ${name}. Nobody listens in.`
        : `Ask ${name} by phone or face to face which number they see. If both are the same, ` +
          "nobody listens in. If they differ, someone may.",
    );
    this.#verify.hidden = isVerified;
    const groups = number.split(/\s+/).map((group) => createElement("span", {}, group));
    this.#number.replaceChildren(...groups);
    this.#panel.showModal();
  }
}
