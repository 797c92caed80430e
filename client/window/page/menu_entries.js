/** The actions on a person, a chat or a message, as entries of a menu. */

import { canBeGuest } from "./guests.js";
import { intoComposer } from "./loaded_messages.js";
import {
  askToDelete,
  canAct,
  canDelete,
  canEdit,
  canReply,
  edit,
  openReactions,
  react,
  reply,
} from "./message_actions.js";
import { people } from "./people.js";
import { ignore, openProfile, showChat } from "./show_chat.js";
import { afterDraw, change, narrow, send, state } from "./store.js";
import { t } from "./text.js";

/** @import { ChatHead, MessageRow, UserRow } from "../messages.ts" */
/** @import { MenuTarget } from "./store.js" */
/** @typedef {{ label: string, run: () => void, danger?: boolean }} MenuEntry */

/** The emoji for a text: the commonest; systems have keys for all others. */
const TEXT_EMOJI = [
  ..."😀 😂 🙂 😉 😊 😍 😎 🤔 😅 😐 🙄 😮 😢 😭 😡 😴 👍 👎 👌 👏".split(" "),
  ..."🙏 💪 👋 🤝 🙈 ❤️ 🔥 ⭐ ✨ 🎉 ✅ ❌ ⚠️ ❓ 💡 👀 ☕ 🍕 🎂 🚀".split(" "),
];

/** The reactions to choose from. */
const EMOJI = ["👍", "❤️", "😂", "😮", "😢", "🎉", "✅", "👀", "🙏", "👎"];

/** @param {MenuTarget} target @returns {MenuEntry[]} */
export function entriesOf(target) {
  switch (target.type) {
    case "user":
      return userMenu(target.row);
    case "chat":
      return chatMenu(target.chat);
    case "emoji":
      return TEXT_EMOJI.map((emoji) => ({
        label: emoji,
        run: () => intoComposer(target.chat, emoji, true),
      }));
    case "message":
      return messageMenu(target.chat, target.row);
    case "reactions":
      return EMOJI.map((emoji) => ({
        label: emoji,
        run: () => react(target.chat, target.row, emoji),
      }));
  }
}

/** @param {UserRow} row @returns {MenuEntry[]} */
function userMenu(row) {
  const { id } = row;
  return [
    { label: t("call"), run: () => send({ type: "call", user: id }) },
    { label: t("write"), run: () => send({ type: "write-to", user: id }) },
    ...invitations(row),
    { label: t("ignore"), run: () => ignore("user", id, row.name), danger: true },
    ...orders(row),
  ];
}

/** The orders that an admin can give the server about somebody. @param {UserRow} row @returns {MenuEntry[]} */
function orders(row) {
  if (state.me?.isAdmin !== true || row.own) return [];
  const ask = (/** @type {"kick" | "ban"} */ action) => () =>
    change({ panel: { type: "order", action, row } });
  const isOffline = row.availability === "offline";
  return [
    ...(isOffline ? [] : [{ label: t("kick"), run: ask("kick"), danger: true }]),
    { label: t("ban"), run: ask("ban"), danger: true },
    ...(isOffline ? [{ label: t("unban"), run: () => send({ type: "unban", user: row.id }) }] : []),
  ];
}

/** The rooms to which the user can invite somebody. @param {UserRow} row @returns {MenuEntry[]} */
function invitations(row) {
  return people.chats.filter(({ room }) =>
    room?.state === "joined" && room.canInvite && canBeGuest(row, room.members)
  ).map((head) => ({
    label: t("inviteTo", { name: head.name }),
    run: () => send({ type: "invite", chat: head.id, user: row.id }),
  }));
}

/** @param {ChatHead} head @returns {MenuEntry[]} */
function roomMenu({ id: chat, name, muted, room }) {
  return [
    { label: t("membersAndTopic"), run: () => change({ panel: { type: "members", chat } }) },
    {
      label: t(muted ? "unmute" : "mute"),
      run: () => send({ type: "set-chat", chat, muted: !muted, alias: "", note: "" }),
    },
    ...besides(chat),
    ...(room?.state === "joined"
      ? [{ label: t("leaveRoom"), run: () => leaveRoom(chat, name), danger: true }]
      : []),
  ];
}

/** Asks first, unless it is the lobby, which can be joined again. @param {number} chat @param {string} name */
function leaveRoom(chat, name) {
  if (name === "#lobby") send({ type: "leave-room", chat });
  else change({ panel: { type: "leave-room", chat } });
}

/** A chat beside another, or in a window of its own. @param {number} chat @returns {MenuEntry[]} */
function besides(chat) {
  return [
    ...(narrow.matches || state.panes.includes(chat)
      ? []
      : [{ label: t("beside"), run: () => showChat(chat, { beside: true }) }]),
    {
      label: t("ownWindow"),
      run: () => void open(`#chat=${chat}`, "_blank", "width=480,height=720,noopener"),
    },
  ];
}

/** @param {number} chat @returns {MenuEntry[]} */
function chatMenu(chat) {
  const head = state.chats.get(chat);
  if (head === undefined) return [];
  if (head.room !== undefined) return roomMenu(head);
  const { muted, alias, note, name, security } = head;
  const hasKey = security !== "classic";
  const user = people.userOf(head);
  return [
    ...(head.state === "open" || head.state === "calling"
      ? []
      : [{ label: t("call"), run: () => send({ type: "call-again", chat }) }]),
    { label: t("profile"), run: () => openProfile(chat, hasKey) },
    {
      label: t(muted ? "unmute" : "mute"),
      run: () => send({ type: "set-chat", chat, muted: !muted, alias, note }),
    },
    ...besides(chat),
    { label: t("ignore"), run: () => ignore("chat", chat, name), danger: true },
    { label: t("forget"), run: () => change({ panel: { type: "forget", chat } }), danger: true },
    ...(user === undefined ? [] : orders(user)),
  ];
}

/** @param {number} chat @param {MessageRow} row @returns {MenuEntry[]} */
function messageMenu(chat, row) {
  const { id, text, state: how } = row;
  const quoted = text.split("\n").map((line) => `> ${line}\n`).join("");
  return [
    canReply(chat, row)
      ? { label: t("reply"), run: () => reply(chat, row) }
      : { label: t("quote"), run: () => intoComposer(chat, quoted) },
    ...(canAct(chat, row)
      ? [{ label: t("react"), run: () => afterDraw(() => reactTo(chat, row)) }]
      : []),
    { label: t("copy"), run: () => void navigator.clipboard.writeText(text).catch(() => {}) },
    ...(how === "queued"
      ? [{ label: t("cancel"), run: () => send({ type: "cancel", chat, message: id }) }]
      : []),
    ...(canEdit(chat, row) ? [{ label: t("edit"), run: () => edit(chat, row) }] : []),
    ...(canDelete(chat, row)
      ? [{ label: t("delete"), run: () => askToDelete(chat, row), danger: true }]
      : []),
  ];
}

/** @param {number} chat @param {MessageRow} row */
function reactTo(chat, row) {
  const place = `.chat[data-chat="${chat}"] [data-message="${row.id}"] .message`;
  const element = document.querySelector(place);
  if (element !== null) openReactions(chat, row, element);
}
