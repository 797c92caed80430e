/** Parts of the page that come when they are first used, because most visits never use them. */

import { html } from "./html.js";
import { change, say } from "./store.js";
import { rich } from "./text.js";

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
    say({ text: rich("broken", { text: String(error) }), isProblem: true });
  };
  return (props) => {
    if (component !== undefined) return html`<${component} ...${props} />`;
    if (!isLoading) load().then(onLoad, onFail);
    isLoading = true;
    return null;
  };
}
