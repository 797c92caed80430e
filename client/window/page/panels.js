/** The panels over the page that most visits never open; loaded when the first one is. */

import { LoginForm } from "./login_form.js";
import { html, Panel, useEffect, useState } from "./html.js";
import { KEYS } from "./keys.js";
import { Profile } from "./profile.js";
import { Members, NewRoom } from "./room_panels.js";
import { QrCode } from "./qr_code.js";
import { change, send, state } from "./store.js";
import { formatDateTime, formatSize, isoTime, rich, t } from "./text.js";

/** @import { IgnoredRow, Me, MessageRow } from "../messages.ts" */

/** How often the open settings refresh the number of refused calls. */
const REFRESH_MS = 1000;

const close = () => change({ panel: undefined, keyBackup: undefined });

/** The panel that is open. */
export function OpenPanel() {
  const { panel } = state;
  const labels = { onClose: close, closeLabel: t("close") };
  switch (panel?.type) {
    case "account":
      return html`
        <${Panel} id="account" title=${t("account")} ...${labels}>
          <${Account} />
          <//>
      `;
    case "settings":
      return html`
        <${Panel} id="settings" title=${t("settings")} ...${labels}>
          <${Settings} />
          <//>
      `;
    case "help":
      return html`
        <${Panel} id="help" title=${t("help")} ...${labels}>
          <${Help} />
          <//>
      `;
    case "profile": {
      const head = state.chats.get(panel.chat);
      if (head === undefined) return null;
      return html`
        <${Panel} id="profile" title=${head.name} ...${labels}>
          <${Profile} head=${head} number=${panel.number} qr=${panel.qr} publicKey=${panel.key}
            onDone=${close} />
          <//>
      `;
    }
    case "forget":
      return html`<${Forget} chat=${panel.chat} />`;
    case "members": {
      const head = state.chats.get(panel.chat);
      if (head?.room === undefined) return null;
      return html`
        <${Panel} id="members" title=${head.name} ...${labels}>
          <${Members} chat=${head.id} room=${head.room} />
          <//>
      `;
    }
    case "new-room":
      return html`
        <${Panel} id="new-room" title=${t("newRoom")} ...${labels}>
          <${NewRoom} onDone=${close} />
          <//>
      `;
    case "delete":
      return html`<${Delete} chat=${panel.chat} row=${panel.row} />`;
    case "versions":
      return html`
        <${Panel} id="versions" title=${t("versions")} ...${labels}>
          <${Versions} versions=${panel.versions ?? []} />
          <//>
      `;
    case undefined:
      return null;
  }
}

/** @param {{ chat: number }} props */
function Forget({ chat }) {
  const head = state.chats.get(chat);
  if (head === undefined) return null;
  const forget = () => {
    send({ type: "forget", chat });
    close();
  };
  return html`
    <${Panel} id="forget" title=${t("forget")} onClose=${close} closeLabel=${t("cancel")}>
      <p>${rich("forgetSure", { name: head.name })}</p>
      <p><button type="button" class="danger" onClick=${forget}>${t("deleteThem")}</button></p>
      <//>
  `;
}

/** @param {{ chat: number, row: MessageRow }} props */
function Delete({ chat, row }) {
  const remove = () => {
    send({ type: "delete", chat, message: row.id });
    close();
  };
  return html`
    <${Panel} id="delete" title=${t("delete")} onClose=${close} closeLabel=${t("cancel")}>
      <p>${t("deleteSure")}</p>
      <blockquote class="message" dir="auto">${row.text.slice(0, 500)}</blockquote>
      <p><button type="button" class="danger" onClick=${remove}>${t("delete")}</button></p>
      <//>
  `;
}

/** @param {{ versions: readonly { at: number, text: string }[] }} props */
function Versions({ versions }) {
  return html`
    <ol class="versions">
      ${versions.map(({ text, at }) =>
        html`
          <li>
            <time class="quiet" datetime=${isoTime(at)}>${formatDateTime(at)}</time>
            <p dir="auto">${text}</p>
          </li>
        `
      )}
    </ol>
  `;
}

function Help() {
  return html`<dl class="keys">${
    KEYS.map(([keys, text]) =>
      html`
        <div>
          <dt><kbd dir="ltr">${keys}</kbd></dt>
          <dd>${t(text)}</dd>
        </div>
      `
    )
  }</dl>`;
}

function Account() {
  const { me, keyBackup, serverLink } = state;
  // What another page sets shows here, unless the user is typing.
  const [typed, setTyped] = useState(/** @type {string | undefined} */ (undefined));
  const [passphrase, setPassphrase] = useState("");
  useEffect(() => {
    if (me?.state === "online") send({ type: "server-link" });
  }, [me?.state, me?.server]);
  if (me === undefined) return null;
  const status = typed ?? me.status;
  const set = (/** @type {Me["availability"]} */ availability) => {
    send({ type: "set-status", availability, text: status });
    setTyped(undefined);
  };
  const valueOf = (/** @type {Event} */ event) =>
    /** @type {HTMLInputElement} */ (event.target).value;
  const exportKey = (/** @type {Event} */ event) => {
    event.preventDefault();
    send({ type: "export-key", passphrase });
    setPassphrase("");
  };
  return html`
    ${me.canSetStatus && me.state === "online"
      ? html`
        <form id="presence" autocomplete="off" onSubmit=${(/** @type {Event} */ event) => {
          event.preventDefault();
          if (typed !== undefined) set(me.availability);
        }}>
          <label>${t("availability")}
            <select id="availability" value=${me.availability} onChange=${(
              /** @type {Event} */ event,
            ) => set(/** @type {Me["availability"]} */ (valueOf(event)))}>
              ${/** @type {const} */ (["online", "away", "busy"]).map((each) =>
                html`<option value=${each}>${t(each)}</option>`
              )}
            </select>
          </label>
          <label>${t("status")}
            <input id="status" maxlength="256" dir="auto" placeholder=${t(
              "statusHint",
            )} value=${status}
              onInput=${(/** @type {Event} */ event) => setTyped(valueOf(event))}
              onChange=${() => typed === undefined || set(me.availability)} />
          </label>
        </form>
      `
      : null}
    <${LoginForm} isCard=${false} />
    ${serverLink === undefined || me.state !== "online" ? null : html`
      <section class="invite" aria-label=${t("invite")}>
        <h3>${t("invite")}</h3>
        <p class="quiet">${t("inviteHint")}</p>
        <p class="mono" dir="ltr">${serverLink.link}</p>
        <${QrCode} rows=${serverLink.qr} label=${t("inviteQr")} />
      </section>
    `}
    ${me.noKeyReason !== undefined || me.autoLogin === undefined ? null : html`
      <form class="export" onSubmit=${exportKey}>
        <h3>${t("exportKey")}</h3>
        <p class="quiet">${t("exportHint")}</p>
        <label>${t("passphrase")}
          <input type="password" autocomplete="new-password" maxlength="256" value=${passphrase}
            onInput=${(/** @type {Event} */ event) => setPassphrase(valueOf(event))} />
        </label>
        <button disabled=${[...passphrase].length < 8}>${t("exportButton")}</button>
        ${keyBackup === undefined ? null : html`
          <textarea class="backup" readonly rows="3"
            aria-label=${t("exportKey")}>${keyBackup}</textarea>
          <button type="button" onClick=${() => download(keyBackup)}>${t("save")}</button>
        `}
      </form>
    `}
  `;
}

/** @param {string} text */
function download(text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: "application/json" }));
  link.download = "mim-key.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
}

function Settings() {
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
      <select id="unknown-callers" value=${unknownCallers} onChange=${setPolicy}>
        <option value="allow">${t("strangersAllow")}</option>
        <option value="allow-unconfirmed">${t("strangersAllowUnconfirmed")}</option>
        <option value="ask">${t("strangersAsk")}</option>
        <option value="refuse">${t("strangersRefuse")}</option>
      </select>
    </label>
    ${settings === undefined ? null : html`
      <${Switch} name="bell" label=${t("sound")} isOn=${settings.bell} />
      <${Switch} name="seen" label=${t("shareSeen")} isOn=${settings.seen} />
      <${Switch} name="notify" label=${t("notify")} isOn=${settings.notify} />
      <label class="setting"><span>${t("autofiles")}</span>
        <select id="autofiles" value=${String(settings.autofiles)}
          onChange=${(/** @type {Event} */ event) =>
            send({ type: "set-setting", key: "autofiles", value: valueOf(event) })}>
          <option value="false">${t("autofilesOff")}</option>
          ${[1, 10, 100, 1_000].map((n) =>
            html`<option value=${n}>${formatSize(n * 1e6)}</option>`
          )}
        </select>
      </label>
      <label class="setting"><span>${t("history")}</span>
        <select id="keep" value=${String(
          settings.history === true ? "on" : settings.history || "off",
        )}
          onChange=${(/** @type {Event} */ event) =>
            send({ type: "set-setting", key: "history", value: valueOf(event) })}>
          <option value="on">${t("historyForever")}</option>
          ${[30, 90, 365].map((n) => html`<option value=${n}>${t("historyDays", { n })}</option>`)}
          <option value="off">${t("historyNever")}</option>
        </select>
      </label>
    `}
    <${Permission} />
    <h3>${t("ignored")}</h3>
    ${ignored.length === 0 ? html`<p class="quiet">${t("ignoreNobody")}</p>` : null}
    <ul id="ignored" class="ignored" aria-label=${t("ignored")}>
      ${ignored.map((entry) => html`<${Ignored} key=${entry.id} entry=${entry} />`)}
    </ul>
    <p class="quiet">${noHistoryReason === undefined
      ? t("stored")
      : t("notStored", { text: noHistoryReason })}</p>
    ${noKeyReason === undefined
      ? null
      : html`<p class="quiet">${t("noKey", { text: noKeyReason })}</p>`}
  `;
}

/** @param {{ name: "bell" | "notify" | "seen", label: string, isOn: boolean }} props */
function Switch({ name, label, isOn }) {
  const toggle = () => send({ type: "set-setting", key: name, value: isOn ? "off" : "on" });
  return html`
    <label class="setting"><span>${label}</span>
      <input type="checkbox" checked=${isOn} onChange=${toggle} />
    </label>
  `;
}

/** What the browser says about notifications. */
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
function Ignored({ entry: { id, label, rejectedCalls } }) {
  return html`
    <li class="card">
      <span><bdi>${label}</bdi>, ${t("refusedCalls", { n: rejectedCalls })}</span>
      <button type="button" aria-label=${t("noLongerIgnore", { name: label })}
        onClick=${() => send({ type: "unignore", id })}>${t("stopIgnoring")}</button>
    </li>
  `;
}
