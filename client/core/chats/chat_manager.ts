import type { Network } from "../../../server/platform/net/network.ts";
import type { ClassicChat } from "./chat.ts";
import { ChatRegistry } from "./chat_registry.ts";
import { ClassicChats } from "./classic_chats.ts";
import type { ClassicConnection } from "../peer/classic_connection.ts";
import type { ClaimMismatch } from "../error_details.ts";
import { ClientError, unreachableError } from "../errors.ts";
import type { EventBus } from "../event_bus.ts";
import type { CallScreener } from "../calls/call_screener.ts";
import type { IgnoreEntry, IgnoreTarget } from "../calls/ignore_list.ts";
import { ConfusableContacts } from "../trust/mod.ts";
import { Outbox } from "./outbox.ts";
import { Pins } from "../trust/mod.ts";
import { SecureChats } from "./secure_chats.ts";
import type { Callee } from "../peer/secure_dialer.ts";
import { SecureChat } from "./secure_chat.ts";
import { SecureConnection } from "../peer/secure_connection.ts";
import type { Security } from "../security.ts";
import type { Signaling } from "../signaling.ts";
import type { Pin, Store } from "../store.ts";
import { keyInTable } from "../trust/mod.ts";
import type { Chat, SendOptions } from "../chat.ts";
import type { Message } from "../message.ts";
import type { IdentityKeys } from "../identity_keys.ts";
import type { Caller } from "../caller.ts";
import { isHostAddress, nameKey } from "../../../protocol/mod.ts";
import type { OnlineUser } from "../online_user.ts";
import { clientLimits } from "../limits.ts";

/** What chats need of the messenger that they belong to. */
export interface ChatManagerHost {
  readonly network: Network;
  /** Decides who may call. */
  readonly gate: CallScreener;
  readonly store: Store;
  readonly server: Signaling;
  /** Undefined where this client speaks classic MIM alone. */
  readonly keys: IdentityKeys | undefined;
  readonly events: EventBus;
}

/** The chats with all peers: calls, and is called; tells what happens in them. */
export class ChatManager {
  readonly #host: ChatManagerHost;
  readonly #list = new ChatRegistry();
  readonly #outbox: Outbox;
  readonly #pins: Pins;
  readonly #secure: SecureChats | undefined;
  readonly #classic: ClassicChats;

  constructor(host: ChatManagerHost) {
    this.#host = host;
    const { network, gate, store, server, keys } = host;
    this.#outbox = new Outbox(host);
    this.#pins = new Pins(
      store,
      server,
      (name) => this.#named(name).map(({ identity }) => identity),
    );
    gate.doubts = (caller) => {
      const why = keys && new ConfusableContacts(this.#pins.all).why(caller);
      return why && `it ${why}`;
    };
    this.#classic = new ClassicChats(host, this.#list, this.#pins);
    this.#secure = keys && new SecureChats({
      ...{ network, gate, store, server, keys, events: host.events },
      ...{ outbox: this.#outbox, pins: this.#pins, list: this.#list },
    });
  }

  /** The chats, in the order in which they were opened; those closed from here are gone. */
  get all(): Chat[] {
    return this.#list.all;
  }

  /** What is not acknowledged, and the keys that names are pinned to. */
  get outbox(): Outbox {
    return this.#outbox;
  }

  /** See {@linkcode Messenger.contacts}. */
  get contacts(): Pin[] {
    return this.#pins.all;
  }

  /** See {@linkcode Messenger.knownElsewhere}. */
  knownElsewhere(name: string): string[] {
    return this.#secure === undefined ? [] : this.#pins.elsewhere(name);
  }

  /** See {@linkcode Messenger.talk}. */
  async talk(user: OnlineUser): Promise<Chat> {
    const { gate } = this.#host;
    if (user.own) throw new ClientError("not-online", { reason: "self", name: user.name });
    if (gate.isIgnored(user)) {
      throw new ClientError("ignored", { name: user.name, address: user.address });
    }
    const callee = this.#calleeOf(user);
    const waiting = gate.callers.find((caller) =>
      callee === undefined
        ? caller.identity === undefined && caller.name === user.name && isAt(caller, user)
        : caller.identity?.toHex() === callee.identity.toHex()
    );
    const open = this.#openWith(user, callee);
    if (open !== undefined) return open;
    if (waiting !== undefined) {
      const chat = this.accept(waiting);
      if (!waiting.ended) return chat;
    }
    // A host name would be looked up, and 0.0.0.0 or ff02::1 would be this machine or many.
    if (!isHostAddress(user.address)) {
      throw unreachableError(
        user,
        `the server gives no IP address of a machine, but "${user.address}"`,
      );
    }
    if (callee !== undefined && this.#secure !== undefined) return await this.#secure.call(callee);
    return await this.#classic.call(user);
  }

  /** See {@linkcode Messenger.chatWith}. */
  chatWith(pin: Pin): Chat {
    if (this.#secure !== undefined) return this.#secure.with(pin);
    throw new ClientError("invalid-state", { reason: "no-identity" });
  }

  /** Who has dialled for the open chat with that very user; undefined where there is none. */
  dialledBy(user: OnlineUser): "me" | "them" | undefined {
    const identity = this.#secure && keyInTable(user);
    return this.#openWith(user, identity && { identity })?.dialledBy;
  }

  /** See {@linkcode Messenger.hangUp}. */
  hangUp(user: OnlineUser): void {
    const key = keyInTable(user)?.toHex();
    this.#secure?.hangUp(({ identity }) => identity.toHex() === key, "given up");
    this.#classic.hangUp((called) => isSame(called, user), "given up");
  }

  /** See {@linkcode Messenger.send}. */
  async send(chat: Chat, text: string, options?: SendOptions): Promise<Message> {
    if (text.trim() === "") throw new TypeError("expected a text, got only white space");
    options?.signal?.throwIfAborted();
    const one = this.#known(chat);
    if (!(one instanceof SecureChat)) return await this.#classic.send(one, text, options);
    if (this.#secure === undefined) throw new Error("expected keys where a chat is secure");
    return await this.#secure.send(one, text, options);
  }

  /** See {@linkcode Messenger.typing}. */
  typing(chat: Chat, typing: boolean): void {
    if (chat instanceof SecureChat) chat.types(typing);
  }

  /** See {@linkcode Messenger.close}. */
  async close(chat: Chat): Promise<boolean> {
    const one = this.#known(chat);
    this.#list.delete(one);
    if (!one.open) return true;
    one.open = false;
    const end = one instanceof SecureChat ? one : one.link;
    const finished = end.finish();
    // What was sent before is told of before the close.
    if (one.unsent > 0) await Promise.race([end.written, finished]);
    this.#host.events.emit({ type: "chat-closed", chat, by: "me" });
    return await finished;
  }

  /** See {@linkcode Messenger.ignore}. */
  async ignore(who: IgnoreTarget): Promise<IgnoreEntry> {
    const { gate } = this.#host;
    const ignored = gate.ignore(who);
    this.#classic.hangUp((user) => gate.isIgnored(user), "ignored from now on");
    this.#secure?.hangUp((callee) => gate.isIgnored(callee), "ignored from now on");
    const closing = this.all.filter((chat) => chat.open && gate.isIgnored(chat));
    await Promise.all(closing.map((chat) => this.close(chat)));
    return ignored;
  }

  /** See {@linkcode Messenger.accept}. */
  accept(caller: Caller): Chat {
    const { gate } = this.#host;
    const call = gate.waiting(caller);
    if (!this.#list.makeRoom()) {
      throw new ClientError("invalid-state", {
        reason: "too-many-chats",
        limit: clientLimits.chats,
      });
    }
    const { link } = call;
    if (link instanceof SecureConnection) {
      if (this.#secure === undefined) throw new Error("expected keys where a key has called");
      gate.take(call);
      return this.#secure.accept(call, link);
    }
    gate.take(call);
    return this.#classic.accept(call, link);
  }

  /** Closes every chat, and gives up the calls under way. */
  async closeAll(): Promise<void> {
    this.#host.gate.close();
    const stopped = this.#secure?.stop();
    this.#classic.hangUp(() => true, "given up");
    await Promise.all(this.all.map((chat) => this.close(chat)));
    await stopped;
  }

  /** A peer has called in classic MIM, and told its name. */
  called(link: ClassicConnection, name: string): void {
    this.#classic.called(link, name);
  }

  /** A peer has called and proven its key; why it was refused, where it was. */
  calledSecurely(link: SecureConnection): ClaimMismatch | undefined {
    return this.#secure?.called(link);
  }

  /** Somebody has come online: what waits for that key goes out. */
  cameOnline(user: OnlineUser): void {
    this.#secure?.cameOnline(user);
  }

  /** Somebody can't reach this client, and asks to be called. */
  askedToCall(user: OnlineUser): void {
    void this.#secure?.askedToCall(user);
  }

  /** See {@linkcode Messenger.securityOf}. */
  securityOf(user: OnlineUser): Security {
    const identity = keyInTable(user);
    if (this.#secure === undefined || identity === undefined && !this.#pins.of(user.name)) {
      return "classic";
    }
    const security = this.#pins.securityOf(user);
    if (identity === undefined || security === "changed") return security;
    return this.#list.with(identity).find((chat) => chat.open)?.security ?? security;
  }

  /** See {@linkcode Messenger.safetyNumber}. */
  safetyNumber(name: string): string {
    const { keys } = this.#host;
    if (keys !== undefined) return this.#pins.safetyNumber(keys.identity, name);
    throw new ClientError("invalid-state", { reason: "no-identity" });
  }

  /** See {@linkcode Messenger.verify}. */
  verify(name: string): void {
    const { identity } = this.#pins.verify(name);
    for (const chat of this.#list.with(identity)) chat.security = "verified";
    this.#endOthers(name);
  }

  /** See {@linkcode Messenger.trust}. */
  trust(name: string): void {
    this.#pins.trust(name);
    this.#endOthers(name);
  }

  /** Chats under a name with another key than it is pinned to now are over. */
  #endOthers(name: string): void {
    const key = this.#pins.of(name)?.identity.toHex();
    for (const chat of this.#named(name)) if (chat.identity.toHex() !== key) chat.forsake();
  }

  /** The chats with keys under a name. */
  #named(name: string): SecureChat[] {
    return this.#list.secure.filter((chat) => nameKey(chat.name) === nameKey(name));
  }

  /** How somebody is called who has a key; undefined where it is to be in classic MIM. */
  #calleeOf(user: OnlineUser): Callee | undefined {
    if (this.#secure === undefined) return undefined;
    const verdict = this.#pins.judge(user);
    if (verdict.type === "blocked") throw new ClientError("peer-key-mismatch", verdict.mismatch);
    return verdict.type === "secure" ? this.#secure.callee(user) : undefined;
  }

  /** The open chat with that very user. */
  #openWith(
    user: OnlineUser,
    callee: Pick<Callee, "identity"> | undefined,
  ): ClassicChat | SecureChat | undefined {
    if (callee === undefined) {
      return this.#list.classic.find((chat) =>
        chat.open && chat.name === user.name && isAt(chat, user)
      );
    }
    const isNamed = ({ name }: { name: string }) => nameKey(name) === nameKey(user.name);
    const open = this.#list.with(callee.identity).filter((chat) => chat.open && isNamed(chat));
    const rows = [...this.#host.server.users].filter((row) =>
      !row.own && isNamed(row) && keyInTable(row)?.toHex() === callee.identity.toHex()
    );
    return open.find((chat) => isAt(chat, user)) ?? (rows.length < 2 ? open[0] : undefined);
  }

  #known(chat: Chat): ClassicChat | SecureChat {
    for (const known of this.#list.all) if (known === chat) return known;
    throw new ClientError("chat-closed", { reason: "closed", name: chat.name });
  }
}

function isAt(chat: Pick<Chat, "address" | "port">, user: OnlineUser): boolean {
  return chat.address === user.address && chat.port === user.port;
}

function isSame(one: OnlineUser, other: OnlineUser): boolean {
  return one.name === other.name && isAt(one, other);
}
