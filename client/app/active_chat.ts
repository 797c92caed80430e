import { type Caller, type Chat, ClientError, type OnlineUser } from "../core/mod.ts";
import { describeUnignore } from "./call_messages.ts";
import type { Context } from "./context.ts";
import type { ClientEvent, PastEvent } from "./events.ts";
import type { Sending } from "./sending.ts";
import {
  type Calling,
  callOf,
  canQueueTo,
  describeNextStep,
  isCalled,
  type SendTarget,
} from "./target.ts";
import { Unread } from "./unread.ts";
import { formatQuery, isWith, type UserQuery } from "./user_query.ts";
import { clientLimits } from "../core/mod.ts";

/** What of the console is needed to have lines go somewhere. */
type Host = Pick<Context, "messenger" | "roster" | "emit" | "note" | "report" | "entered">;

/**
 * Whom lines go to: the chat in front, how another one gets there, and what is unread in those that
 * are not.
 */
export class ActiveChat {
  /** Whether the last lines of earlier are shown as a chat gets to the front. */
  replays = false;
  /** Whether the face shows whom lines go to; where it does not, it is said when that changes unasked. */
  showsTarget = true;
  readonly #host: Host;
  readonly #sending: Sending;
  /** Whether the user is in the middle of a line: then no call takes the current place. */
  readonly #typing: () => boolean;
  #target: SendTarget | undefined;
  readonly #unread = new Unread();
  /** Whether a call is being accepted: whoever does that goes there. */
  #accepting = false;

  /** @param typing whether a line is half typed */
  constructor(host: Host, sending: Sending, typing: () => boolean) {
    this.#host = host;
    this.#sending = sending;
    this.#typing = typing;
  }

  /** Whom lines go to. */
  get target(): SendTarget | undefined {
    return this.#target;
  }

  /** The chat that lines go to; it may be inactive. */
  get current(): Chat | undefined {
    return this.#target?.type === "chat" ? this.#target.chat : undefined;
  }

  /** Chats with messages that the user has not been there for, and how many; the oldest first. */
  get unread(): ReadonlyMap<Chat, number> {
    return this.#unread.counts;
  }

  /** The name of whom lines go to, or would where the call came to something. */
  get peerName(): string | undefined {
    return this.#target?.type === "chat" ? this.#target.chat.name : this.#target?.name;
  }

  /** Sends a text to whom lines go. */
  async say(text: string): Promise<void> {
    if (text.trim() === "") return;
    const target = this.#target;
    switch (target?.type) {
      case undefined:
        return this.#host.note("nobody to send that to yet: /talk NAME starts a chat");
      case "calling":
        return this.#hold(target, text);
      case "missed":
        return this.#host.note(
          `not sent: ${target.name} was not reached; ${describeNextStep(target)}`,
        );
      case "chat": {
        // Who has a key gets it once that key can be reached.
        if (target.chat.open || target.chat.waits) {
          return await this.#sending.send(target.chat, text);
        }
        const other = this.#host.roster.otherWith(target.chat);
        if (other !== undefined) {
          this.goTo(other);
          return await this.#sending.send(other, text);
        }
        this.#sending.keepFailed(target.chat, text);
        return this.#host.note(
          `not sent: the chat with ${target.chat.name} is inactive; ` +
            `/talk ${formatQuery(target.chat.name)} calls again, /close leaves it`,
        );
      }
    }
  }

  /** Has lines go to whoever is meant: an open chat, or a user to call. Lines typed meanwhile wait. */
  async talk(who: UserQuery): Promise<void> {
    const before = this.current;
    const calling = callOf(who.text);
    this.#aim(calling);
    try {
      const one = await this.#find(who);
      if (calling.givenUp) return this.#dropHeld(calling);
      if ("open" in one) {
        if (this.#target === calling) this.#target = undefined;
        this.goTo(one);
        return this.#reached(calling, one);
      }
      calling.user = one;
      this.#reached(calling, await this.#call(one));
    } catch (error) {
      const { user } = calling;
      this.#dropHeld(calling);
      if (calling.givenUp) return;
      if (this.#target === calling) {
        const chat = user === undefined ? this.#host.roster.inactive(who) : undefined;
        if (chat !== undefined) this.#aim({ type: "chat", chat });
        else this.#aim({ type: "missed", name: who.text, before });
        if (!this.showsTarget && error instanceof ClientError) {
          this.#host.report(error);
          return this.#sayTarget();
        }
      }
      throw error;
    }
  }

  /** Has lines go to a chat, and recalls what was said there last. */
  goTo(chat: Chat): void {
    if (chat === this.current) return this.#host.note(`talking to ${chat.name} already`);
    this.#aim({ type: "chat", chat });
    this.#host.note(`now talking to ${chat.name}`);
    if (!chat.open && chat.waits) this.#host.note(canQueueTo(chat.name));
    if (this.replays) this.recall(this.#unread.recent(chat));
  }

  /**
   * Goes to the chat that has waited longest for the user; where none has, to the one behind the
   * current.
   */
  next(): void {
    const { chats } = this.#host.messenger;
    const [waiting] = this.unread.keys();
    const at = this.current === undefined ? -1 : chats.indexOf(this.current);
    const chat = waiting ?? chats[(at + 1) % chats.length];
    if (chat === undefined) {
      throw new ClientError("not-online", "no chat is open; /talk NAME starts one");
    }
    this.goTo(chat);
  }

  /**
   * Takes a call that waits; lines go there.
   *
   * @throws {ClientError} as {@linkcode Messenger.accept}
   */
  accept(caller: Caller): void {
    this.#accepting = true;
    try {
      this.#host.messenger.accept(caller);
    } finally {
      this.#accepting = false;
    }
  }

  /** Says something to whoever is meant; lines go on to whom they went before. */
  async message(who: UserQuery, text: string): Promise<void> {
    const one = await this.#find(who);
    await this.#sending.send("open" in one ? one : await this.#call(one), text);
  }

  /**
   * Ends the chat with whoever is meant, or what lines go to where nobody is named.
   *
   * @throws {ClientError} `not-online`
   */
  async close(who: UserQuery | undefined): Promise<void> {
    const target = this.#target;
    if (who === undefined && target?.type === "calling") {
      this.#target = undefined;
      target.givenUp = true;
      if (target.user !== undefined) this.#host.messenger.hangUp(target.user);
      return this.#host.note(`gave up calling ${target.name}`);
    }
    if (who === undefined && target?.type === "missed") {
      this.#target = undefined;
      return this.#host.note(`left ${target.name}, who was not reached`);
    }
    const chat = who === undefined ? this.current : this.#host.roster.chatWith(who);
    if (chat === undefined) {
      throw new ClientError("not-online", "no chat is open; /talk NAME starts one");
    }
    if (chat === this.current) this.#target = undefined;
    this.#unread.clear(chat);
    if (!chat.open) this.#host.note(`left the inactive chat with ${chat.name}`);
    await this.#host.messenger.close(chat);
  }

  /** Takes note of an event, before it is shown. */
  take(event: ClientEvent): void {
    if (event.type === "chat-opened") this.#opened(event.chat);
    if (event.type !== "message" && event.type !== "sent") return;
    this.#unread.add(event.message, event.chat, event.chat === this.current);
  }

  /** The user has closed a chat, and has been told so. */
  closed(chat: Chat): void {
    this.#unread.clear(chat);
    if (chat === this.current) this.#target = undefined;
  }

  /** Shows lines of earlier. */
  recall(lines: readonly PastEvent[]): void {
    for (const line of lines) this.#host.emit({ ...line, again: true });
  }

  /** Who is meant, once a login under way is done: an open chat, or a user to call. */
  async #find(who: UserQuery): Promise<Chat | OnlineUser> {
    await this.#host.entered;
    return this.#host.roster.find(who);
  }

  /** Says whom lines go to after a call that came to nothing. */
  #sayTarget(): void {
    const target = this.#target;
    if (target?.type === "missed") {
      this.#host.note(`lines go to nobody now; ${describeNextStep(target)}`);
    }
    if (target?.type !== "chat") return;
    const { name } = target.chat;
    this.#host.note(`lines go to nobody now: the chat with ${name} is inactive`);
  }

  async #call(user: OnlineUser): Promise<Chat> {
    try {
      return await this.#host.messenger.talk(user);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      const known = error.code === "peer-unreachable" ? this.#host.roster.contact(user) : undefined;
      if (known !== undefined) {
        this.#host.note(`${error.message}; ${canQueueTo(user.name)}`);
        return this.#host.messenger.chatWith(known);
      }
      if (error.code !== "ignored") throw error;
      const how = describeUnignore(user, this.#host.messenger.ignored);
      throw new ClientError(error.code, `${error.message}; ${how} ends that`, { cause: error });
    }
  }

  #hold(calling: Calling, text: string): void {
    if (calling.heldUnits + text.length > clientLimits.bufferedBytes) {
      return this.#host.note(
        `not sent: ${calling.name} has not answered yet, and much waits already`,
      );
    }
    calling.heldUnits += text.length;
    calling.held.push(text);
  }

  /** Sends what was typed while the call was under way. */
  #reached(calling: Calling, chat: Chat): void {
    if (this.#target === calling) this.#aim({ type: "chat", chat });
    for (const text of calling.held.splice(0)) void this.#sending.send(chat, text);
  }

  /** Says what was typed for somebody who was not reached: it is lost otherwise. */
  #dropHeld({ name, user, held }: Calling): void {
    for (const text of held.splice(0)) {
      if (user !== undefined) this.#sending.keepFailed(user, text);
      this.#host.note(`not sent, ${name} was not reached: "${text}"`);
    }
  }

  #aim(target: SendTarget): void {
    this.#target = target;
    if (target.type === "chat") this.#unread.clear(target.chat);
  }

  #opened(chat: Chat): void {
    this.#unread.keepOnly(this.#host.messenger.chats);
    const target = this.#target;
    if (this.#accepting) return this.#aim({ type: "chat", chat });
    const mine = target?.type === "calling"
      ? chat.by === "me" && target.user !== undefined && isWith(chat, target.user, [])
      : chat.by === "me"
      ? target === undefined
      : this.#isFreeFor(chat);
    if (!mine) return;
    this.#aim({ type: "chat", chat });
    if (target?.type === "calling") this.#reached(target, chat);
  }

  /**
   * A call can be answered at once where that takes nobody's place: lines go to nobody, or into a chat
   * that takes none; no line is half typed, for it was meant for somebody else; and it does not come
   * under the name of somebody who has just not been reached, for whom the next lines may be.
   */
  #isFreeFor({ name }: Chat): boolean {
    const target = this.#target;
    if (target?.type === "chat" && (target.chat.open || target.chat.waits)) return false;
    if (target?.type === "missed" && isCalled(target.name, name)) return false;
    return !this.#typing();
  }
}
