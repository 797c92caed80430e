/** The library that draws the page, with templates instead of a build step; text goes in as text. */

import htm from "htm";
import { h } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

export { render } from "preact";
export { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** @import { ComponentChildren, VNode } from "preact" */

/** @type {(strings: TemplateStringsArray, ...values: any[]) => VNode} */
export const html = /** @type {any} */ (htm).bind(h);

/**
 * An icon: strokes in a square of 24.
 *
 * @param {string} path
 */
export function icon(path) {
  return html`
    <svg
      width="18"
      height="18"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d=${path} />
    </svg>
  `;
}

export const ICONS = {
  shield: "M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 12l2 2 4-4",
  lock: "M5 11h14v9H5zM8 11V8a4 4 0 018 0v3",
  unlocked: "M5 11h14v9H5zM8 11V8a4 4 0 017.5-2",
  warning: "M12 4l9 16H3zM12 10v4M12 17v.5",
  search: "M17 11a6 6 0 11-12 0 6 6 0 0112 0zM20 20l-4-4",
  more:
    "M4 12a1 1 0 102 0 1 1 0 10-2 0M11 12a1 1 0 102 0 1 1 0 10-2 0M18 12a1 1 0 102 0 1 1 0 10-2 0",
  send: "M4 12h15M13 6l6 6-6 6",
  gear: "M15 12a3 3 0 11-6 0 3 3 0 016 0zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1" +
    "M16.3 16.3l2.1 2.1M18.4 5.6l-2.1 2.1M7.7 16.3l-2.1 2.1",
  clip: "M20 11l-8.5 8.5a5 5 0 01-7-7L13 4a3.5 3.5 0 015 5l-8.5 8.5a2 2 0 01-3-3L14 7",
  smile: "M12 21a9 9 0 100-18 9 9 0 000 18zM8.5 14.5a4.5 4.5 0 007 0M9 9.5h.01M15 9.5h.01",
  back: "M15 5l-7 7 7 7",
};

/** A dialog over the page, which Escape and its button close. @param {{ title: string, id: string, onClose: () => void, closeLabel: string, children?: ComponentChildren }} props */
export function Panel({ title, id, onClose, closeLabel, children }) {
  /** @type {{ current: HTMLDialogElement | null }} */
  const dialog = useRef(null);
  // Only once: it may be drawn anew after it was closed and before the browser says so.
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return html`
    <dialog ref=${dialog} id=${id} class="panel card" aria-labelledby="${id}-title"
      onClose=${onClose}>
      <form method="dialog">
        <h2 id="${id}-title">${title}</h2>
        <button>${closeLabel}</button>
      </form>
      ${children}
    </dialog>
  `;
}
