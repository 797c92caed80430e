/** The side of the page: who the user is, the one field to find something, the list, the newest event. */

import { openItem, openItemMenu } from "./show_chat.js";
import { Avatar } from "./avatar.js";
import { html, icon, ICONS, useLayoutEffect, useRef } from "./html.js";
import { emptyText, list, onFindInput, onFindKey } from "./find.js";
import { find } from "./keys.js";
import { people } from "./people.js";
import { change, send, state } from "./store.js";
import { formatTime, isolate, says, t } from "./text.js";

export function Side() {
  const { me } = state;
  const empty = emptyText();
  const isIn = me !== undefined && me.state !== "offline";
  return html`
    <section class="side" aria-label=${t("list")}>
      ${isIn ? html`<${MyRow} />` : null}
      <${Find} />
      <${Age} />
      <${Total} />
      <p class="empty" role="status" hidden=${empty === ""}>${empty}</p>
      <${List} />
      <${Foot} />
    </section>
  `;
}

function MyRow() {
  const { me } = state;
  if (me === undefined) return null;
  const { name, availability, status } = me;
  const isOnline = me.state === "online";
  const text = isOnline
    ? t(availability)
    : me.state === "connecting"
    ? t("connecting")
    : t("notConnected");
  const about = isOnline && me.canSetStatus
    ? status === ""
      // If there is no room for it, the offer goes below the line, where nobody sees it.
      ? html`<span class="offer"><span>${text}</span> <span>· ${t("setStatus")}</span></span>`
      : [text, " · ", html`<bdi>${status}</bdi>`]
    : text;
  return html`
    <div class="me">
      <button
        type="button"
        class="plain self"
        aria-haspopup="dialog"
        onClick=${() => change({ panel: { type: "account" } })}
      >
        <${Avatar} name=${name} availability=${isOnline ? availability : "offline"} />
        <span class="two">
          <bdi class="name one-line">${name}</bdi><span class="unseen">${t("accountOf")}</span>
          <span class="about one-line">${about}</span>
        </span>
      </button>
      <button id="log-out" type="button" class="plain" onClick=${() => send({ type: "logout" })}>
        ${t("logout")}
      </button>
      <${SettingsButton} />
    </div>
  `;
}

export function SettingsButton() {
  return html`
    <button
      type="button"
      class="plain"
      aria-label=${t("settings")}
      aria-haspopup="dialog"
      onClick=${() => change({ panel: { type: "settings" } })}
    >${icon(ICONS.gear)}</button>
  `;
}

function Find() {
  const { scope } = state;
  const name = scope === undefined ? undefined : state.chats.get(scope)?.name;
  return html`
    <div class="find" role="search">
      ${name === undefined ? null : html`
        <button type="button" class="scope" title=${t("clearScope")} aria-label=${t("clearScope")}
          onClick=${() => find(undefined)}><bdi>${name}</bdi> ×</button>
      `}
      <input
        id="filter"
        type="search"
        dir="auto"
        autocomplete="off"
        spellcheck=${false}
        placeholder=${name === undefined ? t("findHint") : t("findIn", { name: isolate(name) })}
        aria-label=${t("find")}
        aria-controls="rows"
        onInput=${onFindInput}
        onKeyDown=${onFindKey}
      />
      <kbd aria-hidden="true">Ctrl K</kbd>
      ${state.me !== undefined && state.me.state !== "offline" && state.me.noKeyReason === undefined
        ? html`
          <button type="button" class="plain new-room" aria-label=${t("newRoom")} title=${t(
            "newRoom",
          )}
            onClick=${() => change({ panel: { type: "new-room" } })}>+</button>
        `
        : null}
    </div>
  `;
}

/** Since when the list is out of date. */
function Age() {
  const since = state.me?.staleSince;
  const isStale = since !== undefined && people.online.length > 0;
  const text = isStale ? t("stale", { time: formatTime(since) }) : "";
  return html`<p id="age" class="age" role="status" hidden=${!isStale}>${text}</p>`;
}

/** How many people there are, if only some of them are listed. */
function Total() {
  const { me } = state;
  const isPartial = me?.total !== undefined && me.state === "online";
  const text = isPartial ? t("typeToFind", { count: String(me.total) }) : "";
  return html`<p id="total" class="age" hidden=${!isPartial}>${text}</p>`;
}

/** The list draws itself, since it can be long. */
function List() {
  /** @type {{ current: HTMLElement | null }} */
  const place = useRef(null);
  useLayoutEffect(() => {
    place.current?.append(list.element);
    list.connect(openItem, openItemMenu);
  }, []);
  return html`<div class="list-place" ref=${place}></div>`;
}

/** The newest event, and the way to all of them. */
function Foot() {
  const { me, info, panes, request, showsLog } = state;
  const isLogShown = showsLog || (panes.length === 0 && request === undefined);
  const newest = info.at(-1);
  const isOff = me === undefined || me.state === "offline";
  return html`
    <div class="foot">
      <span class="one-line" data-type=${isLogShown ? "info" : newest?.type}>${isLogShown
        ? (isOff ? t("notConnected") : "")
        : html`<span dir=${newest?.type === "welcome" ? "auto" : undefined}>${
          says(newest)
        }</span>`}</span>
      ${isOff ? html`<${SettingsButton} />` : null}
      <button
        type="button"
        class="plain"
        aria-haspopup="dialog" onClick=${() => change({ panel: { type: "people" } })}>${t(
          "people",
        )}</button>
      <button
        type="button"
        class="plain"
        aria-pressed=${showsLog}
        onClick=${() => change({ showsLog: !showsLog, request: undefined })}
      >${t("log")}</button>
    </div>
  `;
}
