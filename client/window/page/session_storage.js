/** What a tab remembers when the page is loaded anew, as long as the program runs. */

import { FOLDER } from "./connection.js";

/** @param {string} name */
const keyOf = (name) => `${FOLDER.pathname} ${name}`;

/** @param {string} name @returns {string} empty where there is nothing */
export function kept(name) {
  return sessionStorage.getItem(keyOf(name)) ?? "";
}

/**
 * @param {string} name
 * @param {string} text empty for nothing
 */
export function keep(name, text) {
  sessionStorage.removeItem(keyOf(name));
  try {
    if (text !== "") sessionStorage.setItem(keyOf(name), text);
  } catch {
    // It is more than browsers keep, so it is lost if the page is loaded anew.
  }
}
