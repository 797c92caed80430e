/** A QR code, as the program has encoded it. */

import { html } from "./html.js";

/** @param {{ rows: readonly string[], label: string }} props rows of 1 (dark) and 0 */
export function QrCode({ rows, label }) {
  const path = rows.flatMap((row, y) =>
    [...row].flatMap((module, x) => module === "1" ? [`M${x} ${y}h1v1h-1z`] : [])
  ).join("");
  const size = rows.length;
  return html`
    <svg class="qr" viewBox="0 0 ${size} ${size}" role="img" aria-label=${label}
      shape-rendering="crispEdges">
      <rect width=${size} height=${size} fill="#fff" />
      <path d=${path} fill="#000" />
    </svg>
  `;
}
