import type { RecordLog, UpdateLog } from "../presence/mod.ts";
import type { SessionOwner } from "../connections/mod.ts";
import type { Dialect, FromWorker, LogState, ToWorker } from "./worker_messages.ts";
import { MessageBatch } from "./message_batch.ts";
import { RemoteSession } from "./remote_session.ts";

/** The logs that workers read. */
export interface SharedLogs {
  readonly classic: UpdateLog;
  readonly mim2: RecordLog | undefined;
}

/** The pool's handlers for one worker. */
export interface WorkerEvents {
  /** It says something that is for the pool. */
  onEvent(event: Extract<FromWorker, { type: "hello" | "listening" | "failed" | "stopped" }>): void;
  /** It has ended by itself. */
  onDeath(reason: string): void;
  onBytes(count: number): void;
  onBroadcast(milliseconds: number): void;
}

/** The owner of the connections of all workers. It is not told of writes: each worker handles its own. */
export type WorkerOwner = Omit<SessionOwner<RemoteSession>, "onWritten">;

/** How far a log is needed by the clients of a worker. */
class Need {
  /** The smallest offset of those that had entered when it last said so. */
  oldest = Infinity;
  /** The offsets of those that entered and that it has not reported on, the oldest first. */
  readonly later: number[] = [];
  entered = 0;

  get offset(): number {
    return Math.min(this.oldest, this.later[0] ?? Infinity);
  }
}

/** The main thread's side of one worker. */
export class WorkerLink {
  /** Whether it listens. */
  isListening = false;
  /** Seconds since it last said how it is doing. */
  silentTicks = 0;
  readonly #worker: Worker;
  readonly #owner: WorkerOwner;
  readonly #events: WorkerEvents;
  readonly #logs: SharedLogs;
  readonly #batch: MessageBatch<ToWorker>;
  readonly #sessions = new Map<number, RemoteSession>();
  /** Connections that were admitted and are not open yet, by address and port. */
  readonly #admitted = new Map<string, { readonly address: string; readonly port: number }>();
  readonly #needs = { classic: new Need(), mim2: new Need() };
  /** The memory that it knows, and how far it knows the places in the log of records. */
  readonly #known = {
    classic: { bytes: new Uint8Array(0) as Uint8Array, end: 0 },
    mim2: { bytes: new Uint8Array(0) as Uint8Array, end: 0 },
  };
  #ended = false;

  /** Starts a thread. */
  constructor(
    module: string | URL,
    logs: SharedLogs,
    owner: WorkerOwner,
    events: WorkerEvents,
  ) {
    this.#logs = logs;
    this.#owner = owner;
    this.#events = events;
    this.#worker = new Worker(module, { type: "module" });
    this.#batch = new MessageBatch((messages) => this.#worker.postMessage(messages));
    this.#worker.onmessage = ({ data }: MessageEvent<readonly FromWorker[]>) => {
      for (const message of data) this.#receive(message);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#die(event.message);
    };
  }

  /** The smallest offset in a log that any of its clients needs. */
  oldest(dialect: Dialect): number {
    return this.#needs[dialect].offset;
  }

  /** Tells it something. */
  tell(message: ToWorker): void {
    if (!this.#ended) this.#batch.add(message);
  }

  /** Has its clients read on. */
  show(dialect: Dialect, since: number): void {
    const state = this.#stateOf(dialect);
    if (state === undefined || this.#ended) return;
    this.#batch.add({ type: "show", dialect, state, since: since + performance.timeOrigin });
    this.#batch.flush();
  }

  /** Ends the thread, and with it all its connections. */
  terminate(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#worker.terminate();
    for (const place of [...this.#admitted.values()]) this.#open(-1 - this.#admitted.size, place);
    for (const session of [...this.#sessions.values()]) {
      session.hasEnded({ by: "client", reason });
    }
  }

  #die(reason: string): void {
    if (this.#ended) return;
    this.terminate("lost: its thread has ended");
    this.#events.onDeath(reason);
  }

  #stateOf(dialect: Dialect): LogState | undefined {
    const log = this.#logs[dialect];
    if (log === undefined) return undefined;
    const known = this.#known[dialect];
    const { bytes, ...window } = log.window;
    const isSame = bytes.buffer === known.bytes.buffer;
    const view = dialect === "mim2" ? this.#logs.mim2?.view : undefined;
    const state = {
      ...window,
      ...isSame ? undefined : { bytes },
      places: view?.placesFrom(known.end) ?? [],
      starts: view?.startsFrom(known.end) ?? [],
    };
    known.bytes = bytes;
    known.end = window.end;
    return state;
  }

  #receive(message: FromWorker): void {
    if (this.#ended) return;
    switch (message.type) {
      case "admit":
        return void this.#admit(message);
      case "open":
        return this.#open(message.id, message);
      case "handshake":
        return void this.#owner.onHandshake();
      case "login":
        return this.#logIn(message);
      case "message": {
        const session = this.#sessions.get(message.id);
        if (session === undefined) return;
        session.lastHeard = performance.now();
        return this.#owner.onMessage(session, message.message);
      }
      case "ended":
        return this.#sessions.get(message.id)?.hasEnded(message.end);
      case "accept-failure":
        return this.#owner.onAcceptFailure(message.reason);
      case "broadcast":
        return this.#events.onBroadcast(message.milliseconds);
      case "state":
        return this.#note(message);
      default:
        this.#events.onEvent(message);
    }
  }

  #open(id: number, place: { readonly address: string; readonly port: number }): void {
    this.#admitted.delete(keyOf(place));
    const tell = (message: ToWorker) => this.#tellOf(message);
    const session = new RemoteSession(id, place, tell, (session, end) => {
      this.#sessions.delete(id);
      this.#owner.onEnd(session, end);
    });
    this.#sessions.set(id, session);
    this.#owner.onOpen(session);
  }

  /** Tells of a session; notes where those that enter begin to read. */
  #tellOf(message: ToWorker): void {
    if (message.type === "enter" && message.dialect !== undefined) {
      this.#needs[message.dialect].later.push(message.cursor);
    }
    this.tell(message);
  }

  async #admit({ question, address, port }: Extract<FromWorker, { type: "admit" }>) {
    const rejection = await this.#owner.admit(address, port);
    if (rejection === undefined) this.#admitted.set(keyOf({ address, port }), { address, port });
    this.tell({ type: "admitted", question, rejection });
  }

  #logIn({ id, login, handshakeHash }: Extract<FromWorker, { type: "login" }>): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    session.lastHeard = performance.now();
    session.handshakeHash = handshakeHash;
    const rejection = this.#owner.onLogin(session, login);
    if (rejection !== undefined) session.end({ by: "rejected", ...rejection });
  }

  #note({ oldest, entered, bytesOut, writing }: Extract<FromWorker, { type: "state" }>): void {
    this.silentTicks = 0;
    for (const dialect of ["classic", "mim2"] as const) {
      const need = this.#needs[dialect];
      need.later.splice(0, entered[dialect] - need.entered);
      need.entered = entered[dialect];
      need.oldest = oldest[dialect];
    }
    this.#events.onBytes(bytesOut);
    for (const session of this.#sessions.values()) session.isWriting = false;
    for (const id of writing) {
      const session = this.#sessions.get(id);
      if (session !== undefined) session.isWriting = true;
    }
  }
}

function keyOf({ address, port }: { readonly address: string; readonly port: number }): string {
  return `${address} ${port}`;
}
