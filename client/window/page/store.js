/** The state of the page, in one place. Updates change it; the drawing is called once for all changes. */

/** @import { CallerRow, ChatHead, IgnoredRow, InfoLine, Me, MessageRow, Request, TransferRow, UserRow } from "../messages.ts" */

/**
 * A panel over the page, and what it needs.
 *
 * @typedef {{ type: "account" | "settings" | "help" | "people" }
 *   | { type: "profile", chat: number, number?: string, qr?: readonly string[], key?: string }
 *   | { type: "forget" | "members" | "leave-room", chat: number }
 *   | { type: "remove-member", chat: number, key: string, name: string }
 *   | { type: "new-room", problem?: string }
 *   | { type: "order", action: "kick" | "ban", row: UserRow }
 *   | { type: "delete", chat: number, row: MessageRow }
 *   | { type: "versions", chat: number, row: MessageRow, versions?: readonly { at: number, text: string }[] }} OpenPanel
 */
/** The purpose of a chat's field, if not for a new text. @typedef {{ type: "reply" | "edit", row: MessageRow, text?: string }} Composing */
/**
 * The target of a menu.
 *
 * @typedef {{ type: "user", row: UserRow } | { type: "chat" | "emoji", chat: number }
 *   | { type: "message" | "reactions", chat: number, row: MessageRow }} MenuTarget
 */
/** @typedef {{ x: number, y: number, target: MenuTarget, back: HTMLElement | null }} OpenMenu */
/** @typedef {{ text: (import("preact").VNode | string)[], action?: string, run?: () => void, isProblem?: boolean }} Toast */

export const state = {
  /** @type {Me | undefined} */
  me: undefined,
  /** @type {Map<number, ChatHead>} */
  chats: new Map(),
  /** @type {readonly CallerRow[]} */
  callers: [],
  /** @type {readonly IgnoredRow[]} */
  ignored: [],
  /** @type {InfoLine[]} */
  info: [],
  /** Whether the program can't be reached. */
  isLost: false,
  /** Whether it has closed this page because somebody else has used its address. */
  isRevoked: false,
  /** The chats side by side; the last one opened comes first. @type {number[]} */
  panes: [],
  /** The request that is shown instead. @type {number | undefined} */
  request: undefined,
  /** Whether the info text is shown although a chat is open. */
  showsLog: false,
  /** @type {OpenPanel | undefined} */
  panel: undefined,
  /** @type {OpenMenu | undefined} */
  menu: undefined,
  /** @type {Toast | undefined} */
  toast: undefined,
  /** The notice of each chat that the user does not want to see any more. @type {Map<number, string>} */
  dismissed: new Map(),
  /** The files that are offered, under way or over, by their numbers. @type {Map<number, TransferRow>} */
  files: new Map(),
  /** The files that the next line of a chat takes along. @type {Map<number, readonly File[]>} */
  attachments: new Map(),
  /** The purposes of the fields of chats. @type {Map<number, Composing>} */
  composing: new Map(),
  /** Why the text of a chat was refused, until its field says so. @type {Map<number, string>} */
  refusals: new Map(),
  /** The chat that is searched; undefined for all. @type {number | undefined} */
  scope: undefined,
  /** The copy of the user's key that was asked for. @type {string | undefined} */
  keyBackup: undefined,
  /**
   * The link that others join the server with, once the account panel has asked for it.
   * @type {{ readonly link: string, readonly qr: readonly string[] } | undefined}
   */
  serverLink: undefined,
  /** The user's input in the sign-in card. @type {{ name?: string, server?: string }} */
  typedLogin: {},
  /** Whether notifications are offered. */
  offersNotifications: false,
};

/** Whether only the list or a chat fits on the screen. */
export const narrow = matchMedia("(max-width: 45rem)");

let isScheduled = false;
let draw = () => {};
/** @type {(request: Request) => void} */
let sendRequest = () => {};

/**
 * @param {() => void} onDraw draws the page
 * @param {(request: Request) => void} onSend sends a request to the program
 */
export function connectStore(onDraw, onSend) {
  draw = onDraw;
  sendRequest = onSend;
}

/** @param {Request} request */
export function send(request) {
  sendRequest(request);
}

/** @type {(() => void)[]} */
const afterDrawing = [];
/** How long a page that nobody sees collects changes. */
const HIDDEN_DELAY_MS = 100;

/** Draws the page with the next frame. @param {Partial<typeof state>} [values] */
export function change(values = {}) {
  Object.assign(state, values);
  if (isScheduled) return;
  isScheduled = true;
  if (document.hidden) setTimeout(drawNow, HIDDEN_DELAY_MS);
  else requestAnimationFrame(drawNow);
}

/** Draws what has changed at once. */
export function drawNow() {
  if (!isScheduled) return;
  isScheduled = false;
  draw();
  for (const run of afterDrawing.splice(0)) run();
}

/** Runs something once the page shows the changes so far. @param {() => void} run */
export function afterDraw(run) {
  afterDrawing.push(run);
  change();
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let toastTimer;
const TOAST_MS = 8_000;

/** Says something for some seconds, perhaps with a button. @param {Toast} toast */
export function say(toast) {
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => change({ toast: undefined }), TOAST_MS);
  change({ toast });
}

/** @param {MenuTarget} target @param {number} x @param {number} y @param {Element | null} [back] what gets the keyboard back */
export function openMenu(target, x, y, back = document.activeElement) {
  change({ menu: { x, y, target, back: back instanceof HTMLElement ? back : null } });
}
