import { limits } from "../../../protocol/mod.ts";
import { CONFIG_KEYS } from "../../storage/mod.ts";
import type { Request, WindowAvailability } from "../messages.ts";

/** The longest text to send, in UTF-16 units; as UTF-8 it fits the outbox of one peer. */
const MAX_TEXT_LENGTH = 250_000;
/** The longest request, in UTF-16 units: such a text with every unit escaped, and its frame. */
export const MAX_REQUEST_LENGTH = 6 * MAX_TEXT_LENGTH + 1_000;

/** The longest note about a peer, in UTF-16 units. */
const MAX_NOTE_LENGTH = 4_000;

/** The longest value of a setting, in UTF-16 units: several servers with their keys. */
const MAX_SETTING_LENGTH = 1_000;

/** The length of a public key in hex. */
const KEY_DIGITS = 64;

const AVAILABILITIES: readonly WindowAvailability[] = ["online", "away", "busy"];

/**
 * Reads a request of a page.
 *
 * @throws {SyntaxError} if it is none
 */
export function parseRequest(data: unknown): Request {
  if (typeof data !== "string" || data.length > MAX_REQUEST_LENGTH) {
    throw new SyntaxError(`expected a request of at most ${MAX_REQUEST_LENGTH} characters as text`);
  }
  const fields = new Fields(JSON.parse(data));
  const type = fields.text("type", 32);
  switch (type) {
    case "hello":
      return { type, version: fields.integer("version") };
    case "login":
      return { type, name: fields.text("name", 256), server: fields.text("server", 256) };
    case "logout":
    case "trust-server":
    case "allow-classic":
    case "list-ignored":
    case "server-link":
      return { type };
    case "undo-ban":
      return { type, ban: fields.integer("ban") };
    case "call":
    case "write-to":
    case "kick":
    case "ban":
    case "unban":
      return { type, user: fields.integer("user") };
    case "open":
    case "call-again":
    case "close":
    case "safety-number":
    case "verify":
    case "unverify":
    case "trust":
    case "forget":
    case "join-room":
    case "leave-room":
      return { type, chat: fields.integer("chat") };
    case "mark-read":
      return { type, chat: fields.integer("chat"), message: fields.integer("message") };
    case "set-draft":
      return { type, chat: fields.integer("chat"), text: fields.text("text", MAX_TEXT_LENGTH) };
    case "set-chat": {
      const [alias, note] = [fields.text("alias", 64), fields.text("note", MAX_NOTE_LENGTH)];
      return { type, chat: fields.integer("chat"), muted: fields.boolean("muted"), alias, note };
    }
    case "send": {
      const text = fields.text("text", MAX_TEXT_LENGTH);
      const requestId = fields.text("requestId", 64);
      const reply = fields.integer("reply");
      return { type, chat: fields.integer("chat"), text, requestId, reply };
    }
    case "edit": {
      const [chat, message] = [fields.integer("chat"), fields.integer("message")];
      return { type, chat, message, text: fields.text("text", MAX_TEXT_LENGTH) };
    }
    case "delete":
    case "versions":
      return { type, chat: fields.integer("chat"), message: fields.integer("message") };
    case "react":
    case "unreact": {
      const [chat, message] = [fields.integer("chat"), fields.integer("message")];
      return { type, chat, message, emoji: fields.text("emoji", limits.emojiBytes) };
    }
    case "load-older": {
      const [before, count] = [fields.integer("before"), fields.integer("count")];
      return { type, chat: fields.integer("chat"), before, count };
    }
    case "create-room":
      return { type, name: fields.text("name", 256) };
    case "invite":
      return { type, chat: fields.integer("chat"), user: fields.integer("user") };
    case "remove-member":
      return { type, chat: fields.integer("chat"), key: fields.key("key") };
    case "set-admin": {
      const [chat, key] = [fields.integer("chat"), fields.key("key")];
      return { type, chat, key, on: fields.boolean("on") };
    }
    case "set-topic":
      return { type, chat: fields.integer("chat"), text: fields.text("text", MAX_NOTE_LENGTH) };
    case "cancel":
      return { type, chat: fields.integer("chat"), message: fields.integer("message") };
    case "take-file":
    case "pause-file":
    case "resume-file":
    case "cancel-file":
      return { type, file: fields.integer("file") };
    case "set-typing":
      return { type, chat: fields.integer("chat"), typing: fields.boolean("typing") };
    case "search":
      return {
        type,
        words: fields.text("words", 256),
        chat: fields.integer("chat"),
        before: fields.integer("before"),
      };
    case "show-hit":
      return { type, hit: fields.integer("hit") };
    case "accept":
    case "reject":
      return { type, caller: fields.integer("caller") };
    case "ignore": {
      const target = fields.oneOf("target", ["user", "chat", "caller"]);
      return { type, target, id: fields.integer("id") };
    }
    case "unignore":
      return { type, id: fields.integer("id") };
    case "set-setting": {
      const key = fields.oneOf("key", CONFIG_KEYS);
      return { type, key, value: fields.text("value", MAX_SETTING_LENGTH) };
    }
    case "export-key":
      return { type, passphrase: fields.text("passphrase", 256) };
    case "set-status": {
      const availability = fields.oneOf("availability", AVAILABILITIES);
      return { type, availability, text: fields.text("text", limits.statusBytes) };
    }
  }
  throw new SyntaxError(`expected a known request, got "${type}"`);
}

/** The fields of a request, each checked as it is read. */
class Fields {
  readonly #values: ReadonlyMap<string, unknown>;

  constructor(data: unknown) {
    const isObject = typeof data === "object" && data !== null && !Array.isArray(data);
    if (!isObject) throw new SyntaxError("expected an object");
    this.#values = new Map(Object.entries(data));
  }

  text(name: string, maxLength: number): string {
    const value = this.#values.get(name);
    if (typeof value === "string" && value.length <= maxLength) return value;
    throw new SyntaxError(`expected ${name} to be a text of at most ${maxLength} characters`);
  }

  /** A public key in hex. */
  key(name: string): string {
    const value = this.text(name, KEY_DIGITS);
    if (/^[0-9a-f]{64}$/.test(value)) return value;
    throw new SyntaxError(`expected ${name} to be a key in hex`);
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
