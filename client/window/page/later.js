/** Parts of the page that come when they are first used, because most visits never use them. */

import { FOLDER } from "./connection.js";
import { createElement } from "./elements.js";
import { html } from "./html.js";
import { change, say, state } from "./store.js";
import { addTexts, rich } from "./text.js";

/** @import { FunctionComponent } from "preact" */

/**
 * A component that is loaded when it is first drawn.
 *
 * @template Props
 * @param {() => Promise<FunctionComponent<Props>>} load
 * @returns {FunctionComponent<Props>}
 */
export function later(load) {
  /** @type {FunctionComponent<Props> | undefined} */
  let component;
  let isLoading = false;
  const onLoad = (/** @type {FunctionComponent<Props>} */ loaded) => {
    component = loaded;
    change();
  };
  const onFail = (/** @type {unknown} */ error) => {
    isLoading = false;
    change({ panel: undefined, menu: undefined });
    // If the program has ended, a strip says that.
    if (!state.isLost) say({ text: rich("broken", { text: String(error) }), isProblem: true });
  };
  return (props) => {
    if (component !== undefined) return html`<${component} ...${props} />`;
    if (!isLoading) load().then(onLoad, onFail);
    isLoading = true;
    return null;
  };
}

/** @type {Promise<void> | undefined} */
let extras;

/** Waits for a part of the page, and for the texts and the style that only such parts have. @template Part @param {Promise<Part>} part */
export async function withExtras(part) {
  const [loaded] = await Promise.all([part, extras ??= loadExtras()]);
  return loaded;
}

async function loadExtras() {
  const href = String(new URL("panels.css", FOLDER));
  const link = createElement("link", { rel: "stylesheet", href });
  const loaded = new Promise((resolve) => link.onload = link.onerror = resolve);
  document.head.append(link);
  try {
    addTexts((await import("./more_texts.js")).default);
    await loaded;
  } catch (error) {
    extras = undefined;
    throw error;
  }
}
