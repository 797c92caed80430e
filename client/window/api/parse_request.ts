import { limits } from "../../../protocol/mod.ts";
import type { Request, Strangers, WindowAvailability } from "../messages.ts";

/** The longest text to send, in UTF-16 units; as UTF-8 it fits what may wait for one peer. */
const MAX_LENGTHS = 250_000;
/** The largest intent, in UTF-16 units: such a text, however JSON writes it, and what stands around it. */
export const MAX_REQUEST_LENGTH = 6 * MAX_LENGTHS + 1_000;

const AVAILABILITIES: readonly WindowAvailability[] = ["online", "away", "busy"];
const POLICIES: readonly Strangers[] = ["allow", "ask", "refuse"];

/**
 * Reads what a page sends.
 *
 * @throws {SyntaxError} where it is anything but an intent
 */
export function parseRequest(data: unknown): Request {
  if (typeof data !== "string" || data.length > MAX_REQUEST_LENGTH) {
    throw new SyntaxError(`expected an intent of at most ${MAX_REQUEST_LENGTH} characters as text`);
  }
  const fields = new Fields(JSON.parse(data));
  const type = fields.text("type", 16);
  switch (type) {
    case "hello":
      return { type, version: fields.integer("version") };
    case "login":
      return { type, name: fields.text("name", 256), server: fields.text("server", 256) };
    case "logout":
    case "trust-server":
    case "ignored":
      return { type };
    case "talk":
      return { type, user: fields.integer("user") };
    case "again":
    case "close":
    case "seen":
    case "safety":
    case "verify":
    case "trust":
      return { type, chat: fields.integer("chat") };
    case "send": {
      const text = fields.text("text", MAX_LENGTHS);
      return { type, chat: fields.integer("chat"), text, requestId: fields.text("requestId", 64) };
    }
    case "older": {
      const [before, count] = [fields.integer("before"), fields.integer("count")];
      return { type, chat: fields.integer("chat"), before, count };
    }
    case "cancel":
      return { type, chat: fields.integer("chat"), message: fields.integer("message") };
    case "typing":
      return { type, chat: fields.integer("chat"), typing: fields.boolean("typing") };
    case "search":
      return { type, words: fields.text("words", 256) };
    case "find":
      return { type, found: fields.integer("found") };
    case "accept":
    case "refuse":
      return { type, caller: fields.integer("caller") };
    case "ignore":
      return { type, of: fields.oneOf("of", ["user", "chat", "caller"]), id: fields.integer("id") };
    case "unignore":
      return { type, id: fields.integer("id") };
    case "strangers":
      return { type, policy: fields.oneOf("policy", POLICIES) };
    case "status": {
      const availability = fields.oneOf("availability", AVAILABILITIES);
      return { type, availability, text: fields.text("text", limits.statusUnits) };
    }
  }
  throw new SyntaxError(`expected a known intent, got "${type}"`);
}

/** The fields of an intent, none of which is what it should be until that was looked at. */
class Fields {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(data: unknown) {
    const isObject = typeof data === "object" && data !== null && !Array.isArray(data);
    if (!isObject) throw new SyntaxError("expected an object");
    this.#values = new Map(Object.entries(data));
  }

  text(name: string, most: number): string {
    const value = this.#values.get(name);
    if (typeof value === "string" && value.length <= most) return value;
    throw new SyntaxError(`expected ${name} to be a text of at most ${most} characters`);
  }

  integer(name: string): number {
    const value = this.#values.get(name);
    if (typeof value === "number" && Number.isSafeInteger(value)) return value;
    throw new SyntaxError(`expected ${name} to be a whole number`);
  }

  boolean(name: string): boolean {
    const value = this.#values.get(name);
    if (typeof value === "boolean") return value;
    throw new SyntaxError(`expected ${name} to be true or false`);
  }

  oneOf<Word extends string>(name: string, words: readonly Word[]): Word {
    const value = this.#values.get(name);
    const word = words.find((word) => word === value);
    if (word !== undefined) return word;
    throw new SyntaxError(`expected ${name} to be one of ${words.join(", ")}`);
  }
}
