import type { DisconnectCause } from "./error_details.ts";
import type { MessengerEvent, WaitOptions } from "./events.ts";
import type { OnlineUser } from "./online_user.ts";

/** Events that only parts of the core listen to. */
export type InternalEvent =
  /** A user with a key is online, or can be reached in another way than before. */
  | { readonly type: "user-reachable"; readonly user: OnlineUser }
  /** A user who could not dial this client asks to be called. */
  | { readonly type: "callback-requested"; readonly user: OnlineUser }
  /** The user has written to a key with which no chat is open. */
  | { readonly type: "delivery-requested"; readonly identity: Uint8Array }
  /** The last connection of a chat has ended; whether its peer may be dialed again by itself. */
  | {
    readonly type: "connection-ended";
    readonly identity: Uint8Array;
    readonly canRedial: boolean;
  }
  /** The connection with the server was lost after the login; `isEarly` if a ping went unanswered. */
  | { readonly type: "session-lost"; readonly end: DisconnectCause; readonly isEarly: boolean };

export type CoreEvent = MessengerEvent | InternalEvent;

export type EventOf<Type extends CoreEvent["type"]> = Extract<CoreEvent, { readonly type: Type }>;

const INTERNAL: Readonly<Record<InternalEvent["type"], true>> = {
  "user-reachable": true,
  "callback-requested": true,
  "delivery-requested": true,
  "connection-ended": true,
  "session-lost": true,
};

/** Passes events between parts of the core, and to subscribers: at once, in the order they came. */
export class EventBus {
  readonly #listeners = new Map<string, Set<(event: CoreEvent) => void>>();
  readonly #publicListeners = new Set<(event: CoreEvent) => void>();

  /** Calls every listener. One that throws is reported, and the others are called all the same. */
  emit(event: CoreEvent): void {
    for (const listener of this.#listeners.get(event.type) ?? []) notify(listener, event);
    if (event.type in INTERNAL) return;
    for (const listener of this.#publicListeners) notify(listener, event);
  }

  /** Listens to the events of one type; returns a function that removes the listener. */
  on<Type extends CoreEvent["type"]>(
    type: Type,
    listener: (event: EventOf<Type>) => void,
  ): () => void {
    const listeners = this.#listeners.getOrInsertComputed(type, () => new Set());
    return add(listeners, (event) => listener(event as EventOf<Type>));
  }

  /** Listens to every public event; returns a function that removes the listener. */
  onAny(listener: (event: MessengerEvent) => void): () => void {
    return add(this.#publicListeners, (event) => listener(event as MessengerEvent));
  }

  /**
   * Waits for an event of which `pick` makes something, and returns that.
   *
   * @param late the message of the error if it takes too long
   * @throws {DOMException} `TimeoutError`; the signal's reason once it is aborted
   */
  async waitFor<Type extends CoreEvent["type"], Value>(
    type: Type,
    pick: (event: EventOf<Type>) => Value | undefined,
    late: string,
    { timeoutMs, signal }: WaitOptions,
  ): Promise<Value> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Value>();
    const remove = this.on(type, (event) => {
      const value = pick(event);
      if (value !== undefined) resolve(value);
    });
    const onTimeout = () => reject(new DOMException(late, "TimeoutError"));
    const timer = timeoutMs === undefined ? undefined : setTimeout(onTimeout, timeoutMs);
    const abort = () => reject(signal?.reason);
    signal?.addEventListener("abort", abort);
    try {
      return await promise;
    } finally {
      remove();
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }
}

function add(
  listeners: Set<(event: CoreEvent) => void>,
  listener: (event: CoreEvent) => void,
): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function notify(listener: (event: CoreEvent) => void, event: CoreEvent): void {
  try {
    listener(event);
  } catch (error) {
    reportError(error); // a fault of the listener must not break the emitter
  }
}
