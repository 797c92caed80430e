/** Parts of the page that come when they are first used, because most visits never use them. */

import { html } from "./html.js";
import { change, say } from "./store.js";
import { t } from "./text.js";

/** @import { FunctionComponent } from "preact" */

/** A component that is loaded when it is first drawn. @param {() => Promise<FunctionComponent>} load */
export function later(load) {
  /** @type {FunctionComponent | undefined} */
  let component;
  let isLoading = false;
  const onLoad = (/** @type {FunctionComponent} */ loaded) => {
    component = loaded;
    change();
  };
  const onFail = (/** @type {unknown} */ error) => {
    isLoading = false;
    change({ panel: undefined, menu: undefined });
    say({ text: [t("broken", { text: String(error) })], isProblem: true });
  };
  return () => {
    if (component !== undefined) return html`<${component} />`;
    if (!isLoading) load().then(onLoad, onFail);
    isLoading = true;
    return null;
  };
}
