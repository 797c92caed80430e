/** The strips about the program and its server, in the chats and on the sign-in card. */

import { html, useEffect, useState } from "./html.js";
import { change, send, state } from "./store.js";
import { formatTime, rich, t } from "./text.js";

/** @import { ComponentChildren } from "preact" */

/** @param {{ loudness: "quiet" | "note" | "warning" | "alarm", children?: ComponentChildren, class?: string }} props */
export function Strip({ loudness, children, class: name = "" }) {
  const role = loudness === "alarm" ? "alert" : "status";
  return html`<div class="strip ${loudness} ${name}" role=${role}>${children}</div>`;
}

export function ServerStrip() {
  const { me } = state;
  if (me === undefined || me.state === "online" || me.state === "connecting") return null;
  if (me.serverKeyChanged || me.isServerClassic) return html`<${ServerAlarm} />`;
  const { staleSince } = me;
  if (me.state === "offline") {
    const logIn = (/** @type {MouseEvent} */ { detail }) => {
      if (detail < 2) logInAgain();
    };
    return html`
      <${Strip} loudness="quiet" class="net">
        <p>${t("loggedOut")}</p>
        <button type="button" onClick=${logIn}>${t("login")}</button>
        <//>
    `;
  }
  const time = staleSince === undefined ? "" : formatTime(staleSince);
  return html`
    <${Strip} loudness="quiet" class="net">
      <p>${time === "" ? t("noServer") : t("noServerSince", { time })}${" "}<${Retry} /></p>
      <${TryNow} />
      <//>
  `;
}

/** When MIM tries again to reach the server. */
export function Retry() {
  const [, tick] = useState(0);
  const at = state.me?.nextAttemptAt;
  useEffect(() => {
    if (at === undefined) return;
    const timer = setInterval(() => tick((n) => n + 1), 500);
    return () => clearInterval(timer);
  }, [at]);
  // Screen readers would read every second.
  const n = Math.max(0, Math.ceil(((at ?? 0) - Date.now()) / 1_000));
  return html`<span class="retry" aria-live="off">${
    n > 0 ? t("retryIn", { n }) : t("retryNow")
  }</span>`;
}

/** Tries at once to reach the server. */
export function TryNow() {
  const again = (/** @type {MouseEvent} */ { detail }) => {
    if (detail < 2) logInAgain(); // a double click tries once
  };
  return html`<button type="button" onClick=${again}>${t("tryNow")}</button>`;
}

/** The server is not the one it was, or speaks without encryption: the user decides. */
export function ServerAlarm() {
  const isClassic = state.me?.isServerClassic === true;
  const type = isClassic ? "allow-classic" : "trust-server";
  return html`
    <div id=${isClassic ? "classic-server" : "other-server"} class="strip alarm" role="alert">
      <p>${t(isClassic ? "serverClassic" : "serverChanged")}</p>
      <button id=${type} type="button" onClick=${() => send({ type })}>
        ${t(isClassic ? "allowClassic" : "trustServer")}
      </button>
    </div>
  `;
}

function logInAgain() {
  const { me, typedLogin } = state;
  if (me === undefined) return;
  // A link that was refused stays in the field, and counts until it is gone from there.
  const server = (me.state === "offline" ? typedLogin.server : undefined) ?? me.server;
  change({ me: { ...me, state: "connecting" } }); // until the program answers
  send({ type: "login", name: me.name, server });
}

/** The program does not answer: it has ended, or is about to come back. */
export function LostStrip() {
  if (!state.isLost) return null;
  if (state.isRevoked) {
    return html`
      <div id="disconnected" class="strip alarm" role="alert">
        <p>${t("revoked")}</p>
      </div>
    `;
  }
  const command = state.me?.startCommand ?? "mim window";
  const copy = () => void navigator.clipboard.writeText(command).catch(() => {});
  return html`
    <div id="disconnected" class="strip warning" role="status">
      <p>${rich("ended", { command })}</p>
      <button type="button" onClick=${copy}>${t("copyCommand")}</button>
    </div>
  `;
}
