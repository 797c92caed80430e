/** The strips above the messages: what one has to know about a chat, in four loudnesses. */

import { openProfile } from "./show_chat.js";
import { html } from "./html.js";
import { people } from "./people.js";
import { ServerStrip, Strip } from "./server_strip.js";
import { change, send, state } from "./store.js";
import { rich, says, t } from "./text.js";

/** @import { VNode } from "preact" */
/** @import { ChatHead, RoomFields, UserRow } from "../messages.ts" */

/** All strips of a chat. @param {{ head: ChatHead, user: UserRow | undefined }} props */
export function Strips({ head, user }) {
  return html`
    <${ServerStrip} />
    ${head.room !== undefined
      ? html`<${RoomStrip} head=${head} room=${head.room} />`
      : head.notice?.code !== "distrusted" &&
          (head.security === "changed" || user?.security === "changed")
      ? html`<${Alarm} head=${head} />`
      : html`<${ChatStrip} head=${head} user=${user} />`}
  `;
}

/** Whether the user is online. */

/** An invitation, or that the user is no member any more. @param {{ head: ChatHead, room: RoomFields }} props */
function RoomStrip({ head: { id }, room: { state: how, invitedBy = "" } }) {
  if (how === "joined") return null;
  if (how === "left") {
    return html`
      <${Strip} loudness="note" class="banner">
        <p>${t("roomOver")}</p>
        <//>
    `;
  }
  return html`
    <${Strip} loudness="note" class="banner">
      <p>${rich("invitedBy", { name: invitedBy })}</p>
      <button type="button" class="strong again" onClick=${() =>
        send({ type: "join-room", chat: id })}>
        ${t("join")}
      </button>
      <button type="button" onClick=${() => send({ type: "leave-room", chat: id })}>${t(
        "decline",
      )}</button>
      <//>
  `;
}

/** Another key than before: the one thing that must not be overlooked. @param {{ head: ChatHead }} props */

function Alarm({ head }) {
  const { id, name, trustOffer, notice, state: how } = head;
  const isClassic = trustOffer === "classic" || people.userOf(head)?.security === "classic";
  const trust = () => send({ type: "trust", chat: id });
  return html`
    <${Strip} loudness="alarm">
      <p>
        <b>${rich("alarm", { name })}</b>
        ${" "}
        ${t(isClassic ? "alarmNoKey" : "alarmKey")}
        ${notice?.code === "failed" ? html`${" "}<bdi>${failureOf(notice)}</bdi>` : ""}
      </p>
      <button type="button" onClick=${() => openProfile(id, true)}>${t("compare")}</button>
      ${trustOffer !== undefined && how === "closed"
        ? html`<button type="button" onClick=${trust}>${
          t(isClassic ? "chatOnce" : "acceptKey")
        }</button>`
        : html`<button type="button" class="again" onClick=${() => callAgain(id)}>${
          t("call")
        }</button>`}
    <//>
  `;
}

/** @param {number} chat */

function callAgain(chat) {
  send({ type: "call-again", chat });
}

/** @param {{ head: ChatHead, user: UserRow | undefined }} props */

function ChatStrip({ head, user }) {
  const { id, name, state: how, notice } = head;
  const isOnline = state.me?.state === "online";
  // While the user is not online, the list is that of earlier.
  const isHere = isOnline && user !== undefined && user.availability !== "offline";
  const text = notice?.wording === undefined ? notice?.text ?? "" : says(notice.wording);
  if (how === "calling") {
    return html`
      <${Strip} loudness="quiet">
        <p>${rich("calling", { name })}</p>
        <//>
    `;
  }
  if (how === "closed") {
    return html`
      <${Strip} loudness=${notice?.code === "failed" ? "warning" : "note"} class="banner">
        <p>${closedText(name, notice, isHere || !isOnline)}</p>
        <button type="button" class="again" onClick=${() => callAgain(id)}>${t(
          "callAgain",
        )}</button>
        <//>
    `;
  }
  if (how === "away") {
    const key = isHere ? "lostQueued" : isOnline ? "waits" : "waitsOffline";
    const isReturned = notice?.code === "returned" && isHere;
    if (isReturned) {
      return html`
        <${Strip} loudness="note" class="banner">
          <p>${rich("returned", { name })}</p>
          <//>
      `;
    }
    if (isHere && notice?.code !== "lost") return null;
    return html`
      <${Strip} loudness="note" class="banner">
        <p>${rich(key, { name })}</p>
        <//>
    `;
  }
  const waits = head.security === "pinned" || head.security === "verified";
  if (how === "idle" && !isHere && waits) {
    const key = isOnline ? "waits" : "waitsOffline";
    return html`
      <${Strip} loudness="note" class="banner">
        <p>${rich(key, { name })}</p>
        <//>
    `;
  }
  if (notice === undefined) return null;
  const isCareful = notice.code === "careful";
  const key = JSON.stringify(notice);
  if (!isCareful && state.dismissed.get(id) === key) return null;
  const dismiss = () => {
    state.dismissed.set(id, key);
    change();
  };
  return html`
    <${Strip} loudness=${isCareful ? "warning" : "note"} class="banner">
      <p>${notice.code === "careful" || notice.code === "renamed" || notice.code === "lost"
        ? rich(notice.code, { name, text })
        : text}</p>
      ${isCareful ? null : html`
        <button type="button" class="plain" aria-label=${t("dismiss")} onClick=${dismiss}>×</button>
      `}
      <//>
  `;
}

/** @param {string} name @param {ChatHead["notice"]} notice @param {boolean} isHere @returns {(VNode | string)[]} */

function closedText(name, notice, isHere) {
  if (notice?.code === "failed") return [failureOf(notice)];
  if (notice?.code === "distrusted") return rich("distrusted", { name });
  return rich(isHere ? "closedBy" : "closedAndLeft", { name });
}

/** Why a call has failed. @param {NonNullable<ChatHead["notice"]>} notice */

function failureOf({ text = "", wording }) {
  return says(wording ?? { text });
}

/** Offers notifications, after the first message that came while the user looked elsewhere. */
export function NotifyStrip() {
  if (!state.offersNotifications) return null;
  const done = () => change({ offersNotifications: false });
  const allow = () => void Notification.requestPermission().then(done, done);
  return html`
    <${Strip} loudness="note">
      <p>${t("notifyOffer")}</p>
      <button type="button" onClick=${allow}>${t("notifyAsk")}</button>
      <button type="button" onClick=${done}>${t("notNow")}</button>
      <//>
  `;
}
