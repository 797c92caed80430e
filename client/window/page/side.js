/** What stands around the chats: login, info area, calls that wait, search, settings. */

import { byId, make, say } from "./dom.js";
import { clockOf, fullTimeOf, withLinks } from "./words.js";

/** @typedef {import("../bridge.ts").Me} Me */
/** @typedef {import("../bridge.ts").InfoLine} InfoLine */
/** @typedef {import("../bridge.ts").CallerRow} CallerRow */
/** @typedef {import("../bridge.ts").IgnoredRow} IgnoredRow */
/** @typedef {import("../bridge.ts").Found} Found */
/** @typedef {import("../bridge.ts").Up} Up */
/** @typedef {(up: Up) => void} Ask */

/** How many lines the info area shows. */
const MOST_LINES = 300;
/** How long after the last key a search begins, in milliseconds. */
const PAUSE = 120;

/** Name, server, Login and Logout; and how one is online. */
export class Login {
  #name = byId("name", HTMLInputElement);
  #server = byId("server", HTMLInputElement);
  #in = byId("log-in", HTMLButtonElement);
  #out = byId("log-out", HTMLButtonElement);
  #changed = byId("other-server", HTMLElement);
  #presence = byId("presence", HTMLFormElement);
  #availability = byId("availability", HTMLSelectElement);
  #status = byId("status", HTMLInputElement);
  /** @type {Me | undefined} */
  #me;

  /** @param {Ask} ask */
  constructor(ask) {
    this.#name.addEventListener("input", () => this.#enable());
    byId("login", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#in.disabled) {
        ask({ t: "login", name: this.#name.value, server: this.#server.value });
      }
    });
    byId("trust-server", HTMLButtonElement).addEventListener(
      "click",
      () => ask({ t: "trust-server" }),
    );
    this.#out.addEventListener("click", () => ask({ t: "logout" }));
    const tell = () => {
      const availability = /** @type {Me["availability"]} */ (this.#availability.value);
      ask({ t: "status", availability, text: this.#status.value });
    };
    this.#availability.addEventListener("change", tell);
    this.#status.addEventListener("change", tell);
    this.#presence.addEventListener("submit", (event) => event.preventDefault());
  }

  /** @param {Me} me */
  show(me) {
    const first = this.#me === undefined;
    const was = this.#me;
    this.#me = me;
    if (first || me.state === "online") {
      this.#name.value = me.name;
      this.#server.value = me.server;
    }
    document.documentElement.dataset["state"] = me.state;
    this.#changed.hidden = !me.serverChanged;
    this.#presence.hidden = !me.canTell || me.state !== "online";
    if (this.#presence.hidden || was?.status !== me.status) this.#status.value = me.status;
    this.#availability.value = me.availability;
    this.#enable();
    const hadFocus = document.activeElement === this.#in || document.activeElement === this.#name;
    if (first && me.state === "offline") this.#name.focus();
    if (was?.state === "connecting" && me.state === "online" && hadFocus) {
      byId("filter", HTMLInputElement).focus();
    }
  }

  #enable() {
    const state = this.#me?.state ?? "connecting";
    const may = state === "offline" || state === "reconnecting";
    this.#in.disabled = !may || this.#name.value.trim() === "";
    this.#out.disabled = state === "offline";
    this.#name.readOnly = !may;
    this.#server.readOnly = !may;
  }
}

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
function row({ at, kind, text }) {
  const iso = new Date(at).toISOString();
  return make(
    "li",
    { "data-kind": kind },
    make("time", { datetime: iso }, clockOf(at)),
    make("span", { dir: "auto" }, ...withLinks(text)),
  );
}

/** Those who call and wait for an answer. */
export class Callers {
  #list = byId("callers", HTMLUListElement);
  #ask;

  /** @param {Ask} ask */
  constructor(ask) {
    this.#ask = ask;
  }

  /** @param {readonly CallerRow[]} callers */
  show(callers) {
    this.#list.hidden = callers.length === 0;
    this.#list.replaceChildren(...callers.map((caller) => this.#row(caller)));
  }

  /** @param {CallerRow} caller */
  #row({ id, name, address, left }) {
    const lines = left === 1 ? "1 line" : `${left} lines`;
    const what = left === undefined ? " wants to talk to you" : ` has hung up and left ${lines}`;
    return make(
      "li",
      {},
      make("span", {}, make("bdi", {}, name), ` (${address})${what}`),
      this.#button(left === undefined ? "Accept" : "Read", name, { t: "accept", caller: id }, true),
      this.#button("Refuse", name, { t: "refuse", caller: id }, false),
      this.#button("Ignore", name, { t: "ignore", of: "caller", id }, false),
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

/** Search over all chats. */
export class Search {
  #panel = byId("search", HTMLDialogElement);
  #words = byId("words", HTMLInputElement);
  #said = byId("search-said", HTMLElement);
  #found = byId("found", HTMLOListElement);

  /** @param {Ask} ask */
  constructor(ask) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let pause;
    byId("open-search", HTMLButtonElement).addEventListener("click", () => this.open());
    this.#words.addEventListener("input", () => {
      clearTimeout(pause);
      const words = this.#words.value.trim();
      if (words === "") return this.show("", []);
      pause = setTimeout(() => ask({ t: "search", words }), PAUSE);
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
      ...found.toReversed().map(({ name, from, text, at }) =>
        make(
          "li",
          {},
          make(
            "span",
            { class: "meta" },
            from === "me" ? "you to " : "",
            make("bdi", {}, name),
            make("time", { datetime: new Date(at).toISOString() }, fullTimeOf(at)),
          ),
          make("p", { class: "text", dir: "auto" }, ...withLinks(text)),
        )
      ),
    );
  }
}

/** What may be set. */
export class Settings {
  #panel = byId("settings", HTMLDialogElement);
  #strangers = byId("strangers", HTMLSelectElement);
  #notify = byId("notify", HTMLButtonElement);
  #ignored = byId("ignored", HTMLUListElement);
  #none = byId("no-ignored", HTMLElement);
  #kept = byId("kept", HTMLElement);
  #key = byId("no-key", HTMLElement);
  #ask;

  /** @param {Ask} ask */
  constructor(ask) {
    this.#ask = ask;
    byId("open-settings", HTMLButtonElement).addEventListener("click", () => {
      this.#showNotify();
      this.#panel.showModal();
    });
    this.#strangers.addEventListener("change", () => {
      const policy = /** @type {Me["strangers"]} */ (this.#strangers.value);
      ask({ t: "strangers", policy });
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

  /** @param {readonly IgnoredRow[]} ignored */
  showIgnored(ignored) {
    this.#none.hidden = ignored.length > 0;
    this.#ignored.replaceChildren(...ignored.map(({ id, who, refused }) => {
      const calls = refused === 1 ? "1 call refused" : `${refused} calls refused`;
      const end = make(
        "button",
        { type: "button", "aria-label": `No longer ignore ${who}` },
        "End",
      );
      end.addEventListener("click", () => this.#ask({ t: "unignore", id }));
      return make("li", {}, make("span", {}, make("bdi", {}, who), `, ${calls}`), end);
    }));
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
  #chat = 0;

  /** @param {Ask} ask */
  constructor(ask) {
    byId("verify", HTMLButtonElement).addEventListener("click", () => {
      ask({ t: "verify", chat: this.#chat });
      this.#panel.close();
    });
  }

  /**
   * @param {number} chat
   * @param {string} name
   * @param {string} number
   */
  show(chat, name, number) {
    this.#chat = chat;
    say(
      this.#said,
      `Ask ${name} by another way, by telephone or face to face, what number they see. ` +
        "Where both are the same, nobody listens in.",
    );
    this.#number.replaceChildren(
      ...number.split(/\s+/).map((group) => make("span", {}, group)),
    );
    this.#panel.showModal();
  }
}
