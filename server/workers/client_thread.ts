import {
  isLoopback,
  type LinkClientMessage,
  type LinkLogin,
  type Login,
} from "../../protocol/mod.ts";
import type { Rejection } from "../admission/mod.ts";
import { Connections, type SessionOwner } from "../connections/mod.ts";
import { listenAt } from "../platform/net/listen.ts";
import { sharedPortNetwork } from "../platform/net/shared_port.ts";
import { BurstCleanup } from "../platform/util/burst_cleanup.ts";
import { PauseDetector } from "../platform/util/pause_detector.ts";
import { LogView, OwnReaders, RecordLogView } from "../presence/mod.ts";
import type { Session, SessionEnd } from "../session/mod.ts";
import type { Dialect, FromWorker, ToWorker } from "./worker_messages.ts";
import { MessageBatch } from "./message_batch.ts";

/** How often deadlines are checked, and the main thread is told how it goes. */
const TICK_MS = 1_000;

/** The connections of a worker, and what it knows of the logs. The main thread decides all else. */
export class ClientThread implements SessionOwner<Session> {
  readonly #batch: MessageBatch<FromWorker>;
  readonly #sessions = new Map<number, Session>();
  readonly #ids = new Map<Session, number>();
  readonly #questions = new Map<number, (rejection: Rejection | undefined) => void>();
  readonly #readers: Readonly<Record<Dialect, OwnReaders>>;
  readonly #bytes = { classic: new LogView(), mim2: new LogView() };
  readonly #records = new RecordLogView(this.#bytes.mim2, () => this.#readers.mim2.pump());
  /** The memory of the logs. */
  readonly #memory: Record<Dialect, Uint8Array> = {
    classic: new Uint8Array(0),
    mim2: new Uint8Array(0),
  };
  readonly #entered = { classic: 0, mim2: 0 };
  #connections: Connections | undefined;
  readonly #pauses = new PauseDetector();
  readonly #cleanup = new BurstCleanup();
  /** How many connections there were. */
  #opened = 0;
  #tick: ReturnType<typeof setInterval> | undefined;
  #next = 0;
  #bytesOut = 0;

  /** @param post sends messages to the main thread */
  constructor(post: (messages: readonly FromWorker[]) => void) {
    this.#batch = new MessageBatch(post);
    const readers = () =>
      new OwnReaders((milliseconds) => this.#batch.add({ type: "broadcast", milliseconds }));
    this.#readers = { classic: readers(), mim2: readers() };
  }

  /** Does what the main thread says. */
  receive(message: ToWorker): void {
    switch (message.type) {
      case "start":
        return this.#start(message);
      case "greeting":
        if (this.#connections !== undefined) this.#connections.greeting = message.greeting;
        return;
      case "admitted": {
        const answer = this.#questions.get(message.question);
        this.#questions.delete(message.question);
        return answer?.(message.rejection);
      }
      case "show":
        return this.#show(message);
      case "enter":
        return this.#enter(message);
      case "send":
        return void this.#sessions.get(message.id)?.send(message.message, message.after);
      case "end":
        return this.#sessions.get(message.id)?.end(message.end);
      case "stop":
        return void this.#stop();
    }
  }

  admit(address: string, port: number): undefined | Promise<Rejection | undefined> {
    if (isLoopback(address)) return undefined; // there is no limit for it
    const question = this.#next++;
    this.#batch.add({ type: "admit", question, address, port });
    return new Promise((resolve) => this.#questions.set(question, resolve));
  }

  onOpen(session: Session): void {
    const id = this.#next++;
    this.#opened++;
    this.#sessions.set(id, session);
    this.#ids.set(session, id);
    this.#batch.add({ type: "open", id, address: session.address, port: session.port });
  }

  onHandshake(): void {
    this.#batch.add({ type: "handshake" });
  }

  onLogin(session: Session, login: Login | LinkLogin): undefined {
    const { handshakeHash } = session;
    this.#batch.add({ type: "login", id: this.#idOf(session), login, handshakeHash });
  }

  onMessage(session: Session, message: LinkClientMessage): void {
    this.#batch.add({ type: "message", id: this.#idOf(session), message });
  }

  onEnd(session: Session, end: SessionEnd): void {
    const id = this.#idOf(session);
    this.#sessions.delete(id);
    this.#ids.delete(session);
    for (const readers of Object.values(this.#readers)) readers.leave(session);
    this.#batch.add({ type: "ended", id, end });
  }

  onWritten(session: Session, bytes: number, before: number | undefined): void {
    this.#bytesOut += bytes;
    this.#readers[session.isMim2 ? "mim2" : "classic"].moved(session, before);
  }

  onAcceptFailure(reason: string): void {
    this.#batch.add({ type: "accept-failure", reason });
  }

  #start({ hostname, port, greeting, loginTimeoutMs }: Extract<ToWorker, { type: "start" }>): void {
    try {
      const listener = listenAt(sharedPortNetwork, hostname, port);
      this.#connections = new Connections(listener, greeting, loginTimeoutMs, this);
    } catch (error) {
      return this.#batch.add({ type: "failed", error });
    }
    this.#tick = setInterval(() => this.#look(), TICK_MS);
    this.#batch.add({ type: "listening" });
  }

  #show({ dialect, state, since }: Extract<ToWorker, { type: "show" }>): void {
    if (state.bytes !== undefined) this.#memory[dialect] = state.bytes;
    for (const place of state.places) this.#records.note(place);
    for (const start of state.starts) this.#records.begin(start);
    this.#bytes[dialect].move({ ...state, bytes: this.#memory[dialect] });
    this.#readers[dialect].show(state.shown, since - performance.timeOrigin);
  }

  #enter({ id, dialect, first, cursor }: Extract<ToWorker, { type: "enter" }>): void {
    const session = this.#sessions.get(id);
    if (dialect === undefined) return void session?.enter({ first, log: undefined, cursor });
    this.#entered[dialect]++;
    const log = dialect === "mim2" ? this.#records : this.#bytes.classic;
    if (session?.enter({ first, log, cursor })) this.#readers[dialect].join(session);
  }

  #look(): void {
    this.#connections?.tick(this.#pauses.look());
    const { size } = this.#sessions;
    void this.#cleanup.look(2 * this.#opened - size, size); // those that came, and that went
    const writing: number[] = [];
    for (const [id, session] of this.#sessions) if (session.isWriting) writing.push(id);
    const { classic, mim2 } = this.#readers;
    for (const readers of [classic, mim2]) readers.tick();
    const oldest = { classic: classic.oldestCursor, mim2: mim2.oldestCursor };
    this.#records.trim(oldest.mim2);
    const [entered, bytesOut] = [{ ...this.#entered }, this.#bytesOut];
    this.#bytesOut = 0;
    this.#batch.add({ type: "state", oldest, entered, bytesOut, writing });
  }

  async #stop(): Promise<void> {
    clearInterval(this.#tick);
    await this.#connections?.close();
    this.#look();
    this.#batch.add({ type: "stopped" });
    this.#batch.flush();
  }

  #idOf(session: Session): number {
    return this.#ids.get(session) ?? -1;
  }
}
