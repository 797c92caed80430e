import { getLogger } from "@logtape/logtape";
import { serverLimits } from "../limits.ts";
import { reasonOf } from "../platform/util/errors.ts";
import type { Greeting } from "../session/mod.ts";
import type { Dialect } from "./worker_messages.ts";
import { RemoteReaders } from "./remote_readers.ts";
import { type SharedLogs, WorkerLink, type WorkerOwner } from "./worker_link.ts";

const logger = getLogger(["mim", "server"]);

/** How workers serve. */
export interface WorkerPoolOptions {
  /** How many there are. */
  readonly count: number;
  /** The module that they run. Default: a module of this program. */
  readonly module?: string | URL;
  /** The address to listen at; a hostname that is empty means every address. */
  readonly hostname: string | undefined;
  readonly port: number;
  readonly loginTimeoutMs: number;
  /** Is told how many bytes were written to clients. */
  readonly onBytes: (count: number) => void;
  /** Is told now and then how long a change took to reach all clients of a worker, in milliseconds. */
  readonly onBroadcast: (milliseconds: number) => void;
}

/** Workers that serve clients; one that ends is replaced. */
export class WorkerPool {
  /** The readers of the two logs. */
  readonly readers: Readonly<Record<Dialect, RemoteReaders>>;
  readonly #options: WorkerPoolOptions;
  readonly #ready = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<void>();
  /** The arguments for each worker, from the start on. */
  #needs: { readonly logs: SharedLogs; readonly owner: WorkerOwner } | undefined;
  #links: WorkerLink[] = [];
  #greeting: Greeting | undefined;
  #left = 0;
  #hasStarted = false;
  #isClosed = false;

  /** @throws {RangeError} if there are to be none */
  constructor(options: WorkerPoolOptions) {
    const { count } = options;
    if (!Number.isInteger(count) || count < 1) {
      throw new RangeError(`expected a whole number of workers from 1 on, got ${count}`);
    }
    this.#options = options;
    const readersOf = (dialect: Dialect) =>
      new RemoteReaders(
        () => Math.min(Infinity, ...this.#links.map((link) => link.oldest(dialect))),
        (since) => this.#links.forEach((link) => link.show(dialect, since)),
      );
    this.readers = { classic: readersOf("classic"), mim2: readersOf("mim2") };
    this.#ready.promise.catch(() => {}); // whoever does not ask need not know
  }

  /** Resolves once all of them listen; rejects if one can't. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Starts them. */
  start(greeting: Greeting, logs: SharedLogs, owner: WorkerOwner): void {
    this.#greeting = greeting;
    this.#needs = { logs, owner };
    this.#fill();
  }

  /** Sets the welcome of connections from now on. */
  set greeting(greeting: Greeting) {
    this.#greeting = greeting;
    for (const link of this.#links) link.tell({ type: "greeting", greeting: plain(greeting) });
  }

  /** Replaces those that have ended or do not answer. To be called every second or so. */
  tick(): void {
    for (const link of [...this.#links]) {
      if (!link.isListening || ++link.silentTicks <= serverLimits.workerSilenceSeconds) continue;
      this.#remove(link, `it has not answered for ${serverLimits.workerSilenceSeconds} s`);
      link.terminate("lost: its thread does not answer");
    }
    if (!this.#isClosed && this.#hasStarted) this.#fill();
  }

  /** Accepts no more, and resolves once all whose sessions have ended are closed, or after a while. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#left = this.#links.length;
    if (this.#left === 0) this.#stopped.resolve();
    for (const link of this.#links) link.tell({ type: "stop" });
    const timer = setTimeout(() => this.#stopped.resolve(), serverLimits.workerStopMs);
    await this.#stopped.promise;
    clearTimeout(timer);
    for (const link of this.#links) link.terminate("the server is shutting down");
    this.#links = [];
    this.#ready.resolve();
  }

  #fill(): void {
    const needs = this.#needs;
    while (needs !== undefined && this.#links.length < this.#options.count) {
      this.#links.push(this.#start(needs.logs, needs.owner));
    }
  }

  #start(logs: SharedLogs, owner: WorkerOwner): WorkerLink {
    const { module = new URL("./worker.ts", import.meta.url), onBytes, onBroadcast } =
      this.#options;
    const link = new WorkerLink(module, logs, owner, {
      onBytes,
      onBroadcast,
      onDeath: (reason) => this.#remove(link, reason),
      onEvent: ({ type, ...event }) => {
        if (type === "hello") this.#begin(link);
        if (type === "listening") this.#noteListening(link);
        if (type === "failed") this.#fail(link, "error" in event ? event.error : undefined);
        if (type === "stopped" && --this.#left === 0) this.#stopped.resolve();
      },
    });
    return link;
  }

  #begin(link: WorkerLink): void {
    const { hostname, port, loginTimeoutMs } = this.#options;
    if (this.#greeting === undefined) return;
    const since = performance.now();
    for (const dialect of ["classic", "mim2"] as const) link.show(dialect, since);
    const greeting = plain(this.#greeting);
    link.tell({ type: "start", hostname, port, loginTimeoutMs, greeting });
  }

  #noteListening(link: WorkerLink): void {
    link.isListening = true;
    const areAll = this.#links.every(({ isListening }) => isListening);
    if (!areAll || this.#links.length < this.#options.count) return;
    this.#hasStarted = true;
    this.#ready.resolve();
  }

  #fail(link: WorkerLink, error: unknown): void {
    if (!this.#hasStarted) this.#ready.reject(error);
    this.#remove(link, reasonOf(error));
    link.terminate("its thread can't listen");
  }

  #remove(link: WorkerLink, reason: string): void {
    this.#links = this.#links.filter((one) => one !== link);
    if (this.#isClosed && --this.#left <= 0) this.#stopped.resolve();
    if (this.#hasStarted && !this.#isClosed) {
      logger.error("a worker is replaced: {reason}", { reason });
    } else this.#ready.reject(new Error(`a worker can't start: ${reason}`));
  }
}

/** A welcome as it can be sent to another thread. */
function plain({ bytes, link }: Greeting): Greeting {
  return { bytes, link };
}
