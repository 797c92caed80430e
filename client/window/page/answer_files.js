/** Files that are dropped, pasted or chosen, and how they get into a chat. */

import { attachFiles } from "./files.js";

/**
 * Files that are dropped or pasted wait in the chat that they were meant for, if it takes files.
 *
 * @param {DataTransfer | null} data
 * @param {Event} event
 * @param {number} chat
 */
export function answerFiles(data, event, chat) {
  if (data === null || !data.types.includes("Files")) return;
  const files = [...data.files];
  if (event.type === "paste" && isText(data.getData("text/plain"), files)) return;
  event.preventDefault();
  if (event.type === "dragover") return;
  event.stopPropagation(); // the page would answer, too
  attachFiles(chat, files);
}

/**
 * Whether a paste is a text: office programs add a picture of it, file managers the paths of the files.
 *
 * @param {string} text
 * @param {readonly File[]} files
 */
function isText(text, files) {
  const lines = text.trim().split(/\s*\n/);
  const isPath = (/** @type {string} */ line) =>
    files.some(({ name }) =>
      [name, encodeURIComponent(name)].includes(line.replace(/.*[/\\]/, ""))
    );
  return text.trim() !== "" && !lines.every(isPath);
}
