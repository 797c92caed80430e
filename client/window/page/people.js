/** The entries of the list: chats by their last line, users by name. Each change moves one row. */

import { compareNames, foldText } from "./text.js";

/** @import { CallerRow, ChatHead, UserRow } from "../messages.ts" */
/**
 * A user, and the names in the form in which they are searched.
 *
 * @typedef {{ row: UserRow, key: string }} Entry
 */

/** From so many changes on, sorting anew is faster. */
const MANY_CHANGES = 200;

/**
 * Rows that stay sorted.
 *
 * @template Row
 */
class SortedRows {
  /** @type {Row[]} */
  rows = [];
  #compare;

  /** @param {(one: Row, other: Row) => number} compare only 0 for the same row */
  constructor(compare) {
    this.#compare = compare;
  }

  /** @param {Row[]} rows */
  set(rows) {
    this.rows = rows.sort(this.#compare);
  }

  /** @param {Row} row */
  add(row) {
    this.rows.splice(this.#indexOf(row), 0, row);
  }

  /** @param {Row} row */
  remove(row) {
    const index = this.#indexOf(row);
    if (this.rows[index] === row) this.rows.splice(index, 1);
  }

  /** The index of a row, or the one where it belongs. @param {Row} row */
  #indexOf(row) {
    let [low, high] = [0, this.rows.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.rows[middle];
      if (other !== undefined && this.#compare(other, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** @param {Entry} one @param {Entry} other */
function byName(one, other) {
  return compareNames(one.row.name, other.row.name) || one.row.id - other.row.id;
}

/** @type {Map<number, Entry>} */
const users = new Map();
/** @type {Map<string, Set<UserRow>>} */
const byExactName = new Map();
const online = new SortedRows(byName);
const offline = new SortedRows(byName);
/** @type {Map<number, ChatHead>} */
const heads = new Map();
/** @type {SortedRows<ChatHead>} */
const chats = new SortedRows((one, other) => other.at - one.at || other.id - one.id);

export const people = {
  get online() {
    return online.rows;
  },

  /** Everyone who is known by a key: those who are online first, each by name. */
  get known() {
    const here = online.rows.filter(({ row: { own, security } }) =>
      !own && (security === "pinned" || security === "verified")
    );
    return [...here, ...offline.rows];
  },

  get offline() {
    return offline.rows;
  },

  get chats() {
    return chats.rows;
  },

  /** @param {readonly UserRow[]} rows */
  setUsers(rows) {
    users.clear();
    byExactName.clear();
    for (const row of rows) insert(row);
    sortUsers();
  },

  /**
   * @param {readonly UserRow[]} changed new rows, and those that differ
   * @param {readonly number[]} removed
   */
  changeUsers(changed, removed) {
    const sorts = changed.length + removed.length > MANY_CHANGES;
    for (const id of [...removed, ...changed.map(({ id }) => id)]) {
      const entry = users.get(id);
      if (entry === undefined) continue;
      users.delete(id);
      byExactName.get(entry.row.name)?.delete(entry.row);
      if (!sorts) listOf(entry).remove(entry);
    }
    for (const row of changed) {
      const entry = insert(row);
      if (!sorts) listOf(entry).add(entry);
    }
    if (sorts) sortUsers();
  },

  /** @param {readonly ChatHead[]} all */
  setChats(all) {
    heads.clear();
    for (const head of all) heads.set(head.id, head);
    chats.set([...all]);
  },

  /** Adds a chat, or updates it. @param {ChatHead} head */
  putChat(head) {
    people.removeChat(head.id);
    heads.set(head.id, head);
    chats.add(head);
  },

  /** @param {number} id */
  removeChat(id) {
    const head = heads.get(id);
    if (head !== undefined) chats.remove(head);
    heads.delete(id);
  },

  /** The availability of somebody who asks to talk. @param {CallerRow} caller */
  availabilityOf({ name, address }) {
    const named = [...(byExactName.get(name) ?? [])];
    return named.find((row) => row.address === address)?.availability ?? "offline";
  },

  /** The user that a chat is with, as the list has them: best one at the same address. @param {ChatHead} head */
  userOf({ name, address, room }) {
    if (room !== undefined) return undefined;
    const named = [...(byExactName.get(name) ?? [])].filter(({ own }) => !own);
    // Somebody else who uses the name counts only if nobody with the known key is there.
    return named.find((row) => row.address === address) ??
      named.find(({ security }) => security !== "changed") ?? named[0];
  },
};

/** @param {Entry} entry */
function listOf({ row }) {
  return row.availability === "offline" ? offline : online;
}

/** @param {UserRow} row */
function insert(row) {
  const entry = { row, key: foldText(`${row.name} ${row.alias ?? ""}`) };
  users.set(row.id, entry);
  const named = byExactName.get(row.name) ?? new Set();
  byExactName.set(row.name, named.add(row));
  return entry;
}

function sortUsers() {
  const all = [...users.values()];
  online.set(all.filter(({ row }) => row.availability !== "offline"));
  offline.set(all.filter(({ row }) => row.availability === "offline"));
}
