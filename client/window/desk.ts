import { displayText } from "../../protocol/mod.ts";
import { type Caller, type Chat, ClientError, type Messenger } from "../core/mod.ts";
import type { ClientEvent } from "../events.ts";
import { shortAddress } from "../first_start.ts";
import type { Memory } from "../memory.ts";
import { isWith } from "../who.ts";
import type { CallerRow, Change, ChatHead, Me, Message, Snapshot } from "./bridge.ts";
import { VERSION } from "./bridge.ts";
import { Conversation } from "./conversation.ts";
import { Info, infoOf, whyClosed } from "./info.ts";
import { People } from "./people.ts";
import { ignoredRow, shownAddress, shownText } from "./shown.ts";

/** How long changes of the online list gather before pages are told of them, in milliseconds. */
const GATHER = 25;
/** How many of what pages have asked for are remembered, so that it is not done twice. */
const MOST_DONE = 1_000;
/** How many dialogs there may be; then the oldest inactive one goes. */
const MOST_CONVERSATIONS = 1_024;

/** All that the window shows, kept up to date with what the messenger tells. */
export class Desk {
  readonly messenger: Messenger;
  readonly memory: Memory;
  readonly people: People;
  readonly info = new Info();
  /** Whether the server was refused, having another key than before. */
  serverChanged = false;
  /** Why the user has no key; undefined where there is one. */
  noKey: string | undefined;
  readonly #tell: (change: Change) => void;
  readonly #conversations = new Map<number, Conversation>();
  /** The calls that wait, by number, and what is left of those who have hung up. */
  readonly #callers = new Map<number, { readonly caller: Caller; readonly left?: number }>();
  readonly #done = new Set<string>();
  #last = 0;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  /** Whether what is known of those who stay may have changed since pages were told. */
  #pinsChanged = false;

  /** @param tell hands a change to every page */
  constructor(messenger: Messenger, memory: Memory, tell: (change: Change) => void) {
    this.messenger = messenger;
    this.memory = memory;
    this.#tell = tell;
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
      chats: [...this.#conversations.values()].map(({ snapshot }) => snapshot),
      callers: this.#callerRows(),
      ignored: this.messenger.ignored.map(ignoredRow),
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
      serverChanged: this.serverChanged,
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
    for (const conversation of this.#conversations.values()) this.show(conversation);
    this.#gather();
  }

  /** Tells pages who is ignored. */
  showIgnored(): void {
    this.#tell({ t: "ignored", ignored: this.messenger.ignored.map(ignoredRow) });
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
        return this.showMe();
      case "logged-in":
        this.serverChanged = false;
        this.showMe();
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
        const conversation = this.#of(event.chat);
        if (conversation === undefined) return;
        conversation.typing = event.typing;
        return this.show(conversation);
      }
      case "chat-closed":
        return this.#closed(event.chat, event.by);
      case "call-waits":
        return this.#waits(event.caller, event.left);
      case "call-gone":
        return this.showCallers();
    }
  };

  /** A call has led to a chat: it belongs into that dialog, unless another has it by now. */
  called(conversation: Conversation, chat: Chat): void {
    if (conversation.state !== "calling") return;
    const other = this.#of(chat);
    if (other !== undefined && other !== conversation) return this.remove(conversation);
    this.#join(conversation, chat);
  }

  /** Nobody answers in a dialog now; but what is said there waits for that key. */
  away(conversation: Conversation): void {
    const why = `${conversation.name} can't be reached now; what you write waits`;
    this.#become(conversation, "away", why);
  }

  /** Tells pages of a message that is no more. */
  dropMessage(conversation: Conversation, id: number): void {
    conversation.remove(id);
    this.#tell({ t: "message-gone", chat: conversation.id, id });
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

  /** The caller with that number; undefined where the call waits no more. */
  caller(id: number): Caller | undefined {
    return this.#callers.get(id)?.caller;
  }

  /** The dialog with somebody: the one there is, or a new one. */
  conversationWith(peer: Pick<Chat, "name" | "address" | "port" | "identity">): Conversation {
    return this.#find(peer) ?? this.#begin(peer, "me");
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
    if (this.#conversations.delete(id)) this.#tell({ t: "chat-gone", chat: id });
  }

  /** Tells pages who waits. */
  showCallers(): void {
    const { callers } = this.messenger;
    for (const [id, { caller }] of this.#callers) {
      if (!callers.includes(caller)) this.#callers.delete(id);
    }
    this.#tell({ t: "callers", callers: this.#callerRows() });
  }

  /** Ends what is under way. */
  close(): void {
    clearTimeout(this.#gathering);
  }

  #callerRows(): CallerRow[] {
    return Array.from(this.#callers, ([id, { caller, left }]) => ({
      id,
      name: displayText(caller.name),
      address: shownAddress(caller),
      ...(left === undefined ? {} : { left }),
    }));
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

  #of(chat: Chat): Conversation | undefined {
    for (const conversation of this.#conversations.values()) {
      if (conversation.chat === chat) return conversation;
    }
    return undefined;
  }

  #find(
    { name, address, port, identity }: Pick<Chat, "name" | "address" | "port" | "identity">,
  ): Conversation | undefined {
    const named = [...this.#conversations.values()].filter((one) => one.name === name);
    const key = identity?.toHex();
    const same = named.find((one) => key !== undefined && one.chat?.identity?.toHex() === key);
    if (same !== undefined) return same;
    const all = named.filter((one) => one.address === address);
    return all.find((one) => one.port === port) ?? all.find(({ state }) => state === "closed");
  }

  #begin(peer: Pick<Chat, "name" | "address" | "port">, by: Chat["by"]): Conversation {
    for (const old of this.#conversations.values()) {
      if (this.#conversations.size < MOST_CONVERSATIONS) break;
      if (old.state === "closed") this.remove(old);
    }
    const past = (name: string, before: number, count: number) =>
      this.memory.page(name, before, count);
    const conversation = new Conversation(++this.#last, peer, by, past);
    this.#conversations.set(conversation.id, conversation);
    const { snapshot } = conversation;
    this.#tell({ t: "chat", chat: conversation.head, whole: snapshot.whole });
    for (const message of snapshot.messages) this.showMessage(conversation, message);
    return conversation;
  }

  /** A chat belongs into the dialog in which it was called for, or that of the one before it. */
  #opened(chat: Chat): void {
    const called = [...this.#conversations.values()].find(({ calling }) =>
      calling !== undefined && isWith(chat, calling, [])
    );
    const before = this.#find(chat);
    const free = before?.chat?.open === true && before.chat !== chat ? undefined : before;
    const conversation = (chat.by === "me" ? called : undefined) ?? free ??
      this.#begin(chat, chat.by);
    this.#join(conversation, chat);
  }

  #join(conversation: Conversation, chat: Chat): void {
    conversation.chat = chat;
    conversation.security = chat.security;
    conversation.by = chat.by;
    conversation.address = chat.address;
    conversation.port = chat.port;
    this.#become(conversation, "open", "");
    if (chat.identity !== undefined) this.showPins();
  }

  #become(conversation: Conversation, state: ChatHead["state"], why: string): void {
    conversation.state = state;
    conversation.why = displayText(why);
    if (state !== "open") conversation.typing = false;
    this.show(conversation);
  }

  #heard(chat: Chat, message: Omit<Message, "id">): void {
    const conversation = this.#of(chat);
    if (conversation === undefined) return;
    const unread = ++conversation.unread;
    this.#tell({ t: "message", chat: conversation.id, message: conversation.add(message), unread });
    if (!conversation.typing) return;
    conversation.typing = false;
    this.show(conversation);
  }

  #sent(chat: Chat, text: string, wireId: string | undefined): void {
    const conversation = this.#of(chat);
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
    for (const conversation of this.#conversations.values()) {
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
    const conversation = this.#of(chat);
    if (conversation === undefined) return;
    if (by === "me") return this.remove(conversation);
    if (by === "lost" && chat.identity !== undefined) return this.away(conversation);
    this.#become(conversation, "closed", whyClosed(chat.name, by));
  }

  #waits(caller: Caller, left: number | undefined): void {
    const known = [...this.#callers].find(([, waiting]) => waiting.caller === caller);
    const id = known?.[0] ?? ++this.#last;
    this.#callers.set(id, left === undefined ? { caller } : { caller, left });
    this.showCallers();
  }
}
