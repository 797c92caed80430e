/** The panels over the page that most visits never open; loaded when the first one is. */

import { LoginForm } from "./login_form.js";
import { html, Panel, useEffect, useState } from "./html.js";
import { Help } from "./help.js";
import { PeoplePanel } from "./people_panel.js";
import { Profile } from "./profile.js";
import { Settings } from "./settings.js";
import { Members, NewRoom } from "./room_panels.js";
import { QrCode } from "./qr_code.js";
import { change, send, state } from "./store.js";
import { formatDateTime, isoTime, rich, t } from "./text.js";

/** @import { ComponentChildren } from "preact" */
/** @import { Me, MessageRow, UserRow } from "../messages.ts" */
/** @import { TextKey } from "./text.js" */

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
    case "people":
      return html`
        <${Panel} id="people" title=${t("people")} ...${labels}>
          <${PeoplePanel} onDone=${close} />
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
    case "leave-room":
      return html`<${LeaveRoom} chat=${panel.chat} />`;
    case "remove-member":
      return html`<${RemoveMember} chat=${panel.chat} member=${panel.key} name=${panel.name} />`;
    case "new-room":
      return html`
        <${Panel} id="new-room" title=${t("newRoom")} ...${labels}>
          <${NewRoom} problem=${panel.problem} />
          <//>
      `;
    case "order":
      return html`<${Order} action=${panel.action} row=${panel.row} />`;
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

/** The title of a panel by the entry of a menu that opens it. @param {TextKey} entry */
const titleOf = (entry) => t(entry).replace(/\s*…$/, "");

/** A question before something is done. @param {{ id: string, title: string, yes: string, onYes: () => void, onClose?: () => void, children?: ComponentChildren }} props */
function Question({ id, title, yes, onYes, onClose = close, children }) {
  const confirm = () => {
    onYes();
    onClose();
  };
  return html`
    <${Panel} id=${id} title=${title} onClose=${onClose} closeLabel=${t("cancel")}>
      ${children}
      <p><button type="button" class="danger" onClick=${confirm}>${yes}</button></p>
      <//>
  `;
}

/** @param {{ chat: number }} props */
function Forget({ chat }) {
  const head = state.chats.get(chat);
  if (head === undefined) return null;
  return html`
    <${Question} id="forget" title=${titleOf("forget")} yes=${t("deleteThem")}
      onYes=${() => send({ type: "forget", chat })}>
      <p>${rich("forgetSure", { name: head.name })}</p>
      <//>
  `;
}

/** @param {{ chat: number }} props */
function LeaveRoom({ chat }) {
  const head = state.chats.get(chat);
  if (head === undefined) return null;
  return html`
    <${Question} id="leave-room" title=${titleOf("leaveRoom")} yes=${titleOf("leaveRoom")}
      onYes=${() => send({ type: "leave-room", chat })}>
      <p>${rich("leaveSure", { name: head.name })}</p>
      <//>
  `;
}

/** @param {{ chat: number, member: string, name: string }} props */
function RemoveMember({ chat, member, name }) {
  const back = () => change({ panel: { type: "members", chat } });
  return html`
    <${Question} id="remove-member" title=${t("removeWho", { name })} yes=${t("remove")}
      onYes=${() => send({ type: "remove-member", chat, key: member })} onClose=${back}>
      <p>${rich("removeSure", { name, room: state.chats.get(chat)?.name ?? "" })}</p>
      <//>
  `;
}

/** An order that an admin is about to give the server. @param {{ action: "kick" | "ban", row: UserRow }} props */
function Order({ action, row: { id, name, security } }) {
  const isKick = action === "kick";
  return html`
    <${Question} id="order" title=${titleOf(action)} yes=${t(isKick ? "kickNow" : "banNow")}
      onYes=${() => send({ type: action, user: id })}>
      <p>${rich(isKick ? "kickSure" : security === "classic" ? "banNameSure" : "banSure", {
        name,
      })}</p>
      <//>
  `;
}

/** @param {{ chat: number, row: MessageRow }} props */
function Delete({ chat, row }) {
  return html`
    <${Question} id="delete" title=${t("delete")} yes=${t("delete")}
      onYes=${() => send({ type: "delete", chat, message: row.id })}>
      <p>${t("deleteSure")}</p>
      <blockquote class="message" dir="auto">${row.text.slice(0, 500)}</blockquote>
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

function Account() {
  const { me, keyBackup, serverLink } = state;
  // A status that another page sets shows here, unless the user is typing.
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
        <p><button type="button" onClick=${() =>
          void navigator.clipboard.writeText(serverLink.link).catch(() => {})}>${t(
            "copyLink",
          )}</button></p>
        <${QrCode} rows=${serverLink.qr} label=${t("inviteQr")} />
      </section>
    `}
    ${me.noKeyReason !== undefined || me.settings === undefined ? null : html`
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
