/** The settings, and who is ignored. */

import { html, useEffect, useState } from "./html.js";
import { isLocked, LockedNote, noteOf } from "./locked.js";
import { send, state } from "./store.js";
import { formatSize, rich, says, t } from "./text.js";

/** @import { ComponentChildren } from "preact" */
/** @import { IgnoredRow, SettingKey } from "../messages.ts" */

/** How often the open settings refresh the number of refused calls. */
const REFRESH_MS = 1000;

export function Settings() {
  useEffect(() => {
    // The program counts refused calls without an update.
    const refresh = () => send({ type: "list-ignored" });
    refresh();
    const timer = setInterval(refresh, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const { me, ignored } = state;
  if (me === undefined) return null;
  const { settings, wrongSettings = [], unknownCallers, noHistoryReason, noKeyReason } = me;
  return html`
    ${wrongSettings.map((text) =>
      html`<p class="strip warning" role="note">${rich("wrongSetting", { text })}</p>`
    )}
    <${Choice} name="strangers" label=${t("strangers")} value=${unknownCallers} options=${[
      ["allow", t("strangersAllow")],
      ["allow-unconfirmed", t("strangersAllowUnconfirmed")],
      ["ask", t("strangersAsk")],
      ["refuse", t("strangersRefuse")],
    ]} />
    ${settings === undefined ? null : html`
      <${Switch} name="bell" label=${t("sound")} isOn=${settings.bell} />
      <${Switch} name="seen" label=${t("shareSeen")} isOn=${settings.seen} />
      <${Switch} name="notify" label=${t("notify")} isOn=${settings.notify} />
      <${Permission} />
      <${Choice} name="rooms" label=${t("roomNotices")} value=${settings.rooms} options=${[
        ["mentions", t("roomNoticesMentions")],
        ["all", t("roomNoticesAll")],
        ["off", t("roomNoticesOff")],
      ]} />
      <${Choice} name="joins" label=${t("joins")} value=${settings.joins} options=${[
        ["on", t("joinsOn")],
        ["smart", t("joinsSmart")],
        ["off", t("joinsOff")],
      ]} />
      <${Choice} name="autofiles" label=${t("autofiles")} value=${String(
        settings.autofiles || "off",
      )}
        options=${sizeOptions(settings.autofiles)} />
      <${Choice} name="history" label=${t("history")} value=${String(
        settings.history === true ? "on" : settings.history || "off",
      )}
        options=${historyOptions(settings.history)} />
      <${Switch} name="updates" label=${t("updates")} isOn=${settings.updates} />
      <fieldset>
        <legend>${t("fromNextStart")}</legend>
        <${Switch} name="autologin" label=${t("autoLogin")} isOn=${settings.autologin} />
        <${Text} name="name" label=${t("name")} stored=${settings.name} hint=${t("yourName")} />
        <${Text} name="server" label=${t("server")} stored=${settings.server} hint=${t(
          "serverHint",
        )} />
        <${Text} name="listen" label=${t("listen")} stored=${settings.listen} hint=${t(
          "listenHint",
        )} />
      </fieldset>
    `}
    <h3>${t("ignored")}</h3>
    ${ignored.length === 0 ? html`<p class="quiet">${t("ignoreNobody")}</p>` : null}
    <ul id="ignored" class="ignored" aria-label=${t("ignored")}>
      ${ignored.map((entry) => html`<${Ignored} key=${entry.id} entry=${entry} />`)}
    </ul>
    <p class="quiet">${noHistoryReason === undefined
      ? t("stored")
      : rich("notStored", { text: says(noHistoryReason) })}</p>
    ${noKeyReason === undefined
      ? null
      : html`<p class="quiet">${rich("noKey", { text: noKeyReason })}</p>`}
  `;
}

/** @param {Event} event */
const valueOf = (event) => /** @type {HTMLInputElement | HTMLSelectElement} */ (event.target).value;

/** @param {SettingKey} key @param {string} value */
const set = (key, value) => send({ type: "set-setting", key, value });

/** A setting with its control. @param {{ name: SettingKey, label: string, children?: ComponentChildren }} props */
function Setting({ name, label, children }) {
  return html`
    <label class="setting" data-setting=${name}><span>${label}</span>${children}</label>
    <${LockedNote} name=${name} />
  `;
}

/** @param {{ name: SettingKey, label: string, isOn: boolean }} props */
function Switch({ name, label, isOn }) {
  return html`
    <${Setting} name=${name} label=${label}>
      <input type="checkbox" checked=${isOn} onChange=${() => set(name, isOn ? "off" : "on")}
        disabled=${isLocked(name)} aria-describedby=${noteOf(name)} />
      <//>
  `;
}

/** @param {{ name: SettingKey, label: string, stored: string, hint: string }} props */
function Text({ name, label, stored, hint }) {
  /** The typed text until it is sent: the panel is drawn again meanwhile. */
  const [typed, setTyped] = useState(/** @type {string | undefined} */ (undefined));
  // The browser's own event does not come if the panel was drawn anew since the last letter.
  const keep = (/** @type {Event} */ event) => {
    const value = valueOf(event).trim();
    if (typed !== undefined && value !== stored) set(name, value);
    setTyped(undefined);
  };
  const onKey = (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && keep(event);
  return html`
    <${Setting} name=${name} label=${label}>
      <input id="set-${name}" dir=${name === "name" ? "auto" : "ltr"} maxlength="1000"
        spellcheck=${false} value=${typed ?? stored} placeholder=${hint} disabled=${isLocked(name)}
        aria-describedby=${noteOf(name)}
        onInput=${(/** @type {Event} */ event) => setTyped(valueOf(event))} onBlur=${keep}
        onKeyDown=${onKey} />
      <//>
  `;
}

/** @typedef {readonly (readonly [string, string])[]} Options */

/** @param {{ name: SettingKey, label: string, value: string, options: Options }} props */
function Choice({ name, label, value, options }) {
  return html`
    <${Setting} name=${name} label=${label}>
      <select value=${value} onChange=${(/** @type {Event} */ event) => set(name, valueOf(event))}
        disabled=${isLocked(name)} aria-describedby=${noteOf(name)}>
        ${options.map(([key, text]) => html`<option value=${key}>${text}</option>`)}
      </select>
      <//>
  `;
}

/** Usual numbers and the one that is set, each once. @param {readonly number[]} usual @param {boolean | number} set */
function choices(usual, set) {
  const all = new Set([...usual, ...(typeof set === "number" ? [set] : [])]);
  return [...all].toSorted((a, b) => a - b);
}

/** The sizes to choose from, in megabytes, and the one that is set. @param {false | number} set @returns {Options} */
function sizeOptions(set) {
  const sizes = choices([1, 10, 100, 1_000], set);
  return [
    ["off", t("autofilesOff")],
    ...sizes.map((size) => /** @type {const} */ ([String(size), formatSize(size * 1e6)])),
  ];
}

/** How long messages may be stored, and the time that is set. @param {boolean | number} set @returns {Options} */
function historyOptions(set) {
  const days = choices([30, 90, 365], set);
  return [
    ["on", t("historyForever")],
    ...days.map((n) => /** @type {const} */ ([String(n), t("historyDays", { n })])),
    ["off", t("historyNever")],
  ];
}

/** The button that asks for notifications, if the browser does not allow them yet. */
function Permission() {
  const [permission, setPermission] = useState(Notification.permission);
  if (permission === "granted") return null;
  if (permission === "denied") return html`<p class="quiet">${t("notifyBlocked")}</p>`;
  const ask = () => void Notification.requestPermission().then(setPermission, () => {});
  return html`
    <p><button id="notify" type="button" onClick=${ask}>${t("notifyAsk")}</button></p>
  `;
}

/** @param {{ entry: IgnoredRow }} props */
function Ignored({ entry: { id, name, address, rejectedCalls } }) {
  const label = name === undefined
    ? t("everybodyAt", { address: address ?? "" })
    : address === undefined
    ? name
    : t("nameAt", { name, address });
  const shown = name === undefined
    ? rich("everybodyAt", { address: address ?? "" })
    : address === undefined
    ? html`<bdi>${name}</bdi>`
    : rich("nameAt", { name, address });
  return html`
    <li class="card">
      <span>${shown}, ${t("refusedCalls", { n: rejectedCalls })}</span>
      <button type="button" aria-label=${t("noLongerIgnore", { name: label })}
        onClick=${() => send({ type: "unignore", id })}>${t("stopIgnoring")}</button>
    </li>
  `;
}
