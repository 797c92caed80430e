import {
  type Request,
  type RequestResult,
  type Snapshot,
  type StateChange,
  VERSION,
} from "../messages.ts";
import { parseRequest } from "../api/mod.ts";

/** So many pages may be open at once. */
const MAX_PAGES = 32;
/** What may wait to be read by a page, in bytes; then it is to begin anew. */
const MAX_BUFFERED_BYTES = 64 * 2 ** 20;
/** Why a connection is closed, as WebSockets number it. */
const CLOSE = { protocol: 1002, tooBig: 1009, tryAgain: 1013, version: 4001 } as const;

/** What stands behind the pages. */
export interface PageHandler {
  /** All that a page shows. */
  snapshot(): Snapshot;
  /** Does what a page asks for. */
  run(up: Request, answer: (answer: RequestResult) => void): Promise<void>;
  /** The first page has come, or the last has gone. */
  anyOpen(any: boolean): void;
}

/** The pages that are open: each gets the state, then every change. */
export class PageConnections {
  readonly #behind: PageHandler;
  readonly #open = new Set<WebSocket>();
  /** The number of the last change. */
  #seq = 0;

  constructor(behind: PageHandler) {
    this.#behind = behind;
  }

  /** Whether one more may come. */
  get haveRoom(): boolean {
    return this.#open.size < MAX_PAGES;
  }

  /** Tells every page of a change. */
  tell(change: StateChange): void {
    this.#seq++;
    if (this.#open.size === 0) return;
    const text = JSON.stringify({ ...change, seq: this.#seq });
    for (const page of this.#open) {
      if (page.bufferedAmount > MAX_BUFFERED_BYTES) {
        this.#drop(page, CLOSE.tryAgain, "reads too slowly");
      } else page.send(text);
    }
  }

  /** A page has connected; it says hello first. */
  add(socket: WebSocket): void {
    socket.onmessage = ({ data }) => {
      let up: Request;
      try {
        up = parseRequest(data);
      } catch (error) {
        const tooBig = typeof data !== "string" || data.length > 1_000;
        return this.#drop(socket, tooBig ? CLOSE.tooBig : CLOSE.protocol, String(error));
      }
      if (up.type === "hello") return this.#welcome(socket, up.version);
      if (!this.#open.has(socket)) return this.#drop(socket, CLOSE.protocol, "expected hello");
      void this.#behind.run(up, (answer) => this.#answer(socket, answer)).catch(reportError);
    };
    socket.onclose = () => this.#gone(socket);
  }

  /** Closes all. */
  close(): void {
    for (const page of this.#open) page.close(1001);
  }

  #welcome(socket: WebSocket, version: number): void {
    if (version !== VERSION) {
      return this.#drop(socket, CLOSE.version, `expected version ${VERSION}`);
    }
    if (this.#open.has(socket)) return;
    if (!this.haveRoom) return this.#drop(socket, CLOSE.tryAgain, "too many pages are open");
    // The state first: what it gathers may be told to the others as changes.
    const snapshot = this.#behind.snapshot();
    this.#open.add(socket);
    socket.send(JSON.stringify({ ...snapshot, seq: this.#seq }));
    if (this.#open.size === 1) this.#behind.anyOpen(true);
  }

  #answer(socket: WebSocket, answer: RequestResult): void {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(answer));
  }

  #drop(socket: WebSocket, code: number, reason: string): void {
    socket.close(code, reason.slice(0, 100).replace(/[^\x20-\x7e]/g, "?"));
    this.#gone(socket);
  }

  #gone(socket: WebSocket): void {
    if (this.#open.delete(socket) && this.#open.size === 0) this.#behind.anyOpen(false);
  }
}
