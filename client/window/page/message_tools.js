/** The buttons beside the message under the mouse: they are one element, which moves from row to row. */

import { createElement } from "./elements.js";
import { canAct, canReply, openReactions, reply } from "./message_actions.js";
import { openMenu } from "./store.js";
import { t } from "./text.js";

/** @import { MessageRow } from "../messages.ts" */

/**
 * @param {number} chat
 * @param {HTMLElement} list its rows have the ids of messages
 * @param {(id: number) => MessageRow | undefined} rowOf
 */
export function addMessageTools(chat, list, rowOf) {
  /** @type {MessageRow | undefined} */
  let row;
  const create = (
    /** @type {string} */ sign,
    /** @type {string} */ label,
    /** @type {(row: MessageRow) => void} */ run,
  ) => {
    const look = {
      type: "button",
      class: "plain",
      title: label,
      "aria-label": label,
      tabindex: -1,
    };
    const button = createElement("button", look, sign);
    button.addEventListener("click", () => row !== undefined && run(row));
    return button;
  };
  const react = create("☺", t("react"), (row) => openReactions(chat, row, tools));
  const answer = create("↩", t("reply"), (row) => reply(chat, row));
  const more = create("⋯", t("more"), (row) => {
    const { left, bottom } = tools.getBoundingClientRect();
    openMenu({ type: "message", chat, row }, left, bottom);
  });
  // The keyboard has the menu of the message instead.
  const tools = createElement(
    "div",
    { class: "tools", "aria-hidden": "true" },
    react,
    answer,
    more,
  );
  list.addEventListener("pointerover", ({ target, pointerType }) => {
    const item = target instanceof Element ? target.closest("[data-message]") : null;
    if (item === null || pointerType !== "mouse" || item.contains(tools)) return;
    row = rowOf(Number(item.getAttribute("data-message")));
    if (row === undefined) return;
    react.hidden = !canAct(chat, row);
    answer.hidden = !canReply(chat, row);
    item.querySelector(".message")?.append(tools);
  });
  list.addEventListener("pointerleave", () => tools.remove());
}
