/** What can be done with a person, a chat or a message, as entries of a menu. */

import { intoComposer } from "./loaded_messages.js";
import { ignore, openProfile, showChat } from "./show_chat.js";
import { change, narrow, send, state } from "./store.js";
import { t } from "./text.js";

/** @import { MessageRow, UserRow } from "../messages.ts" */
/** @import { MenuTarget } from "./store.js" */
/** @typedef {{ label: string, run: () => void, danger?: boolean }} MenuEntry */

/** @param {MenuTarget} target @returns {MenuEntry[]} */
export function entriesOf(target) {
  switch (target.type) {
    case "user":
      return userMenu(target.row);
    case "chat":
      return chatMenu(target.chat);
    case "message":
      return messageMenu(target.chat, target.row);
  }
}

/** @param {UserRow} row @returns {MenuEntry[]} */
function userMenu(row) {
  const { id } = row;
  return [
    { label: t("call"), run: () => send({ type: "call", user: id }) },
    { label: t("write"), run: () => send({ type: "write-to", user: id }) },
    { label: t("ignore"), run: () => ignore("user", id, row.name), danger: true },
  ];
}

/** @param {number} chat @returns {MenuEntry[]} */
function chatMenu(chat) {
  const head = state.chats.get(chat);
  if (head === undefined) return [];
  const { muted, alias, note, name, security } = head;
  const hasKey = security !== "classic";
  return [
    ...(head.state === "open" || head.state === "calling"
      ? []
      : [{ label: t("call"), run: () => send({ type: "call-again", chat }) }]),
    { label: t("profile"), run: () => openProfile(chat, hasKey) },
    {
      label: t(muted ? "unmute" : "mute"),
      run: () => send({ type: "set-chat", chat, muted: !muted, alias, note }),
    },
    ...(narrow.matches || state.panes.includes(chat)
      ? []
      : [{ label: t("beside"), run: () => showChat(chat, { beside: true }) }]),
    {
      label: t("ownWindow"),
      run: () => void open(`#chat=${chat}`, "_blank", "width=480,height=720,noopener"),
    },
    { label: t("ignore"), run: () => ignore("chat", chat, name), danger: true },
    { label: t("forget"), run: () => change({ panel: { type: "forget", chat } }), danger: true },
  ];
}

/** @param {number} chat @param {MessageRow} row @returns {MenuEntry[]} */
function messageMenu(chat, { id, text, state: how }) {
  const quoted = text.split("\n").map((line) => `> ${line}\n`).join("");
  return [
    { label: t("copy"), run: () => void navigator.clipboard.writeText(text).catch(() => {}) },
    { label: t("quote"), run: () => intoComposer(chat, quoted) },
    ...(how === "queued"
      ? [{ label: t("cancel"), run: () => send({ type: "cancel", chat, message: id }) }]
      : []),
  ];
}
