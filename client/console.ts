import { formatAddress, limits } from "../protocol/mod.ts";
import {
  type Caller,
  type Chat,
  ClientError,
  type Messenger,
  type OnlineUser,
} from "./core/mod.ts";
import { withAdvice } from "./advice.ts";
import { howToUnignore } from "./callers.ts";
import { findCommand } from "./commands/mod.ts";
import type { ClientEvent, Emit, PastEvent } from "./events.ts";
import { marksOf } from "./marks.ts";
import type { Memory, Peer } from "./memory.ts";
import { DEFAULT_SETTINGS, type Settings } from "./settings.ts";
import { Roster } from "./roster.ts";
import { Unread } from "./unread.ts";
import { firstWho, isWith, typed, type Who } from "./who.ts";

/** From so many bytes on, whoever pipes lines in faster than the peer reads has to wait. */
const MUCH_UNSENT = 64 * 1024;

/**
 * Whom lines go to. While somebody is being called they are held, and where the call comes to
 * nothing they are not sent: they were not meant for whoever is there instead.
 */
export type Target =
  | { readonly kind: "chat"; readonly chat: Chat }
  | Calling
  | Missed;

/** Somebody was called and not reached. */
interface Missed {
  readonly kind: "missed";
  readonly name: string;
  /** The chat that was current before. */
  readonly before: Chat | undefined;
}

/** Somebody is being called, or looked for. */
interface Calling {
  readonly kind: "calling";
  readonly name: string;
  user?: OnlineUser;
  readonly held: string[];
  heldUnits: number;
  givenUp: boolean;
}

/**
 * What a line typed into a face means: a command, or a text for the current chat. Knows the current
 * chat and the numbers of the last /who. Every event of the messenger passes through to the face.
 */
export class Console {
  /** The messenger that commands act on. */
  readonly messenger: Messenger;
  /** Who can be meant by a name or a number. */
  readonly roster: Roster;
  /** Shows something. */
  readonly emit: Emit;
  /** What may be changed while chatting. */
  readonly settings: Settings = { ...DEFAULT_SETTINGS };
  /** What is remembered; undefined where nothing is. */
  memory: Memory | undefined;
  /** Where peers reach this client, in words. */
  listen = "every address, any port";
  /** Whether the last lines of earlier are shown as a chat opens. */
  replays = false;
  /** Why this client has no key, where it has none. */
  noKey: string | undefined;
  /** Deletes the lines said to somebody that the face keeps for typing them again; how many. */
  forgetTyped: (name: string) => number = () => 0;
  /** What stands beside the own name where /away and /busy name nothing else. */
  status = "";
  /** The ids of the last /outbox, in its order. */
  listed: readonly string[] = [];
  /** Whether the face shows whom lines go to; where it does not, it is said when that changes unasked. */
  showsTarget = true;
  /** Whether the user is in the middle of a line: then no call takes the current place. */
  readonly #typing: () => boolean;
  readonly #quit: () => void;
  #target: Target | undefined;
  readonly #unread = new Unread();
  /** The login under way, if any; never rejects. */
  #entering: Promise<unknown> = Promise.resolve();
  #sending: Promise<void> = Promise.resolve();
  readonly #lost = new WeakSet<Chat>();
  #left = false;
  /** Whether a call is being accepted: whoever does that goes there. */
  #accepting = false;

  /**
   * @param emit the face
   * @param quit ends the program
   * @param typing whether a line is half typed
   */
  constructor(messenger: Messenger, emit: Emit, quit: () => void, typing: () => boolean) {
    this.messenger = messenger;
    this.roster = new Roster(messenger);
    this.emit = emit;
    this.#quit = quit;
    this.#typing = typing;
    messenger.subscribe((event) => this.#pass(event));
  }

  /** Whom lines go to. */
  get target(): Target | undefined {
    return this.#target;
  }

  /** The chat that lines go to; it may be inactive. */
  get current(): Chat | undefined {
    return this.#target?.kind === "chat" ? this.#target.chat : undefined;
  }

  /** Chats with messages that the user has not been there for, and how many; the oldest first. */
  get unread(): ReadonlyMap<Chat, number> {
    return this.#unread.counts;
  }

  /** The name of whom lines go to, or would where the call came to something. */
  get peerName(): string | undefined {
    return this.#target?.kind === "chat" ? this.#target.chat.name : this.#target?.name;
  }

  /** Has settings apply from now on. */
  apply(settings: Partial<Settings>): void {
    Object.assign(this.settings, settings);
    this.messenger.strangers = this.settings.strangers;
  }

  /**
   * Does what a line says; what goes wrong is shown. Never rejects. Whom a text goes to is settled
   * when this is called, also where an earlier line is still at work.
   */
  async run(line: string): Promise<void> {
    try {
      if (!line.startsWith("/") || line.startsWith("//")) {
        return await this.say(line.replace(/^\/\//, "/"));
      }
      const [word = "", rest = ""] = line.slice(1).split(/\s+(.*)/s, 2);
      const command = findCommand(word);
      if (command.args === "" && rest.trim() !== "") {
        throw new SyntaxError(`expected nothing after /${command.name}, got "${rest.trim()}"`);
      }
      await command.run(this, rest.trim());
    } catch (error) {
      this.report(error);
    }
  }

  /** Shows what went wrong; once somebody has left, that is of no interest any more. */
  report(error: unknown): void {
    if (this.#left && error instanceof ClientError) return;
    if (error instanceof ClientError) {
      const kind = error.code === "chat-closed" ? "note" : "error";
      return this.emit({ kind, text: withAdvice(error, "chatting") });
    }
    if (!(error instanceof SyntaxError)) throw error;
    this.emit({ kind: "error", text: error.message });
  }

  /** Tells a user something. */
  note(text: string): void {
    this.emit({ kind: "note", text });
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
    if (args !== undefined) return this.roster.nameOf(firstWho(args).who);
    if (line.startsWith("/") && !line.startsWith("//")) return undefined;
    const target = this.#target;
    if (target === undefined || target.kind === "chat") return target?.chat.name;
    return this.roster.nameOf({ text: target.name, quoted: false });
  }

  /** Sends a text to whom lines go. */
  async say(text: string): Promise<void> {
    if (text.trim() === "") return;
    const target = this.#target;
    switch (target?.kind) {
      case undefined:
        return this.note("nobody to send that to yet: /talk NAME starts a chat");
      case "calling":
        return this.#hold(target, text);
      case "missed":
        return this.note(`not sent: ${target.name} was not reached; ${whatNow(target)}`);
      case "chat": {
        // Who has a key gets it once that key can be reached.
        if (target.chat.open || target.chat.waits) {
          return await this.sendTo(target.chat, text);
        }
        const other = this.#otherWith(target.chat);
        if (other !== undefined) {
          this.goTo(other);
          return await this.sendTo(other, text);
        }
        this.#keepFailed(target.chat, text);
        return this.note(
          `not sent: the chat with ${target.chat.name} is inactive; ` +
            `/talk ${typed(target.chat.name)} calls again, /close leaves it`,
        );
      }
    }
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

  /** Has lines go to whoever is meant: an open chat, or a user to call. Lines typed meanwhile wait. */
  async talk(who: Who): Promise<void> {
    const before = this.current;
    const calling: Calling = {
      kind: "calling",
      name: who.text,
      held: [],
      heldUnits: 0,
      givenUp: false,
    };
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
        const chat = user === undefined ? this.roster.inactive(who) : undefined;
        if (chat !== undefined) this.#aim({ kind: "chat", chat });
        else this.#aim({ kind: "missed", name: who.text, before });
        if (!this.showsTarget && error instanceof ClientError) {
          this.report(error);
          return this.#sayTarget();
        }
      }
      throw error;
    }
  }

  /** Has lines go to a chat, and recalls what was said there last. */
  goTo(chat: Chat): void {
    if (chat === this.current) return this.note(`talking to ${chat.name} already`);
    this.#aim({ kind: "chat", chat });
    this.note(`now talking to ${chat.name}`);
    if (!chat.open && chat.waits) this.note(waits(chat.name));
    if (this.replays) this.#recall(this.#unread.recent(chat));
  }

  /**
   * Goes to the chat that has waited longest for the user; where none has, to the one behind the
   * current.
   */
  next(): void {
    const { chats } = this.messenger;
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
      this.messenger.accept(caller);
    } finally {
      this.#accepting = false;
    }
  }

  /** Says something to whoever is meant; lines go on to whom they went before. */
  async message(who: Who, text: string): Promise<void> {
    const one = await this.#find(who);
    await this.sendTo("open" in one ? one : await this.#call(one), text);
  }

  /**
   * Ends the chat with whoever is meant, or what lines go to where nobody is named.
   *
   * @throws {ClientError} `not-online`
   */
  async close(who: Who | undefined): Promise<void> {
    const target = this.#target;
    if (who === undefined && target?.kind === "calling") {
      this.#target = undefined;
      target.givenUp = true;
      if (target.user !== undefined) this.messenger.hangUp(target.user);
      return this.note(`gave up calling ${target.name}`);
    }
    if (who === undefined && target?.kind === "missed") {
      this.#target = undefined;
      return this.note(`left ${target.name}, who was not reached`);
    }
    const chat = who === undefined ? this.current : this.roster.chatWith(who);
    if (chat === undefined) {
      throw new ClientError("not-online", "no chat is open; /talk NAME starts one");
    }
    if (chat === this.current) this.#target = undefined;
    this.#unread.clear(chat);
    if (!chat.open) this.note(`left the inactive chat with ${chat.name}`);
    await this.messenger.close(chat);
  }

  /**
   * Shows who is online, by name, and numbers them for later.
   *
   * @param part only those with this in their name
   */
  listUsers(part: string): void {
    const users = this.roster.list(part);
    const marks = marksOf(this.messenger, users);
    users.forEach((user, index) =>
      this.emit({ kind: "user", number: index + 1, user, marks: marks[index] })
    );
    this.emit({ kind: "users", count: users.length, ...part !== "" && { part } });
  }

  /** Ends the program. */
  quit(): void {
    this.#quit();
  }

  /** The program is about to end: what is given up for that is not worth a word. */
  leave(): void {
    this.#left = true;
  }

  /** Who is meant, once a login under way is done: an open chat, or a user to call. */
  async #find(who: Who): Promise<Chat | OnlineUser> {
    await this.#entering;
    return this.roster.find(who);
  }

  /** Says whom lines go to after a call that came to nothing. */
  #sayTarget(): void {
    const target = this.#target;
    if (target?.kind === "missed") this.note(`lines go to nobody now; ${whatNow(target)}`);
    if (target?.kind !== "chat") return;
    const { name } = target.chat;
    this.note(`lines go to nobody now: the chat with ${name} is inactive`);
  }

  async #call(user: OnlineUser): Promise<Chat> {
    try {
      return await this.messenger.talk(user);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      const known = error.code === "peer-unreachable" ? this.roster.contact(user) : undefined;
      if (known !== undefined) {
        this.note(`${error.message}; ${waits(user.name)}`);
        return this.messenger.chatWith(known);
      }
      if (error.code !== "ignored") throw error;
      const how = howToUnignore(user, this.messenger.ignored);
      throw new ClientError(error.code, `${error.message}; ${how} ends that`, { cause: error });
    }
  }

  #hold(calling: Calling, text: string): void {
    if (calling.heldUnits + text.length > limits.unsent) {
      return this.note(`not sent: ${calling.name} has not answered yet, and much waits already`);
    }
    calling.heldUnits += text.length;
    calling.held.push(text);
  }

  /** Sends what was typed while the call was under way. */
  #reached(calling: Calling, chat: Chat): void {
    if (this.#target === calling) this.#aim({ kind: "chat", chat });
    for (const text of calling.held.splice(0)) void this.sendTo(chat, text);
  }

  /** Says what was typed for somebody who was not reached: it is lost otherwise. */
  #dropHeld({ name, user, held }: Calling): void {
    for (const text of held.splice(0)) {
      if (user !== undefined) this.#keepFailed(user, text);
      this.note(`not sent, ${name} was not reached: "${text}"`);
    }
  }

  #keepFailed(peer: Peer, text: string): void {
    this.memory?.keepFailed(peer, text, this.messenger.server);
  }

  /** Says once for each chat from where on nothing was sent. */
  #notSent(chat: Chat, text: string, error: unknown): void {
    this.#keepFailed(chat, text);
    const lost = error instanceof ClientError && error.code === "chat-closed";
    if (!lost) return this.report(error);
    if (this.#lost.has(chat)) return;
    this.#lost.add(chat);
    this.note(`${error.message}; not sent: "${text}" and what followed it`);
  }

  /** Another chat with the same key under the same name: of two programs of one user, one has gone. */
  #otherWith({ name, identity }: Chat): Chat | undefined {
    const key = identity?.toHex();
    if (key === undefined) return undefined;
    return this.messenger.chats.find((chat) =>
      chat.open && chat.name === name && chat.identity?.toHex() === key
    );
  }

  #recall(lines: readonly PastEvent[]): void {
    for (const line of lines) this.emit({ ...line, again: true });
  }

  #aim(target: Target): void {
    this.#target = target;
    if (target.kind === "chat") this.#unread.clear(target.chat);
  }

  #pass(event: ClientEvent): void {
    if (event.kind === "chat-opened") this.#opened(event.chat);
    if (event.kind === "message" || event.kind === "sent") {
      const what = event.kind === "sent" ? event.kind : "received";
      this.#unread.said(event.chat, what, event.text, event.chat === this.current);
    }
    this.memory?.keep(event, this.messenger.server);
    this.emit(event);
    if (event.kind === "online") this.#warnOf(event.user);
    if (event.kind === "chat-opened" && this.replays) {
      this.#recall(this.memory?.atOpening(event.chat.name) ?? []);
    }
    if (event.kind !== "chat-closed" || event.by !== "me") return;
    this.#unread.clear(event.chat);
    if (event.chat === this.current) this.#target = undefined;
  }

  /** Somebody for whom texts wait, or whom one has talked to, is there with another key: nothing goes out. */
  #warnOf(user: OnlineUser): void {
    const { chats, outbox } = this.messenger;
    if (user.own || ![...chats, ...outbox].some(({ name }) => name === user.name)) return;
    if (this.messenger.securityOf(user) !== "changed") return;
    const text = `${user.name} is online with another key than before, or with none: ` +
      `nothing goes there before you decide; /talk ${typed(user.name)} says what to do`;
    this.emit({ kind: "error", text });
  }

  #opened(chat: Chat): void {
    this.#unread.keepOnly(this.messenger.chats);
    const target = this.#target;
    if (this.#accepting) return this.#aim({ kind: "chat", chat });
    const mine = target?.kind === "calling"
      ? chat.by === "me" && target.user !== undefined && isWith(chat, target.user, [])
      : chat.by === "me"
      ? target === undefined
      : this.#isFreeFor(chat);
    if (!mine) return;
    this.#aim({ kind: "chat", chat });
    if (target?.kind === "calling") this.#reached(target, chat);
  }

  /**
   * A call can be answered at once where that takes nobody's place: lines go to nobody, or into a chat
   * that takes none; no line is half typed, for it was meant for somebody else; and it does not come
   * under the name of somebody who has just not been reached, for whom the next lines may be.
   */
  #isFreeFor({ name }: Chat): boolean {
    const target = this.#target;
    if (target?.kind === "chat" && (target.chat.open || target.chat.waits)) return false;
    if (target?.kind === "missed" && isCalled(target.name, name)) return false;
    return !this.#typing();
  }
}

/** What becomes of texts for somebody with a key who can't be reached. */
function waits(name: string): string {
  return `what you write to ${name} waits in the outbox, and goes out by itself`;
}

/** What can be done where somebody was not reached. */
function whatNow({ name, before }: Missed): string {
  const again = `/talk ${typed(name)} tries again`;
  if (!before?.open) return again;
  const same = isCalled(name, before.name);
  const where = formatAddress(before.address, before.port);
  const whom = same ? `${before.name}@${where}` : typed(before.name);
  return `${again}, /talk ${whom} goes back to ${before.name}`;
}

/** Whether WHO, as it was typed, may mean somebody of that name. */
function isCalled(who: string, name: string): boolean {
  const [typed, folded] = [who.toLowerCase(), name.toLowerCase()];
  return typed === folded || typed.startsWith(`${folded}@`);
}
