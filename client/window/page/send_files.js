/** The files that wait beside the field, and those that the program reads, with small pictures. */

import { FOLDER } from "./connection.js";
import { html } from "./html.js";
import { change, say, state } from "./store.js";
import { formatSize, rich, says, t } from "./text.js";

/** @import { VNode } from "preact" */

/** The most files that wait in a chat: a peer holds as many offers of one user. */
const MAX_FILES = 200;
/** How large a small picture is at most: in pixels, and in bytes. */
const THUMBNAIL_PIXELS = 160;
const MAX_THUMBNAIL_BYTES = 8_192;
const QUALITIES = [0.7, 0.4, 0.2];

/** A file that the program has not read to its end. @typedef {{ chat: number, file: File, bytes: number, hasBegun: boolean, stop: AbortController }} Upload */

/** @type {Set<Upload>} */
const uploads = new Set();

// What is not read to its end is lost with the page.
addEventListener("beforeunload", (event) => {
  if (uploads.size > 0) event.preventDefault();
});
addEventListener("pagehide", () => {
  for (const { chat, file, hasBegun } of uploads) {
    if (!hasBegun) void fetch(addressFor(chat, file), { method: "DELETE", keepalive: true });
  }
});

/** @param {number} chat @param {File} file */
function addressFor(chat, { name }) {
  return new URL(`files/${chat}?name=${encodeURIComponent(name)}`, FOLDER);
}

/** Files wait in a chat until they are sent. @param {number} chat @param {readonly File[]} files */
export function attach(chat, files) {
  const head = state.chats.get(chat);
  if (head === undefined || files.length === 0) return;
  if (head.name === "#lobby") return say({ text: [t("noFilesInLobby")] });
  if (head.actions === "never") return say({ text: rich("noFilesThere", { name: head.name }) });
  const all = [...waitingIn(chat), ...files];
  const n = all.length - MAX_FILES;
  if (n > 0) say({ text: rich("tooManyFiles", { limit: MAX_FILES, n }), isProblem: true });
  putWaiting(chat, all.slice(0, MAX_FILES));
}

/** @param {number} chat */
function waitingIn(chat) {
  return state.attachments.get(chat) ?? [];
}

/** @param {number} chat @param {readonly File[]} files */
function putWaiting(chat, files) {
  if (files.length === 0) state.attachments.delete(chat);
  else state.attachments.set(chat, files);
  change();
}

/** Offers the files that wait in a chat to its peer. @param {number} chat */
export async function sendFiles(chat) {
  const own = waitingIn(chat).map((file) => (
    { chat, file, bytes: 0, hasBegun: false, stop: new AbortController() }
  ));
  for (const each of own) uploads.add(each);
  putWaiting(chat, []);
  for (const each of own) {
    const { file, stop } = each;
    const text = stop.signal.aborted ? undefined : await upload(each).catch(() => undefined);
    uploads.delete(each);
    change();
    if (text === "" || stop.signal.aborted) continue;
    const { name } = file;
    // The program does not answer, or the file can't be read: it waits again.
    if (text === undefined) attach(chat, [file]);
    say({
      text: text === undefined
        ? rich("fileNotReadable", { name })
        : rich("fileNotSent", { name, text }),
      isProblem: true,
    });
  }
}

/**
 * Has the program read a file.
 *
 * @param {Upload} upload
 * @returns {Promise<string>} why it does not offer the file; empty if it does
 */
async function upload(upload) {
  const { chat, file, stop } = upload;
  const thumbnail = await thumbnailOf(file);
  const request = new XMLHttpRequest();
  request.open("PUT", addressFor(chat, file));
  request.setRequestHeader("x-thumbnail", thumbnail);
  request.upload.onprogress = ({ loaded }) => {
    upload.bytes = loaded;
    change();
  };
  const ended = new Promise((resolve) => request.onloadend = resolve);
  stop.signal.addEventListener("abort", () => request.abort());
  request.send(file);
  upload.hasBegun = true;
  await ended;
  if (request.status === 200) return "";
  return says(JSON.parse(request.responseText));
}

/** The files that wait in a chat, and those that the program is still reading. @param {{ chat: number }} props */
export function Attachments({ chat }) {
  const waiting = waitingIn(chat);
  const own = [...uploads].filter((each) => each.chat === chat);
  const stop = (/** @type {Upload} */ upload) => {
    uploads.delete(upload);
    upload.stop.abort();
    change();
  };
  return [
    createList(
      t("filePreparing"),
      own.map((upload) => {
        const { file: { name, size }, bytes } = upload;
        const percent = Math.floor(Math.min(1, bytes / Math.max(1, size)) * 100);
        const about = ` · ${t("filePreparing")} ${percent} %`;
        return createChip(upload.file, about, `${t("cancel")}: ${name}`, () => stop(upload));
      }),
    ),
    createList(
      t("attachments"),
      waiting.map((file) =>
        createChip(
          file,
          "",
          t("detach", { name: file.name }),
          () => putWaiting(chat, waitingIn(chat).filter((each) => each !== file)),
        )
      ),
    ),
  ];
}

/** @param {string} label @param {readonly VNode[]} chips */
function createList(label, chips) {
  return chips.length === 0
    ? null
    : html`<ul class="attachments" aria-label=${label}>${chips}</ul>`;
}

/** @param {File} file @param {string} about @param {string} label @param {() => void} leaveOut */
function createChip({ name, size }, about, label, leaveOut) {
  return html`
    <li>
      <span class="one-line"><bdi>${name}</bdi>, ${formatSize(size)}${about}</span>
      <button type="button" class="plain" aria-label=${label} onClick=${leaveOut}>×</button>
    </li>
  `;
}

/** A small picture in base64; empty if the file is none. @param {File} file */
async function thumbnailOf(file) {
  if (!/^image\/(?:png|jpeg|webp|gif)$/.test(file.type)) return "";
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, THUMBNAIL_PIXELS / Math.max(picture.width, picture.height));
    const width = Math.max(1, Math.round(picture.width * scale));
    const canvas = new OffscreenCanvas(width, Math.max(1, Math.round(picture.height * scale)));
    canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    for (const quality of QUALITIES) {
      const blob = await canvas.convertToBlob({ type: "image/jpeg", quality });
      if (blob.size > MAX_THUMBNAIL_BYTES) continue;
      const bytes = new Uint8Array(await blob.arrayBuffer());
      return btoa(String.fromCharCode(...bytes));
    }
  } catch {
    // It only looks like a picture.
  }
  return "";
}
