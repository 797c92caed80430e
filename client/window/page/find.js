/** The one field to find something, and what the list shows for it. */

import { people } from "./people.js";
import { PeopleView } from "./people_view.js";
import { change, send, state } from "./store.js";
import { foldText, t } from "./text.js";

/** @import { ChatHead, RequestResult, SearchHit } from "../messages.ts" */
/** @import { ListItem } from "./people_rows.js" */
/** @import { Section } from "./people_view.js" */

/** How long after the last key a search starts. */
const SEARCH_DELAY_MS = 120;
/** Heights of rows, in rem; the stylesheet fits its text into them. */
const TALL_REM = 3.25;
const SHORT_REM = 2.9;

let words = "";
/** The messages that were found, newest first. @type {SearchHit[]} */
let hits = [];
let hasMore = false;
/** The words that the hits belong to. */
let foundWords = "";
/** @type {ReturnType<typeof setTimeout> | undefined} */
let searchTimer;
/** @type {(item: ListItem) => void} */
let open = () => {};
/** @type {(item: ListItem, x: number, y: number) => void} */
let openMenu = () => {};

const view = new PeopleView(
  t("list"),
  (item) => item.type === "more" ? searchOlder() : open(item),
  (item, x, y) => openMenu(item, x, y),
);

/** The list. */
export const list = {
  element: view.element,

  /** @param {typeof open} onOpen @param {typeof openMenu} onMenu */
  connect(onOpen, onMenu) {
    open = onOpen;
    openMenu = onMenu;
  },

  /** Rows have come, gone or moved. */
  refresh() {
    view.show(sections(), words, [
      ...state.panes.map((id) => `chat-${id}`),
      ...(state.request === undefined ? [] : [`request-${state.request}`]),
    ]);
  },

  focus: () => view.focus(),
};

/** The sections: without words everything; with words who has such a name, then what was said. @returns {Section[]} */
function sections() {
  const text = foldText(words.trim());
  const isIn = (/** @type {string} */ key) => key.includes(text);
  const isChatIn = (/** @type {{ name: string, alias: string }} */ { name, alias }) =>
    isIn(foldText(name)) || isIn(foldText(alias));
  const isAll = text === "";
  const all = isAll ? people.chats : people.chats.filter(isChatIn);
  const isInvitation = (/** @type {ChatHead} */ { room }) => room?.state === "invited";
  const invitations = all.filter(isInvitation);
  const chats = all.filter((head) => !isInvitation(head));
  const online = isAll ? people.online : people.online.filter(({ key }) => isIn(key));
  const known = new Set(people.chats.map(({ name }) => name));
  const offline = people.offline.filter(({ row, key }) => !known.has(row.name) && isIn(key));
  const found = isAll || foundWords !== words.trim() ? [] : hits;
  const isScoped = state.scope !== undefined;
  return [
    section(
      "requests",
      t("requests"),
      isScoped ? [] : [
        ...state.callers.map((row) => /** @type {ListItem} */ ({ type: "request", row })),
        ...invitations.map((row) => /** @type {ListItem} */ ({ type: "chat", row })),
      ],
      TALL_REM,
      (item) => item,
    ),
    section("chats", t("chats"), isScoped ? [] : chats, TALL_REM, (row) => ({ type: "chat", row })),
    section(
      "online",
      t(state.me?.state === "online" ? "online" : "wereOnline"),
      isScoped ? [] : online,
      SHORT_REM,
      ({ row }) => ({ type: "user", row }),
    ),
    section(
      "offline",
      t("offline"),
      isScoped ? [] : offline,
      SHORT_REM,
      ({ row }) => ({ type: "user", row }),
    ),
    section("found", t("messagesFound"), found, TALL_REM, (row) => ({ type: "hit", row })),
    section(
      "older",
      "",
      found.length > 0 && hasMore ? [0] : [],
      SHORT_REM,
      () => ({ type: "more" }),
    ),
  ];
}

/**
 * @template Row
 * @param {string} id
 * @param {string} title
 * @param {readonly Row[]} rows
 * @param {number} height
 * @param {(row: Row) => ListItem} toItem
 * @returns {Section}
 */
function section(id, title, rows, height, toItem) {
  const at = (/** @type {number} */ index) => {
    const row = rows[index];
    return row === undefined ? undefined : toItem(row);
  };
  return { id, title, length: rows.length, at, height };
}

/** The text of an empty list; empty if it has rows. */
export function emptyText() {
  const isEmpty = sections().every(({ length }) => length === 0);
  if (!isEmpty) return "";
  if (words.trim() !== "") return t(foundWords === words.trim() ? "noMessageFound" : "nobody");
  return state.me?.state === "online" ? "" : t("logInFirst");
}

/** @param {Event} event */
export function onFindInput(event) {
  words = /** @type {HTMLInputElement} */ (event.target).value;
  clearTimeout(searchTimer);
  view.element.scrollTop = 0;
  list.refresh();
  change();
  if (words.trim().length < 2) return;
  searchTimer = setTimeout(() => search(0), SEARCH_DELAY_MS);
}

/** @param {number} before */
function search(before) {
  send({ type: "search", words: words.trim(), chat: state.scope ?? 0, before });
}

function searchOlder() {
  const oldest = hits.at(-1);
  if (oldest !== undefined) search(oldest.id);
}

/** @param {Extract<RequestResult, { type: "found" }>} found its hits oldest first */
export function showFound({ words: searched, chat, before, hits: found, hasMore: more }) {
  if (searched !== words.trim() || chat !== (state.scope ?? 0)) return; // the user has typed on
  const newest = found.toReversed();
  const continues = foundWords === searched && before !== 0 && hits.at(-1)?.id === before;
  if (before !== 0 && !continues) return; // another answer has come since
  hits = continues ? [...hits, ...newest] : newest;
  foundWords = searched;
  hasMore = more;
  list.refresh();
}

/** Empties the field, which is for everything again. */
export function clearFind() {
  change({ scope: undefined });
  const field = document.getElementById("filter");
  if (!(field instanceof HTMLInputElement)) return;
  field.value = "";
  words = foundWords = "";
  hits = [];
  list.refresh();
}

/** @param {KeyboardEvent} event */
export function onFindKey(event) {
  if (event.isComposing) return;
  if (event.key === "ArrowDown") {
    event.preventDefault();
    view.focus();
    return;
  }
  if (event.key === "Escape") {
    const had = words !== "" || state.scope !== undefined;
    clearFind();
    if (had) event.stopPropagation();
    return;
  }
  if (event.key !== "Enter" || words.trim() === "") return;
  event.preventDefault();
  // Enter goes to the first chat or message; a call takes a choice in the list.
  const item = sections().flatMap((each) => each.at(0) ?? []).find(({ type }) =>
    type !== "request"
  );
  if (item === undefined) return;
  if (item.type === "user" && !item.row.own) send({ type: "write-to", user: item.row.id });
  else open(item);
  clearFind();
}
