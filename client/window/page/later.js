/** Parts of the page that come when they are first used, because most visits never use them. */

import { FOLDER } from "./connection.js";
import { createElement } from "./elements.js";
import { html } from "./html.js";
import { change, say, state } from "./store.js";
import { addTexts, t } from "./text.js";

/** @import { FunctionComponent } from "preact" */

/** After this time, a part that could not be loaded is asked for again. */
const RETRY_MS = 500;

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
  const onFail = () => {
    // A part that is still wanted is asked for again after a while.
    setTimeout(() => {
      isLoading = false;
      change();
    }, RETRY_MS);
    change({ panel: undefined, menu: undefined });
    sayNotLoaded();
  };
  return (props) => {
    if (component !== undefined) return html`<${component} ...${props} />`;
    if (!isLoading) load().then(onLoad, onFail);
    isLoading = true;
    return null;
  };
}

/** A part of the page could not be loaded, since the program does not answer. */
export function sayNotLoaded() {
  if (state.isLost) return; // a strip says why
  say({ text: [t("notLoaded")], isProblem: true });
}

/** @type {Promise<void> | undefined} */
let extras;

/** Waits for a part of the page, and for the texts and the style that only such parts have. @template Part @param {() => Promise<Part>} load */
export async function withExtras(load) {
  const [loaded] = await Promise.all([load(), extras ??= loadExtras()]);
  return loaded;
}

async function loadExtras() {
  const href = String(new URL("panels.css", FOLDER));
  const link = createElement("link", { rel: "stylesheet", href });
  const loaded = new Promise((resolve, reject) => {
    link.onload = resolve;
    link.onerror = reject;
  });
  document.head.append(link);
  try {
    const [texts] = await Promise.all([import("./more_texts.js"), loaded]);
    addTexts(texts.default);
  } catch (error) {
    extras = undefined;
    link.remove();
    throw error;
  }
}
