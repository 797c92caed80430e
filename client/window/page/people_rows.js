/** The rows of the list as elements: requests, chats, users, and messages that were found. */

import { createAvatar, createElement } from "./elements.js";
import { people } from "./people.js";
import { formatAge, formatDateTime, isolate, t } from "./text.js";

/** @import { CallerRow, ChatHead, SearchHit, UserRow } from "../messages.ts" */
/**
 * @typedef {{ type: "request", row: CallerRow } | { type: "chat", row: ChatHead }
 *   | { type: "user", row: UserRow } | { type: "hit", row: SearchHit } | { type: "more" }} ListItem
 */

const LOCK = "M5 11h14v9H5zM8 11V8a4 4 0 017.5-2";
const SVG = "http://www.w3.org/2000/svg";

/** The content of a row, to see whether it has to be made anew. @param {ListItem} item */
export function signatureOf(item) {
  if (item.type === "more") return item.type;
  if (item.type === "request") {
    return JSON.stringify([item.row, people.availabilityOf(item.row)]);
  }
  if (item.type !== "chat") return JSON.stringify(item.row);
  const user = people.userOf(item.row);
  return JSON.stringify([item.row, user?.availability, user?.security]);
}

/** The key of a row among all rows. @param {ListItem} item */
export function keyOf(item) {
  return item.type === "more" ? "more" : `${item.type}-${item.row.id}`;
}

/** @param {ListItem} item @param {string} words the words that were searched */
export function createListRow(item, words) {
  const row = createElement("div", { role: "option", id: `row-${keyOf(item)}`, class: "item" });
  switch (item.type) {
    case "request":
      row.append(
        createAvatar(item.row.name, people.availabilityOf(item.row)),
        twoLines(item.row.name, [item.row.preview.slice(0, 120) || t("requestRow")]),
        sideOf(String(item.row.leftLines ?? "!"), true),
      );
      return row;
    case "chat":
      return fillChat(row, item.row);
    case "user":
      return fillUser(row, item.row);
    case "hit": {
      const { name, isRoom, author, from, text, at } = item.row;
      const first = from === "me" ? t("youTo") : "";
      const by = author === undefined ? [] : [createElement("bdi", {}, author), " · "];
      row.append(
        createElement(
          "span",
          { class: "two" },
          createElement(
            "span",
            { class: "one-line quiet" },
            isRoom ? "👥 " : "",
            first,
            ...by,
            createElement("bdi", {}, name),
            ` · ${formatDateTime(at)}`,
          ),
          createElement("span", { class: "one-line", dir: "auto" }, ...marked(text, words)),
        ),
      );
      return row;
    }
    case "more":
      row.append(createElement("span", { class: "two link" }, t("olderHits")));
      return row;
  }
}

/** @param {HTMLElement} item @param {ChatHead} head */
function fillChat(item, head) {
  const { name, alias, unread, draft, last, muted, room } = head;
  const user = people.userOf(head);
  const hasChanged = head.security === "changed" || user?.security === "changed";
  /** @type {(Node | string)[]} */
  const about = hasChanged
    ? [createElement("span", { class: "alarm" }, `⚠ ${t("hasOtherKey")}`)]
    : draft.trim() !== ""
    ? [createElement("span", { class: "alarm" }, t("draft")), ` ${isolate(draft.slice(0, 120))}`]
    : room?.state === "invited"
    ? [t("invitedBy", { name: isolate(room.invitedBy ?? "") })]
    : [
      (last?.from === "me" ? t("youSaid") : "") +
      isolate(last?.isDeleted === true ? t("deleted") : last?.text ?? ""),
    ];
  const time = last === undefined ? "" : formatAge(last.at);
  const aside = createElement("span", { class: "aside" }, time);
  if (room?.state === "invited") aside.append(createElement("span", { class: "badge" }, "!"));
  if (unread > 0) {
    aside.append(
      createElement("span", { class: muted ? "badge muted" : "badge" }, String(unread)),
      unseen(` ${t("unread")}`),
    );
  }
  item.append(
    createAvatar(alias || name, room === undefined ? user?.availability ?? "offline" : "room"),
    twoLines(alias || name, about, t(room === undefined ? "chatPrefix" : "roomPrefix")),
    aside,
  );
  item.classList.toggle("is-unread", unread > 0);
  item.dataset["unread"] = String(unread);
  return item;
}

/** @param {HTMLElement} item @param {UserRow} row */
function fillUser(item, row) {
  const about = [
    isolate(row.alias ?? ""),
    row.lastSeen === undefined ? "" : t("lastSeen", { time: formatAge(row.lastSeen) }),
    row.waiting === undefined ? "" : t("waiting", { n: row.waiting }),
    isolate(row.status),
    row.confusableWith === undefined ? "" : t("looksLike", { name: isolate(row.confusableWith) }),
    row.knownAs === undefined ? "" : t("knownAs", { name: isolate(row.knownAs) }),
    row.isNotOwner === true ? t("notOwner") : "",
    row.reachable === false ? t("unreachable") : "",
  ].filter((part) => part !== "").join(" · ");
  // If the server certifies nobody, that is said once.
  const security = row.isUncertified === true ? "" : securityText(row.security);
  const isAlarm = row.security === "changed" && !row.own;
  const lines = twoLines(
    row.name,
    isAlarm ? [createElement("span", { class: "alarm" }, `⚠ ${t("hasOtherKey")}`)] : [about],
  );
  item.append(createAvatar(row.name, row.availability), lines);
  if (row.own) item.append(createElement("span", { class: "tag" }, t("you")));
  else if (row.security === "verified") item.append(sideOf(t("verified"), false));
  else if (row.security === "classic" && row.availability !== "offline") item.append(openLock());
  item.dataset["own"] = String(row.own);
  item.dataset["security"] = row.security;
  const place = row.address || t("offline");
  item.title = `${row.name}, ${place}${security === "" ? "" : `. ${security}`}`;
  if (row.availability !== "online") item.append(unseen(t(row.availability)));
  if (!row.own && security !== "") item.append(unseen(security));
  return item;
}

/** @param {UserRow["security"]} security */
export function securityText(security) {
  const keys = /** @type {const} */ ({
    classic: "secClassic",
    unconfirmed: "secUnconfirmed",
    new: "secNew",
    pinned: "secPinned",
    verified: "secVerified",
    changed: "secChanged",
  });
  return t(keys[security]);
}

function openLock() {
  const svg = document.createElementNS(SVG, "svg");
  for (
    const [name, value] of [["viewBox", "0 0 24 24"], ["class", "lock-sign"], [
      "aria-hidden",
      "true",
    ]]
  ) {
    svg.setAttribute(name ?? "", value ?? "");
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", LOCK);
  svg.append(path);
  return createElement("span", { class: "aside", title: t("notEncrypted") }, svg);
}

/** @param {string} text @param {boolean} isBadge */
function sideOf(text, isBadge) {
  return createElement(
    "span",
    { class: "aside" },
    createElement("span", { class: isBadge ? "badge" : "" }, text),
  );
}

/** Text for screen readers only. @param {string} text */
function unseen(text) {
  return createElement("span", { class: "unseen" }, text);
}

/** @param {string} name @param {(Node | string)[]} about @param {string} [prefix] what tells the row from others of that name */
function twoLines(name, about, prefix) {
  const hasAbout = about.some((part) => part !== "");
  return createElement(
    "span",
    { class: "two" },
    ...(prefix === undefined ? [] : [unseen(prefix)]),
    createElement("bdi", { class: "name one-line" }, name),
    ...(hasAbout
      ? [
        createElement(
          "span",
          { class: "about one-line", dir: "auto" },
          createElement("bdi", {}, ...about),
        ),
      ]
      : []),
  );
}

/** A text around the first word that was searched, with all such words marked. @param {string} text @param {string} words */
function marked(text, words) {
  const found = words.replace(/(^|\s)from:("[^"]*"?|\S+)/gi, " ").split(/\s+/).filter((word) =>
    word !== ""
  ).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (found.length === 0) return [text.slice(0, 200)];
  const pattern = new RegExp(`(${found.join("|")})`, "gi");
  const first = text.search(pattern);
  const start = Math.max(0, first - 30);
  const part = (start > 0 ? "…" : "") + text.slice(start, start + 200);
  return part.split(pattern).map((piece, index) =>
    index % 2 === 0 ? piece : createElement("mark", {}, piece)
  );
}
