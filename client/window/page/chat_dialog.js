/** A chat's dialog: who it is, what was said, and a field to say something. */

import { avatar, make, say } from "./elements.js";
import { keep, kept } from "./session_storage.js";
import { Messages } from "./message_list.js";
import { SECURITY } from "./strings.js";

/** @typedef {import("../messages.ts").ChatHead} ChatHead */
/** @typedef {import("../messages.ts").Request} Up */
/** Where a dialog stands, and how large somebody has made it. */
/** @typedef {{ x: number, y: number, width: string, height: string }} Frame */

/** How far one press of an arrow key moves a dialog, in pixels. */
const STEP = 24;
/** How long after the last key somebody types no more, in milliseconds. */
const PAUSE = 4000;
/** The longest text that is sent, in UTF-16 units; the bridge takes no longer one. */
const LONGEST = 250_000;
/** How long what is read gathers until that is told, in milliseconds. */
const SOON = 30;

const ARROWS = new Map([
  ["ArrowLeft", [-STEP, 0]],
  ["ArrowRight", [STEP, 0]],
  ["ArrowUp", [0, -STEP]],
  ["ArrowDown", [0, STEP]],
]);

export class Dialog {
  /** @type {ChatHead} */
  head;
  messages;
  #ask;
  #title = make("h2", { class: "one-line", dir: "auto" });
  #where = make("span", { class: "where one-line" });
  #security = make("button", { type: "button", class: "security plain" });
  #back = make("button", { type: "button", class: "plain back" }, "‹");
  #grip = make("button", { type: "button", class: "grip plain" }, "⠿");
  #ignore = make("button", { type: "button", class: "plain" }, "Ignore");
  #close = make("button", { type: "button", class: "close" }, "Close");
  #why = make("span", { dir: "auto" });
  #again = make("button", { type: "button" }, "Call again");
  #trust = make("button", { type: "button" });
  #banner = make(
    "p",
    { class: "banner", role: "status" },
    this.#why,
    " ",
    this.#again,
    this.#trust,
  );
  #typing = make("p", { class: "typing" });
  #field = make("textarea", { rows: 1, dir: "auto", placeholder: "Write a message" });
  #send = make("button", { class: "strong" }, "Send");
  #form = make("form", { class: "write row" }, this.#field, this.#send);
  #header = make(
    "header",
    { class: "row" },
    this.#back,
    this.#grip,
    make("div", { class: "title" }, this.#title, this.#where),
    this.#security,
    this.#ignore,
    this.#close,
  );
  element;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pause;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #seen;
  /** Whether what stands in the field is to be sent once the program answers. */
  #waits = false;
  /** Where it is to stand; nearer where that is beyond the edge. */
  #x = 0;
  #y = 0;

  /**
   * @param {ChatHead} head
   * @param {(up: Up) => void} ask
   * @param {() => void} back leaves the chats, on a small screen
   */
  constructor(head, ask, back) {
    const { id, name } = head;
    this.head = head;
    this.#grip.after(avatar(name));
    this.#ask = ask;
    this.messages = new Messages(
      `Messages with ${name}`,
      (before, count) => ask({ type: "older", chat: id, before, count }),
      (message) => ask({ type: "cancel", chat: id, message }),
    );
    this.#title.id = `chat-${id}`;
    this.element = make(
      "section",
      { class: "chat card", role: "dialog", "aria-labelledby": this.#title.id, "data-chat": id },
      this.#header,
      this.#banner,
      this.messages.element,
      this.#typing,
      this.#form,
    );
    this.#back.setAttribute("aria-label", "Back to the list");
    this.#back.addEventListener("click", back);
    this.#grip.setAttribute("aria-label", `Move the chat with ${name}: arrow keys`);
    this.#field.setAttribute("aria-label", `Message to ${name}`);
    this.#close.setAttribute("aria-label", `Close the chat with ${name}`);
    this.#ignore.setAttribute("aria-label", `Ignore ${name}`);
    this.#close.addEventListener("click", ({ detail }) => {
      if (detail < 2) ask({ type: "close", chat: id }); // whoever clicks twice means one dialog
    });
    this.#ignore.addEventListener("click", () => ask({ type: "ignore", of: "chat", id }));
    this.#again.addEventListener("click", () => ask({ type: "again", chat: id }));
    this.#trust.addEventListener("click", () => ask({ type: "trust", chat: id }));
    this.#security.addEventListener("click", () => ask({ type: "safety", chat: id }));
    this.element.addEventListener("focusin", () => this.seen());
    this.#field.value = kept(this.#draftKey);
    this.#field.addEventListener("input", () => this.#typed());
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#movable();
    this.show(head);
  }

  /** @param {ChatHead} head */
  show(head) {
    const before = this.head;
    this.head = head;
    const { name, address, state, why, security, mayTrust, typing } = head;
    say(this.#title, name);
    say(this.#where, address);
    say(this.#security, security);
    this.#security.dataset["is"] = security;
    this.#security.title = SECURITY[security];
    this.#security.disabled = security === "classic";
    this.#security.setAttribute("aria-label", `${security}: ${SECURITY[security]}`);
    this.element.dataset["state"] = state;
    const text = state === "calling" ? `Calling ${name}…` : why;
    this.#banner.hidden = text === "";
    say(this.#why, text);
    this.#again.hidden = state !== "closed" || security === "changed";
    this.#trust.hidden = mayTrust === undefined;
    say(this.#trust, mayTrust === "classic" ? "Allow one classic chat" : "Trust the new key");
    say(this.#typing, typing ? `${name} is typing…` : "");
    const writable = state === "open" || state === "away";
    this.#field.disabled = !writable;
    this.#field.placeholder = writable
      ? security === "classic" ? "Write a message, not encrypted" : "Write a message"
      : state === "calling"
      ? "As soon as they answer"
      : "This chat is inactive";
    this.#sendable();
    if (head.unread > 0 && head.unread !== before.unread) this.seen();
    if (writable && before.state === "calling" && this.isCurrent) this.focus();
  }

  /** Goes to the text field. */
  focus() {
    this.#fit();
    (this.#field.disabled ? this.#close : this.#field).focus({ preventScroll: true });
  }

  /** Whether the user is here. */
  get isCurrent() {
    return this.element.contains(document.activeElement);
  }

  /** What came in was read, where the user is here. */
  seen() {
    if (this.head.unread === 0 || !this.isCurrent || document.hidden) return;
    this.#seen ??= setTimeout(() => {
      this.#seen = undefined;
      this.#ask({ type: "seen", chat: this.head.id });
    }, SOON);
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  moveTo(x, y) {
    this.#x = x;
    this.#y = y;
    this.settle();
  }

  /** Stands where it is to stand, as far as that is on the desk. */
  settle() {
    const { offsetWidth, offsetHeight, parentElement, style } = this.element;
    const width = parentElement?.clientWidth ?? 0;
    const height = parentElement?.clientHeight ?? 0;
    style.left = `${Math.max(0, Math.min(this.#x, width - offsetWidth))}px`;
    style.top = `${Math.max(0, Math.min(this.#y, height - Math.min(offsetHeight, 80)))}px`;
  }

  /** @returns {Frame} */
  get frame() {
    const { width, height } = this.element.style;
    return { x: this.#x, y: this.#y, width, height };
  }

  /** @param {Frame} frame */
  set frame({ x, y, width, height }) {
    Object.assign(this.element.style, { width, height });
    this.moveTo(x, y);
  }

  /** It is over. */
  forget() {
    clearTimeout(this.#pause);
    clearTimeout(this.#seen);
    keep(this.#draftKey, "");
  }

  /** Drafts live as long as the page's tab, also where it is loaded anew. */
  get #draftKey() {
    return `draft ${this.head.id}`;
  }

  /** The program answers again: what was to be sent is sent now. */
  back() {
    if (!this.#waits) return;
    this.#submit();
    say(this.#typing, "");
  }

  #submit() {
    const text = this.#field.value;
    if (text.trim() === "" || this.#field.disabled) return;
    if (text.length > LONGEST) {
      const than =
        `${LONGEST.toLocaleString()} characters, this has ${text.length.toLocaleString()}`;
      return say(this.#typing, `Too long for a message: at most ${than}.`);
    }
    // It stays where it is, and is kept as a draft, until there is a program to send it.
    this.#waits = document.body.classList.contains("is-cut");
    if (this.#waits) return say(this.#typing, "It is sent as soon as MIM answers.");
    this.#ask({ type: "send", chat: this.head.id, text, requestId: crypto.randomUUID() });
    this.#field.value = "";
    this.#typed();
  }

  #typed() {
    const text = this.#field.value;
    keep(this.#draftKey, text);
    this.#sendable();
    this.#fit();
    const chat = this.head.id;
    const begins = this.#pause === undefined;
    clearTimeout(this.#pause);
    const ends = () => {
      this.#pause = undefined;
      this.#ask({ type: "typing", chat, typing: false });
    };
    if (text === "") {
      if (!begins) ends();
      return;
    }
    this.#pause = setTimeout(ends, PAUSE);
    if (begins) this.#ask({ type: "typing", chat, typing: true });
  }

  #sendable() {
    this.#send.disabled = this.#field.disabled || this.#field.value.trim() === "";
  }

  /** The field is as high as what is in it, up to a limit that the stylesheet sets. */
  #fit() {
    this.#field.style.height = "auto";
    const { scrollHeight } = this.#field;
    if (scrollHeight > 0) this.#field.style.height = `${scrollHeight + 2}px`;
  }

  #movable() {
    this.#grip.addEventListener("keydown", (event) => {
      const by = ARROWS.get(event.key);
      if (by === undefined) return;
      event.preventDefault();
      const [x = 0, y = 0] = by;
      this.moveTo(this.element.offsetLeft + x, this.element.offsetTop + y);
    });
    this.#header.addEventListener("pointerdown", (event) => {
      const on = event.target instanceof Element ? event.target.closest("button") : null;
      if (event.button !== 0 || (on !== null && on !== this.#grip)) return;
      const { offsetLeft, offsetTop } = this.element;
      /** @param {PointerEvent} to */
      const move = (to) =>
        this.moveTo(
          offsetLeft + to.clientX - event.clientX,
          offsetTop + to.clientY - event.clientY,
        );
      this.#header.setPointerCapture(event.pointerId);
      this.#header.addEventListener("pointermove", move);
      const end = () => this.#header.removeEventListener("pointermove", move);
      this.#header.addEventListener("lostpointercapture", end, { once: true });
    });
  }
}
