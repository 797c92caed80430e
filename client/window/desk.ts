import { displayText, parseAddress } from "../../protocol/mod.ts";
import { type Chat, ClientError, LookAlikes, type Messenger } from "../core/mod.ts";
import type { ClientEvent } from "../events.ts";
import { shortAddress } from "../first_start.ts";
import type { KeptMessage } from "../history/history.ts";
import type { Memory } from "../memory.ts";
import { AtTheDoor } from "./at_the_door.ts";
import type { Change, ChatHead, Me, Message, Snapshot } from "./bridge.ts";
import { VERSION } from "./bridge.ts";
import type { Conversation } from "./conversation.ts";
import { Conversations, type Peer } from "./conversations.ts";
import { Info, infoOf, whyClosed } from "./info.ts";
import { People } from "./people.ts";
import { shownText } from "./shown.ts";

/** How long changes of the online list gather before pages are told of them, in milliseconds. */
const GATHER = 25;
/** How many of what pages have asked for are remembered, so that it is not done twice. */
const MOST_DONE = 1_000;

/** All that the window shows, kept up to date with what the messenger tells. */
export class Desk {
  readonly messenger: Messenger;
  readonly memory: Memory;
  readonly people: People;
  readonly info = new Info();
  /** Who calls and waits, and who is ignored. */
  readonly door: AtTheDoor;
  /** Why the user has no key; undefined where there is one. */
  noKey: string | undefined;
  readonly #tell: (change: Change) => void;
  readonly #conversations: Conversations;
  readonly #done = new Set<string>();
  #gathering: ReturnType<typeof setTimeout> | undefined;
  /** Whether what is known of those who stay may have changed since pages were told. */
  #pinsChanged = false;

  /** @param tell hands a change to every page */
  constructor(messenger: Messenger, memory: Memory, tell: (change: Change) => void) {
    this.messenger = messenger;
    this.memory = memory;
    this.#tell = tell;
    this.door = new AtTheDoor(messenger);
    this.#conversations = new Conversations((name, before, count) =>
      memory.page(name, before, count)
    );
    this.people = new People((user) =>
      user.pin === undefined
        ? messenger.securityOf(user)
        : user.pin.verified
        ? "verified"
        : "pinned"
    );
    messenger.subscribe((event) => this.emit(event));
  }

  /** All that a page shows. */
  get snapshot(): Snapshot {
    this.#showPeople();
    return {
      t: "state",
      version: VERSION,
      me: this.me,
      users: this.people.rows,
      chats: this.#conversations.all.map(({ snapshot }) => snapshot),
      callers: this.door.callers,
      ignored: this.door.ignored,
      info: this.info.lines,
      done: [...this.#done],
    };
  }

  /** How the user is online. */
  get me(): Me {
    const { name, server, state, staleSince, strangers } = this.messenger;
    const { availability, status, serverId } = this.messenger;
    return {
      name,
      server: shortAddress(server),
      state,
      ...(staleSince === undefined ? {} : { staleSince: staleSince.getTime() }),
      availability,
      status,
      canTell: serverId !== undefined,
      strangers,
      serverChanged: state === "offline" && this.messenger.serverChanged,
      ...(this.noKey === undefined ? {} : { noKey: displayText(this.noKey) }),
      ...(this.memory.whyNot === undefined ? {} : { notKept: displayText(this.memory.whyNot) }),
    };
  }

  /** Tells pages how the user is online. */
  showMe(): void {
    this.#tell({ t: "me", me: this.me });
  }

  /** Tells pages how sure it is who everybody is. */
  showPins(): void {
    this.#pinsChanged = true;
    for (const conversation of this.#conversations.all) this.show(conversation);
    this.#gather();
  }

  /** Tells pages who is ignored. */
  showIgnored(): void {
    this.#tell({ t: "ignored", ignored: this.door.ignored });
  }

  /** Takes in what the messenger, or the program around it, tells. */
  readonly emit = (event: ClientEvent): void => {
    const info = infoOf(event);
    if (info !== undefined) this.say(info.kind, info.text);
    this.memory.keep(event, this.messenger.server);
    switch (event.kind) {
      case "online":
      case "offline":
      case "user-changed":
        return this.#gather();
      case "connected":
      case "error": // it may have been the end of all attempts to come back
        return this.showMe();
      case "logged-in":
        this.showMe();
        // The list is that of before until the table is in, which may be the same.
        void this.messenger.settled().then(() => this.showMe());
        return this.showPins();
      case "logged-out":
      case "disconnected":
        this.showMe();
        return this.#gather();
      case "chat-opened":
        return this.#opened(event.chat);
      case "message": {
        const { chat, text, at = Date.now() } = event;
        return this.#heard(chat, { from: "them", text: shownText(text), at, state: "received" });
      }
      case "sent":
        return this.#sent(event.chat, event.text, event.id);
      case "queued":
      case "delivered":
      case "failed":
        return this.#became(event);
      case "typing": {
        const conversation = this.#conversations.of(event.chat);
        if (conversation === undefined) return;
        conversation.typing = event.typing;
        return this.show(conversation);
      }
      case "chat-closed":
        return this.#closed(event.chat, event.by);
      case "call-waits":
        this.door.waits(event.caller, event.left);
        return this.showCallers();
      case "call-gone":
        return this.showCallers();
    }
  };

  /** A call has led to a chat: it belongs into that dialog, unless another has it by now. */
  called(conversation: Conversation, chat: Chat): void {
    if (conversation.state !== "calling") return;
    const other = this.#conversations.of(chat);
    if (other !== undefined && other !== conversation) return this.remove(conversation);
    this.#join(conversation, chat);
  }

  /** Nobody answers in a dialog now; but what is said there waits for that key. */
  away(conversation: Conversation): void {
    const why = `${conversation.name} can't be reached now; what you write waits`;
    this.#become(conversation, "away", why);
  }

  /** Puts a line into the info area. */
  say(kind: "welcome" | "info" | "error", text: string): void {
    this.#tell({ t: "info", line: this.info.add(kind, text) });
  }

  /** Whether a page has asked for this before; from now on it has. */
  isDone(ref: string): boolean {
    if (this.#done.has(ref)) return true;
    this.#done.add(ref);
    const [oldest] = this.#done;
    if (this.#done.size > MOST_DONE && oldest !== undefined) this.#done.delete(oldest);
    return false;
  }

  /**
   * The dialog with that number.
   *
   * @throws {ClientError} `chat-closed` where it is gone
   */
  conversation(id: number): Conversation {
    const conversation = this.#conversations.get(id);
    if (conversation !== undefined) return conversation;
    throw new ClientError("chat-closed", "this dialog is closed");
  }

  /** The dialog with somebody: the one there is, or a new one. */
  conversationWith(peer: Peer & Pick<Chat, "identity">): Conversation {
    return this.#conversations.with(peer) ?? this.#begin(peer, "me");
  }

  /** The dialog that shows what was said with somebody; where nobody calls yet, an inactive one. */
  conversationAbout({ name, address }: KeptMessage["peer"]): Conversation {
    const { hostname = "", port = 0 } = (address === "" ? undefined : parseAddress(address, 0)) ??
      {};
    const known = this.#conversations.named(name, hostname);
    if (known !== undefined) return known;
    const conversation = this.#begin({ name, address: hostname, port }, "me");
    this.#become(conversation, "closed", "This is what was said. Call to go on.");
    return conversation;
  }

  /** Tells pages what stands above a dialog. */
  show(conversation: Conversation): void {
    this.#tell({ t: "chat", chat: conversation.head });
  }

  /** Tells pages of a message, new or changed. */
  showMessage({ id }: Conversation, message: Message): void {
    this.#tell({ t: "message", chat: id, message });
  }

  /** Takes a dialog away. */
  remove({ id }: Conversation): void {
    if (this.#conversations.remove(id)) this.#tell({ t: "chat-gone", chat: id });
  }

  /** Tells pages who waits. */
  showCallers(): void {
    this.#tell({ t: "callers", callers: this.door.callers });
  }

  /** Ends what is under way. */
  close(): void {
    clearTimeout(this.#gathering);
  }

  #gather(): void {
    this.#gathering ??= setTimeout(() => this.#showPeople(), GATHER);
  }

  #showPeople(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const { online, contacts } = this.messenger;
    const { add, gone } = this.people.update(online, contacts, this.#pinsChanged);
    this.#pinsChanged = false;
    if (add.length > 0 || gone.length > 0) this.#tell({ t: "users", add, gone });
  }

  #begin(peer: Peer, by: Chat["by"]): Conversation {
    for (let old = this.#conversations.surplus; old; old = this.#conversations.surplus) {
      this.remove(old);
    }
    const conversation = this.#conversations.begin(peer, by);
    const { snapshot } = conversation;
    this.#tell({ t: "chat", chat: conversation.head, whole: snapshot.whole });
    for (const message of snapshot.messages) this.showMessage(conversation, message);
    return conversation;
  }

  #opened(chat: Chat): void {
    this.#join(this.#conversations.for(chat) ?? this.#begin(chat, chat.by), chat);
  }

  #join(conversation: Conversation, chat: Chat): void {
    conversation.chat = chat;
    conversation.security = chat.security;
    conversation.by = chat.by;
    conversation.address = chat.address;
    conversation.port = chat.port;
    const why = new LookAlikes(this.messenger.contacts).why(chat);
    this.#become(conversation, "open", why === undefined ? "" : `Careful: ${chat.name} ${why}.`);
    if (chat.identity !== undefined) this.showPins();
  }

  #become(conversation: Conversation, state: ChatHead["state"], why: string): void {
    conversation.state = state;
    conversation.why = displayText(why);
    if (state !== "open") conversation.typing = false;
    this.show(conversation);
  }

  #heard(chat: Chat, message: Omit<Message, "id">): void {
    const conversation = this.#conversations.of(chat);
    if (conversation === undefined) return;
    const unread = ++conversation.unread;
    this.#tell({ t: "message", chat: conversation.id, message: conversation.add(message), unread });
    if (!conversation.typing) return;
    conversation.typing = false;
    this.show(conversation);
  }

  #sent(chat: Chat, text: string, wireId: string | undefined): void {
    const conversation = this.#conversations.of(chat);
    if (conversation === undefined) return;
    const known = conversation.settle(text, "sent", wireId);
    const message = known ?? conversation.add({
      from: "me",
      text: shownText(text),
      at: Date.now(),
      state: "sent",
    });
    if (wireId !== undefined) conversation.expect(wireId, message.id);
    this.showMessage(conversation, message);
  }

  #became(event: Extract<ClientEvent, { readonly kind: "queued" | "delivered" | "failed" }>): void {
    const { id, name, text } = event.message;
    for (const conversation of this.#conversations.all) {
      if (conversation.name !== name) continue;
      const message = conversation.acknowledge(id, event.kind) ??
        (event.kind === "queued" ? conversation.settle(text, "queued", id) : undefined);
      if (message !== undefined) return this.showMessage(conversation, message);
    }
    if (event.kind === "failed") {
      this.say("error", `Not delivered to ${name}, ${event.reason}: ${text}`);
    }
  }

  #closed(chat: Chat, by: "me" | "them" | "lost"): void {
    const conversation = this.#conversations.of(chat);
    if (conversation === undefined) return;
    if (by === "me") return this.remove(conversation);
    if (by === "lost" && chat.identity !== undefined) return this.away(conversation);
    this.#become(conversation, "closed", whyClosed(chat.name, by));
  }
}
