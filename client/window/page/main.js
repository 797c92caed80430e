/** The page's program: takes every update, and draws what has changed. */

import { leaveChat, showChat } from "./show_chat.js";
import { Connection, FOLDER } from "./connection.js";
import { markRead } from "./loaded_messages.js";
import { list } from "./find.js";
import { flushDrafts } from "./drafts.js";
import { html, render } from "./html.js";
import { onKey } from "./keys.js";
import { later, withExtras } from "./later.js";
import { Main } from "./main_view.js";
import { showCount } from "./notify.js";
import { loadFromSession } from "./session_storage.js";
import { Side } from "./side.js";
import { change, connectStore, narrow, say, state } from "./store.js";
import { LostStrip } from "./server_strip.js";
import { rich, t } from "./text.js";
import { Toast } from "./toast.js";
import { submitPending } from "./submit_later.js";
import { applyUpdate } from "./updates.js";

const Menu = later(() => withExtras(() => import("./menu.js")).then(({ Menu }) => Menu));
const OpenPanel = later(() =>
  withExtras(() => import("./panels.js")).then(({ OpenPanel }) => OpenPanel)
);

// Removes the token from the address; this one also works after a reload.
history.replaceState(null, "", `${FOLDER}${location.hash}`);

function App() {
  const { panes, request, showsLog, isLost, panel, menu, me } = state;
  const view = panes.length > 0 || request !== undefined || showsLog ||
      (me !== undefined && me.state !== "online" && state.chats.size === 0)
    ? "chat"
    : "list";
  return html`
    <${LostStrip} />
    <header class="unseen">
      <h1>MIM</h1>
    </header>
    <main class="app" data-view=${view} data-state=${me?.state ?? "unknown"} data-lost=${isLost}>
      <${Side} />
      <${Main} />
    </main>
    ${panel === undefined ? null : html`<${OpenPanel} />`}
    ${menu === undefined ? null : html`<${Menu} />`}
    <${Toast} />
  `;
}

/** Draws a part; an error leaves the rest of the page as it is. @param {() => void} show */
function attempt(show) {
  try {
    show();
  } catch (error) {
    say({ text: rich("broken", { text: String(error) }), isProblem: true });
  }
}

// Before the connection closes with the page, what was typed last goes to the program.
addEventListener("pagehide", flushDrafts);

const root = document.getElementById("root") ?? document.body;

function draw() {
  attempt(() => render(html`<${App} />`, root));
  attempt(() => list.refresh());
  attempt(showCount);
  document.documentElement.dataset["state"] = state.me?.state ?? "";
  document.documentElement.classList.toggle("is-stale", state.me?.staleSince !== undefined);
}

connectStore(draw, (request) => connection.send(request));
draw();
const connection = new Connection(
  (update) => attempt(() => applyUpdate(update)),
  (isLost, isRevoked) => {
    change({ isLost, isRevoked });
    if (!isLost) submitPending();
  },
);

// The chats that were shown before a reload are shown again in a moment.
if (loadFromSession("panes") !== "") void import("./chat_pane.js").catch(() => {});

document.addEventListener("keydown", onKey);
document.addEventListener("visibilitychange", markRead);
document.addEventListener("visibilitychange", () => document.hidden && flushDrafts());
addEventListener("focus", markRead);
// A file that misses the chat must not replace the page.
for (const type of ["dragover", "drop"]) {
  document.addEventListener(type, (event) => {
    if (!(event instanceof DragEvent && event.dataTransfer?.types.includes("Files"))) return;
    event.preventDefault();
    if (type === "drop") say({ text: [t("dropIntoChat")] });
  });
}
addEventListener("popstate", () => {
  if (state.panes.length > 0 && narrow.matches) leaveChat();
});
addEventListener("hashchange", () => {
  const id = Number(/^#chat=(\d+)$/.exec(location.hash)?.[1]);
  if (id > 0) showChat(id);
});
