/** How a user is shown in the list. */

import { createAvatar, createButton, createElement } from "./elements.js";
import { SECURITY_STRINGS } from "./strings.js";

/** @import { UserRow } from "../messages.ts" */

/** An online user. @param {UserRow} row @param {number} unread */
export function createUserRow(row, unread) {
  const about = [
    row.status,
    row.confusableWith === undefined ? "" : `only looks like ${row.confusableWith}, whom you know`,
    row.reachable === false ? "can't be reached" : "",
  ].filter((part) => part !== "").join(" · ");
  const item = createElement(
    "li",
    {
      class: "row",
      id: `user-${row.id}`,
      role: "option",
      "data-id": row.id,
      "data-unread": unread,
      "data-own": row.own,
    },
    createSign(row),
    createElement(
      "span",
      { class: "who" },
      createElement("bdi", { class: "name one-line" }, row.name),
      ...(row.own ? [createElement("span", { class: "tag" }, "you")] : []),
      createElement(
        "span",
        { class: "about one-line" },
        createElement("bdi", {}, about || row.address),
      ),
    ),
    ...(unread > 0 ? [createElement("span", { class: "unread" }, `${unread}`)] : []),
    ...(row.own ? [] : [createSecurity(row)]),
  );
  const availability = row.availability === "online" ? "" : `, ${row.availability}`;
  item.title = `${row.name}, ${row.address}${availability}. ${SECURITY_STRINGS[row.security]}`;
  if (availability) item.append(createElement("span", { class: "unseen" }, row.availability));
  return item;
}

/** An offline contact. @param {UserRow} row @param {() => void} onClick */
export function createContactButton(row, onClick) {
  const button = createButton("row", "", onClick);
  button.title = `Write to ${row.name}: it is delivered when they come online`;
  button.append(
    createSign(row),
    createElement("bdi", { class: "name one-line" }, row.name),
    createSecurity(row),
  );
  return button;
}

/** @param {UserRow} row */
function createSign({ name, availability }) {
  const sign = createAvatar(name);
  sign.append(createElement("span", { class: "dot", "data-is": availability }));
  return sign;
}

/** @param {UserRow} row */
function createSecurity({ security }) {
  return createElement("span", { class: "security", "data-is": security }, security);
}
