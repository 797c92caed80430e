/** A chat on the page: its header, its messages and the field to write in. */

import { createAvatar, createButton, createElement, setText } from "./elements.js";
import { MessageList } from "./message_list.js";
import { loadFromSession, saveToSession } from "./session_storage.js";
import { isolate, SECURITY_STRINGS } from "./strings.js";

/** @import { ChatHead, Request } from "../messages.ts" */

/**
 * Position and size; the size is empty unless the user has changed it.
 *
 * @typedef {{ x: number, y: number, width: string, height: string }} Frame
 */

/** How far an arrow key moves a chat, in pixels. */
const MOVE_STEP = 24;
/** How much of a chat stays inside the area at least, in pixels. */
const MIN_VISIBLE_HEIGHT = 80;
/** How long after the last key the user counts as no longer typing. */
const TYPING_TIMEOUT_MS = 4000;
/** The longest text that the program accepts, in UTF-16 units. */
const MAX_TEXT_LENGTH = 250_000;
/** How long messages that were read are collected before the program hears of them. */
const READ_DELAY_MS = 30;

const ARROWS = new Map([
  ["ArrowLeft", [-MOVE_STEP, 0]],
  ["ArrowRight", [MOVE_STEP, 0]],
  ["ArrowUp", [0, -MOVE_STEP]],
  ["ArrowDown", [0, MOVE_STEP]],
]);

export class ChatDialog {
  /** @type {ChatHead} */
  head;
  messages;
  element;
  #send;
  #onBack;
  #title = createElement("h2", { class: "one-line", dir: "auto" });
  #address = createElement("span", { class: "where one-line" });
  #security = createButton("security plain", "", () => this.#request("safety-number"));
  #back = createButton("plain back", "‹", () => this.#onBack());
  #grip = createButton("grip plain", "⠿", () => {});
  #ignore = createButton("plain", "Ignore", () => {
    this.#send({ type: "ignore", target: "chat", id: this.head.id });
  });
  #close = createButton("close", "Close", ({ detail }) => {
    if (detail < 2) this.#request("close"); // a double click closes one chat
  });
  #notice = createElement("span");
  #callAgain = createButton("", "Call again", () => this.#request("call-again"));
  #trust = createButton("", "", () => this.#request("trust"));
  #banner = createElement("p", { class: "banner", role: "status" });
  #typing = createElement("p", { class: "typing" });
  #field = createElement("textarea", { rows: 1, dir: "auto" });
  #submitButton = createElement("button", { class: "strong" }, "Send");
  #form = createElement("form", { class: "write row" }, this.#field, this.#submitButton);
  #header = createElement(
    "header",
    { class: "row" },
    this.#back,
    this.#grip,
    createElement("div", { class: "title" }, this.#title, this.#address),
    this.#security,
    this.#ignore,
    this.#close,
  );
  /** Runs while the user types. @type {ReturnType<typeof setTimeout> | undefined} */
  #typingTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #readTimer;
  /** Whether to send the text in the field once the program answers again. */
  #isSendPending = false;
  /** The intended position; a smaller area can move the chat. */
  #x = 0;
  #y = 0;

  /**
   * @param {ChatHead} head
   * @param {(request: Request) => void} send
   * @param {() => void} onBack leaves the chats on a small screen
   */
  constructor(head, send, onBack) {
    const { id, name } = head;
    this.head = head;
    this.#grip.after(createAvatar(name));
    this.#send = send;
    this.#onBack = onBack;
    this.#banner.append(this.#notice, " ", this.#callAgain, this.#trust);
    this.messages = new MessageList(
      `Messages with ${name}`,
      (before, count) => send({ type: "load-older", chat: id, before, count }),
      (message) => send({ type: "cancel", chat: id, message }),
    );
    this.#title.id = `chat-${id}`;
    this.element = createElement(
      "section",
      { class: "chat card", role: "dialog", "aria-labelledby": this.#title.id, "data-chat": id },
      this.#header,
      this.#banner,
      this.messages.element,
      this.#typing,
      this.#form,
    );
    this.#back.ariaLabel = "Back to the list";
    this.#grip.ariaLabel = `Move the chat with ${name}: arrow keys`;
    this.#field.ariaLabel = `Message to ${name}`;
    this.#close.ariaLabel = `Close the chat with ${name}`;
    this.#ignore.ariaLabel = `Ignore ${name}`;
    this.element.addEventListener("focusin", () => this.markRead());
    this.#field.value = loadFromSession(this.#draftKey);
    this.#field.addEventListener("input", () => this.#onInput());
    this.#field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#submit();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#makeMovable();
    this.show(head);
  }

  /** @param {ChatHead} head */
  show(head) {
    const before = this.head;
    this.head = head;
    const { name, address, state, notice, security, trustOffer, typing } = head;
    setText(this.#title, name);
    setText(this.#address, address);
    setText(this.#security, security);
    this.#security.dataset["is"] = security;
    this.#security.title = SECURITY_STRINGS[security];
    this.#security.disabled = security === "classic";
    this.#security.ariaLabel = `${security}: ${SECURITY_STRINGS[security]}`;
    this.element.dataset["state"] = state;
    const text = state === "calling" ? `Calling ${name}…` : notice;
    this.#banner.hidden = text === "";
    setText(this.#notice, text, isolate(text, name));
    this.#callAgain.hidden = state !== "closed" || security === "changed";
    this.#trust.hidden = trustOffer === undefined;
    setText(this.#trust, trustOffer === "classic" ? "Allow one classic chat" : "Trust the new key");
    const typist = typing ? `${name} is typing…` : "";
    setText(this.#typing, typist, isolate(typist, name));
    const isWritable = state === "open" || state === "away";
    this.#field.disabled = !isWritable;
    this.#field.placeholder = isWritable
      ? security === "classic" ? "Write a message, not encrypted" : "Write a message"
      : state === "calling"
      ? "As soon as they answer"
      : "This chat is inactive";
    this.#enableSend();
    if (head.unread > 0 && head.unread !== before.unread) this.markRead();
    if (isWritable && before.state === "calling" && this.isCurrent) this.focus();
  }

  /** Moves the keyboard to the text field. */
  focus() {
    this.#fitField();
    (this.#field.disabled ? this.#close : this.#field).focus({ preventScroll: true });
  }

  /** Whether the keyboard is in this chat. */
  get isCurrent() {
    return this.element.contains(document.activeElement);
  }

  /** Marks its messages as read if the user is looking at them. */
  markRead() {
    if (this.head.unread === 0 || !this.isCurrent || document.hidden) return;
    this.#readTimer ??= setTimeout(() => {
      this.#readTimer = undefined;
      this.#request("mark-read");
    }, READ_DELAY_MS);
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) {
    this.#x = x;
    this.#y = y;
    this.fitPosition();
  }

  /** Stands at its position, or as close to it as the area allows. */
  fitPosition() {
    const { offsetWidth, offsetHeight, parentElement, style } = this.element;
    const maxX = (parentElement?.clientWidth ?? 0) - offsetWidth;
    const visibleHeight = Math.min(offsetHeight, MIN_VISIBLE_HEIGHT);
    const maxY = (parentElement?.clientHeight ?? 0) - visibleHeight;
    style.left = `${Math.max(0, Math.min(this.#x, maxX))}px`;
    style.top = `${Math.max(0, Math.min(this.#y, maxY))}px`;
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

  close() {
    clearTimeout(this.#typingTimer);
    clearTimeout(this.#readTimer);
    saveToSession(this.#draftKey, "");
  }

  /** Sends what was submitted while the program could not be reached. */
  onReconnect() {
    if (!this.#isSendPending) return;
    this.#submit();
    setText(this.#typing, "");
  }

  /** Drafts survive a reload. */
  get #draftKey() {
    return `draft ${this.head.id}`;
  }

  /** @param {"call-again" | "close" | "mark-read" | "safety-number" | "trust"} type */
  #request(type) {
    this.#send({ type, chat: this.head.id });
  }

  #submit() {
    const text = this.#field.value;
    if (text.trim() === "" || this.#field.disabled) return;
    if (text.length > MAX_TEXT_LENGTH) {
      const [limit, length] = [MAX_TEXT_LENGTH.toLocaleString(), text.length.toLocaleString()];
      const problem = `Too long for a message: at most ${limit} characters, this has ${length}.`;
      return setText(this.#typing, problem);
    }
    // Until the program can be reached, the text stays in the field, as a draft.
    this.#isSendPending = document.body.classList.contains("is-disconnected");
    if (this.#isSendPending) return setText(this.#typing, "This is sent as soon as MIM answers.");
    this.#send({ type: "send", chat: this.head.id, text, requestId: crypto.randomUUID() });
    this.#field.value = "";
    this.#onInput();
  }

  #onInput() {
    const text = this.#field.value;
    saveToSession(this.#draftKey, text);
    this.#enableSend();
    this.#fitField();
    const chat = this.head.id;
    const wasTyping = this.#typingTimer !== undefined;
    clearTimeout(this.#typingTimer);
    const stop = () => {
      this.#typingTimer = undefined;
      this.#send({ type: "set-typing", chat, typing: false });
    };
    if (text === "") {
      if (wasTyping) stop();
      return;
    }
    this.#typingTimer = setTimeout(stop, TYPING_TIMEOUT_MS);
    if (!wasTyping) this.#send({ type: "set-typing", chat, typing: true });
  }

  #enableSend() {
    this.#submitButton.disabled = this.#field.disabled || this.#field.value.trim() === "";
  }

  /** Makes the field as high as its text, up to a limit of the stylesheet. */
  #fitField() {
    this.#field.style.height = "auto";
    const { scrollHeight } = this.#field;
    if (scrollHeight > 0) this.#field.style.height = `${scrollHeight + 2}px`;
  }

  #makeMovable() {
    this.#grip.addEventListener("keydown", (event) => {
      const step = ARROWS.get(event.key);
      if (step === undefined) return;
      event.preventDefault();
      const [x = 0, y = 0] = step;
      this.moveTo(this.element.offsetLeft + x, this.element.offsetTop + y);
    });
    this.#header.addEventListener("pointerdown", (event) => {
      const button = event.target instanceof Element ? event.target.closest("button") : null;
      if (event.button !== 0 || (button !== null && button !== this.#grip)) return;
      const { offsetLeft, offsetTop } = this.element;
      /** @param {PointerEvent} to */
      const move = (to) =>
        this.moveTo(
          offsetLeft + to.clientX - event.clientX,
          offsetTop + to.clientY - event.clientY,
        );
      this.#header.setPointerCapture(event.pointerId);
      this.#header.addEventListener("pointermove", move);
      const stop = () => this.#header.removeEventListener("pointermove", move);
      this.#header.addEventListener("lostpointercapture", stop, { once: true });
    });
  }
}
