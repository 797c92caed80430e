/** Short texts that go by themselves. */

import { html } from "./html.js";
import { change, state } from "./store.js";

export function Toast() {
  const { toast } = state;
  if (toast === undefined) return html`<div class="toast" hidden></div>`;
  const { text, action, run, isProblem = false } = toast;
  const act = () => {
    change({ toast: undefined });
    run?.();
  };
  return html`
    <div id=${isProblem ? "problem" : "toast"} class="toast card" role=${isProblem
      ? "alert"
      : "status"}>
      <p>${text}</p>
      ${action === undefined ? null : html`<button type="button" onClick=${act}>${action}</button>`}
    </div>
  `;
}
