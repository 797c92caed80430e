/** Everyone who is known by a key, online or not, with what the user has noted about them. */

import { Avatar } from "./avatar.js";
import { html, useState } from "./html.js";
import { people } from "./people.js";
import { securityText } from "./people_rows.js";
import { send } from "./store.js";
import { foldText, formatAge, isolate, t } from "./text.js";

/** @import { UserRow } from "../messages.ts" */

/** How many are shown at once; the filter finds the others. */
const MAX_SHOWN = 200;

/** @param {{ onDone: () => void }} props */
export function PeoplePanel({ onDone }) {
  const [part, setPart] = useState("");
  const { known } = people;
  const found = known.filter(({ key }) => key.includes(foldText(part.trim())));
  if (known.length === 0) return html`<p class="quiet">${t("peopleNone")}</p>`;
  return html`
    <input type="search" dir="auto" aria-label=${t(
      "peopleFind",
    )} placeholder=${t("peopleFind")}
      value=${part} onInput=${(/** @type {Event} */ event) =>
        setPart(/** @type {HTMLInputElement} */ (event.target).value)} />
    <ul class="known" aria-label=${t("people")}>
      ${found.slice(0, MAX_SHOWN).map(({ row }) =>
        html`<${Person} key=${row.id} row=${row} onDone=${onDone} />`
      )}
    </ul>
    ${found.length > MAX_SHOWN
      ? html`<p class="quiet">${t("peopleMore", { n: found.length - MAX_SHOWN })}</p>`
      : null}
  `;
}

/** @param {{ row: UserRow, onDone: () => void }} props */
function Person({ row, onDone }) {
  const {
    id,
    name,
    alias = "",
    note = "",
    availability,
    lastSeen,
    waiting,
    security,
    status,
  } = row;
  const open = () => {
    send({ type: "write-to", user: id });
    onDone();
  };
  const facts = [
    t(availability),
    isolate(status),
    lastSeen === undefined ? "" : t("lastSeen", { time: formatAge(lastSeen) }),
    waiting === undefined ? "" : t("waiting", { n: waiting }),
    security === "verified" ? t("verified") : "",
  ].filter((fact) => fact !== "");
  return html`
    <li class="card">
      <button type="button" class="plain person" title=${securityText(security)}
        onClick=${open}>
        <${Avatar} name=${alias || name} availability=${availability} />
        <span class="two">
          <span class="name"><bdi>${name}</bdi>${alias === ""
            ? ""
            : [" (", html`<bdi>${alias}</bdi>`, ")"]}</span>
          <span class="about">${facts.map((fact, index) =>
            html`${index === 0 ? "" : " · "}<bdi>${fact}</bdi>`
          )}</span>
          ${note === "" ? null : html`<span class="about" dir="auto">${note}</span>`}
        </span>
      </button>
    </li>
  `;
}
