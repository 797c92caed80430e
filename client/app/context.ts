import { displayName, displayRoom } from "../../protocol/mod.ts";
import {
  type Chat,
  ClientError,
  type Message,
  type Messenger,
  type OnlineUser,
} from "../core/mod.ts";
import { type ConfigKey, DEFAULT_SETTINGS, type Settings } from "../storage/mod.ts";
import { ActiveChat } from "./active_chat.ts";
import { chatWarning, describeAbsence, UNCERTIFIED_NOTE } from "./chat_warning.ts";
import { describeError } from "./describe_error.ts";
import { type ClientEvent, type Emit, isShown, toClientEvent } from "./events.ts";
import { quotedText, quoteInRoom } from "./past_event.ts";
import type { OfferedServer } from "./server_search.ts";
import { KeyWarnings } from "./key_warnings.ts";
import type { MessageArchive } from "./message_archive.ts";
import { NumberedMessages } from "./numbered_messages.ts";
import { badgesBy, type UserBadges } from "./user_badges.ts";
import { People } from "./people.ts";
import { UserResolver } from "./user_resolver.ts";

export interface ContextFace {
  readonly emit: Emit;
  /** Whether a line is half typed: it is meant for the current chat. */
  readonly isTyping: () => boolean;
  readonly quit: () => void;
}

/** How many threads are looked at for unread messages, and how many are named. */
const MAX_THREADS = 500;
const MAX_UNREAD_SHOWN = 8;

/** Carries out commands; passes each event on to the active chat, the archive and the face. */
export class Context {
  readonly messenger: Messenger;
  readonly users: UserResolver;
  readonly activeChat: ActiveChat;
  readonly emit: Emit;
  readonly quit: () => void;
  /** The settings that can change while chatting. */
  readonly settings: Settings = { ...DEFAULT_SETTINGS };
  /** Undefined if nothing is stored. */
  archive: MessageArchive | undefined;
  #people: People | undefined;
  /** The address at which peers reach this client, as text for people. */
  listen = "every address, any port";
  /** Why this client has no key; undefined if it has one. */
  whyNoKey: string | undefined;
  /** Whether the key is missing without the user's having asked for that: the prompt shows it. */
  lacksKey = false;
  /** The link that others join the server with; undefined at a classic server. */
  serverLink: () => string | undefined = () => this.messenger.serverLink;
  /** Logs in at the same server, under a new name if one is given. */
  logIn: (name?: string) => Promise<void> = (name) => this.messenger.login(name);
  /** Throws a SyntaxError if the machine's config does not let the user change a key. */
  assertUnlocked: (key: ConfigKey) => void = () => {};
  /** Deletes the lines sent to a user from the prompt's history; returns how many. */
  forgetTyped: (name: string) => number = () => 0;
  /** The status text of /status, to which /back returns. */
  usualStatus = "";
  /** The servers that were found on the network, in the order in which they were shown. */
  offers: readonly OfferedServer[] = [];
  /** Whether an empty line joins the first of them: nothing else was chosen yet. */
  isOfferPending = false;
  /** The messages of the last /outbox, in its order. */
  listedOutbox: readonly Message[] = [];
  /** The messages that commands mean by their numbers. */
  readonly messages: NumberedMessages;
  /** Puts a text into the line being typed; false if there is none. */
  fillLine: (text: string) => boolean = () => false;
  /** The text that the room message deleted last had before. */
  #before: string | undefined;
  readonly #keyWarnings: KeyWarnings;
  #loggingIn: Promise<unknown> = Promise.resolve();
  #hasLeft = false;
  #askedFor: string | undefined;
  #badgesOf: ((user: OnlineUser) => UserBadges) | undefined;
  /** The server about which a note has reported that it certifies nobody. */
  #uncertified: string | undefined;

  constructor(messenger: Messenger, { emit, isTyping, quit }: ContextFace) {
    this.messenger = messenger;
    this.users = new UserResolver(messenger, {
      withAlias: (alias) => this.people.named(alias),
      ofOtherName: (name) => this.archive?.threadOfOtherName(name),
      all: () => [...this.people.aliases, ...this.archive?.names() ?? []],
    });
    this.emit = emit;
    this.quit = quit;
    this.messages = new NumberedMessages(messenger, () => this.archive);
    this.activeChat = new ActiveChat({
      messenger,
      users: this.users,
      emit,
      isTyping,
      report: (error) => this.report(error),
      ready: () => this.#loggingIn,
      keepFailed: (peer, text) => this.archive?.keepFailed(peer, text, messenger.server),
      onRead: (chat) => this.#markRead(chat),
      onRoom: (room, most) => this.messages.load(room, most),
    });
    this.#keyWarnings = new KeyWarnings(messenger, (event) => this.emit(event));
    messenger.subscribe((event) => {
      if (event.type === "online" || event.type === "offline") this.users.meet(event.user);
      if (event.type === "chat-opened") this.users.meet(event.chat);
      if (event.type === "incoming-call") this.users.meet(event.caller);
      if (!isShown(event)) return;
      // /verify says so itself.
      if (event.type === "key-verified" && event.by === "me") return;
      this.#route(this.#withBadges(toClientEvent(event, "terminal")));
    });
  }

  /** Everyone who is known by a key. */
  get people(): People {
    return this.#people ??= new People(this.messenger, this.archive);
  }

  /** Applies settings from now on. */
  apply(settings: Partial<Settings>): void {
    Object.assign(this.settings, settings);
    this.messenger.calls.unknownCallers = this.settings.strangers;
    this.messenger.sharesSeen = this.settings.seen;
  }

  /** Shows an error, unless the program is about to end. Throws one that is not meant for users. */
  report(error: unknown): void {
    if (error instanceof ClientError) {
      const type = error.code === "chat-closed" ? "note" : "error";
      if (!this.#hasLeft) this.emit({ type, text: describeError(error, "terminal") });
    } else if (error instanceof SyntaxError) this.emit({ type: "error", text: error.message });
    else throw error;
  }

  /** Shows the servers that were found, of which the user may choose one. */
  offer(offers: readonly OfferedServer[]): void {
    this.offers = offers;
    this.isOfferPending = true;
    offers.forEach((offer, index) => this.emit({ type: "server-found", number: index + 1, offer }));
    const others = offers.length > 1 ? ", /server NUMBER another one" : "";
    this.note(
      `No server was named, and you have met none of these. Enter joins the first${others}, and ` +
        "/login starts one of your own",
    );
  }

  note(text: string): void {
    this.emit({ type: "note", text });
  }

  /** Logs in by the given function; calls to users wait until it is done. */
  async login(login: () => Promise<void>): Promise<void> {
    const loggingIn = login();
    this.#loggingIn = loggingIn.catch(() => {});
    await loggingIn;
  }

  /** Whether the user does the same a second time in a row, as a command has asked for. */
  confirms(what: string): boolean {
    const isAgain = this.#askedFor === what;
    this.#askedFor = isAgain ? undefined : what;
    return isAgain;
  }

  /** The program is about to end: what fails because of that is not shown. */
  leave(): void {
    this.#hasLeft = true;
    this.people.seeAll();
  }

  #noteUncertified(): void {
    const { trust, serverId } = this.messenger;
    if (trust.serverCertifies || this.#uncertified === serverId) return;
    this.#uncertified = serverId;
    this.note(`${UNCERTIFIED_NOTE} with /verify`);
  }

  /** A table comes in all at once: what its rows are compared with is read once. */
  #withBadges(event: ClientEvent): ClientEvent {
    if (event.type !== "online" && event.type !== "presence") return event;
    const badges = () => {
      if (this.#badgesOf === undefined) queueMicrotask(() => this.#badgesOf = undefined);
      this.#badgesOf ??= badgesBy(this.messenger);
      return this.#badgesOf(event.user);
    };
    return { ...event, badges };
  }

  /** Says which chats and rooms have messages that the user has not seen. */
  async noteUnread(): Promise<void> {
    await this.messenger.rooms.ready.catch(() => {}); // an event reports it
    const threads = this.archive?.threads(MAX_THREADS) ?? [];
    const unread = [
      ...threads.map(({ thread, unread }) => ({ name: displayName(thread), unread })),
      ...this.messenger.rooms.all.map(({ label, unread }) => ({
        name: displayRoom(label),
        unread,
      })),
    ].filter(({ unread }) => unread > 0).map(({ name, unread }) => `${name} ${unread}`);
    if (unread.length === 0) return;
    const shown = unread.slice(0, MAX_UNREAD_SHOWN).join(", ");
    this.note(`New since you left: ${shown}${unread.length > MAX_UNREAD_SHOWN ? ", …" : ""}`);
  }

  /** Shows the last lines of earlier runs, and from where on they are new. */
  #recall(chat: Chat): void {
    const { activeChat, archive } = this;
    const unread = archive?.unreadBefore(chat) ?? 0;
    activeChat.recall(archive?.atOpening(chat, unread) ?? [], unread);
    activeChat.restoreUnread(chat, unread);
    if (chat === activeChat.current) this.#markRead(chat);
  }

  /** The user sees all that has come in a chat. */
  #markRead(chat: Chat): void {
    if (!this.activeChat.recallsLines) return; // a script
    const { archive } = this;
    archive?.keepThread({ thread: archive.threadNames.of(chat), unread: 0 });
    if (this.messenger.availability === "online") chat.markSeen();
  }

  /** A text that answers another one is shown with that. */
  #quoting(event: ClientEvent): ClientEvent {
    if (event.type === "room-action" && event.action === "delete") {
      const before = this.#before;
      return before === undefined ? event : { ...event, before };
    }
    if (event.type === "room-message" || event.type === "room-sent") {
      const { room, message: { replyTo } } = event;
      const answered = replyTo === undefined ? undefined : this.messages.find(room, replyTo);
      if (replyTo === undefined) return event;
      return {
        ...event,
        quote: quoteInRoom(answered, answered?.isOwn),
      };
    }
    if (event.type !== "message" && event.type !== "sent" && event.type !== "queued") return event;
    const { reply, chat } = event.message;
    if (reply === undefined) return event;
    const isOwn = reply.direction === "outgoing";
    const answered = chat === undefined ? undefined : this.messages.answered(chat, reply);
    return { ...event, quote: { isOwn, ...quotedText(answered) } };
  }

  #route(event: ClientEvent): void {
    const { activeChat, archive, messenger } = this;
    activeChat.update(event);
    archive?.keep(event, messenger.server);
    this.people.update(event);
    if (event.type === "room-action") {
      this.#before = this.messages.find(event.room, event.message.id)?.text;
    }
    this.messages.update(event);
    this.emit(this.#quoting(event));
    if (event.type === "message") {
      const { chat } = event;
      if (chat === activeChat.current) this.#markRead(chat);
      else archive?.addUnread(archive.threadNames.of(chat), activeChat.unread.get(chat) ?? 0);
    }
    this.#keyWarnings.update(event);
    if (event.type === "logged-in" && messenger.serverId !== undefined) this.#noteUncertified();
    if (event.type === "chat-opened") {
      const warning = chatWarning(messenger, event.chat);
      if (warning !== undefined) this.note(`Careful: ${warning}`);
      const isOutgoing = event.chat.direction === "outgoing";
      const absence = isOutgoing ? describeAbsence(messenger, event.chat) : undefined;
      if (absence !== undefined) this.note(absence);
      if (activeChat.recallsLines) this.#recall(event.chat);
    }
    if (event.type === "chat-closed" && event.by === "me") activeChat.removeClosed(event.chat);
  }
}
