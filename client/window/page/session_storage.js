/** The data that a tab keeps over a reload, as long as the program runs. */

import { FOLDER } from "./connection.js";

/** @param {string} name */
const keyOf = (name) => `${FOLDER.pathname} ${name}`;

/** @param {string} name @returns {string} empty if there is nothing */
export function loadFromSession(name) {
  return sessionStorage.getItem(keyOf(name)) ?? "";
}

/** @param {string} name @param {string} text an empty one removes the entry */
export function saveToSession(name, text) {
  sessionStorage.removeItem(keyOf(name));
  try {
    if (text !== "") sessionStorage.setItem(keyOf(name), text);
  } catch {
    // It exceeds the browser's quota; a reload loses it.
  }
}
