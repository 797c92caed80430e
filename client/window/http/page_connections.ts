import { parseRequest, type RequestHandler } from "../api/mod.ts";
import { type Request, type RequestResult, type StateChange, VERSION } from "../messages.ts";
import type { WindowState } from "../state/mod.ts";

const MAX_PAGES = 32;
/** How much may wait for a page to read it; then the page has to start again. */
const MAX_BUFFERED_BYTES = 64 * 2 ** 20;
const CLOSE = { protocol: 1002, tooBig: 1009, tryAgain: 1013, version: 4001 } as const;

/** The open pages. Each gets the snapshot, then every change. */
export class PageConnections {
  /** Called when the first page has opened and when the last one has closed. */
  onOpenChange: ((isAnyOpen: boolean) => void) | undefined;
  readonly #state: Pick<WindowState, "snapshot" | "subscribe">;
  readonly #requests: Pick<RequestHandler, "handle">;
  readonly #open = new Set<WebSocket>();
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
    return this.#open.size < MAX_PAGES;
  }

  /** Takes a page's connection, over which the page says hello first. */
  add(socket: WebSocket): void {
    socket.onmessage = ({ data }) => {
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
    socket.onclose = () => this.#remove(socket);
  }

  close(): void {
    for (const page of this.#open) page.close(1001);
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

  #welcome(socket: WebSocket, version: number): void {
    if (version !== VERSION) {
      return this.#drop(socket, CLOSE.version, `expected version ${VERSION}`);
    }
    if (this.#open.has(socket)) return;
    if (!this.hasRoom) return this.#drop(socket, CLOSE.tryAgain, "too many pages are open");
    // Taking the snapshot may publish changes; they are part of it, and for other pages only.
    const snapshot = this.#state.snapshot;
    this.#open.add(socket);
    socket.send(JSON.stringify({ ...snapshot, seq: this.#seq }));
    if (this.#open.size === 1) this.onOpenChange?.(true);
  }

  #answer(socket: WebSocket, result: RequestResult): void {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(result));
  }

  #drop(socket: WebSocket, code: number, reason: string): void {
    socket.close(code, reason.slice(0, 100).replace(/[^\x20-\x7e]/g, "?"));
    this.#remove(socket);
  }

  #remove(socket: WebSocket): void {
    if (this.#open.delete(socket) && this.#open.size === 0) this.onOpenChange?.(false);
  }
}
