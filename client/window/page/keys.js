/** The keys that work everywhere on the page. */

import { leaveChat, showChat, stepChat } from "./show_chat.js";
import { clearFind } from "./find.js";
import { people } from "./people.js";
import { change, drawNow, narrow, state } from "./store.js";

/** Goes to the field to find something, in one chat or everywhere. @param {number | undefined} scope */
export function find(scope) {
  if (state.scope !== scope) clearFind();
  if (narrow.matches) leaveChat(); // the field is where the list is
  change({ scope });
  drawNow(); // the next key may come at once
  const field = document.getElementById("filter");
  if (!(field instanceof HTMLInputElement)) return;
  field.focus();
  field.select();
}

/** @param {KeyboardEvent} event */
export function onKey(event) {
  // A panel that was closed says so a moment later, when the next key may have come.
  if (event.isComposing || document.querySelector("dialog[open]") !== null) return;
  const { key, altKey, shiftKey } = event;
  // A menu that was asked for is about to have the keyboard.
  if (state.menu !== undefined) {
    if (key !== "Escape") return;
    const { back } = state.menu;
    event.preventDefault();
    change({ menu: undefined });
    return back?.focus({ preventScroll: true });
  }
  const isCommand = (event.ctrlKey || event.metaKey) && !altKey && !shiftKey;
  const [chat] = state.panes;
  const inField = event.target instanceof HTMLInputElement ||
    event.target instanceof HTMLTextAreaElement;
  if (isCommand && key.toLowerCase() === "k") find(undefined);
  else if (isCommand && key.toLowerCase() === "f" && chat !== undefined) find(chat);
  else if (altKey && (key === "ArrowDown" || key === "ArrowUp")) {
    stepChat(key === "ArrowDown" ? 1 : -1, shiftKey);
  } else if (altKey && !shiftKey && /^[1-9]$/.test(key)) {
    const head = people.chats[Number(key) - 1];
    if (head === undefined) return;
    showChat(head.id);
  } else if (
    key === "Escape" && (chat !== undefined || state.request !== undefined || state.showsLog)
  ) {
    if (event.target instanceof HTMLInputElement) return;
    if (state.showsLog) change({ showsLog: false });
    else leaveChat();
  } else if (key === "?" && !inField && !altKey) change({ panel: { type: "help" } });
  else return;
  event.preventDefault();
}
