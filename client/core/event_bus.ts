import { reasonOf } from "../../server/platform/util/errors.ts";
import type { DisconnectCause } from "./error_details.ts";
import type { MessengerEvent, WaitOptions } from "./events.ts";
import { ClientError } from "./errors.ts";
import { NoticeCounter } from "./notice_counter.ts";
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
  /** The link of an open chat may be dead: its peer is to be dialed anew. */
  | {
    readonly type: "link-doubted";
    readonly identity: Uint8Array;
    readonly name: string;
  }
  /** This machine has lost these addresses, as {@linkcode plainOwnAddress} writes them. */
  | { readonly type: "addresses-lost"; readonly gone: ReadonlySet<string> }
  /** The connection with the server was lost after the login; `isEarly` if a ping went unanswered. */
  | { readonly type: "session-lost"; readonly end: DisconnectCause; readonly isEarly: boolean };

export type CoreEvent = MessengerEvent | InternalEvent;

export type EventOf<Type extends CoreEvent["type"]> = Extract<CoreEvent, { readonly type: Type }>;

const INTERNAL: Readonly<Record<InternalEvent["type"], true>> = {
  "user-reachable": true,
  "callback-requested": true,
  "delivery-requested": true,
  "connection-ended": true,
  "link-doubted": true,
  "addresses-lost": true,
  "session-lost": true,
};

/** How often an event reports failed listeners at most: others may cause what they fail at. */
const FAULT_NOTICE_INTERVAL_MS = 10_000;

/** Passes events between parts of the core, and to subscribers: at once, in the order they came. */
export class EventBus {
  readonly #listeners = new Map<string, Set<(event: CoreEvent) => unknown>>();
  readonly #publicListeners = new Set<(event: CoreEvent) => unknown>();
  readonly #faults = new NoticeCounter(FAULT_NOTICE_INTERVAL_MS);

  /** Calls every listener, however the others fare: see {@linkcode EventBus.guard}. */
  emit(event: CoreEvent): void {
    const call = (listener: (event: CoreEvent) => unknown) =>
      this.guard(event, () => listener(event));
    this.#listeners.get(event.type)?.forEach(call);
    if (event.type in INTERNAL) return;
    this.#publicListeners.forEach(call);
  }

  /**
   * Calls a listener with an event. If it throws, or the promise that it returns rejects, an `error`
   * event reports that; the event is lost for this listener only.
   */
  guard(event: CoreEvent, listener: () => unknown): void {
    // A listener of such reports that fails would be reported for ever.
    const isReport = event.type === "error" && event.error.is("listener-failed");
    const fail = (cause: unknown) => isReport || this.#reportFault(event.type, cause);
    try {
      const result = listener();
      // Any object with a method `then` is awaited as a promise.
      if (typeof result === "object" && result !== null) Promise.resolve(result).catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  /** Asks a callback of the program; if it throws, that is reported like a listener's fault. */
  ask<Answer>(callback: string, question: () => Answer, otherwise: Answer): Answer {
    try {
      return question();
    } catch (cause) {
      this.#reportFault(callback, cause);
      return otherwise;
    }
  }

  /** Listens to the events of one type; returns a function that removes the listener. */
  on<Type extends CoreEvent["type"]>(
    type: Type,
    listener: (event: EventOf<Type>) => unknown,
  ): () => void {
    const listeners = this.#listeners.getOrInsertComputed(type, () => new Set());
    return add(listeners, (event) => listener(event as EventOf<Type>));
  }

  /** Listens to every public event; returns a function that removes the listener. */
  onAny(listener: (event: MessengerEvent) => unknown): () => void {
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
      try {
        const value = pick(event);
        if (value !== undefined) resolve(value);
      } catch (error) {
        reject(error); // whoever waits has asked a question that fails
      }
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

  #reportFault(event: string, cause: unknown): void {
    const count = this.#faults.add();
    if (count === 0) return;
    const details = { event, reason: reasonOf(cause), others: count - 1 };
    this.emit({ type: "error", error: new ClientError("listener-failed", details, { cause }) });
  }
}

function add(
  listeners: Set<(event: CoreEvent) => unknown>,
  listener: (event: CoreEvent) => unknown,
): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
