/** Sorts users, and makes the text by which they are found. */

/** @import { UserRow } from "../messages.ts" */
/**
 * A row, and its name in the form in which it is searched.
 *
 * @typedef {{ row: UserRow, key: string }} Entry
 */

const AVAILABILITY_RANK = { online: 0, away: 1, busy: 2, offline: 3 };
const SECURITY_RANK = { verified: 0, pinned: 1, new: 2, unconfirmed: 3, classic: 4, changed: 5 };
const collator = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** @param {UserRow} row @returns {Entry} */
export function createEntry(row) {
  return { row, key: foldText(row.name) };
}

/** A text without accents, in lower case. @param {string} text */
export function foldText(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/**
 * @param {string} criterion `name`, `status`, `security` or `unread`
 * @param {(row: UserRow) => number} unreadCount
 * @returns {(one: Entry, other: Entry) => number}
 */
export function sortComparator(criterion, unreadCount) {
  /** @param {Entry} one @param {Entry} other */
  const byName = (one, other) =>
    collator.compare(one.row.name, other.row.name) || one.row.id - other.row.id;
  /** @type {Record<string, (row: UserRow) => number>} */
  const ranks = {
    status: ({ availability }) => AVAILABILITY_RANK[availability],
    security: ({ security }) => SECURITY_RANK[security],
    unread: (row) => -unreadCount(row),
  };
  const rank = ranks[criterion];
  if (rank === undefined) return byName;
  return (one, other) => rank(one.row) - rank(other.row) || byName(one, other);
}
