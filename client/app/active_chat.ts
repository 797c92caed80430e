import { displayName, displayRoom } from "../../protocol/mod.ts";
import {
  type Caller,
  type Chat,
  ClientError,
  type Messenger,
  type OnlineUser,
  type Room,
} from "../core/mod.ts";
import type { ActiveChatOptions } from "./active_chat_options.ts";
import { reachUser } from "./reach_user.ts";
import { capitalize } from "./describe_error.ts";
import type { ClientEvent, PastEvent } from "./events.ts";
import { LineSender } from "./line_sender.ts";
import { assertNoDoubt, assertSameServer } from "./assert_owner.ts";
import type { NumberedMessage } from "./numbered_messages.ts";
import { OutgoingCall } from "./outgoing_call.ts";
import { pastInRoom } from "./past_event.ts";
import { joinedRooms } from "./room_query.ts";
import {
  describeLeft,
  describeMissed,
  describeNowhere,
  describeQueueing,
  givesWayTo,
  isListed,
  missedTarget,
  type SendTarget,
} from "./send_target.ts";
import { Unread } from "./unread.ts";
import { formatQuery, formatTyped, isWith, type UserQuery } from "./user_query.ts";

/** How many lines are shown when the user comes to a room: at least, and at most. */
const RECALLED_LINES = 5;
const MAX_RECALLED_LINES = 30;

/** The destination of lines: the current chat, room or call; switching to another one, and sending. */
export class ActiveChat {
  /** Whether the last lines are shown again when a chat becomes the current one. */
  recallsLines = false;
  /** Whether the face shows where lines go. If not, a note says so when that changes unasked. */
  showsTarget = true;
  target: SendTarget | undefined;
  readonly #options: ActiveChatOptions;
  readonly #messenger: Messenger;
  readonly #unread = new Unread();
  /** The call that is being accepted: its chat becomes the current one. */
  #accepting: Caller | undefined;
  /** Sends the lines, one after the other. */
  readonly sender: LineSender;

  constructor(options: ActiveChatOptions) {
    this.#options = options;
    this.#messenger = options.messenger;
    const { report, keepFailed } = options;
    this.sender = new LineSender({ note: this.#note, report, keepFailed });
  }

  /** The chat that lines go to; it may be inactive. */
  get current(): Chat | undefined {
    return this.target?.type === "chat" ? this.target.chat : undefined;
  }

  /** The room that lines go to. */
  get room(): Room | undefined {
    return this.target?.type === "room" ? this.target.room : undefined;
  }

  /** The chat or room that lines go to, or after a failed call the one before. */
  get #place(): Chat | Room | undefined {
    return this.target?.type === "missed" ? this.target.before : this.current ?? this.room;
  }

  get peerName(): string | undefined {
    if (this.target?.type === "room") return this.target.room.label;
    return this.target?.type === "chat" ? this.target.chat.name : this.target?.name;
  }

  /** The chats with unread messages, and how many, the oldest first. */
  get unread(): ReadonlyMap<Chat, number> {
    return this.#unread.counts;
  }

  /** Sends a text to the current chat; during a call it is held. */
  async say(text: string): Promise<void> {
    if (text.trim() === "") return;
    const target = this.target;
    switch (target?.type) {
      case undefined:
        return this.#note("Not sent: no chat is open; /talk NAME starts one");
      case "calling":
        return this.#hold(target, text);
      case "missed":
        return this.#note(`Not sent: ${describeMissed(target)}`);
      case "room":
        return await this.sender.sendToRoom(target.room, text);
      case "chat": {
        const { chat } = target;
        if (chat.state !== "closed") return await this.sender.send(chat, text);
        const other = this.#options.users.otherWith(chat);
        if (other !== undefined) {
          this.goTo(other);
          return await this.sender.send(other, text);
        }
        this.#options.keepFailed(chat, text);
        return this.#note(
          `Not sent: the chat with ${displayName(chat.name)} is inactive; ` +
            `/talk ${formatQuery(chat.name)} calls again, /close leaves it`,
        );
      }
    }
  }

  /** Answers a message of the place where lines go. */
  async answer(text: string, { id, ref }: NumberedMessage): Promise<void> {
    if (this.room !== undefined) return await this.sender.sendToRoom(this.room, text, id);
    if (this.current !== undefined) return await this.sender.send(this.current, text, ref);
  }

  /** Goes to the chat with a user, who is called if there is none. Lines typed meanwhile are held. */
  async talk(who: UserQuery): Promise<void> {
    const before = this.#place;
    const call = new OutgoingCall(who);
    this.#goTo(call);
    try {
      const found = await this.#find(who);
      if (call.signal.aborted) return this.#dropHeld(call);
      if ("state" in found) {
        if (this.target === call) this.target = undefined;
        this.goTo(found);
        return this.#connected(call, found);
      }
      call.user = found;
      this.#connected(call, await this.#call(found, call.signal));
    } catch (error) {
      this.#dropHeld(call);
      if (call.signal.aborted) return;
      if (this.target === call) {
        const { user } = call;
        const chat = user === undefined ? this.#options.users.inactive(who) : undefined;
        const again = `/talk ${formatTyped(who)}`;
        this.#goTo(
          chat !== undefined
            ? { type: "chat", chat }
            : { type: "missed", name: who.text, who, user, again, before },
        );
      }
      throw error;
    }
  }

  /**
   * Goes to the place that a function leads to. Lines typed meanwhile are held for it; if it fails, they
   * go to nobody.
   *
   * @param action what is done: `joining`, …
   * @param name as it was typed
   */
  async goBy<Place extends Chat | Room>(
    action: string,
    name: string,
    reach: () => Promise<Place>,
  ): Promise<Place> {
    const before = this.target;
    const call = new OutgoingCall({ text: name, quoted: false }, action);
    this.target = call;
    try {
      const place = await reach();
      if (call.signal.aborted) this.#dropHeld(call);
      else if (!("members" in place)) this.#connected(call, place);
      else {
        const going = this.target === call ? this.goToRoom(place) : undefined;
        for (const text of call.takeHeld()) void this.sender.sendToRoom(place, text);
        await going;
      }
      return place;
    } catch (error) {
      this.#dropHeld(call);
      if (this.target === call) this.target = before;
      throw error;
    }
  }

  /**
   * A command has failed that was to change where lines go: until the next one they go to nobody, unless
   * it has changed that, or another one has.
   *
   * @param name the place as it was typed; empty if none was
   * @param before where lines went when the command began
   * @param again the line that tries it again
   */
  miss(name: string, before: SendTarget | undefined, again?: string): void {
    if (this.target === before) this.target = missedTarget(name, this.#place, again);
    const nowhere = this.showsTarget ? undefined : describeNowhere(this.target);
    if (nowhere !== undefined) this.#note(nowhere);
  }

  goTo(chat: Chat): void {
    if (chat === this.current) {
      return this.#note(`You are talking to ${displayName(chat.name)} already`);
    }
    const unread = this.unread.get(chat) ?? 0;
    this.#goTo({ type: "chat", chat });
    this.#note(`Now talking to ${displayName(chat.name)}`);
    if (chat.state === "queued") this.#note(capitalize(describeQueueing(chat.name)));
    if (this.recallsLines) this.recall(this.#unread.recent(chat), unread);
  }

  /** Goes to a room, and shows its last messages. */
  async goToRoom(room: Room): Promise<void> {
    if (room === this.room) return this.#note(`You are in ${displayRoom(room.label)} already`);
    this.#goTo({ type: "room", room });
    this.#note(`Now in ${displayRoom(room.label)}${room.topic === "" ? "" : `: ${room.topic}`}`);
    const { unread } = room;
    const most = Math.min(MAX_RECALLED_LINES, Math.max(RECALLED_LINES, unread));
    const messages = await this.#options.onRoom(room, most);
    if (this.recallsLines) this.recall(messages.map(pastInRoom), unread);
    await room.markRead();
  }

  /** The user is no member of a room any more. */
  leaveRoom(room: Room): void {
    if (room === this.room) this.target = undefined;
  }

  /**
   * Goes to the chat whose unread messages are the oldest, else to a room with unread ones, or else to the
   * chat or room after the current.
   */
  async next(): Promise<void> {
    const chats = this.#messenger.chats.all;
    const rooms = joinedRooms(this.#messenger);
    const [unread] = this.unread.keys();
    const places: (Chat | Room)[] = [...chats, ...rooms];
    const now = this.current ?? this.room;
    const at = now === undefined ? -1 : places.indexOf(now);
    const place = unread ?? rooms.find((room) => room.unread > 0 && room !== this.room) ??
      places[(at + 1) % places.length];
    if (place === undefined) throw noChat();
    if ("members" in place) await this.goToRoom(place);
    else this.goTo(place);
  }

  /** Accepts a call and goes to its chat; throws as {@linkcode Caller.accept} does. */
  async accept(caller: Caller): Promise<void> {
    this.#accepting = caller;
    try {
      await this.goBy("accepting", caller.name, () => caller.accept());
    } finally {
      if (this.#accepting === caller) this.#accepting = undefined;
    }
  }

  /** Sends a text to a user; the current chat stays. */
  async message(who: UserQuery, text: string): Promise<void> {
    const found = await this.#find(who);
    if ("state" in found) return await this.sender.send(found, text);
    assertNoDoubt(who, found, this.#messenger);
    const chat = await this.#call(found);
    assertSameServer(this.#messenger, chat);
    await this.sender.send(chat, text);
  }

  /** Ends a chat, without WHO the current chat or call. Throws `not-online` if there is none. */
  async close(who: UserQuery | undefined): Promise<void> {
    const target = this.target;
    if (who === undefined && target?.type === "room") {
      this.target = undefined;
      return this.#note(
        `You are still a member of ${displayRoom(target.room.label)}; /leave leaves it for good`,
      );
    }
    if (who === undefined && target?.type === "calling") {
      this.target = undefined;
      target.giveUp();
      return this.#note(`Stopped ${target.action} ${target.label}`);
    }
    if (who === undefined && target?.type === "missed") {
      this.target = undefined;
      return this.#note(describeLeft(target));
    }
    const chat = who === undefined ? this.current : this.#options.users.chatWith(who);
    if (chat === undefined) throw noChat();
    this.removeClosed(chat);
    if (chat.state !== "open") this.#note(`Left the inactive chat with ${displayName(chat.name)}`);
    await chat.close();
  }

  /** Takes an event in, before it is shown. */
  update(event: ClientEvent): void {
    if (event.type === "chat-opened") this.#opened(event.chat);
    if (event.type === "room-left" && event.member.isOwn && event.by.isOwn) {
      this.leaveRoom(event.room);
    }
    if (event.type === "room-message" && event.room === this.room) {
      event.room.markRead().catch(this.#options.report);
    }
    if (event.type !== "message" && event.type !== "sent") return;
    this.#unread.add(event.message, event.chat, event.chat === this.current);
  }

  /** Forgets a chat that the user has closed. */
  removeClosed(chat: Chat): void {
    this.#unread.clear(chat);
    if (chat === this.current) this.target = undefined;
  }

  /** @param unread how many of the last ones the user has not seen */
  recall(lines: readonly PastEvent[], unread = 0): void {
    for (const [index, line] of lines.entries()) {
      const isFirst = unread > 0 && index === Math.max(0, lines.length - unread);
      this.#options.emit({ ...line, again: true, ...isFirst && { newFrom: unread } });
    }
  }

  /** So many messages of a chat have come before it was opened, and were not seen. */
  restoreUnread(chat: Chat, count: number): void {
    if (count > 0 && chat !== this.current) this.#unread.restore(chat, count);
  }

  readonly #note = (text: string): void => this.#options.emit({ type: "note", text });

  #goTo(target: SendTarget): void {
    this.target = target;
    if (target.type === "chat") {
      this.#unread.clear(target.chat);
      this.#options.onRead(target.chat);
    }
  }

  /** Finds an open chat or a user, when a login under way is done: by a mere name its owner alone. */
  async #find(who: UserQuery): Promise<Chat | OnlineUser> {
    await this.#options.ready();
    const { users } = this.#options;
    await users.lookUp(who);
    return users.findOwner(who);
  }

  async #call(user: OnlineUser, signal?: AbortSignal): Promise<Chat> {
    const { users } = this.#options;
    return await reachUser({ messenger: this.#messenger, users, note: this.#note }, user, signal);
  }

  #hold(call: OutgoingCall, text: string): void {
    if (call.hold(text)) return;
    this.#note(
      `Not sent: ${call.label} has not answered yet, and too much is waiting already`,
    );
  }

  /** Sends the texts held during a call. */
  #connected(call: OutgoingCall, chat: Chat): void {
    if (this.target === call) this.#goTo({ type: "chat", chat });
    for (const text of call.takeHeld()) void this.sender.send(chat, text);
  }

  /** Shows the texts held for a user who was not reached: they would be lost otherwise. */
  #dropHeld(call: OutgoingCall): void {
    const { label, user } = call;
    for (const text of call.takeHeld()) {
      if (user !== undefined) this.#options.keepFailed(user, text);
      this.#note(`Not sent, since ${label} could not be reached: "${text}"`);
    }
  }

  #opened(chat: Chat): void {
    this.#unread.keepOnly(this.#messenger.chats.all);
    const target = this.target;
    const accepted = this.#accepting;
    const isAccepted = accepted?.name === chat.name && accepted.address === chat.address;
    if (isAccepted) {
      if (target?.type === "calling" && target.action === "accepting") {
        return this.#connected(target, chat);
      }
      return this.#goTo({ type: "chat", chat });
    }
    const becomesCurrent = target?.type === "calling"
      ? chat.direction === "outgoing" && target.user !== undefined &&
        isWith(chat, target.user, [])
      : chat.direction === "outgoing"
      ? target === undefined
      : !this.#options.isTyping() && isListed(this.#messenger, chat) && givesWayTo(target, chat);
    if (!becomesCurrent) return;
    this.#goTo({ type: "chat", chat });
    if (target?.type === "calling") this.#connected(target, chat);
  }
}

function noChat(): ClientError {
  const message = "No chat is open; /talk NAME starts one";
  return new ClientError("not-online", { reason: "offline", name: "" }, { message });
}
