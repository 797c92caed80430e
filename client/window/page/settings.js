/** The settings, and who is ignored. */

import { html, useEffect, useState } from "./html.js";
import { isLocked, LockedNote, noteOf } from "./locked.js";
import { send, state } from "./store.js";
import { formatSize, says, t } from "./text.js";

/** @import { IgnoredRow, Me } from "../messages.ts" */

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
  const { settings, unknownCallers, noHistoryReason, noKeyReason } = me;
  const valueOf = (/** @type {Event} */ event) =>
    /** @type {HTMLInputElement} */ (event.target).value;
  const setPolicy = (/** @type {Event} */ event) => {
    const policy = /** @type {Me["unknownCallers"]} */ (valueOf(event));
    send({ type: "set-unknown-callers", policy });
  };
  return html`
    <label class="setting"><span>${t("strangers")}</span>
      <select id="unknown-callers" value=${unknownCallers} onChange=${setPolicy}
        disabled=${isLocked("strangers")} aria-describedby=${noteOf(
          "strangers",
        )}>
        <option value="allow">${t("strangersAllow")}</option>
        <option value="allow-unconfirmed">${t("strangersAllowUnconfirmed")}</option>
        <option value="ask">${t("strangersAsk")}</option>
        <option value="refuse">${t("strangersRefuse")}</option>
      </select>
    </label>
    <${LockedNote} name="strangers" />
    ${settings === undefined ? null : html`
      <${Switch} name="bell" label=${t("sound")} isOn=${settings.bell} />
      <${Switch} name="seen" label=${t("shareSeen")} isOn=${settings.seen} />
      <${Switch} name="notify" label=${t("notify")} isOn=${settings.notify} />
      <${Switch} name="updates" label=${t("updates")} isOn=${settings.updates} />
      <${OwnAddress} stored=${settings.listen} />
      <${LockedNote} name="listen" />
      <${Choice} name="rooms" label=${t("roomNotices")} value=${settings.rooms} options=${{
        mentions: t("roomNoticesMentions"),
        all: t("roomNoticesAll"),
        off: t("roomNoticesOff"),
      }} />
      <${Choice} name="autofiles" label=${t("autofiles")} value=${String(
        settings.autofiles || "off",
      )}
        options=${sizeOptions(settings.autofiles)} />
      <label class="setting"><span>${t("history")}</span>
        <select id="keep" value=${String(
          settings.history === true ? "on" : settings.history || "off",
        )}
          disabled=${isLocked("history")} aria-describedby=${noteOf("history")}
          onChange=${(/** @type {Event} */ event) =>
            send({ type: "set-setting", key: "history", value: valueOf(event) })}>
          <option value="on">${t("historyForever")}</option>
          ${[30, 90, 365].map((n) => html`<option value=${n}>${t("historyDays", { n })}</option>`)}
          <option value="off">${t("historyNever")}</option>
        </select>
      </label>
      <${LockedNote} name="history" />
    `}
    <${Permission} />
    <h3>${t("ignored")}</h3>
    ${ignored.length === 0 ? html`<p class="quiet">${t("ignoreNobody")}</p>` : null}
    <ul id="ignored" class="ignored" aria-label=${t("ignored")}>
      ${ignored.map((entry) => html`<${Ignored} key=${entry.id} entry=${entry} />`)}
    </ul>
    <p class="quiet">${noHistoryReason === undefined
      ? t("stored")
      : t("notStored", { text: says(noHistoryReason) })}</p>
    ${noKeyReason === undefined
      ? null
      : html`<p class="quiet">${t("noKey", { text: noKeyReason })}</p>`}
  `;
}

/** @param {{ name: "bell" | "notify" | "seen" | "updates", label: string, isOn: boolean }} props */
function Switch({ name, label, isOn }) {
  const toggle = () => send({ type: "set-setting", key: name, value: isOn ? "off" : "on" });
  return html`
    <label class="setting"><span>${label}</span>
      <input type="checkbox" checked=${isOn} onChange=${toggle} disabled=${isLocked(
        name,
      )} aria-describedby=${noteOf(name)} />
    </label>
    <${LockedNote} name=${name} />
  `;
}

/** @param {{ stored: string }} props */
function OwnAddress({ stored }) {
  /** The typed text until it is sent: the panel is drawn again meanwhile. */
  const [typed, setTyped] = useState(/** @type {string | undefined} */ (undefined));
  const valueOf = (/** @type {Event} */ event) =>
    /** @type {HTMLInputElement} */ (event.target).value;
  const set = (/** @type {Event} */ event) => {
    send({ type: "set-setting", key: "listen", value: valueOf(event).trim() });
    setTyped(undefined);
  };
  return html`
    <label class="setting"><span>${t("listen")}</span>
      <input id="listen" dir="ltr" maxlength="64" spellcheck="false" value=${typed ?? stored}
        placeholder=${t("listenHint")} disabled=${isLocked("listen")}
        aria-describedby=${noteOf("listen")} onInput=${(/** @type {Event} */ event) =>
          setTyped(valueOf(event))} onChange=${set} />
    </label>
  `;
}

/** @param {{ name: "rooms" | "autofiles", label: string, value: string, options: Readonly<Record<string, string>> }} props */
function Choice({ name, label, value, options }) {
  const choose = (/** @type {Event} */ event) => {
    const { value } = /** @type {HTMLSelectElement} */ (event.target);
    send({ type: "set-setting", key: name, value });
  };
  return html`
    <label class="setting"><span>${label}</span>
      <select id=${name} value=${value} onChange=${choose} disabled=${isLocked(
        name,
      )} aria-describedby=${noteOf(name)}>
        ${Object.entries(options).map(([key, text]) => html`<option value=${key}>${text}</option>`)}
      </select>
    </label>
    <${LockedNote} name=${name} />
  `;
}

/** The sizes to choose from, in megabytes, and the one that is set. @param {false | number} set */
function sizeOptions(set) {
  const sizes = [1, 10, 100, 1_000, ...(set === false ? [] : [set])].toSorted((a, b) => a - b);
  const options = sizes.map((size) => [String(size), formatSize(size * 1e6)]);
  return Object.fromEntries([["off", t("autofilesOff")], ...options]);
}

/** The button that asks for notifications, if the browser does not allow them yet. */
function Permission() {
  const [permission, setPermission] = useState(Notification.permission);
  if (permission === "granted") return null;
  const ask = () => void Notification.requestPermission().then(setPermission, () => {});
  return html`
    <p><button id="notify" type="button" disabled=${permission === "denied"} onClick=${ask}>
      ${t(permission === "denied" ? "notifyBlocked" : "notifyAsk")}
    </button></p>
  `;
}

/** @param {{ entry: IgnoredRow }} props */
function Ignored({ entry: { id, name, address, rejectedCalls } }) {
  const label = name === undefined
    ? t("everybodyAt", { address: address ?? "" })
    : address === undefined
    ? name
    : t("nameAt", { name, address });
  return html`
    <li class="card">
      <span><bdi>${label}</bdi>, ${t("refusedCalls", { n: rejectedCalls })}</span>
      <button type="button" aria-label=${t("noLongerIgnore", { name: label })}
        onClick=${() => send({ type: "unignore", id })}>${t("stopIgnoring")}</button>
    </li>
  `;
}
