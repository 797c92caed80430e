/** Details of someone: safety number, key, address, and the user's own name and note for them. */

import { html, useState } from "./html.js";
import { people } from "./people.js";
import { securityText } from "./people_rows.js";
import { QrCode } from "./qr_code.js";
import { send } from "./store.js";
import { rich, t } from "./text.js";

/** @import { ChatHead } from "../messages.ts" */

/**
 * @param {{
 *   head: ChatHead,
 *   number?: string,
 *   qr?: readonly string[],
 *   publicKey?: string,
 *   onDone: () => void,
 * }} props
 */
export function Profile({ head, number, qr = [], publicKey, onDone }) {
  const { id: chat, name, security, muted, address } = head;
  const [alias, setAlias] = useState(head.alias);
  const [note, setNote] = useState(head.note);
  const hasChanged = security === "changed" || people.userOf(head)?.security === "changed";
  const isVerified = security === "verified" && !hasChanged;
  const verify = () => {
    send({ type: "verify", chat });
    onDone();
  };
  const unverify = () => {
    send({ type: "unverify", chat });
    onDone();
  };
  const save = (/** @type {Event} */ event) => {
    event.preventDefault();
    send({ type: "set-chat", chat, muted, alias: alias.trim(), note });
    onDone();
  };
  const valueOf = (/** @type {Event} */ event) =>
    /** @type {HTMLInputElement} */ (event.target).value;
  return html`
    <p>${securityText(hasChanged ? "changed" : security)}.</p>
    ${number === undefined ? null : html`
      <h3>${t("safety")}</h3>
      <p id="safety-advice">${hasChanged
        ? t("safetyChanged")
        : rich(isVerified ? "safetyVerified" : "safetyAdvice", { name })}</p>
      <div class="safety">
        <p class="safety-number" role="group" aria-label=${t("safety")} dir="ltr">
          ${number.split(/\s+/).map((group) => html`<span>${group}</span>`)}
        </p>
        <${QrCode} rows=${qr} label=${t("qr")} />
      </div>
      ${hasChanged
        ? null
        : isVerified
        ? html`<p><button type="button" onClick=${unverify}>${t("notSame")}</button></p>`
        : html`
          <p><button id="verify" type="button" class="strong" onClick=${verify}>${t(
            "same",
          )}</button></p>
        `}
    `}
    <dl class="facts">
      ${address === "" ? null : html`
        <div>
          <dt>${t("address")}</dt>
          <dd dir="ltr">${address}</dd>
        </div>
      `}
      ${publicKey === undefined ? null : html`
        <div>
          <dt>${t("key")}</dt>
          <dd class="mono" dir="ltr">${publicKey}</dd>
        </div>
      `}
    </dl>
    <form class="about-them" onSubmit=${save}>
      <label>${t("alias")}
        <input maxlength="64" dir="auto" value=${alias}
          onInput=${(/** @type {Event} */ event) => setAlias(valueOf(event))} />
      </label>
      <label>${t("notes")}
        <textarea rows="3" maxlength="4000" dir="auto" value=${note}
          onInput=${(/** @type {Event} */ event) => setNote(valueOf(event))} />
      </label>
      <button>${t("save")}</button>
    </form>
  `;
}
