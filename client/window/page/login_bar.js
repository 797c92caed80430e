/** The bar: name, server, Login and Logout, and what others are told. */

import { byId, fill } from "./elements.js";

/** @typedef {import("../messages.ts").Me} Me */
/** @typedef {import("../messages.ts").Request} Up */

/** Name, server, Login and Logout; and how one is online. */
export class Login {
  #name = byId("name", HTMLInputElement);
  #server = byId("server", HTMLInputElement);
  #in = byId("log-in", HTMLButtonElement);
  #out = byId("log-out", HTMLButtonElement);
  #changed = byId("other-server", HTMLElement);
  #presence = byId("presence", HTMLFormElement);
  #availability = byId("availability", HTMLSelectElement);
  #status = byId("status", HTMLInputElement);
  /** @type {Me | undefined} */
  #me;

  /** @param {(up: Up) => void} ask */
  constructor(ask) {
    this.#name.addEventListener("input", () => this.#enable());
    byId("login", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#in.disabled) return;
      this.#in.disabled = true; // until it is known what came of it
      ask({ type: "login", name: this.#name.value, server: this.#server.value });
    });
    // Whoever clicks twice means one login, also where that has failed by the second click.
    this.#in.addEventListener("click", (event) => {
      if (event.detail > 1) event.preventDefault();
    });
    byId("trust-server", HTMLButtonElement).addEventListener(
      "click",
      () => ask({ type: "trust-server" }),
    );
    this.#out.addEventListener("click", () => ask({ type: "logout" }));
    const tell = () => {
      const availability = /** @type {Me["availability"]} */ (this.#availability.value);
      this.#status.defaultValue = this.#status.value;
      ask({ type: "status", availability, text: this.#status.value });
    };
    this.#availability.addEventListener("change", tell);
    this.#status.addEventListener("change", tell);
    this.#presence.addEventListener("submit", (event) => event.preventDefault());
  }

  /** @param {Me} me */
  show(me) {
    const was = this.#me;
    this.#me = me;
    const { state } = me;
    // What somebody is typing stays; who is online has the name that it says.
    if (was === undefined || state === "online") {
      fill(this.#name, me.name, state === "online");
      fill(this.#server, me.server, state === "online");
    }
    document.documentElement.dataset["state"] = state;
    this.#changed.hidden = !me.serverChanged;
    this.#presence.hidden = !me.canTell || state !== "online";
    fill(this.#status, me.status);
    this.#availability.value = me.availability;
    this.#enable();
    const at = document.activeElement;
    if (was === undefined && state === "offline" && at === document.body) this.#name.focus();
    if (
      was?.state === "connecting" && state === "online" && (at === this.#in || at === this.#name)
    ) {
      byId("filter", HTMLInputElement).focus();
    }
  }

  #enable() {
    // Before the state has come, one may type, and there is nobody to ask.
    const state = this.#me?.state;
    const may = state === undefined || state === "offline" || state === "reconnecting";
    this.#in.disabled = !may || state === undefined || this.#name.value.trim() === "";
    this.#out.disabled = state === undefined || state === "offline";
    this.#name.readOnly = !may;
    this.#server.readOnly = !may;
  }
}
