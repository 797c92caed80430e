/** Files in chats: what draws and sends them is loaded with the first one. */

import { createElement } from "./elements.js";
import { html } from "./html.js";
import { sayNotLoaded, withExtras } from "./later.js";
import { state } from "./store.js";

/** @import { TransferRow } from "../messages.ts" */

/** The module that draws cards, once it is here. @type {typeof import("./file_card.js") | undefined} */
let cards;
/** The module that sends files, once it is here. @type {typeof import("./send_files.js") | undefined} */
let sender;
let isLoading = false;
/** The cards that wait for it. @type {Set<Element>} */
const empty = new Set();

/** The card of a transfer. @param {number} number */
export function createFileCard(number) {
  const card = createElement("div", { class: "file", "data-file": number });
  if (cards !== undefined) cards.fillFileCard(card, state.files.get(number));
  else {
    empty.add(card);
    if (!isLoading) withExtras(() => import("./file_card.js")).then(onLoad, onFail);
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

/** Files wait in a chat until they are sent. @param {number} chat @param {readonly File[]} files */
export function attachFiles(chat, files) {
  withExtras(() => import("./send_files.js")).then((module) => {
    sender = module;
    module.attach(chat, files);
  }, sayNotLoaded);
}

/** Offers the files that wait in a chat to its peer. @param {number} chat */
export function sendFiles(chat) {
  void sender?.sendFiles(chat);
}

/** The files that wait in a chat, and those that the program is still reading. @param {{ chat: number }} props */
export function Attachments({ chat }) {
  return sender === undefined ? null : html`<${sender.Attachments} chat=${chat} />`;
}

/** @param {typeof import("./file_card.js")} loaded */
function onLoad(loaded) {
  cards = loaded;
  for (const card of empty) {
    loaded.fillFileCard(card, state.files.get(Number(card.getAttribute("data-file"))));
  }
  empty.clear();
}

function onFail() {
  isLoading = false;
  sayNotLoaded();
}
