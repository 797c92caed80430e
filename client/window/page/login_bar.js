/** The bar at the top: name, server, Login and Logout, and the user's status. */

import { fillField, getElement } from "./elements.js";

/** @import { Me, Request } from "../messages.ts" */

export class LoginBar {
  #name = getElement("name", HTMLInputElement);
  #server = getElement("server", HTMLInputElement);
  #login = getElement("log-in", HTMLButtonElement);
  #logout = getElement("log-out", HTMLButtonElement);
  #serverChanged = getElement("other-server", HTMLElement);
  #serverClassic = getElement("classic-server", HTMLElement);
  #presence = getElement("presence", HTMLFormElement);
  #availability = getElement("availability", HTMLSelectElement);
  #status = getElement("status", HTMLInputElement);
  /** @type {Me | undefined} */
  #me;

  /** @param {(request: Request) => void} send */
  constructor(send) {
    this.#name.addEventListener("input", () => this.#enable());
    getElement("login", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.#login.disabled) return;
      this.#login.disabled = true; // until the program answers
      send({ type: "login", name: this.#name.value, server: this.#server.value });
    });
    // A double click is one login, even if that has failed before the second click.
    this.#login.addEventListener("click", (event) => {
      if (event.detail > 1) event.preventDefault();
    });
    for (const type of /** @type {const} */ (["trust-server", "allow-classic"])) {
      getElement(type, HTMLButtonElement).addEventListener("click", () => send({ type }));
    }
    this.#logout.addEventListener("click", () => send({ type: "logout" }));
    const setStatus = () => {
      const availability = /** @type {Me["availability"]} */ (this.#availability.value);
      this.#status.defaultValue = this.#status.value;
      send({ type: "set-status", availability, text: this.#status.value });
    };
    this.#availability.addEventListener("change", setStatus);
    this.#status.addEventListener("change", setStatus);
    this.#presence.addEventListener("submit", (event) => event.preventDefault());
  }

  /** @param {Me} me */
  show(me) {
    const before = this.#me;
    this.#me = me;
    const { state } = me;
    const isOnline = state === "online";
    // While the user is offline, what they are typing stays.
    if (before === undefined || isOnline) {
      fillField(this.#name, me.name, isOnline);
      fillField(this.#server, me.server, isOnline);
    }
    document.documentElement.dataset["state"] = state;
    this.#serverChanged.hidden = !me.serverKeyChanged;
    this.#serverClassic.hidden = !me.isServerClassic;
    this.#presence.hidden = !me.canSetStatus || !isOnline;
    fillField(this.#status, me.status);
    this.#availability.value = me.availability;
    this.#enable();
    const focused = document.activeElement;
    if (before === undefined && state === "offline" && focused === document.body) {
      this.#name.focus();
    }
    const wasLoggingIn = before?.state === "connecting" && isOnline;
    if (wasLoggingIn && (focused === this.#login || focused === this.#name)) {
      getElement("filter", HTMLInputElement).focus();
    }
  }

  #enable() {
    // Until the snapshot arrives, the user can type, but nothing can be sent.
    const state = this.#me?.state;
    const canLogIn = state === undefined || state === "offline" || state === "reconnecting";
    this.#login.disabled = !canLogIn || state === undefined || this.#name.value.trim() === "";
    this.#logout.disabled = state === undefined || state === "offline";
    this.#name.readOnly = !canLogIn;
    this.#server.readOnly = !canLogIn;
  }
}
