import { type Chat, ClientError, type Messenger, type OnlineUser } from "./core/mod.ts";
import { adviceFor } from "./advice.ts";
import { findCommand } from "./commands.ts";
import type { ClientEvent, Emit } from "./events.ts";
import { theOne } from "./who.ts";

/** From so many bytes on, whoever types or pipes lines faster than the peer reads has to wait. */
const MUCH_UNSENT = 64 * 1024;

/**
 * What a line typed into a face means: a command, or a text for the current chat. Knows the current
 * chat and the numbers of the last /who. Every event of the messenger passes through to the face.
 */
export class Console {
  /** The messenger that commands act on. */
  readonly messenger: Messenger;
  /** Shows something. */
  readonly emit: Emit;
  /** Whether the user is in the middle of a line: then no call takes the current chat's place. */
  readonly #typing: () => boolean;
  readonly #quit: () => void;
  #current: Chat | undefined;
  #sending: Promise<void> = Promise.resolve();
  readonly #lost = new WeakSet<Chat>();
  #numbered: readonly OnlineUser[] = [];

  /**
   * @param emit the face
   * @param quit ends the program
   * @param typing whether a line is half typed
   */
  constructor(messenger: Messenger, emit: Emit, quit: () => void, typing: () => boolean) {
    this.messenger = messenger;
    this.emit = emit;
    this.#quit = quit;
    this.#typing = typing;
    messenger.subscribe((event) => this.#pass(event));
  }

  /** The chat that lines go to; it may be inactive. */
  get current(): Chat | undefined {
    return this.#current;
  }

  /** Does what a line says; what goes wrong is shown. Never rejects. */
  async run(line: string): Promise<void> {
    try {
      if (!line.startsWith("/") || line.startsWith("//")) {
        return await this.say(line.replace(/^\/\//, "/"));
      }
      const [word = "", rest = ""] = line.slice(1).split(/\s+(.*)/s, 2);
      await findCommand(word).run(this, rest.trim());
    } catch (error) {
      this.report(error);
    }
  }

  /** Shows what went wrong. */
  report(error: unknown): void {
    if (error instanceof ClientError) {
      const kind = error.code === "chat-closed" ? "note" : "error";
      return this.emit({ kind, text: error.message + adviceFor(error.code) });
    }
    if (!(error instanceof SyntaxError)) throw error;
    this.emit({ kind: "error", text: error.message });
  }

  /** Sends a text to the current chat. */
  async say(text: string): Promise<void> {
    if (text.trim() === "") return;
    const chat = this.#current;
    if (chat === undefined) {
      return this.emit({
        kind: "note",
        text: "nobody to send that to yet: /talk NAME starts a chat",
      });
    }
    if (!chat.open) {
      const text =
        `not sent: the chat with ${chat.name} is inactive; /talk ${chat.name} calls again, ` +
        "/close leaves it";
      return this.emit({ kind: "note", text });
    }
    await this.sendTo(chat, text);
  }

  /**
   * Sends a text into a chat. Waits only where much is waiting already: a peer that does not read
   * must not keep the user from anything else.
   */
  async sendTo(chat: Chat, text: string): Promise<void> {
    const sending = this.messenger.send(chat, text)
      .catch((error) => this.#notSent(chat, text, error));
    const before = this.#sending;
    this.#sending = sending.then(() => before);
    if (chat.unsent > MUCH_UNSENT) await sending;
  }

  /** Resolves once all that was sent is written, or can't be. */
  async sent(): Promise<void> {
    await this.#sending;
  }

  /** Makes a chat the one that lines go to. */
  switchTo(chat: Chat | undefined): void {
    this.#current = chat;
  }

  /**
   * A chat with whoever is meant by a number of the last /who, or by a name: one that is open, or a
   * new one.
   *
   * @throws {ClientError} `not-online`, `peer-unreachable`
   */
  async reach(who: string): Promise<Chat> {
    const numbered = this.#byNumber(who);
    const chats = this.messenger.chats.filter(({ open }) => open);
    const users = this.messenger.online.filter(({ own }) => !own);
    const one = numbered ??
      theOne<Chat | OnlineUser>(who, "online; /who lists who is", chats, users);
    return "open" in one ? one : await this.messenger.talk(one);
  }

  /**
   * Which chat is meant, by a number of the last /who or by a name; the current one where nothing is
   * said.
   *
   * @throws {ClientError} `not-online`
   */
  chat(who: string): Chat {
    if (who !== "") {
      const numbered = this.#byNumber(who);
      const called = numbered === undefined ? who : `${numbered.name}@${numbered.address}`;
      return theOne(called, "in a chat with you; /chats lists them", this.messenger.chats);
    }
    if (this.#current === undefined) {
      throw new ClientError("not-online", "no chat is open; /talk NAME starts one");
    }
    return this.#current;
  }

  /** Shows who is online, and numbers them for later. */
  listUsers(): void {
    this.#numbered = this.messenger.online;
    this.#numbered.forEach((user, index) => this.emit({ kind: "user", number: index + 1, user }));
    this.emit({ kind: "users", count: this.#numbered.length });
  }

  #byNumber(who: string): OnlineUser | undefined {
    return /^\d+$/.test(who) ? this.#numbered[Number(who) - 1] : undefined;
  }

  /** Ends the program. */
  quit(): void {
    this.#quit();
  }

  /** Says once for each chat from where on nothing was sent. */
  #notSent(chat: Chat, text: string, error: unknown): void {
    const lost = error instanceof ClientError && error.code === "chat-closed";
    if (!lost) return this.report(error);
    if (this.#lost.has(chat)) return;
    this.#lost.add(chat);
    this.emit({ kind: "note", text: `${error.message}; not sent: "${text}" and what followed it` });
  }

  #pass(event: ClientEvent): void {
    if (event.kind === "chat-opened") this.#opened(event.chat);
    this.emit(event);
    if (event.kind === "chat-closed" && event.by === "me" && event.chat === this.#current) {
      this.#current = undefined;
    }
  }

  /**
   * A call can be answered at once where that takes no other chat's place: there is none, or it is
   * inactive and no line for it is half typed, or it was with the same peer.
   */
  #opened(chat: Chat): void {
    const current = this.#current;
    const same = current?.name === chat.name && current.address === chat.address;
    const free = current === undefined || (!current.open && (same || !this.#typing()));
    if (chat.by === "me" || free) this.#current = chat;
  }
}
