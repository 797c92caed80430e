/** Making a room, and who is in one. */

import { canBeGuest } from "./guests.js";
import { html, useState } from "./html.js";
import { people } from "./people.js";
import { change, send } from "./store.js";
import { t } from "./text.js";

/** @import { RoomFields, RoomMemberRow } from "../messages.ts" */
/** @import { TextKey } from "./text.js" */

/** @type {Readonly<Record<RoomMemberRow["role"], TextKey>>} */
const ROLES = { owner: "owner", admin: "admin", member: "member", guest: "guest" };

/** @param {Event} event */
const valueOf = (event) => /** @type {HTMLInputElement} */ (event.target).value;

/**
 * It stays open until the room is there: a name that is refused can be put right.
 *
 * @param {{ problem?: string }} props
 */
export function NewRoom({ problem = "" }) {
  const [name, setName] = useState("");
  const create = (/** @type {Event} */ event) => {
    event.preventDefault();
    make(name.trim());
  };
  const make = (/** @type {string} */ name) => {
    change({ panel: { type: "new-room" } });
    send({ type: "create-room", name });
  };
  return html`
    <form onSubmit=${create}>
      <p class="quiet">${t("newRoomHint")}</p>
      <label>${t("roomName")}
        <input maxlength="65" dir="auto" value=${name}
          onInput=${(/** @type {Event} */ event) => setName(valueOf(event))} />
      </label>
      <p class="danger" role="alert" hidden=${problem === ""}>${problem}</p>
      <button class="strong" disabled=${name.trim() === ""}>${t("create")}</button>
      <p class="quiet">${t("lobbyHint")}</p>
      <button type="button" onClick=${() => make("#lobby")}>${t("joinLobby")}</button>
    </form>
  `;
}

/** @param {{ chat: number, room: RoomFields }} props */
export function Members({ chat, room: { topic, role, members, canInvite } }) {
  const [typed, setTyped] = useState(topic);
  const setTopic = (/** @type {Event} */ event) => {
    event.preventDefault();
    send({ type: "set-topic", chat, text: typed });
  };
  return html`
    ${role === "owner"
      ? html`
        <form onSubmit=${setTopic}>
          <label>${t("topic")}
            <input maxlength="256" dir="auto" value=${typed}
              onInput=${(/** @type {Event} */ event) => setTyped(valueOf(event))} />
          </label>
          <button disabled=${typed === topic}>${t("save")}</button>
        </form>
      `
      : topic === ""
      ? null
      : html`<p><bdi>${topic}</bdi></p>`}
    <ul class="ignored" aria-label=${t("membersTitle")}>
      ${members.map((member) =>
        html`<${Member} key=${member.key} chat=${chat} member=${member} role=${role} />`
      )}
    </ul>
    ${canInvite ? html`<${Invite} chat=${chat} members=${members} />` : null}
  `;
}

/** @param {{ chat: number, member: RoomMemberRow, role: RoomFields["role"] }} props */
function Member({ chat, member: { name, key, role: theirs, isOnline, isOwn }, role }) {
  const mayRemove = !isOwn && theirs !== "owner" &&
    (role === "owner" || (role === "admin" && theirs !== "admin"));
  const isAdmin = theirs === "admin";
  return html`
    <li class="card">
      <span><bdi>${name}</bdi>${isOwn ? ` (${t("you")})` : ""}, ${t(ROLES[theirs])}, ${" "}
        ${t(isOnline || isOwn ? "online" : "offline")}</span>
      ${role === "owner" && !isOwn && theirs !== "guest"
        ? html`
          <button type="button"
            onClick=${() => send({ type: "set-admin", chat, key, on: !isAdmin })}>
                    ${t(isAdmin ? "noAdmin" : "makeAdmin")}
                  </button>
        `
        : null}
      ${mayRemove
        ? html`
          <button type="button" class="danger" aria-label=${t("removeWho", { name })}
            onClick=${() => change({ panel: { type: "remove-member", chat, key, name } })}>${t(
              "remove",
            )}</button>
        `
        : null}
    </li>
  `;
}

/** @param {{ chat: number, members: readonly RoomMemberRow[] }} props */
function Invite({ chat, members }) {
  const [user, setUser] = useState("");
  const guests = [...people.online, ...people.offline].map(({ row }) => row).filter((row) =>
    canBeGuest(row, members)
  );
  if (guests.length === 0) return html`<p class="quiet">${t("nobodyToInvite")}</p>`;
  const invite = (/** @type {Event} */ event) => {
    event.preventDefault();
    const id = Number(user || guests[0]?.id);
    send({ type: "invite", chat, user: id });
    setUser("");
  };
  return html`
    <form onSubmit=${invite}>
      <label>${t("inviteWhom")}
        <select value=${user || String(guests[0]?.id)} onChange=${(/** @type {Event} */ event) =>
          setUser(valueOf(event))}>
          ${guests.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}
        </select>
      </label>
      <button>${t("inviteButton")}</button>
    </form>
  `;
}
