/** Where dialogs stand: side by side as long as there is room; and where they stood before a reload. */

import { keep, kept } from "./session_storage.js";

/** @typedef {import("./chat_dialog.js").Dialog} Dialog */
/** @typedef {import("./chat_dialog.js").Frame} Frame */
/**
 * A dialog as it was: those without a frame were in the tray alone.
 *
 * @typedef {{ id: number, place?: number, frame?: Frame }} Before
 */
/** @typedef {{ dialogs: Before[], current?: number, inChat: boolean }} Layout */

/** How far dialogs that stand side by side are apart; and where there is no more room, one over another. */
const GAP = 14;
const APART = 44;

export class Places {
  #area;
  /** Which places are taken, by dialog. @type {Map<number, number>} */
  #taken = new Map();

  /** @param {HTMLElement} area */
  constructor(area) {
    this.#area = area;
  }

  /**
   * Finds a place for a dialog that has none, with each title in view: not behind the one in which
   * somebody writes, which stays on top.
   *
   * @param {Dialog} dialog
   * @param {readonly Dialog[]} others those that are on the desk
   */
  put(dialog, others) {
    const width = dialog.element.offsetWidth + GAP;
    const columns = Math.max(1, Math.floor((this.#area.clientWidth - GAP) / width));
    const current = others.find(({ isCurrent }) => isCurrent);
    const written = current && this.#taken.get(current.head.id);
    const isBehind = (/** @type {number} */ place) =>
      written !== undefined && columns > 1 && place >= columns &&
      place % columns === written % columns;
    const taken = new Set(others.map(({ head }) => this.#taken.get(head.id)));
    let place = 0;
    while (taken.has(place) || isBehind(place)) place++;
    this.#taken.set(dialog.head.id, place);
    // Whole on the desk, however many there are.
    const room = this.#area.clientHeight - dialog.element.offsetHeight - GAP;
    const layers = Math.max(1, 1 + Math.floor(room / APART));
    const layer = Math.floor(place / columns) % layers * APART;
    dialog.moveTo(GAP + (place % columns) * width + layer, GAP + layer);
  }

  /** @param {number} id */
  free(id) {
    this.#taken.delete(id);
  }

  /**
   * Has a dialog stand where it stood before.
   *
   * @param {Dialog} dialog
   * @param {Before} before
   */
  restore(dialog, { place, frame }) {
    if (place !== undefined) this.#taken.set(dialog.head.id, place);
    if (frame !== undefined) dialog.frame = frame;
  }

  /**
   * Remembers how the desk looks.
   *
   * @param {readonly Dialog[]} dialogs the one on top last
   * @param {boolean} inChat whether a small screen shows the chats
   */
  keep(dialogs, inChat) {
    const current = dialogs.find(({ isCurrent }) => isCurrent)?.head.id;
    const before = dialogs.map(({ head: { id }, element, frame }) =>
      element.isConnected ? { id, place: this.#taken.get(id), frame } : { id }
    );
    keep("desk", JSON.stringify({ dialogs: before, current, inChat }));
  }

  /** How the desk looked before the page was loaded anew. @returns {Layout} */
  get before() {
    return JSON.parse(kept("desk") || '{"dialogs":[],"inChat":false}');
  }
}
