/** Files as part of a message: what they are, how far they are, and what can be done. */

import { FOLDER } from "./connection.js";
import { createButton, createElement } from "./elements.js";
import { send } from "./store.js";
import { formatSize, isolate, says, t } from "./text.js";

/** @import { TransferRow } from "../messages.ts" */
/** @import { TextKey } from "./text.js" */

/** @type {Readonly<Record<TransferRow["state"], TextKey>>} */
const STATES = {
  preparing: "filePreparing",
  offered: "fileOffered",
  waiting: "fileWaiting",
  active: "fileActive",
  paused: "filePaused",
  done: "fileDone",
  failed: "fileFailed",
};

/** Shows a transfer in its card. @param {Element} card @param {TransferRow | undefined} file */
export function fillFileCard(card, file) {
  if (file === undefined) return card.replaceChildren(t("fileGone"));
  const { path, files, size, bytes, speed, direction, state: how, thumbnail, reason } = file;
  const name = path.split("/").at(-1) || path;
  const count = files === 1 ? "" : `${t("fileCount", { n: files })}, `;
  const reached = file.takers === undefined ? "" : ` · ${t("reached", file.takers)}`;
  const isUnderWay = how === "active" || how === "paused" || how === "waiting";
  const told = isUnderWay && size > 0
    ? `${t(STATES[how])} · ${Math.floor((bytes / size) * 100)} %` +
      (how === "active" && speed > 0
        ? ` · ${formatSize(speed)}/s · ${timeLeft((size - bytes) / speed)}`
        : "")
    : t(how === "offered" && direction === "incoming" ? "fileOfferedYou" : STATES[how]);
  const why = reason === undefined || !isOver(how)
    ? ""
    : ` · ${says({ text: "", code: `transfer-failed.${reason}` })}`;
  const focused = card.contains(document.activeElement)
    ? document.activeElement?.getAttribute("data-does")
    : undefined;
  const label = createElement("bdi", { class: "name one-line", title: path }, name);
  const about = createElement(
    "span",
    { class: "about" },
    `${count}${formatSize(size)} · ${told}${why}${reached}`,
  );
  card.replaceChildren(
    ...(thumbnail === undefined
      ? []
      : [createElement("img", { src: thumbnail, alt: "", class: "thumbnail" })]),
    createElement("div", { class: "two" }, label, about),
    ...(isUnderWay ? [progressOf(file, name)] : []),
    createElement("div", { class: "buttons" }, ...buttonsOf(file, name)),
    ...(file.location === undefined || direction === "outgoing"
      ? []
      : [createElement("span", { class: "about" }, t("fileAt", { text: isolate(file.location) }))]),
  );
  card.setAttribute("data-state", how);
  const again = focused ? card.querySelector(`[data-does="${focused}"]`) : null;
  if (again instanceof HTMLElement) again.focus();
}

/** How long a transfer goes on if it stays as fast. @param {number} seconds */
function timeLeft(seconds) {
  const power = seconds < 100 ? 0 : seconds < 6_000 ? 1 : 2;
  const unit = /** @type {const} */ (["second", "minute", "hour"])[power];
  const format = new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit });
  return t("timeLeft", { time: format.format(Math.ceil(seconds / 60 ** power)) });
}

/** Whether a transfer has ended, or stands still. @param {TransferRow["state"]} how */
function isOver(how) {
  return how === "failed" || how === "paused";
}

/** @param {TransferRow} file @param {string} name */
function progressOf({ bytes, size }, name) {
  return createElement("progress", { max: Math.max(1, size), value: bytes, "aria-label": name });
}

/** @param {TransferRow} file @param {string} name */
function buttonsOf(file, name) {
  const { number, direction, state: how, isPicture } = file;
  const isOffer = how === "offered" && direction === "incoming";
  const isUnderWay = how === "active" || how === "waiting" || how === "preparing";
  const create = (
    /** @type {TextKey} */ label,
    /** @type {"take-file" | "pause-file" | "resume-file" | "cancel-file"} */ type,
  ) => {
    const button = createButton(
      type === "take-file" ? "strong" : "",
      t(label),
      () => send({ type, file: number }),
    );
    button.ariaLabel = `${t(label)}: ${name}`;
    button.dataset["does"] = type;
    return button;
  };
  /** @type {HTMLElement[]} */
  const buttons = [];
  if (isOffer) buttons.push(create("fileGet", "take-file"));
  if (how === "active" || (how === "waiting" && direction === "incoming")) {
    buttons.push(create("filePause", "pause-file"));
  }
  if (how === "paused") buttons.push(create("fileResume", "resume-file"));
  if (isOffer) buttons.push(create("decline", "cancel-file"));
  else if (isUnderWay || how === "offered" || how === "paused") {
    buttons.push(create("cancel", "cancel-file"));
  }
  if (isPicture && how === "done" && direction === "incoming") {
    const href = new URL(`files/${number}`, FOLDER).href;
    const link = { href, target: "_blank", rel: "noopener" };
    buttons.push(createElement("a", link, t("fileShow")));
  }
  return buttons;
}
