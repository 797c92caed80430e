/** The lists of messages, made when a chat is first shown. */

import { addList, loadedMessages, markRead } from "./loaded_messages.js";
import { onMessageKey, react, showVersions } from "./message_actions.js";
import { MessageList } from "./message_list.js";
import { addMessageTools } from "./message_tools.js";
import { openMenu, send } from "./store.js";
import { t } from "./text.js";

/** @import { ChatHead } from "../messages.ts" */

/** The messages of a chat, which are asked for if they are not here. @param {ChatHead} head */
export function messagesOf({ id, name }) {
  const known = loadedMessages(id);
  if (known !== undefined) return known;
  const list = new MessageList(
    t("messagesWith", { name }),
    (before, count) => send({ type: "load-older", chat: id, before, count }),
    {
      cancel: (row) => send({ type: "cancel", chat: id, message: row.id }),
      retry: ({ text }) =>
        send({ type: "send", chat: id, text, requestId: crypto.randomUUID(), reply: 0 }),
      menu: (row, { clientX, clientY }) =>
        openMenu({ type: "message", chat: id, row }, clientX, clientY),
      key: (row, element, event) => onMessageKey(id, row, element, event),
      react: (row, emoji) => react(id, row, emoji),
      versions: (row) => showVersions(id, row),
      goTo: (message) => list.goTo(message),
    },
    markRead,
  );
  addMessageTools(id, list.list, (message) => list.messageOf(message));
  addList(id, list);
  return list;
}
