/** The list of keys. */

import { html } from "./html.js";
import { t } from "./text.js";

/** @import { TextKey } from "./text.js" */

/** @type {readonly (readonly [string, TextKey])[]} */
const KEYS = [
  ["Ctrl K", "keyFind"],
  ["Alt ↑ ↓", "keyNext"],
  ["Alt Shift ↑ ↓", "keyUnread"],
  ["Alt 1 … 9", "keyNumber"],
  ["Ctrl F", "keySearch"],
  ["from:NAME", "keyFrom"],
  ["Esc", "keyEscape"],
  ["Enter", "keyEnter"],
  ["↑", "keyUp"],
  ["Shift F10", "keyMenu"],
  ["Shift Tab, ↑ ↓", "keyMessages"],
  ["R, +, E, Del", "keyActions"],
  ["?", "keyHelp"],
];

export function Help() {
  return html`<dl class="keys">${
    KEYS.map(([keys, text]) =>
      html`
        <div>
          <dt><kbd dir="ltr">${keys}</kbd></dt>
          <dd>${t(text)}</dd>
        </div>
      `
    )
  }</dl>`;
}
