/** How somebody is shown on the list. */

import { avatar, make } from "./elements.js";
import { SECURITY } from "./strings.js";

/** @typedef {import("../messages.ts").UserRow} UserRow */

/**
 * Somebody who is online.
 *
 * @param {UserRow} row
 * @param {number} unread
 */
export function userRow(row, unread) {
  const about = [
    row.status,
    row.like === undefined ? "" : `only looks like ${row.like}, whom you know`,
    row.reachable === false ? "can't be reached" : "",
  ].filter((each) => each !== "").join(" · ");
  const item = make(
    "li",
    {
      class: "row",
      id: `user-${row.id}`,
      role: "option",
      "data-id": row.id,
      "data-unread": unread,
      "data-own": row.own,
    },
    signOf(row),
    make(
      "span",
      { class: "who" },
      make("bdi", { class: "name one-line" }, row.name),
      ...(row.own ? [make("span", { class: "tag" }, "you")] : []),
      make("span", { class: "about one-line" }, make("bdi", {}, about || row.address)),
    ),
    ...(unread > 0 ? [make("span", { class: "unread" }, `${unread}`)] : []),
    ...(row.own
      ? []
      : [make("span", { class: "security", "data-is": row.security }, row.security)]),
  );
  const availability = row.availability === "online" ? "" : `, ${row.availability}`;
  item.title = `${row.name}, ${row.address}${availability}. ${SECURITY[row.security]}`;
  if (availability) {
    item.append(make("span", { class: "unseen" }, row.availability));
  }
  return item;
}

/**
 * Somebody who is known and not there.
 *
 * @param {UserRow} row
 */
export function contactButton(row) {
  return make(
    "button",
    {
      type: "button",
      class: "row",
      title: `Write to ${row.name}: it arrives once they are online`,
    },
    signOf(row),
    make("bdi", { class: "name one-line" }, row.name),
    make("span", { class: "security", "data-is": row.security }, row.security),
  );
}

/** @param {UserRow} row */
function signOf({ name, availability }) {
  const sign = avatar(name);
  sign.append(make("span", { class: "dot", "data-is": availability }));
  return sign;
}
