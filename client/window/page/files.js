/** Files in chats: what draws and sends them is loaded with the first one. */

import { createElement } from "./elements.js";
import { withExtras } from "./later.js";
import { say, state } from "./store.js";
import { rich } from "./text.js";

/** @import { TransferRow } from "../messages.ts" */

/** The module that draws cards, once it is here. @type {typeof import("./file_card.js") | undefined} */
let cards;
let isLoading = false;
/** The cards that wait for it. @type {Set<Element>} */
const empty = new Set();

/** The card of a transfer. @param {number} number */
export function createFileCard(number) {
  const card = createElement("div", { class: "file", "data-file": number });
  if (cards !== undefined) cards.fillFileCard(card, state.files.get(number));
  else {
    empty.add(card);
    if (!isLoading) withExtras(import("./file_card.js")).then(onLoad, onFail);
    isLoading = true;
  }
  return card;
}

/** Shows what a transfer has become. @param {TransferRow} file */
export function updateFileCards(file) {
  for (const card of document.querySelectorAll(`[data-file="${file.number}"]`)) {
    cards?.fillFileCard(card, file);
  }
}

/** Offers files to the peer of a chat. @param {number} chat @param {readonly File[]} files */
export function sendFiles(chat, files) {
  withExtras(import("./send_files.js")).then((module) => module.sendFiles(chat, files))
    .catch(onFail);
}

/** @param {typeof import("./file_card.js")} loaded */
function onLoad(loaded) {
  cards = loaded;
  for (const card of empty) {
    loaded.fillFileCard(card, state.files.get(Number(card.getAttribute("data-file"))));
  }
  empty.clear();
}

/** @param {unknown} error */
function onFail(error) {
  isLoading = false;
  say({ text: rich("broken", { text: String(error) }), isProblem: true });
}
