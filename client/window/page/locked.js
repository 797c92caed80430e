/** Settings that the machine's config file sets for everybody. */

import { html } from "./html.js";
import { state } from "./store.js";
import { rich } from "./text.js";

/** Whether the machine's config file sets a key for everybody. @param {string} key */
export function isLocked(key) {
  return state.me?.locked?.keys.includes(key) === true;
}

/** Why a control is grey, which names this in `aria-describedby`. @param {{ name: string }} props */
export function LockedNote({ name }) {
  if (!isLocked(name)) return null;
  return html`<small id="locked-${name}" class="quiet">${
    rich("locked", { file: state.me?.locked?.file ?? "" })
  }</small>`;
}

/** The id of that note, if a key is locked. @param {string} key */
export function noteOf(key) {
  return isLocked(key) ? `locked-${key}` : undefined;
}
