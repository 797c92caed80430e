/** In which order people are listed, and by what they are found. */

/** @typedef {import("../messages.ts").UserRow} UserRow */
/**
 * A row, and its name as it is looked for.
 *
 * @typedef {{ row: UserRow, key: string }} Entry
 */

const STATUS = { online: 0, away: 1, busy: 2, offline: 3 };
const SURE = { verified: 0, pinned: 1, new: 2, classic: 3, changed: 4 };
const words = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** @param {UserRow} row @returns {Entry} */
export function entryOf(row) {
  return { row, key: folded(row.name) };
}

/**
 * A text without what makes no difference to who looks for it: accents, and upper or lower case.
 *
 * @param {string} text
 */
export function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/**
 * @param {string} what by what to sort: `name`, `status`, `security` or `unread`
 * @param {(row: UserRow) => number} unreadOf
 * @returns {(one: Entry, other: Entry) => number}
 */
export function orderBy(what, unreadOf) {
  /** @param {Entry} one @param {Entry} other */
  const byName = (one, other) =>
    words.compare(one.row.name, other.row.name) || one.row.id - other.row.id;
  switch (what) {
    case "status":
      return (one, other) =>
        STATUS[one.row.availability] - STATUS[other.row.availability] || byName(one, other);
    case "security":
      return (one, other) =>
        SURE[one.row.security] - SURE[other.row.security] || byName(one, other);
    case "unread":
      return (one, other) => unreadOf(other.row) - unreadOf(one.row) || byName(one, other);
  }
  return byName;
}
