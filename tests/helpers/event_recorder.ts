import type { ClientEvent } from "../../client/app/events.ts";
import type { MessengerEvent } from "../../client/core/mod.ts";
import { type EventRecord, recordOf } from "../../client/terminal/render/record.ts";
import { beforeDeadline } from "./wait.ts";

/** How much error messages show: so many events, so much of each. */
const LAST = 30;
const LONGEST = 300;

/** The fields that an event must have; a pattern is looked for in the field's text. */
export type ExpectedFields = Readonly<Record<string, string | number | RegExp>>;

/** An event of one kind. */
export type EventOf<Kind extends ClientEvent["type"]> = Extract<ClientEvent, { type: Kind }>;

interface Waiter {
  readonly matches: (event: ClientEvent) => boolean;
  readonly done: (event: ClientEvent) => void;
}

/**
 * Takes events down, and lets a test wait for those that it expects. Each event answers one wait,
 * and those before it stay, so events may come in any order.
 *
 * @example
 * ```ts ignore
 * const screen = new EventRecorder("ada's screen");
 * const console = new Console(ada, screen.tell, quit, () => false);
 * await screen.saw("message", { name: "bob", text: "hello" });
 * ```
 */
export class EventRecorder {
  /** What error messages call it. */
  readonly name: string;
  readonly #waiters = new Set<Waiter>();
  #events: ClientEvent[] = [];
  #unread: ClientEvent[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Everything so far, in order, as scripts are told. */
  get all(): EventRecord[] {
    return this.#events.map(recordOf);
  }

  /** What no wait has taken, in order, as scripts are told. */
  get unread(): EventRecord[] {
    return this.#unread.map(recordOf);
  }

  /** Takes an event down. */
  readonly tell = (event: ClientEvent): void => {
    this.#events.push(event);
    for (const waiter of this.#waiters) {
      if (waiter.matches(event)) {
        this.#waiters.delete(waiter);
        return waiter.done(event);
      }
    }
    this.#unread.push(event);
  };

  /** Takes an event of a messenger down; of an error, what it says without any face. */
  readonly tellOfMessenger = (event: MessengerEvent): void => {
    this.tell(event.type === "error" ? { type: "error", text: event.error.message } : event);
  };

  /** Forgets what it was told so far. */
  clear(): void {
    this.#events = [];
    this.#unread = [];
  }

  /**
   * Waits for an event and takes it.
   *
   * @param fields what the event must say, by the names of `--json`
   * @throws {Error} where none comes in time; tells all that came
   */
  async saw<Kind extends ClientEvent["type"]>(
    type: Kind,
    fields: ExpectedFields = {},
  ): Promise<EventOf<Kind>> {
    const matches = (event: ClientEvent): event is EventOf<Kind> =>
      event.type === type && hasFields(recordOf(event), fields);
    const index = this.#unread.findIndex(matches);
    const [there] = index < 0 ? [] : this.#unread.splice(index, 1);
    const event = there ?? await this.#next(matches);
    if (event !== "late" && matches(event)) return event;
    const expected = Object.entries(fields).map(([name, value]) => ` ${name}=${value}`).join("");
    const all = this.all.map((record) => `  ${JSON.stringify(record).slice(0, LONGEST)}`);
    const last = all.length > LAST ? [`  … ${all.length - LAST} more`, ...all.slice(-LAST)] : all;
    throw new Error([`expected ${this.name} to see ${type}${expected}, saw:`, ...last].join("\n"));
  }

  async #next(matches: Waiter["matches"]): Promise<ClientEvent | "late"> {
    const { promise, resolve } = Promise.withResolvers<ClientEvent>();
    const waiter = { matches, done: resolve };
    this.#waiters.add(waiter);
    const event = await beforeDeadline(promise);
    this.#waiters.delete(waiter);
    return event;
  }
}

function hasFields(record: EventRecord, fields: ExpectedFields): boolean {
  return Object.entries(fields).every(([name, expected]) => {
    const value = record[name];
    return expected instanceof RegExp ? expected.test(String(value)) : value === expected;
  });
}
