/** Name, server, Login and Logout: a card while the user is offline, part of the account panel else. */

import { html, useEffect, useRef } from "./html.js";
import { isLocked, LockedNote, noteOf } from "./locked.js";
import { change, drawNow, send, state } from "./store.js";
import { Retry, ServerAlarm, TryNow } from "./server_strip.js";
import { rich, says, t } from "./text.js";

/** @param {{ isCard: boolean }} props */
export function LoginForm({ isCard }) {
  const { me } = state;
  /** @type {{ current: HTMLInputElement | null }} */
  const name = useRef(null);
  /** @type {{ current: HTMLInputElement | null }} */
  const server = useRef(null);
  const typed = state.typedLogin;
  const how = me?.state;
  const canLogIn = how === "offline" || how === "reconnecting";
  const value = (how === "online" ? undefined : typed.name) ?? me?.name ?? "";
  const found = how === "offline" && !isLocked("server") ? me?.found ?? [] : [];
  const at = (how === "online" ? undefined : typed.server) ?? found[0]?.server ?? me?.server ?? "";
  useEffect(() => {
    if (isCard && how === "offline" && document.activeElement === document.body) {
      name.current?.focus();
    }
  }, [how]);
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    if (!canLogIn || value.trim() === "") return;
    if (me !== undefined) change({ me: { ...me, state: "connecting" } }); // until the program answers
    send({ type: "login", name: value, server: at });
  };
  const set = (/** @type {Partial<typeof state.typedLogin>} */ part) => {
    change({ typedLogin: { ...state.typedLogin, ...part } });
    drawNow(); // the button is enabled with the first letter, and sends what is chosen now
  };
  const type = (/** @type {"name" | "server"} */ key) => (/** @type {Event} */ event) =>
    set({ [key]: /** @type {HTMLInputElement} */ (event.target).value });
  const toggle = () => {
    const value = me?.settings?.autologin ? "off" : "on";
    send({ type: "set-setting", key: "autologin", value });
  };
  // A double click is one login, even if that has failed before the second click.
  const click = (/** @type {MouseEvent} */ event) => {
    if (event.detail > 1) event.preventDefault();
  };
  return html`
    <form id="login" class=${isCard ? "sign-in card" : "sign-in"} autocomplete="off" aria-label=${t(
      "login",
    )} onSubmit=${submit}>
      ${isCard
        ? html`
          <h2>MIM</h2>
          <p class="quiet">${t("intro")}</p>
        `
        : null}
      <label>${t("name")}
        <input id="name" ref=${name} maxlength="64" required placeholder=${t(
          "yourName",
        )} spellcheck=${false}
          dir="auto" value=${value} readonly=${!canLogIn && me !== undefined || isLocked("name")}
          aria-describedby=${noteOf("name")} onInput=${type(
            "name",
          )} />
      </label>
      <${LockedNote} name="name" />
      <label>${t("server")}
        <input id="server" ref=${server} maxlength="255" placeholder=${t(
          "serverHint",
        )} spellcheck=${false}
          value=${at} readonly=${!canLogIn && me !== undefined ||
            isLocked("server")}
          aria-describedby=${noteOf("server")} onInput=${type("server")} />
      </label>
      <${LockedNote} name="server" />
      ${found.length === 0 ? null : html`
        <fieldset class="found">
          <legend>${t("found")}</legend>
          ${found.map(({ title, address, server }) =>
            html`
              <label class="check"><input type="radio" name="found" checked=${at === server}
                onChange=${() => set({ server })} />${rich("foundAt", {
                  title,
                  address,
                })}</label>
            `
          )}
          <label class="check"><input type="radio" name="found" checked=${at === me?.server}
            onChange=${() => set({ server: me?.server ?? "" })} />
            ${t("hostHere")}</label>
        </fieldset>
      `}
      <div class="buttons">
        <button id="log-in" class=${how === "reconnecting" ? "" : "strong"} disabled=${!canLogIn ||
          value.trim() === ""} onClick=${click}>
          ${t("login")}
        </button>
        ${isCard && how === "offline"
          ? html`<button type="button" disabled>${t("logout")}</button>`
          : null}
      </div>
      ${me?.settings === undefined ? null : html`
        <label class="check"><input type="checkbox" checked=${me.settings.autologin}
          onChange=${toggle}
          disabled=${isLocked("autologin")} aria-describedby=${noteOf(
            "autologin",
          )} /> ${t(
            "autoLogin",
          )}</label>
        <${LockedNote} name="autologin" />
      `}
      ${isCard ? html`<${Problem} />` : null}
    </form>
  `;
}

/** Why the user is not online, and what to do. */
function Problem() {
  const { me } = state;
  if (me === undefined) return null;
  if (me.serverKeyChanged || me.isServerClassic) return html`<${ServerAlarm} />`;
  if (me.state === "connecting") return html`<p class="quiet" role="status">${t("connecting")}</p>`;
  const text = says(me.reconnectProblem ?? me.loginProblem);
  if (me.state === "reconnecting") {
    return html`
      <div class="strip warning" role="status">
        <p>${text === "" ? "" : `${text}. `}<${Retry} /></p>
        <${TryNow} />
      </div>
    `;
  }
  return text === "" ? null : html`
    <div class="strip warning" role="alert">
      <p>${text}</p>
    </div>
  `;
}
