import {
  type Chat,
  ClientError,
  type Message,
  type Messenger,
  type OnlineUser,
} from "../core/mod.ts";
import { withAdvice } from "./advice.ts";
import { chatWarning } from "./chat_warning.ts";
import type { ClientEvent, Emit } from "./events.ts";
import { ActiveChat } from "./active_chat.ts";
import { userBadges } from "./user_badges.ts";
import type { MessageArchive } from "./message_archive.ts";
import { isKnownOnline } from "./name_owners.ts";
import { UserResolver } from "./user_resolver.ts";
import { Sending } from "./sending.ts";
import { DEFAULT_SETTINGS, type Settings } from "../storage/mod.ts";
import { formatQuery, parseLeadingQuery } from "./user_query.ts";

/**
 * What a line typed into a face means: a command, or a text for whom lines go to. Every event of the
 * messenger passes through to the face.
 */
export class Context {
  /** The messenger that commands act on. */
  readonly messenger: Messenger;
  /** Who can be meant by a name or a number. */
  readonly roster: UserResolver;
  /** Whom lines go to. */
  readonly front: ActiveChat;
  /** Texts on their way. */
  readonly sending: Sending = new Sending(this);
  /** Shows something. */
  readonly emit: Emit;
  /** What may be changed while chatting. */
  readonly settings: Settings = { ...DEFAULT_SETTINGS };
  /** What is remembered; undefined where nothing is. */
  memory: MessageArchive | undefined;
  /** Where peers reach this client, in words. */
  listen = "every address, any port";
  /** Why this client has no key, where it has none. */
  noKey: string | undefined;
  /** Deletes the lines said to somebody that the face keeps for typing them again; how many. */
  forgetTyped: (name: string) => number = () => 0;
  /** What stands beside the own name where /away and /busy name nothing else. */
  status = "";
  /** The messages of the last /outbox, in its order. */
  listed: readonly Message[] = [];
  readonly #quit: () => void;
  #entering: Promise<unknown> = Promise.resolve();
  #left = false;

  /**
   * @param emit the face
   * @param quit ends the program
   * @param typing whether a line is half typed
   */
  constructor(messenger: Messenger, emit: Emit, quit: () => void, typing: () => boolean) {
    this.messenger = messenger;
    this.roster = new UserResolver(messenger);
    this.emit = emit;
    this.#quit = quit;
    this.front = new ActiveChat(this, this.sending, typing);
    messenger.subscribe((event) => this.#pass(event));
  }

  /** Has settings apply from now on. */
  apply(settings: Partial<Settings>): void {
    Object.assign(this.settings, settings);
    this.messenger.strangers = this.settings.strangers;
  }

  /** Shows what went wrong; once somebody has left, that is of no interest any more. */
  report(error: unknown): void {
    if (this.#left && error instanceof ClientError) return;
    if (error instanceof ClientError) {
      const type = error.code === "chat-closed" ? "note" : "error";
      return this.emit({ type, text: withAdvice(error, "chatting") });
    }
    if (!(error instanceof SyntaxError)) throw error;
    this.emit({ type: "error", text: error.message });
  }

  /** Tells a user something. */
  note(text: string): void {
    this.emit({ type: "note", text });
  }

  /** Resolves once a login under way, if any, is done; never rejects. */
  get entered(): Promise<unknown> {
    return this.#entering;
  }

  /** Logs in, in a way of the caller's; who is called meanwhile is called when that is done. */
  async enter<Result>(login: () => Promise<Result>): Promise<Result> {
    const entering = login();
    this.#entering = entering.catch(() => {});
    return await entering;
  }

  /** The name of whom a line is said to, as it would be now; undefined where it is to nobody. */
  saidTo(line: string): string | undefined {
    const args = /^\/msg\s+(.*)/is.exec(line)?.[1];
    if (args !== undefined) return this.roster.nameOf(parseLeadingQuery(args).who);
    if (line.startsWith("/") && !line.startsWith("//")) return undefined;
    const { target } = this.front;
    if (target === undefined || target.type === "chat") return target?.chat.name;
    return this.roster.nameOf({ text: target.name, quoted: false });
  }

  /**
   * Shows who is online, by name, and numbers them for later.
   *
   * @param part only those with this in their name
   */
  listUsers(part: string): void {
    const users = this.roster.list(part);
    const marks = userBadges(this.messenger, users);
    users.forEach((user, index) =>
      this.emit({ type: "user", number: index + 1, user, marks: marks[index] })
    );
    this.emit({ type: "users", count: users.length, ...part !== "" && { part } });
  }

  /** Ends the program. */
  quit(): void {
    this.#quit();
  }

  /** The program is about to end: what is given up for that is not worth a word. */
  leave(): void {
    this.#left = true;
  }

  #pass(event: ClientEvent): void {
    this.front.take(event);
    this.memory?.keep(event, this.messenger.server);
    this.emit(event);
    if (event.type === "online") this.#warnOf(event.user);
    if (event.type === "chat-opened") this.#warnOfChat(event.chat);
    if (event.type === "chat-opened" && this.front.replays) {
      this.front.recall(this.memory?.atOpening(event.chat.name) ?? []);
    }
    if (event.type === "chat-closed" && event.by === "me") this.front.closed(event.chat);
  }

  /** Somebody may be taken for another, whom the user knows. */
  #warnOfChat(chat: Chat): void {
    const why = chatWarning(this.messenger, chat);
    if (why !== undefined) this.note(`careful: ${why}`);
  }

  /** Somebody for whom texts wait, or whom one has talked to, is there with another key: nothing goes out. */
  #warnOf(user: OnlineUser): void {
    const { chats, outbox } = this.messenger;
    if (user.own || ![...chats, ...outbox].some(({ name }) => name === user.name)) return;
    if (this.messenger.securityOf(user) !== "changed") return;
    if (isKnownOnline(this.messenger, user.name)) {
      return this.note(
        `another ${user.name} is online, without the key that you know; ` +
          `/talk ${formatQuery(user.name)} calls the one that you know`,
      );
    }
    const text = `${user.name} is online with another key than before, or with none: ` +
      `nothing goes there before you decide; /talk ${formatQuery(user.name)} says what to do`;
    this.emit({ type: "error", text });
  }
}
