/** What happens with files that are dropped or pasted. */

import { say } from "./store.js";
import { t } from "./text.js";

/** A file was dropped or pasted: the page stays, and says why nothing happens. @param {DataTransfer | null} data @param {Event} event */
export function answerFiles(data, event) {
  if (data === null || !data.types.includes("Files")) return;
  event.preventDefault();
  if (event.type !== "dragover") say({ text: [t("noFiles")] });
}
