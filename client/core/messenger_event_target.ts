import type { EventBus } from "./event_bus.ts";
import type { MessengerEvent, MessengerEventMap, WaitOptions } from "./events.ts";

/** The events of a messenger: by type, one at a time, or all of them. */
export class MessengerEventTarget extends EventTarget {
  readonly #events: EventBus;
  /** The types that listeners were added for: an event that nobody listens to costs nothing. */
  readonly #dispatched = new Set<string>();

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
      | ((event: MessengerEventMap[Type]) => void)
      | { handleEvent(event: MessengerEventMap[Type]): void }
      | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    if (!this.#dispatched.has(type)) {
      this.#dispatched.add(type);
      this.#events.on<MessengerEvent["type"]>(
        type,
        (event) => void this.dispatchEvent(Object.assign(new Event(type), fieldsOf(event))),
      );
    }
    super.addEventListener(type, listener as EventListener | null, options);
  }

  /** Removes a listener. */
  override removeEventListener<Type extends MessengerEvent["type"]>(
    type: Type,
    listener:
      | ((event: MessengerEventMap[Type]) => void)
      | { handleEvent(event: MessengerEventMap[Type]): void }
      | null,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, listener as EventListener | null, options);
  }

  /**
   * Calls a subscriber with each event of every type from now on, as plain data.
   *
   * @returns a function that ends it
   */
  subscribe(subscriber: (event: MessengerEvent) => void): () => void {
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
}

/** All but the type, which an event has of its own. */
function fieldsOf({ type: _, ...fields }: MessengerEvent): object {
  return fields;
}
