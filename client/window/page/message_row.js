/** A message as an element of its chat. */

import { createButton, createElement } from "./elements.js";
import { createFileCard } from "./files.js";
import { formatText } from "./rich_text.js";
import { formatDateTime, formatDay, formatTime, isOtherDay, isoTime, t } from "./text.js";

/** @import { MessageRow, NoticeRow, ReactionRow, ReplyRow } from "../messages.ts" */
/** @import { TextKey } from "./text.js" */
/**
 * The actions that rows call.
 *
 * @typedef {{
 *   cancel: (row: MessageRow) => void,
 *   retry: (row: MessageRow) => void,
 *   menu: (row: MessageRow, event: MouseEvent) => void,
 *   key: (row: MessageRow, element: HTMLElement, event: KeyboardEvent) => void,
 *   react: (row: MessageRow, emoji: string) => void,
 *   versions: (row: MessageRow) => void,
 *   goTo: (message: number) => void,
 * }} MessageActions
 */

/** @type {Readonly<Record<NoticeRow["what"], TextKey>>} */
const NOTICES = {
  created: "roomCreated",
  invited: "roomInvited",
  joined: "roomJoined",
  left: "roomLeft",
  removed: "roomRemoved",
  promoted: "roomPromoted",
  demoted: "roomDemoted",
  changed: "roomChanged",
};
/** Messages of one side this close to each other share their sender. */
const GROUP_MS = 120_000;
const SIGNS = { sending: "…", queued: "…", sent: "✓", delivered: "✓✓", failed: "!", received: "" };

/**
 * @param {MessageRow} message
 * @param {MessageRow | undefined} before
 * @param {boolean} isFirstNew whether the line "New" stands above
 * @param {boolean} isSeen whether the peer has seen it
 * @param {MessageActions} actions
 */
export function createMessageRow(message, before, isFirstNew, isSeen, actions) {
  const { id, from, text, at, reply, isDeleted = false, reactions = [], author, notice, file } =
    message;
  if (notice !== undefined) return createNotice(id, at, notice);
  const isNewDay = before === undefined || isOtherDay(before.at, at);
  const isGrouped = !isNewDay && !isFirstNew && before.from === from && at - before.at < GROUP_MS &&
    before.author === author && before.notice === undefined && reply === undefined;
  const parts = isDeleted ? [t("deleted")] : formatText(text);
  const hasBlocks = /```|^>/m.test(text);
  const row = createElement(
    "li",
    { "data-from": from, "data-grouped": isGrouped, "data-message": id, tabindex: -1 },
    ...(isNewDay ? [createElement("p", { class: "day divider" }, formatDay(at))] : []),
    ...(isFirstNew ? [createElement("p", { class: "new divider" }, t("newLine"))] : []),
    createElement(
      "div",
      { class: isDeleted ? "message is-deleted" : "message" },
      author === undefined
        ? createElement("span", { class: "unseen" }, t(from === "me" ? "youSaid" : "theySaid"))
        : createElement("bdi", { class: isGrouped ? "author unseen" : "author" }, author),
      ...(reply === undefined ? [] : [createQuote(reply, actions)]),
      file === undefined
        ? createElement("div", { class: hasBlocks ? "text blocks" : "text", dir: "auto" }, ...parts)
        : createFileCard(file),
      createMeta(message, isSeen, actions),
    ),
    ...(reactions.length === 0 ? [] : [createReactions(message, reactions, actions)]),
  );
  row.addEventListener("contextmenu", (event) => {
    if (event.target instanceof Element && event.target.closest("a") !== null) return;
    if (String(getSelection()) !== "") return; // the browser's own menu copies it
    event.preventDefault();
    actions.menu(message, event);
  });
  row.addEventListener("keydown", (event) => {
    if (event.target === row) actions.key(message, row, event);
  });
  return row;
}

/** Something that happened in a room. @param {number} id @param {number} at @param {NoticeRow} notice */
function createNotice(id, at, { what, by, whom = "", topic = "" }) {
  const names = { by: by || t("you"), whom: whom || t("you"), topic };
  const text = createElement("p", { class: "divider", title: formatDateTime(at) });
  text.append(createElement("span", {}, t(NOTICES[what], names)));
  return createElement("li", { "data-from": "them", "data-message": id, class: "notice" }, text);
}

/** Time, state, and what can be done about it. @param {MessageRow} message @param {boolean} isSeen @param {MessageActions} actions */
function createMeta(message, isSeen, actions) {
  const { from, at, state, address, isEdited = false, recipients } = message;
  const time = createElement(
    "time",
    { datetime: isoTime(at), title: formatDateTime(at) },
    formatTime(at),
  );
  const meta = createElement("span", { class: "meta" }, time);
  if (isEdited) {
    const button = createButton("plain edited", t("edited"), () => actions.versions(message));
    button.title = t("showVersions");
    meta.prepend(button, " ");
  }
  if (address !== undefined) meta.prepend(createElement("bdi", {}, address), " ");
  if (from === "me" && state !== "received") {
    const sign = createState(state, isSeen);
    if (recipients !== undefined) {
      sign.title = t("reached", { n: recipients.reached, all: recipients.all });
    }
    meta.append(" ", sign);
  }
  if (state === "queued") {
    meta.append(createButton("plain", t("cancel"), () => actions.cancel(message)));
  }
  if (state === "failed") {
    meta.append(createButton("plain", t("retry"), () => actions.retry(message)));
  }
  return meta;
}

/** @param {Exclude<MessageRow["state"], "received">} state @param {boolean} isSeen */
function createState(state, isSeen) {
  const text = t(isSeen ? "seen" : state);
  return createElement(
    "span",
    { class: "state", "data-is": isSeen ? "seen" : state, title: text },
    createElement("span", { "aria-hidden": "true" }, SIGNS[state]),
    createElement(
      "span",
      { class: state === "sent" || state === "delivered" ? "unseen" : "" },
      text,
    ),
  );
}

/** The message that this one answers; a click leads there. @param {ReplyRow} reply @param {MessageActions} actions */
function createQuote({ message, from, text, author, isDeleted }, actions) {
  const name = author === undefined ? t(from === "me" ? "youSaid" : "theySaid") : `${author}: `;
  const who = createElement("bdi", { class: "who" }, name);
  const words = createElement("bdi", {}, isDeleted ? t("deleted") : text || t("unknownMessage"));
  const button = createButton("quote", "", () => {
    actions.goTo(message);
  });
  button.title = t("showQuoted");
  button.disabled = message === 0;
  button.append(who, words);
  return button;
}

/** @param {MessageRow} message @param {readonly ReactionRow[]} reactions @param {MessageActions} actions */
function createReactions(message, reactions, actions) {
  const chips = reactions.map(({ emoji, isMine, others }) => {
    const count = others.length + (isMine ? 1 : 0);
    const chip = createButton("chip", `${emoji} ${count}`, () => actions.react(message, emoji));
    chip.ariaPressed = String(isMine);
    chip.title = [...others, ...(isMine ? [t("you")] : [])].join(", ");
    return chip;
  });
  return createElement(
    "div",
    { class: "reactions", role: "group", "aria-label": t("reactions") },
    ...chips,
  );
}
