/** The keyboard focus when a chat is shown. */

import { afterDraw } from "./store.js";

/** The chat that is to have the keyboard, and is not there yet. @type {number | undefined} */
let wanted;

/** Moves the keyboard to the text field of a chat, or to what is there instead. @param {number} id */
export function focusPane(id) {
  wanted = id;
  afterDraw(() => focusShown(id));
}

/** The same, once the chat is there. @param {number} id */
export function focusShown(id) {
  const pane = document.querySelector(`.chat[data-chat="${id}"]`);
  if (wanted !== id || pane === null) return;
  wanted = undefined;
  const target = pane.querySelector("textarea:enabled") ?? pane.querySelector(".again") ??
    pane.querySelector(".close");
  if (target instanceof HTMLElement) target.focus({ preventScroll: true });
}
