/** What opens over everything: search, settings, the safety number. */

import { byId, make, say } from "./elements.js";
import { fullTimeOf } from "./strings.js";

/** @typedef {import("../messages.ts").Me} Me */
/** @typedef {import("../messages.ts").ChatHead} ChatHead */
/** @typedef {import("../messages.ts").IgnoredRow} IgnoredRow */
/** @typedef {import("../messages.ts").SearchHit} Found */
/** @typedef {import("../messages.ts").Request} Up */
/** @typedef {(up: Up) => void} Ask */
/** @typedef {{ readonly item: HTMLLIElement, readonly calls: HTMLElement }} Row */

/** How often the calls that were refused are asked for while somebody looks, in milliseconds. */
const REFRESH = 1000;
/** How long after the last key a search begins, in milliseconds. */
const PAUSE = 120;

/** Search over all chats. */
export class Search {
  #panel = byId("search", HTMLDialogElement);
  #words = byId("words", HTMLInputElement);
  #said = byId("search-said", HTMLElement);
  #found = byId("found", HTMLOListElement);
  #ask;

  /** @param {Ask} ask */
  constructor(ask) {
    this.#ask = ask;
    this.#panel.addEventListener("keydown", (event) => this.#arrow(event));
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let pause;
    byId("open-search", HTMLButtonElement).addEventListener("click", () => this.open());
    // The browser would only empty the field.
    this.#words.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      this.#panel.close();
    });
    this.#words.addEventListener("input", () => {
      clearTimeout(pause);
      const words = this.#words.value.trim();
      if (words === "") return this.show("", []);
      pause = setTimeout(() => ask({ type: "search", words }), PAUSE);
    });
  }

  /** Shows the panel. */
  open() {
    this.#panel.showModal();
    this.#words.focus();
    this.#words.select();
  }

  /**
   * @param {string} words
   * @param {readonly Found[]} found oldest first
   */
  show(words, found) {
    if (words !== this.#words.value.trim()) return; // there is something else in the field by now
    const count = found.length === 1 ? "1 message" : `${found.length} messages`;
    say(this.#said, words === "" ? "" : found.length === 0 ? "Nothing with all of that" : count);
    this.#found.replaceChildren(
      ...found.toReversed().map((each) => make("li", {}, this.#hit(each))),
    );
  }

  /** @param {Found} found */
  #hit({ id, name, from, text, at }) {
    const button = make(
      "button",
      { type: "button" },
      make(
        "span",
        { class: "meta" },
        from === "me" ? "you to " : "",
        make("bdi", {}, name),
        make("time", { datetime: new Date(at).toISOString() }, fullTimeOf(at)),
      ),
      make("span", { class: "text", dir: "auto" }, text),
    );
    button.addEventListener("click", () => {
      this.#panel.close();
      this.#ask({ type: "find", found: id });
    });
    return button;
  }

  /**
   * From the field to what was found, and along it.
   *
   * @param {KeyboardEvent} event
   */
  #arrow(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const stops = [this.#words, ...this.#found.querySelectorAll("button")];
    const at = stops.findIndex((stop) => stop === document.activeElement);
    stops[Math.max(0, at + by)]?.focus();
  }
}

/** What may be set. */
export class Settings {
  #panel = byId("settings", HTMLDialogElement);
  #strangers = byId("strangers", HTMLSelectElement);
  #notify = byId("notify", HTMLButtonElement);
  #ignored = byId("ignored", HTMLUListElement);
  #none = byId("no-ignored", HTMLElement);
  /** The rows of who is ignored, each with what it says of calls. @type {Map<number, Row>} */
  #rows = new Map();
  #kept = byId("kept", HTMLElement);
  #key = byId("no-key", HTMLElement);
  #ask;

  /** @param {Ask} ask */
  constructor(ask) {
    this.#ask = ask;
    byId("open-settings", HTMLButtonElement).addEventListener("click", () => {
      this.#showNotify();
      this.#panel.showModal();
      // The calls that were refused are counted, and told to nobody.
      ask({ type: "ignored" });
      const again = setInterval(() => ask({ type: "ignored" }), REFRESH);
      this.#panel.addEventListener("close", () => clearInterval(again), { once: true });
    });
    this.#strangers.addEventListener("change", () => {
      const policy = /** @type {Me["strangers"]} */ (this.#strangers.value);
      ask({ type: "strangers", policy });
    });
    this.#notify.addEventListener("click", () => {
      Notification.requestPermission().then(() => this.#showNotify(), () => {});
    });
  }

  /** @param {Me} me */
  show({ strangers, notKept, noKey }) {
    this.#strangers.value = strangers;
    this.#key.hidden = noKey === undefined;
    say(
      this.#key,
      noKey === undefined ? "" : `Nothing is encrypted, and you prove no key: ${noKey}`,
    );
    say(
      this.#kept,
      notKept === undefined
        ? "What is said is kept on this machine, for you alone."
        : `Nothing of what is said is kept: ${notKept}`,
    );
  }

  /**
   * Rows stay the same elements, so that what is told while somebody is about to press a button takes
   * neither the button nor the keyboard away.
   *
   * @param {readonly IgnoredRow[]} ignored
   */
  showIgnored(ignored) {
    this.#none.hidden = ignored.length > 0;
    const there = new Set(ignored.map(({ id }) => id));
    for (const [id, { item }] of this.#rows) {
      if (there.has(id)) continue;
      item.remove();
      this.#rows.delete(id);
    }
    for (const each of ignored) {
      const { calls } = this.#rows.get(each.id) ?? this.#addIgnored(each);
      say(calls, each.refused === 1 ? "1 call refused" : `${each.refused} calls refused`);
    }
  }

  /**
   * @param {IgnoredRow} ignored
   * @returns {Row}
   */
  #addIgnored({ id, who }) {
    const calls = make("span");
    const end = make("button", { type: "button", "aria-label": `No longer ignore ${who}` }, "End");
    end.addEventListener("click", () => this.#ask({ type: "unignore", id }));
    const said = make("span", {}, make("bdi", {}, who), ", ", calls);
    const row = { item: make("li", { class: "card row" }, said, end), calls };
    this.#ignored.append(row.item);
    this.#rows.set(id, row);
    return row;
  }

  #showNotify() {
    const { permission } = Notification;
    this.#notify.disabled = permission !== "default";
    const word = { granted: "Allowed", denied: "Blocked in the browser", default: "Allow" };
    say(this.#notify, word[permission]);
  }
}

/** The safety number of a chat, to be compared by another way than this one. */
export class Safety {
  #panel = byId("safety", HTMLDialogElement);
  #said = byId("safety-said", HTMLElement);
  #number = byId("safety-number", HTMLElement);
  #verify = byId("verify", HTMLButtonElement);
  #chat = 0;

  /** @param {Ask} ask */
  constructor(ask) {
    this.#verify.addEventListener("click", () => {
      ask({ type: "verify", chat: this.#chat });
      this.#panel.close();
    });
  }

  /**
   * @param {ChatHead} head
   * @param {string} number
   */
  show({ id, name, security }, number) {
    this.#chat = id;
    const compared = security === "verified";
    say(
      this.#said,
      compared
        ? `You have compared this number with ${name}: nobody listens in.`
        : `Ask ${name} by another way, by telephone or face to face, what number they see. ` +
          "Where both are the same, nobody listens in; where they differ, somebody may.",
    );
    this.#verify.hidden = compared;
    this.#number.replaceChildren(
      ...number.split(/\s+/).map((group) => make("span", {}, group)),
    );
    this.#panel.showModal();
  }
}
