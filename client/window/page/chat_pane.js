/** A chat: who it is with, what one has to know, its messages, and the field to write in. */

import { leaveChat, openProfile } from "./show_chat.js";
import { messagesOf } from "./messages_of.js";
import { Composer, Typing } from "./composer.js";
import { answerFiles } from "./answer_files.js";
import { focusShown } from "./focus_pane.js";
import { find } from "./keys.js";
import { flushDraft } from "./drafts.js";
import { Avatar } from "./avatar.js";
import { html, icon, ICONS, useLayoutEffect, useRef } from "./html.js";
import { people } from "./people.js";
import { securityText } from "./people_rows.js";
import { change, openMenu, send, state } from "./store.js";
import { NotifyStrip, Strips } from "./strip.js";
import { formatAge, rich, t } from "./text.js";

/** @import { ComponentChildren } from "preact" */
/** @import { ChatHead, RoomFields, UserRow } from "../messages.ts" */

/** @param {{ head: ChatHead }} props */
export function ChatPane({ head }) {
  const { id, name, alias, state } = head;
  const user = people.userOf(head);
  const drag = (/** @type {DragEvent} */ event) => answerFiles(event.dataTransfer, event, id);
  return html`
    <section
      class="chat"
      role="region"
      aria-labelledby="chat-${id}"
      data-chat=${id}
      data-state=${state}
      onDragOver=${drag}
      onDrop=${drag}
    >
      ${head.room === undefined
        ? html`<${Header} head=${head} user=${user} />`
        : html`<${RoomHeader} head=${head} room=${head.room} />`}
      <${NotifyStrip} />
      <${Strips} head=${head} user=${user} />
      <${Messages} head=${head} />
      <div class="bottom">
      ${head.last === undefined
        ? html`<p class="beginning">
          ${rich("beginning", { name: alias || name })} ${" "}
          ${state === "idle" || head.room !== undefined ? "" : securityText(head.security)}
        </p>`
        : null}
        <${Typing} head=${head} />
        <${Composer} head=${head} />
      </div>
    </section>
  `;
}

/** The messages draw themselves, since they change often. @param {{ head: ChatHead }} props */
function Messages({ head }) {
  /** @type {{ current: HTMLElement | null }} */
  const place = useRef(null);
  useLayoutEffect(() => {
    const list = messagesOf(head);
    place.current?.replaceChildren(list.element);
    list.shown();
    focusShown(head.id);
  }, [head.id]);
  return html`<div class="messages-place" ref=${place}></div>`;
}

/** @param {{ head: ChatHead, room: RoomFields }} props */
function RoomHeader({ head: { id, name }, room: { topic, members } }) {
  const count = members.filter(({ role }) => role !== "guest").length;
  return html`
    <header>
      <${Back} id=${id} />
      <${Avatar} name=${name} availability="room" />
      <div class="two">
        <h2 id="chat-${id}" class="name one-line"><bdi>${name}</bdi></h2>
        <span class="about one-line"><bdi>${topic ||
          members.map((member) => member.name).join(", ")}</bdi></span>
      </div>
      <button type="button" class="plain members" onClick=${() =>
        change({ panel: { type: "members", chat: id } })}>
        ${t("members", { n: count })}
      </button>
      <${Search} id=${id} />
      <${More} id=${id} />
      <${Close} id=${id} name=${name} />
    </header>
  `;
}

/** @param {{ id: number }} props */
function Back({ id }) {
  return html`
    <button type="button" class="plain back" aria-label=${t("back")} onClick=${() => leaveChat(id)}>
      ${icon(ICONS.back)}
    </button>
  `;
}

/** @param {{ id: number }} props */
function More({ id }) {
  const open = (/** @type {MouseEvent} */ event) => {
    const button = /** @type {HTMLElement} */ (event.currentTarget);
    const { left, bottom } = button.getBoundingClientRect();
    openMenu({ type: "chat", chat: id }, left, bottom, button);
  };
  return html`
    <button type="button" class="plain" aria-label=${t(
      "more",
    )} aria-haspopup="menu" onClick=${open}>
      ${icon(ICONS.more)}
    </button>
  `;
}

/** @param {{ id: number, name: string }} props */
function Close({ id, name }) {
  const close = (/** @type {MouseEvent} */ { detail }) => {
    if (detail > 1) return; // a double click closes one chat
    flushDraft(id);
    send({ type: "close", chat: id });
  };
  return html`
    <button type="button" class="close" title=${t("closeChat", { name })} onClick=${close}>
      ${t("close")}
    </button>
  `;
}

/** @param {{ id: number }} props */
function Search({ id }) {
  const search = () => find(id);
  return html`
    <button type="button" class="plain" aria-label=${t(
      "searchChat",
    )} onClick=${search}>
      ${icon(ICONS.search)}
    </button>
  `;
}

/** @param {{ head: ChatHead, user: UserRow | undefined }} props */
function Header({ head, user }) {
  const { id, name, alias } = head;
  return html`
    <header>
      <${Back} id=${id} />
      <${Avatar} name=${alias || name} availability=${user?.availability ?? "offline"} />
      <div class="two">
        <h2 id="chat-${id}" class="name one-line"><bdi>${name}</bdi></h2>
        <span class="about one-line" title=${head.address}>
          ${alias === ""
            ? ""
            : [html`<bdi>${alias}</bdi>`, " · "]}<${Presence} head=${head} user=${user} />
        </span>
      </div>
      <${Lock} head=${head} />
      <${Search} id=${id}/>
        <${More} id=${id} />
        <${Close} id=${id} name=${name} />
        </header>
  `;
}

/** @param {{ children?: ComponentChildren }} props */
const Parts = ({ children }) => children;

/** @param {{ head: ChatHead, user: UserRow | undefined }} props */
function Presence({ head: { state: how, lastSeen }, user }) {
  const isGone = user === undefined || user.availability === "offline";
  const since = state.me?.staleSince;
  // Without the server, the list is that of earlier.
  if (!isGone && since !== undefined && how !== "open") {
    return html`<${Parts}>${t("lastSeen", { time: formatAge(since) })}<//>`;
  }
  if (isGone && lastSeen !== undefined) {
    return html`<${Parts}>${t("offline")} · ${t("lastSeen", { time: formatAge(lastSeen) })}<//>`;
  }
  const text = t(user?.availability ?? "offline");
  const status = user?.status ?? "";
  return html`<${Parts}>${status === "" ? text : [text, " · ", html`<bdi>${status}</bdi>`]}<//>`;
}

const LOCKS = /** @type {const} */ ({
  classic: ["unlocked", "notEncrypted"],
  unconfirmed: ["warning", "unconfirmed"],
  new: ["lock", "encrypted"],
  pinned: ["lock", "encrypted"],
  verified: ["shield", "verified"],
  changed: ["warning", "otherKey"],
});

/** @param {{ head: ChatHead }} props */
function Lock({ head: { id, security, state } }) {
  const [sign, word] = LOCKS[security];
  if (security === "classic" && state !== "open") return null;
  return html`
    <button
      type="button"
      class="plain security"
      data-is=${security}
      title=${securityText(security)}
      aria-label="${t(word)}: ${securityText(security)}"
      disabled=${security === "classic"}
      onClick=${() => openProfile(id, true)}
    >${icon(ICONS[sign])} <span>${t(word)}</span></button>
  `;
}
