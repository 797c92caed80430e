import { Inbox, PATIENCE } from "./wait.ts";

/** How many events an error shows, and how many characters of each. */
const MAX_EVENTS_SHOWN = 30;
const MAX_EVENT_LENGTH = 300;

/** The fields that an event must have; a pattern must match the field's text. */
export type ExpectedFields = Readonly<Record<string, string | number | RegExp>>;

/** An event's fields, flat, by their names. */
export type EventFields = Readonly<Record<string, unknown>>;

/**
 * Records events, and lets a test wait for those it expects. Each event answers one wait only, so
 * events may come in any order.
 *
 * @example
 * ```ts ignore
 * const events = new EventRecorder("ada", recordOf);
 * ada.subscribe(events.add);
 * await events.saw("message", { name: "bob", text: "hello" });
 * ```
 */
export class EventRecorder<
  Event extends { readonly type: string },
  Fields extends EventFields = EventFields,
> {
  /** Its name in error messages. */
  readonly name: string;
  readonly #fieldsOf: (event: Event) => Fields;
  #events: Event[] = [];
  #inbox = new Inbox<Event>();

  /** @param fieldsOf what tests compare of an event */
  constructor(name: string, fieldsOf: (event: Event) => Fields) {
    this.name = name;
    this.#fieldsOf = fieldsOf;
  }

  /** The fields of all events so far, in order. */
  get all(): Fields[] {
    return this.#events.map(this.#fieldsOf);
  }

  /** All events so far, in order. */
  get events(): readonly Event[] {
    return this.#events;
  }

  /** The types of all events so far, in order. */
  get types(): Event["type"][] {
    return this.#events.map(({ type }) => type);
  }

  /** The fields of the events that no wait has taken, in order. */
  get unread(): Fields[] {
    return this.#inbox.unread.map(this.#fieldsOf);
  }

  /** Records an event. */
  readonly add = (event: Event): void => {
    this.#events.push(event);
    this.#inbox.add(event);
  };

  /** Forgets all events so far. */
  clear(): void {
    this.#events = [];
    this.#inbox.unread.length = 0;
  }

  /**
   * Waits for an event and takes it.
   *
   * @throws {Error} if none comes in time; it lists all events
   */
  async saw<Type extends Event["type"]>(
    type: Type,
    fields: ExpectedFields = {},
  ): Promise<Extract<Event, { type: Type }>> {
    const matches = (event: Event): event is Extract<Event, { type: Type }> =>
      event.type === type && hasFields(this.#fieldsOf(event), fields);
    const event = await this.#inbox.take(matches);
    if (event !== undefined && matches(event)) return event;
    const expected = Object.entries(fields).map(([name, value]) => ` ${name}=${value}`).join("");
    const all = this.all.map((each) => `  ${JSON.stringify(each).slice(0, MAX_EVENT_LENGTH)}`);
    const left = all.length - MAX_EVENTS_SHOWN;
    throw new Error([
      `expected ${this.name} to see ${type}${expected} within ${PATIENCE} ms, saw:`,
      ...left > 0 ? [`  … ${left} more`] : [],
      ...all.slice(-MAX_EVENTS_SHOWN),
    ].join("\n"));
  }
}

function hasFields(event: EventFields, expected: ExpectedFields): boolean {
  return Object.entries(expected).every(([name, value]) =>
    value instanceof RegExp ? value.test(String(event[name])) : event[name] === value
  );
}
