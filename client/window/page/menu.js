/** A menu where the user asked for one; loaded when the first one is. */

import { html, useLayoutEffect, useRef } from "./html.js";
import { entriesOf } from "./menu_entries.js";
import { change, state } from "./store.js";
import { t } from "./text.js";

export function Menu() {
  const { menu } = state;
  /** @type {{ current: HTMLElement | null }} */
  const element = useRef(null);
  useLayoutEffect(() => {
    const box = element.current;
    if (box === null || menu === undefined) return;
    const { offsetWidth, offsetHeight } = box;
    box.style.left = `${Math.max(4, Math.min(menu.x, innerWidth - offsetWidth - 4))}px`;
    box.style.top = `${Math.max(4, Math.min(menu.y, innerHeight - offsetHeight - 4))}px`;
    box.querySelector("button")?.focus();
  }, [menu]);
  if (menu === undefined) return null;
  const entries = entriesOf(menu.target);
  const isEmoji = menu.target.type === "reactions" ||
    menu.target.type === "emoji";
  const close = () => {
    change({ menu: undefined });
    menu.back?.focus({ preventScroll: true });
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    const buttons = [...(element.current?.querySelectorAll("button") ?? [])];
    const index = buttons.findIndex((button) => button === document.activeElement);
    const [first] = buttons;
    // Emoji stand in lines; in a menu each line has one entry.
    const columns = buttons.filter(({ offsetTop }) => offsetTop === first?.offsetTop).length;
    const isLeftToRight = document.documentElement.dir !== "rtl";
    const step = new Map([
      ["ArrowDown", index + columns],
      ["ArrowUp", index - columns],
      ["ArrowRight", index + (isLeftToRight ? 1 : -1)],
      ["ArrowLeft", index - (isLeftToRight ? 1 : -1)],
      ["Home", 0],
      ["End", -1],
    ]).get(event.key);
    if (step !== undefined) buttons.at(step % buttons.length)?.focus();
    else if (event.key === "Escape" || event.key === "Tab") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`
    <div class="menu-back" onClick=${close} onContextMenu=${(/** @type {Event} */ event) => {
      event.preventDefault();
      close();
    }}></div>
    <nav aria-label=${t(menu.target.type === "emoji" ? "emoji" : "more")}>
      <div class=${isEmoji
        ? "menu card emoji"
        : "menu card"} role="menu" ref=${element} onKeyDown=${onKey}>
      ${entries.map(({ label, run, danger }) =>
        html`
          <button type="button" role="menuitem" class=${danger ? "danger" : ""} onClick=${() => {
            close();
            run();
          }}>${label}</button>
        `
      )}
      </div>
    </nav>
  `;
}
