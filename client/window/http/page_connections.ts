import { parseRequest, type RequestHandler } from "../api/mod.ts";
import { type Request, type RequestResult, type StateChange, VERSION } from "../messages.ts";
import type { WindowState } from "../state/mod.ts";
import type { ServerWebSocket } from "./web_socket.ts";

const MAX_PAGES = 32;
/** How long a page may take to say hello. */
const HELLO_TIMEOUT_MS = 10_000;
/** How much may wait for a page to read it; then the page has to start again. */
const MAX_BUFFERED_BYTES = 64 * 2 ** 20;
const CLOSE = {
  goingAway: 1001,
  protocol: 1002,
  tooBig: 1009,
  tryAgain: 1013,
  version: 4001,
  revoked: 4003,
} as const;

/**
 * A page that is closed or left closes its connection itself. If the browser does, for a page that
 * it discards or that has crashed, or nobody does, the page may come back.
 */
const CLOSED_BY_PAGE: readonly number[] = [1000, 1005];

type PageSocket = Pick<
  ServerWebSocket,
  "send" | "close" | "bufferedAmount" | "onMessage" | "onClose"
>;

/** The open pages. Each gets the snapshot, then every change. */
export class PageConnections {
  /**
   * Called when the first page has opened and when the last one has gone; `isLost` if a page has gone
   * without being closed, and may come back.
   */
  onOpenChange: ((isAnyOpen: boolean, isLost: boolean) => void) | undefined;
  readonly #state: Pick<WindowState, "snapshot" | "subscribe">;
  readonly #requests: Pick<RequestHandler, "handle">;
  /** The pages that have not said hello, each with the timer that ends it. */
  readonly #entering = new Map<PageSocket, ReturnType<typeof setTimeout>>();
  readonly #open = new Set<PageSocket>();
  /** How many pages have gone without being closed, and have not come back. */
  #lost = 0;
  /** The number of the last change. */
  #seq = 0;

  constructor(
    state: Pick<WindowState, "snapshot" | "subscribe">,
    requests: Pick<RequestHandler, "handle">,
  ) {
    this.#state = state;
    this.#requests = requests;
    state.subscribe((change) => this.#broadcast(change));
  }

  get hasRoom(): boolean {
    return this.#open.size + this.#entering.size < MAX_PAGES;
  }

  /** Takes a page's connection, over which the page says hello first. */
  add(socket: PageSocket): void {
    const tooLate = () => this.#drop(socket, CLOSE.protocol, "expected hello in time");
    this.#entering.set(socket, setTimeout(tooLate, HELLO_TIMEOUT_MS));
    socket.onMessage = (data) => {
      let request: Request;
      try {
        request = parseRequest(data);
      } catch (error) {
        const isTooBig = typeof data !== "string" || data.length > 1_000;
        return this.#drop(socket, isTooBig ? CLOSE.tooBig : CLOSE.protocol, String(error));
      }
      if (request.type === "hello") return this.#welcome(socket, request.version);
      if (!this.#open.has(socket)) return this.#drop(socket, CLOSE.protocol, "expected hello");
      void this.#requests.handle(request, (result) => this.#answer(socket, result));
    };
    socket.onClose = (status) => this.#remove(socket, !CLOSED_BY_PAGE.includes(status));
  }

  /** Closes all pages: somebody else may have got at the window's address. */
  revoke(): void {
    this.#closeAll(CLOSE.revoked);
  }

  close(): void {
    this.#closeAll(CLOSE.goingAway);
  }

  #closeAll(code: number): void {
    for (const socket of [...this.#entering.keys(), ...this.#open]) {
      this.#drop(socket, code, "");
    }
  }

  #broadcast(change: StateChange): void {
    this.#seq++;
    if (this.#open.size === 0) return;
    const text = JSON.stringify({ ...change, seq: this.#seq });
    for (const page of this.#open) {
      if (page.bufferedAmount <= MAX_BUFFERED_BYTES) page.send(text);
      else this.#drop(page, CLOSE.tryAgain, "reads too slowly");
    }
  }

  #welcome(socket: PageSocket, version: number): void {
    if (version !== VERSION) {
      return this.#drop(socket, CLOSE.version, `expected version ${VERSION}`);
    }
    if (!this.#entering.has(socket)) return;
    // Taking the snapshot may publish changes; they are part of it, and for other pages only.
    const snapshot = this.#state.snapshot;
    this.#leaveEntrance(socket);
    this.#open.add(socket);
    if (this.#lost > 0) this.#lost--;
    socket.send(JSON.stringify({ ...snapshot, seq: this.#seq }));
    if (this.#open.size === 1) this.onOpenChange?.(true, false);
  }

  #answer(socket: PageSocket, result: RequestResult): void {
    if (this.#open.has(socket)) socket.send(JSON.stringify(result));
  }

  /** A page that is dropped tries to come back. */
  #drop(socket: PageSocket, code: number, reason: string): void {
    socket.close(code, reason.slice(0, 100).replace(/[^\x20-\x7e]/g, "?"));
    this.#remove(socket, true);
  }

  #remove(socket: PageSocket, isLost: boolean): void {
    this.#leaveEntrance(socket);
    if (!this.#open.delete(socket)) return;
    if (isLost) this.#lost++;
    if (this.#open.size === 0) this.onOpenChange?.(false, this.#lost > 0);
  }

  #leaveEntrance(socket: PageSocket): void {
    clearTimeout(this.#entering.get(socket));
    this.#entering.delete(socket);
  }
}
