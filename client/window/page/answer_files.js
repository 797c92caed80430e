/** Files that are dropped, pasted or chosen: they wait beside the field until they are sent. */

import { change, say, state } from "./store.js";
import { rich, t } from "./text.js";

/** The most files that wait in a chat. */
const MAX_FILES = 20;

/**
 * A file never replaces the page. If it was meant for a chat that takes files, it waits there.
 *
 * @param {DataTransfer | null} data
 * @param {Event} event
 * @param {number} [chat]
 */
export function answerFiles(data, event, chat) {
  if (data === null || !data.types.includes("Files")) return;
  event.preventDefault();
  if (event.type === "dragover") return;
  event.stopPropagation(); // the page would answer, too
  const files = [...data.files];
  if (chat === undefined) say({ text: [t("dropIntoChat")] });
  else attach(chat, files);
}

/** @param {number} chat @param {readonly File[]} files */
export function attach(chat, files) {
  const head = state.chats.get(chat);
  if (head === undefined || files.length === 0) return;
  if (head.name === "#lobby") return say({ text: [t("noFilesInLobby")] });
  if (head.actions === "never") return say({ text: rich("noFilesThere", { name: head.name }) });
  const waiting = [...(state.attachments.get(chat) ?? []), ...files].slice(0, MAX_FILES);
  state.attachments.set(chat, waiting);
  change();
}

/** @param {number} chat @param {File} file */
export function detach(chat, file) {
  const left = (state.attachments.get(chat) ?? []).filter((each) => each !== file);
  if (left.length === 0) state.attachments.delete(chat);
  else state.attachments.set(chat, left);
  change();
}
