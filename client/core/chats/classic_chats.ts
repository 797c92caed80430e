import { setImmediate } from "node:timers";
import { encodeLine, formatAddress, plainAddress, ProtocolError } from "../../../protocol/mod.ts";
import { ClassicChat, MESSAGES_PER_TURN, tooManyChats } from "./chat.ts";
import type { ChatRegistry } from "./chat_registry.ts";
import type { ChatManagerHost } from "./chat_manager.ts";
import { ClassicConnection } from "../peer/classic_connection.ts";
import { dialUser } from "../peer/dialer.ts";
import { ClientError, unreachableError } from "../errors.ts";
import type { CallMessage, PendingCall } from "../calls/pending_call.ts";
import type { Pins } from "../trust/mod.ts";
import { describeClassicHold } from "../trust/mod.ts";
import type { Chat, SendOptions } from "../chat.ts";
import { incomingMessage, type Message, OutgoingMessage, randomMessageId } from "../message.ts";
import { abortable } from "../abortable.ts";
import type { OnlineUser } from "../online_user.ts";

/** A call under way. */
interface Call {
  readonly user: OnlineUser;
  readonly abort: AbortController;
  readonly chat: Promise<Chat>;
}

/** The chats in classic MIM: calls, is called, and tells what happens in them. */
export class ClassicChats {
  readonly #host: ChatManagerHost;
  readonly #list: ChatRegistry;
  readonly #pins: Pins;
  /** The calls under way, by who is called. */
  readonly #calls = new Map<string, Call>();

  constructor(host: ChatManagerHost, list: ChatRegistry, pins: Pins) {
    this.#host = host;
    this.#list = list;
    this.#pins = pins;
  }

  /** Calls somebody; whoever asks again while the call is under way gets the same chat. */
  async call(user: OnlineUser): Promise<Chat> {
    const key = keyOf(user);
    const call = this.#calls.get(key) ?? this.#dialled(user);
    this.#calls.set(key, call);
    return await call.chat.finally(() => this.#calls.get(key) === call && this.#calls.delete(key));
  }

  /** Gives up the calls under way that are meant. */
  hangUp(isMeant: (user: OnlineUser) => boolean, why: string): void {
    for (const { user, abort } of this.#calls.values()) {
      if (isMeant(user)) abort.abort(new Error(why));
    }
  }

  /** The user takes a call that waited. */
  accept(call: PendingCall, link: ClassicConnection): Chat {
    this.#host.gate.meet(call);
    this.#pins.talkedInClassic(call.name);
    return this.#opened(call, "them", link, call);
  }

  /** See {@linkcode Chat.send}. */
  async send(
    chat: ClassicChat,
    text: string,
    { signal, id = randomMessageId() }: SendOptions = {},
  ): Promise<Message> {
    this.#host.gate.meet(chat);
    const lines = chat.encode(text);
    const { name } = chat;
    const whole = lines.map((line) => line.text).join("\n");
    const fields = { id, text: whole, at: Date.now(), name, identity: undefined, chat };
    const message = new OutgoingMessage(fields, () => false);
    // All lines are handed over at once: other texts, and a close, come behind the last of them.
    const written = Promise.all(lines.map(({ bytes }) => chat.link.send(bytes))).then(() => {
      message.become("sent");
      this.#host.events.emit({ type: "sent", chat, message });
    }, (cause) => {
      message.fail("the connection was lost");
      throw new ClientError("chat-closed", { reason: "lost", name }, { cause });
    });
    await abortable(written, signal);
    return message;
  }

  /** A peer has called; where one user alone can be meant, its port is the one to call back at. */
  called(link: ClassicConnection, name: string): void {
    const { gate, server, keys } = this.#host;
    const address = plainAddress(link.remote.hostname);
    const users = [...server.users].filter((user) =>
      user.name === name && user.address === address
    );
    const [user] = users;
    const port = users.length === 1 && user !== undefined ? user.port : link.remote.port;
    const why = keys && describeClassicHold(this.#pins.of(name));
    if (!gate.admits({ name, address, port, ...(why !== undefined && { why }) }, link)) return;
    if (!this.#list.makeRoom()) {
      this.#host.events.emit({ type: "error", error: tooManyChats({ name, address }) });
      return link.close();
    }
    this.#opened({ name, address, port }, "them", link);
  }

  #dialled(user: OnlineUser): Call {
    const abort = new AbortController();
    const chat = this.#dial(user, abort.signal).then((link) => {
      this.#assertAllowed(user, link);
      this.#host.gate.meet(user);
      this.#pins.talkedInClassic(user.name);
      return this.#opened(user, "me", link);
    });
    return { user, abort, chat };
  }

  async #dial(user: OnlineUser, signal: AbortSignal): Promise<ClassicConnection> {
    const { network, server } = this.#host;
    let link: ClassicConnection | undefined;
    try {
      link = new ClassicConnection(await dialUser(network, user, signal), "callee");
      this.#assertAllowed(user, link);
      await link.send(encodeLine(server.name));
      signal.throwIfAborted();
      return link;
    } catch (error) {
      link?.close();
      throw error instanceof ClientError ? error : unreachableError(user, error);
    }
  }

  /**
   * Whether somebody who is being called may be talked to in classic MIM still: the one chat that the
   * user has allowed may have come about meanwhile, or the name have been met with a key.
   *
   * @throws {ClientError} `peer-key-mismatch`; the link is closed then
   */
  #assertAllowed(user: OnlineUser, link: ClassicConnection): void {
    const verdict = this.#host.keys && this.#pins.judge(user);
    if (verdict?.type !== "blocked") return;
    link.close();
    throw new ClientError("peer-key-mismatch", verdict.mismatch);
  }

  /** A new chat takes the place of inactive ones with the same peer. */
  #opened(
    peer: Pick<Chat, "name" | "address" | "port">,
    by: Chat["by"],
    link: ClassicConnection,
    source: Pick<PendingCall, "next"> = link,
  ): Chat {
    for (const old of this.#list.classic) {
      if (!old.open && old.name === peer.name && old.address === peer.address) {
        this.#list.delete(old);
      }
    }
    const chat = new ClassicChat(peer, by, link);
    this.#list.add(chat);
    this.#host.events.emit({ type: "chat-opened", chat });
    void this.#converse(chat, source);
    return chat;
  }

  /** Takes what the peer says until the connection ends. Never rejects. */
  async #converse(
    chat: ClassicChat,
    source: { next(): Promise<CallMessage | undefined> },
  ): Promise<void> {
    let by: "them" | "lost" = "them";
    let failure: string | undefined;
    let heard = 0;
    try {
      for (let said = await source.next(); said !== undefined; said = await source.next()) {
        // What has arrived already comes without a turn of the event loop: keys have theirs, too.
        if (++heard % MESSAGES_PER_TURN === 0) {
          await new Promise((resolve) => setImmediate(resolve));
        }
        if (chat.open && said.type === "text") {
          const received = { id: randomMessageId(), text: said.text, at: Date.now() };
          const message = incomingMessage(chat, received);
          this.#host.events.emit({ type: "message", chat, message });
        }
      }
    } catch (error) {
      by = "lost";
      if (error instanceof ProtocolError) failure = error.message;
    }
    if (!chat.open) return;
    chat.open = false;
    chat.link.close();
    if (failure !== undefined) {
      const error = new ClientError("chat-failed", { name: chat.name, reason: failure });
      this.#host.events.emit({ type: "error", error });
    }
    this.#host.events.emit({ type: "chat-closed", chat, by });
  }
}

function keyOf({ name, address, port }: OnlineUser): string {
  return `${name}@${formatAddress(address, port)}`;
}
