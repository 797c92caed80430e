import type { ThreadStatus } from "../storage/mod.ts";

/** How long changes of threads are gathered before they are stored. */
const STORE_DELAY_MS = 500;

/** Changes of threads that are not stored yet: reading a message must not delay the next one. */
export class ThreadChanges {
  readonly #store: (status: ThreadStatus) => void;
  readonly #waiting = new Map<string, ThreadStatus>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(store: (status: ThreadStatus) => void) {
    this.#store = store;
  }

  add(status: ThreadStatus): void {
    const { thread } = status;
    this.#waiting.set(thread, { ...this.#waiting.get(thread), ...status });
    this.#timer ??= setTimeout(() => this.flush(), STORE_DELAY_MS);
  }

  /** A message has come: a number of unread ones that waits to be stored counts it. */
  addUnread(thread: string, unread: number): void {
    if (this.#waiting.get(thread)?.unread !== undefined) this.add({ thread, unread });
  }

  delete(thread: string): void {
    this.#waiting.delete(thread);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const status of this.#waiting.values()) this.#store(status);
    this.#waiting.clear();
  }
}
