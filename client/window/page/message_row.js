/** A message as an element of its chat. */

import { createButton, createElement } from "./elements.js";
import { formatText } from "./rich_text.js";
import { formatDateTime, formatDay, formatTime, isOtherDay, isoTime, t } from "./text.js";

/** @import { MessageRow } from "../messages.ts" */
/** @typedef {{ cancel: (id: number) => void, retry: (text: string) => void, menu: (message: MessageRow, event: MouseEvent) => void }} MessageActions */

/** Messages of one side this close to each other share their sender. */
const GROUP_MS = 120_000;
const SIGNS = { sending: "…", queued: "…", sent: "✓", delivered: "✓✓", failed: "!", received: "" };

/**
 * @param {MessageRow} message
 * @param {MessageRow | undefined} before
 * @param {boolean} isFirstNew whether the line "New" stands above
 * @param {MessageActions} actions
 */
export function createMessageRow(message, before, isFirstNew, actions) {
  const { id, from, text, at, state, address } = message;
  const isNewDay = before === undefined || isOtherDay(before.at, at);
  const isGrouped = !isNewDay && !isFirstNew && before.from === from && at - before.at < GROUP_MS;
  const time = createElement(
    "time",
    { datetime: isoTime(at), title: formatDateTime(at) },
    formatTime(at),
  );
  const meta = createElement("span", { class: "meta" }, time);
  if (address !== undefined) meta.prepend(createElement("bdi", {}, address), " ");
  if (from === "me" && state !== "received") meta.append(" ", createState(state));
  if (state === "queued") {
    meta.append(createButton("plain", t("cancel"), () => actions.cancel(id)));
  }
  if (state === "failed") {
    meta.append(createButton("plain", t("retry"), () => actions.retry(text)));
  }
  const parts = formatText(text);
  const hasBlocks = /```|^>/m.test(text);
  const row = createElement(
    "li",
    { "data-from": from, "data-grouped": isGrouped, "data-message": id },
    ...(isNewDay ? [createElement("p", { class: "day divider" }, formatDay(at))] : []),
    ...(isFirstNew ? [createElement("p", { class: "new divider" }, t("newLine"))] : []),
    createElement(
      "div",
      { class: "message" },
      createElement("span", { class: "unseen" }, t(from === "me" ? "youSaid" : "theySaid")),
      createElement("div", { class: hasBlocks ? "text blocks" : "text", dir: "auto" }, ...parts),
      meta,
    ),
  );
  row.addEventListener("contextmenu", (event) => {
    if (event.target instanceof Element && event.target.closest("a") !== null) return;
    if (String(getSelection()) !== "") return; // the browser's own menu copies it
    event.preventDefault();
    actions.menu(message, event);
  });
  return row;
}

/** @param {Exclude<MessageRow["state"], "received">} state */
function createState(state) {
  return createElement(
    "span",
    { class: "state", "data-is": state, title: t(state) },
    createElement("span", { "aria-hidden": "true" }, SIGNS[state]),
    createElement(
      "span",
      { class: state === "sent" || state === "delivered" ? "unseen" : "" },
      t(state),
    ),
  );
}
