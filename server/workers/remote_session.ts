import { RecordLogView } from "../presence/mod.ts";
import type { ClientSession, OwnMessage, SessionEnd, SessionEntry } from "../session/mod.ts";
import type { ToWorker } from "./worker_messages.ts";

/** A session that a worker keeps. */
export class RemoteSession implements ClientSession {
  readonly address: string;
  readonly port: number;
  /** Workers know how far their clients have read. */
  readonly cursor = undefined;
  handshakeHash: Uint8Array | undefined;
  lastHeard = performance.now();
  isWriting = false;
  readonly #id: number;
  readonly #tell: (message: ToWorker) => void;
  readonly #onEnd: (session: RemoteSession, end: SessionEnd) => void;
  #ended = false;

  /**
   * @param tell tells the worker
   * @param onEnd is called once
   */
  constructor(
    id: number,
    { address, port }: { readonly address: string; readonly port: number },
    tell: (message: ToWorker) => void,
    onEnd: (session: RemoteSession, end: SessionEnd) => void,
  ) {
    this.#id = id;
    this.address = address;
    this.port = port;
    this.#tell = tell;
    this.#onEnd = onEnd;
  }

  /** Its worker has its readers read on. */
  pump(): void {}

  enter({ first, log, cursor }: SessionEntry): boolean {
    if (this.#ended) return false;
    const dialect = log && (log instanceof RecordLogView ? "mim2" : "classic");
    this.handshakeHash = undefined;
    this.#tell({ type: "enter", id: this.#id, dialect, first, cursor });
    return true;
  }

  send(message: OwnMessage, after = 0): void {
    if (!this.#ended) this.#tell({ type: "send", id: this.#id, message, after });
  }

  end(end: SessionEnd): void {
    if (this.#ended) return;
    this.#tell({ type: "end", id: this.#id, end });
    this.hasEnded(end);
  }

  /** It has ended over there. */
  hasEnded(end: SessionEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd(this, end);
  }
}
