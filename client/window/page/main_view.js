/** The middle of the page: the chats side by side, a request, or the info text and the sign-in card. */

import { ignore, leaveChat } from "./show_chat.js";
import { Avatar } from "./avatar.js";
import { html, icon, ICONS, useLayoutEffect, useRef } from "./html.js";
import { later } from "./later.js";
import { linkify } from "./rich_text.js";
import { LoginForm } from "./login_form.js";
import { people } from "./people.js";
import { loadFromSession } from "./session_storage.js";
import { change, send, state } from "./store.js";
import { formatTime, isoTime, rich, says, t } from "./text.js";

/** @import { CallerRow, InfoLine } from "../messages.ts" */

/** How close to its end the info text follows new lines, in pixels. */
const END_DISTANCE = 40;

/** A chat, whose parts come with the first one. */
const ChatPane = later(() => import("./chat_pane.js").then(({ ChatPane }) => ChatPane));

export function Main() {
  const { request, showsLog, callers, panes, chats } = state;
  const caller = callers.find(({ id }) => id === request);
  if (caller !== undefined) {
    return html`
      <div class="main">
        <${Request} caller=${caller} />
      </div>
    `;
  }
  const heads = panes.flatMap((id) => chats.get(id) ?? []);
  if (showsLog || heads.length === 0) {
    return html`
      <div class="main">
        <${LogView} />
      </div>
    `;
  }
  return html`
    <div class="main">${heads.map((head) =>
      html`<${ChatPane} key=${head.id} head=${head} />`
    )}</div>
  `;
}

/** The info text, under the sign-in card while the user is not logged in. */
function LogView() {
  const { me, info, showsLog } = state;
  // Before the first update, the card is there unless the user was online before a reload.
  const isOut = (me?.state ?? loadFromSession("state")) !== "online";
  return html`
    <section class="log-view" aria-label=${t("log")}>
      ${showsLog
        ? html`
          <header>
            <button type="button" class="plain back" aria-label=${t("back")}
              onClick=${() => change({ showsLog: false })}>${icon(ICONS.back)}</button>
            <h2>${t("log")}</h2>
          </header>
        `
        : isOut
        ? html`<${LoginForm} isCard=${true} />`
        : html`<p class="welcome">${t("welcome")}</p>`}
      <${InfoText} lines=${info} count=${info.length} />
    </section>
  `;
}

/** @param {{ lines: readonly InfoLine[], count: number }} props */
function InfoText({ lines }) {
  /** @type {{ current: HTMLElement | null }} */
  const view = useRef(null);
  const isFollowing = useRef(true);
  useLayoutEffect(() => {
    const element = view.current;
    if (element !== null && isFollowing.current) element.scrollTop = element.scrollHeight;
  });
  const onScroll = () => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = view.current ?? {};
    isFollowing.current = scrollHeight - scrollTop - clientHeight < END_DISTANCE;
  };
  return html`
    <div id="info-view" role="log" tabindex="0" aria-label=${t("infoLog")} ref=${view}
      onScroll=${onScroll}>
      <ol id="info">${lines.map((line) => html`<${Line} key=${line.id} line=${line} />`)}</ol>
    </div>
  `;
}

/** @param {{ line: InfoLine }} props */
function Line({ line }) {
  const { at, type } = line;
  const fill = (/** @type {HTMLElement | null} */ span) =>
    span?.replaceChildren(...linkify(says(line)));
  // A sentence of MIM's stays as it is, whatever name it begins with.
  return html`
    <li data-type=${type}>
      <time datetime=${isoTime(at)}>${formatTime(at)}</time>
      <span dir=${type === "welcome" ? "auto" : undefined} ref=${fill}></span>
    </li>
  `;
}

/** Somebody who waits for an answer, with the answers where the field would be. @param {{ caller: CallerRow }} props */
function Request({ caller }) {
  const { id, name, address, leftLines, warning, isClassic, preview, expiresAt } = caller;
  const hasLeft = leftLines !== undefined;
  return html`
    <section class="request" role="region" aria-labelledby="request-${id}">
      <header>
        <button type="button" class="plain back" aria-label=${t("back")} onClick=${() =>
          leaveChat()}>
          ${icon(ICONS.back)}
        </button>
        <${Avatar} name=${name} availability=${people.availabilityOf(caller)} />
        <div class="two">
          <h2 id="request-${id}" class="name one-line"><bdi>${name}</bdi></h2>
          <span class="about one-line">${address}</span>
        </div>
      </header>
      <div class="request-text">
        <p>${hasLeft
          ? rich("requestLeft", { name, n: leftLines })
          : rich("request", { name })}${warning === undefined
          ? "."
          : html`${t("but")}<bdi>${says(warning)}</bdi>.`}</p>
        ${preview === "" ? null : html`
          <figure class="preview">
            <figcaption class="quiet">${t("preview")}</figcaption>
            <blockquote class="message" dir="auto">${preview}</blockquote>
          </figure>
        `}
        <p>${t("requestRow")}.${isClassic ? ` ${t("secClassic")}.` : ""}</p>
        <p class="quiet">${t("waitsUntil", { time: formatTime(expiresAt) })}</p>
      </div>
      <div class="answers">
        <button type="button" class="strong" aria-label="${t(hasLeft ? "read" : "accept")} ${name}"
          onClick=${() => send({ type: "accept", caller: id })}>${t(
            hasLeft ? "read" : "accept",
          )}</button>
        <button type="button" aria-label=${t("refuseWho", { name })}
          onClick=${() => send({ type: "reject", caller: id })}>${t("refuse")}</button>
        <button type="button" class="danger" aria-label=${t("ignoreWho", { name })}
          onClick=${() => ignore("caller", id, name)}>${t("ignore")}</button>
      </div>
    </section>
  `;
}
