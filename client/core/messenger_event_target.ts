import type { EventBus } from "./event_bus.ts";
import type { MessengerEvent, MessengerEventMap, WaitOptions } from "./events.ts";

type Listener = EventListenerOrEventListenerObject;

/**
 * The events of a messenger: by type, one at a time, or all of them. A listener that throws, or whose
 * promise rejects, ends nothing: the event is lost for it, and an `error` event with the code
 * `listener-failed` reports that.
 */
export class MessengerEventTarget extends EventTarget {
  readonly #events: EventBus;
  /** The types that listeners were added for: an event that nobody listens to costs nothing. */
  readonly #dispatched = new Set<string>();
  readonly #guards = new WeakMap<Listener, EventListener>();

  /** The events of that bus. */
  constructor(events: EventBus) {
    super();
    this.#events = events;
  }

  /**
   * Calls a listener with each event of that type from now on.
   *
   * @param options `signal` removes it, `once` after the first event
   */
  override addEventListener<Type extends MessengerEvent["type"]>(
    type: Type,
    listener:
      | ((event: MessengerEventMap[Type]) => unknown)
      | { handleEvent(event: MessengerEventMap[Type]): unknown }
      | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    if (!this.#dispatched.has(type)) {
      this.#dispatched.add(type);
      this.#events.on<MessengerEvent["type"]>(
        type,
        (event) =>
          void this.dispatchEvent(Object.defineProperties(new Event(type), fieldsOf(event))),
      );
    }
    super.addEventListener(type, listener && this.#guarded(listener as Listener), options);
  }

  /** Removes a listener. */
  override removeEventListener<Type extends MessengerEvent["type"]>(
    type: Type,
    listener:
      | ((event: MessengerEventMap[Type]) => unknown)
      | { handleEvent(event: MessengerEventMap[Type]): unknown }
      | null,
    options?: boolean | EventListenerOptions,
  ): void {
    // A signal removes the guard itself.
    const guard = listener && (this.#guards.get(listener as Listener) ?? listener);
    super.removeEventListener(type, guard as Listener | null, options);
  }

  /**
   * Calls a subscriber with each event of every type from now on, as plain data.
   *
   * @returns a function that ends it
   */
  subscribe(subscriber: (event: MessengerEvent) => unknown): () => void {
    return this.#events.onAny(subscriber);
  }

  /**
   * Waits for the next event of a type.
   *
   * @param options `where` says which one is meant: by default the first one
   * @throws {DOMException} `TimeoutError`; the signal's reason once it is aborted
   */
  waitFor<Type extends MessengerEvent["type"]>(
    type: Type,
    options: WaitOptions & {
      readonly where?: (event: Extract<MessengerEvent, { readonly type: Type }>) => boolean;
    } = {},
  ): Promise<Extract<MessengerEvent, { readonly type: Type }>> {
    const { where = () => true } = options;
    const late = `no event "${type}" came in time`;
    return this.#events.waitFor(type, (event) => where(event) ? event : undefined, late, options);
  }

  /** The listener that stands in for one that may throw; always the same for the same one. */
  #guarded(listener: Listener): EventListener {
    return this.#guards.getOrInsertComputed(
      listener,
      () => (event) =>
        this.#events.guard(
          event as Event & MessengerEvent,
          () =>
            typeof listener === "function"
              ? listener.call(this, event)
              : listener.handleEvent(event),
        ),
    );
  }
}

/** All but the type, which an event has of its own. A getter stays a getter. */
function fieldsOf(event: MessengerEvent): PropertyDescriptorMap {
  const { type: _, ...fields } = Object.getOwnPropertyDescriptors(event);
  return fields;
}
