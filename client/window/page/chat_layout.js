/** Places chats side by side while there is room, and after a reload in their former places. */

import { loadFromSession, saveToSession } from "./session_storage.js";

/** @import { ChatDialog, Frame } from "./chat_dialog.js" */
/**
 * A chat as it was. One without a frame was only in the tray.
 *
 * @typedef {{ id: number, slot?: number, frame?: Frame }} SavedChat
 */
/** @typedef {{ chats: SavedChat[], current?: number, inChat: boolean }} SavedLayout */

/** The gap between chats side by side, in pixels. */
const GAP = 14;
/** The offset of chats that overlap, in pixels. */
const LAYER_OFFSET = 44;

export class ChatLayout {
  #area;
  /** The slots that are taken, by chat. @type {Map<number, number>} */
  #slots = new Map();

  /** @param {HTMLElement} area */
  constructor(area) {
    this.#area = area;
  }

  /**
   * Finds a slot for a chat so that every title is visible: not behind the chat that the user writes
   * in, which stays on top.
   *
   * @param {ChatDialog} dialog
   * @param {readonly ChatDialog[]} others
   */
  place(dialog, others) {
    const width = dialog.element.offsetWidth + GAP;
    const columns = Math.max(1, Math.floor((this.#area.clientWidth - GAP) / width));
    const current = others.find(({ isCurrent }) => isCurrent);
    const currentSlot = current && this.#slots.get(current.head.id);
    const isBehindCurrent = (/** @type {number} */ slot) =>
      currentSlot !== undefined && columns > 1 && slot >= columns &&
      slot % columns === currentSlot % columns;
    const taken = new Set(others.map(({ head }) => this.#slots.get(head.id)));
    let slot = 0;
    while (taken.has(slot) || isBehindCurrent(slot)) slot++;
    this.#slots.set(dialog.head.id, slot);
    // However many there are, each is wholly inside the area.
    const room = this.#area.clientHeight - dialog.element.offsetHeight - GAP;
    const layers = Math.max(1, 1 + Math.floor(room / LAYER_OFFSET));
    const layer = Math.floor(slot / columns) % layers * LAYER_OFFSET;
    dialog.moveTo(GAP + (slot % columns) * width + layer, GAP + layer);
  }

  /** @param {number} id */
  free(id) {
    this.#slots.delete(id);
  }

  /** @param {ChatDialog} dialog @param {SavedChat} saved */
  restore(dialog, { slot, frame }) {
    if (slot !== undefined) this.#slots.set(dialog.head.id, slot);
    if (frame !== undefined) dialog.frame = frame;
  }

  /**
   * @param {readonly ChatDialog[]} dialogs the one on top last
   * @param {boolean} inChat whether a small screen shows the chats
   */
  save(dialogs, inChat) {
    const current = dialogs.find(({ isCurrent }) => isCurrent)?.head.id;
    const chats = dialogs.map(({ head: { id }, element, frame }) =>
      element.isConnected ? { id, slot: this.#slots.get(id), frame } : { id }
    );
    saveToSession("layout", JSON.stringify({ chats, current, inChat }));
  }

  /** @returns {SavedLayout} */
  load() {
    return JSON.parse(loadFromSession("layout") || '{"chats":[],"inChat":false}');
  }
}
