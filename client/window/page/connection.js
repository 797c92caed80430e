/** The page's connection to the program: gets the snapshot, then each change once; reconnects. */

/** @import { Request, Update } from "../messages.ts" */

const VERSION = 10;
/** The address of the page and all its parts. */
export const FOLDER = new URL(".", import.meta.url);
/** Close code of a program with another version. */
const OTHER_VERSION_CODE = 4001;
/** Close code of a program whose address was used by somebody else. */
const REVOKED_CODE = 4003;
/** Close codes of a program that rejects a message. */
const REJECTED_CODES = [1002, 1009];
const MIN_RETRY_MS = 200;
const MAX_RETRY_MS = 3000;

/** The first socket is opened while the rest of the page loads; its messages wait until then. */
const earlySocket = connect();
/** @type {MessageEvent[]} */
const earlyEvents = [];
earlySocket.onmessage = (/** @type {MessageEvent} */ event) => earlyEvents.push(event);

/** @returns {WebSocket} */
function connect() {
  const socket = new WebSocket(new URL("socket", FOLDER));
  socket.onopen = () => socket.send(JSON.stringify({ type: "hello", version: VERSION }));
  return socket;
}

export class Connection {
  /** @type {WebSocket | undefined} */
  #socket;
  /** The number of the last change that was shown. */
  #lastSeq = -1;
  #retryMs = MIN_RETRY_MS;
  /** Requests that must not be lost, until they are known to be done. @type {Map<string, Request>} */
  #unconfirmed = new Map();
  #onUpdate;
  #onLostChange;

  /**
   * @param {(update: Update) => void} onUpdate
   * @param {(isLost: boolean, isRevoked: boolean) => void} onLostChange
   */
  constructor(onUpdate, onLostChange) {
    this.#onUpdate = onUpdate;
    this.#onLostChange = onLostChange;
    // Otherwise a page that was closed looks lost, and is waited for.
    addEventListener("pagehide", () => this.#socket?.close(1000));
    this.#follow(earlySocket.readyState > WebSocket.OPEN ? connect() : earlySocket);
    queueMicrotask(() => {
      for (const { data } of earlyEvents.splice(0)) this.#receive(JSON.parse(String(data)));
    });
  }

  /**
   * Sends a request. One with a `requestId` is repeated if the connection is lost before its effect.
   *
   * @param {Request} request
   */
  send(request) {
    if ("requestId" in request) this.#unconfirmed.set(request.requestId, request);
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  /** @param {WebSocket} socket */
  #follow(socket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#receive(JSON.parse(String(data)));
    socket.onclose = ({ code }) => {
      if (code === OTHER_VERSION_CODE) return location.reload();
      // The same request would be rejected again.
      if (REJECTED_CODES.includes(code)) this.#unconfirmed.clear();
      this.#onLostChange(true, code === REVOKED_CODE);
      if (code === REVOKED_CODE) return;
      setTimeout(() => this.#follow(connect()), this.#retryMs);
      this.#retryMs = Math.min(MAX_RETRY_MS, this.#retryMs * 2);
    };
  }

  /** @param {Update} update */
  #receive(update) {
    if (update.type === "snapshot") {
      this.#retryMs = MIN_RETRY_MS;
      this.#lastSeq = update.seq;
      this.#onLostChange(false, false);
      for (const id of update.completed) this.#unconfirmed.delete(id);
      this.#onUpdate(update);
      for (const request of this.#unconfirmed.values()) {
        this.#socket?.send(JSON.stringify(request));
      }
      return;
    }
    if ("seq" in update) {
      if (update.seq <= this.#lastSeq) return;
      this.#lastSeq = update.seq;
    }
    const id = update.type === "message" ? update.message.requestId : undefined;
    if (id !== undefined) this.#unconfirmed.delete(id);
    this.#onUpdate(update);
  }
}
