/** The page's end of the bridge: gets the state, then changes, each once; connects again by itself. */

/** @typedef {import("../messages.ts").Update} Down */
/** @typedef {import("../messages.ts").Request} Up */

const VERSION = 3;
/** Where the page and all of its parts are. */
export const FOLDER = new URL(".", import.meta.url);
/** The code with which a program of another version closes. */
const OTHER_VERSION = 4001;
/** The codes with which a program closes that does not take what was sent. */
const REFUSED = [1002, 1009];
/** How long until the first attempt to come back, and at the most between two. */
const SOON = 200;
const LATE = 3000;

/** The first socket, opened while the rest of the page is still loading, and what it has heard. */
const early = connect();
/** @type {MessageEvent[]} */
const heardEarly = [];
early.onmessage = (/** @type {MessageEvent} */ event) => heardEarly.push(event);

/** @returns {WebSocket} */
function connect() {
  const socket = new WebSocket(new URL("bridge", FOLDER));
  socket.onopen = () => socket.send(JSON.stringify({ type: "hello", version: VERSION }));
  return socket;
}

export class Connection {
  /** @type {WebSocket | undefined} */
  #socket;
  /** The number of the last change that was shown. */
  #seen = -1;
  #wait = SOON;
  /** What must not be lost, and was not seen to be done: by ref. @type {Map<string, Up>} */
  #unsure = new Map();
  #take;
  #lost;

  /**
   * @param {(down: Down) => void} take shows what comes down
   * @param {(lost: boolean) => void} lost told when the program can't be reached, or can again
   */
  constructor(take, lost) {
    this.#take = take;
    this.#lost = lost;
    this.#follow(early.readyState > WebSocket.OPEN ? connect() : early);
    queueMicrotask(() => {
      for (const { data } of heardEarly.splice(0)) this.#heard(JSON.parse(String(data)));
    });
  }

  /**
   * Asks for something. What has a `ref` is asked for again where the connection was lost over it.
   *
   * @param {Up} up
   */
  ask(up) {
    if ("requestId" in up) this.#unsure.set(up.requestId, up);
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(up));
  }

  /** @param {WebSocket} socket */
  #follow(socket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#heard(JSON.parse(String(data)));
    socket.onclose = ({ code }) => {
      if (code === OTHER_VERSION) return location.reload();
      // What was refused as it is would be refused again.
      if (REFUSED.includes(code)) this.#unsure.clear();
      this.#lost(true);
      setTimeout(() => this.#follow(connect()), this.#wait);
      this.#wait = Math.min(LATE, this.#wait * 2);
    };
  }

  /** @param {Down} down */
  #heard(down) {
    if (down.type === "state") {
      this.#wait = SOON;
      this.#seen = down.seq;
      this.#lost(false);
      for (const id of down.done) this.#unsure.delete(id);
      this.#take(down);
      for (const up of this.#unsure.values()) this.#socket?.send(JSON.stringify(up));
      return;
    }
    if ("seq" in down) {
      if (down.seq <= this.#seen) return;
      this.#seen = down.seq;
    }
    if (down.type === "message" && down.message.requestId) {
      this.#unsure.delete(down.message.requestId);
    }
    this.#take(down);
  }
}
