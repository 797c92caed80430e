/** Sends files, with a small picture of those that are pictures. */

import { FOLDER } from "./connection.js";
import { say } from "./store.js";
import { rich, says } from "./text.js";

/** How large a small picture is at most: in pixels, and in bytes. */
const THUMBNAIL_PIXELS = 160;
const MAX_THUMBNAIL_BYTES = 8_192;
const QUALITIES = [0.7, 0.4, 0.2];

/** Offers files to the peer of a chat. @param {number} chat @param {readonly File[]} files */
export async function sendFiles(chat, files) {
  for (const file of files) {
    try {
      const thumbnail = await thumbnailOf(file);
      const address = new URL(`files/${chat}?name=${encodeURIComponent(file.name)}`, FOLDER);
      const headers = { "x-thumbnail": thumbnail };
      const answer = await fetch(address, { method: "PUT", body: file, headers });
      if (answer.ok) continue;
      const text = says(await answer.json());
      say({ text: rich("fileNotSent", { name: file.name, text }), isProblem: true });
    } catch {
      // The program does not answer, or the file can't be read.
      say({
        text: rich("fileNotReadable", { name: file.name }),
        isProblem: true,
      });
    }
  }
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
