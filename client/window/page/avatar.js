/** The circle beside a name. */

import { initialOf } from "./elements.js";
import { html } from "./html.js";

/** A circle with the first letter of a name, and a sign for the availability. @param {{ name: string, availability: string }} props */
export function Avatar({ name, availability }) {
  const { initial, hue } = initialOf(name);
  return html`
    <span class="avatar" aria-hidden="true" data-initial=${initial} style="--hue:${hue}">
      <span class="dot" data-is=${availability}></span>
    </span>
  `;
}
