import { setImmediate } from "node:timers";
import {
  encodeLine,
  formatAddress,
  isHostAddress,
  limits,
  plainAddress,
  ProtocolError,
} from "../../protocol/mod.ts";
import type { Network } from "../../server/network.ts";
import { CALL_BACK_TIME, CallBacks } from "./call_backs.ts";
import { type Chat, LinkedChat } from "./chat.ts";
import { dialUser } from "./dialling.ts";
import { ClientError, whyNoConnection } from "./errors.ts";
import type { MessengerEvent } from "./events.ts";
import type { Gate } from "./gate.ts";
import type { Caller } from "./held_call.ts";
import type { Ignored, IgnoredWho } from "./ignore_list.ts";
import type { OnlineUser } from "./online_list.ts";
import { PeerLink } from "./peer_link.ts";
import type { ServerSide } from "./server_side.ts";

/** So many lines of a peer are taken before everything else has its turn. */
const LINES_A_TURN = 32;

/** A call under way. */
interface Call {
  readonly user: OnlineUser;
  readonly abort: AbortController;
  readonly chat: Promise<Chat>;
}

/** The chats with all peers: calls, and is called; tells what happens in them. */
export class Chats {
  readonly #network: Network;
  readonly #emit: (event: MessengerEvent) => void;
  readonly #gate: Gate;
  readonly #server: ServerSide;
  /** Whom this client could not dial, and has asked to dial it. */
  readonly #callBacks = new CallBacks<Chat>();
  readonly #chats = new Set<LinkedChat>();
  /** The calls under way, by who is called. */
  readonly #calls = new Map<string, Call>();

  /**
   * @param gate decides who may call
   * @param server passes on who wants to be called
   * @param emit is told of everything
   */
  constructor(
    network: Network,
    gate: Gate,
    server: ServerSide,
    emit: (event: MessengerEvent) => void,
  ) {
    this.#network = network;
    this.#gate = gate;
    this.#server = server;
    this.#emit = emit;
  }

  /** The chats, in the order in which they were opened; those closed from here are gone. */
  get all(): Chat[] {
    return [...this.#chats];
  }

  /** See {@linkcode Messenger.talk}; `name` is the own one. */
  async talk(user: OnlineUser, name: string): Promise<Chat> {
    if (user.own) throw new ClientError("not-online", `${user.name} is you`);
    if (this.#gate.isIgnored(user)) {
      throw new ClientError("ignored", `${user.name} at ${user.address} is ignored`);
    }
    for (const chat of this.#chats) {
      if (chat.open && chat.name === user.name && isAt(chat, user)) return chat;
    }
    const waiting = this.#gate.callers.find((caller) =>
      caller.name === user.name && isAt(caller, user)
    );
    if (waiting !== undefined) {
      const chat = this.accept(waiting);
      if (!waiting.ended) return chat;
    }
    // A host name would be looked up, and 0.0.0.0 or ff02::1 would be this machine or many.
    if (!isHostAddress(user.address)) {
      throw new ClientError(
        "peer-unreachable",
        `cannot reach ${user.name}: expected the IP address of a machine from the server, got ` +
          `"${user.address}"; tell whoever runs the server`,
      );
    }
    // Whoever asks again while the call is under way gets the same chat.
    const key = keyOf(user);
    const call = this.#calls.get(key) ?? this.#call(user, name);
    this.#calls.set(key, call);
    return await call.chat.finally(() => this.#calls.get(key) === call && this.#calls.delete(key));
  }

  /** See {@linkcode Messenger.hangUp}. */
  hangUp(user: OnlineUser): void {
    this.#calls.get(keyOf(user))?.abort.abort(new Error("given up"));
  }

  /** See {@linkcode Messenger.send}. */
  async send(chat: Chat, text: string): Promise<void> {
    const linked = this.#linked(chat);
    this.#gate.meet(chat);
    // All lines are handed over at once: other texts, and a close, come behind the last of them.
    const sending = linked.encode(text).map(async (line) => {
      try {
        await linked.link.send(line.bytes);
      } catch (cause) {
        throw new ClientError("chat-closed", `the connection to ${chat.name} was lost`, { cause });
      }
      this.#emit({ kind: "sent", chat, text: line.text });
    });
    await Promise.all(sending);
  }

  /** See {@linkcode Messenger.close}. */
  async close(chat: Chat): Promise<boolean> {
    const linked = this.#linked(chat);
    this.#chats.delete(linked);
    if (!linked.open) return true;
    linked.open = false;
    const finished = linked.link.finish();
    // What was sent before is told of before the close.
    if (linked.unsent > 0) await Promise.race([linked.link.written, finished]);
    this.#emit({ kind: "chat-closed", chat, by: "me" });
    return await finished;
  }

  /** See {@linkcode Messenger.ignore}. */
  async ignore(who: IgnoredWho): Promise<Ignored> {
    const ignored = this.#gate.ignore(who);
    for (const { user, abort } of this.#calls.values()) {
      if (this.#gate.isIgnored(user)) abort.abort(new Error("ignored from now on"));
    }
    const closing = this.all.filter((chat) => chat.open && this.#gate.isIgnored(chat));
    await Promise.all(closing.map((chat) => this.close(chat)));
    return ignored;
  }

  /** See {@linkcode Messenger.accept}. */
  accept(caller: Caller): Chat {
    const call = this.#gate.waiting(caller);
    if (!this.#makeRoom()) {
      throw new ClientError("wrong-state", `${limits.chats} chats are open; close one first`);
    }
    this.#gate.take(call);
    this.#gate.meet(call);
    return this.#opened(call, "them", call.link, call);
  }

  /** Somebody with a key is online, or reachable in another way than before. */
  cameOnline(_user: OnlineUser): void {}

  /**
   * Somebody who could not reach this client wants to be called. That is done only where a call of
   * theirs would be let in at once; where it fails, they are told by their own program.
   */
  async askedToCall(user: OnlineUser, name: string): Promise<void> {
    const isWith = (chat: Chat) => chat.open && chat.name === user.name && isAt(chat, user);
    if (!this.#gate.mayCall(user) || this.all.some(isWith) || this.#calls.has(keyOf(user))) return;
    const abort = new AbortController();
    const chat = this.#dial(user, name, abort.signal)
      .then((link) => this.#openedBy("them", user, link));
    const key = keyOf(user);
    this.#calls.set(key, { user, abort, chat });
    try {
      await chat;
    } catch {
      // They wait for a while, and give up.
    } finally {
      this.#calls.delete(key);
    }
  }

  /** Closes every chat, and gives up the calls under way. */
  async closeAll(): Promise<void> {
    this.#gate.close();
    for (const call of this.#calls.values()) call.abort.abort(new Error("given up"));
    await Promise.all(this.all.map((chat) => this.close(chat)));
  }

  /** A peer has called; where one user alone can be meant, its port is the one to call back at. */
  called(link: PeerLink, name: string, online: readonly OnlineUser[]): void {
    const address = plainAddress(link.remote.hostname);
    const users = online.filter((user) => user.name === name && user.address === address);
    const [user] = users;
    const port = users.length === 1 && user !== undefined ? user.port : link.remote.port;
    if (!this.#gate.admits({ name, address, port }, link)) return;
    const by = this.#callBacks.expects({ name, address }) ? "me" : "them";
    try {
      const chat = this.#openedBy(by, { name, address, port }, link);
      this.#callBacks.came({ name, address }, chat);
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      this.#emit({ kind: "error", text: error.message });
    }
  }

  #call(user: OnlineUser, name: string): Call {
    const abort = new AbortController();
    const chat = this.#dial(user, name, abort.signal)
      .then((link) => {
        this.#gate.meet(user);
        return this.#opened(user, "me", link);
      })
      .catch((error) => this.#askToBeCalled(user, error, abort.signal));
    return { user, abort, chat };
  }

  /**
   * Has somebody who could not be dialled dial this client instead, where the server passes that on.
   *
   * @param error why the dial failed
   */
  async #askToBeCalled(user: OnlineUser, error: unknown, signal: AbortSignal): Promise<Chat> {
    const { session, identity = new Uint8Array(0) } = user.details ?? {};
    if (signal.aborted || session === undefined || identity.length === 0) throw error;
    this.#server.unreachable(session);
    if (!this.#server.callMe(session)) throw error;
    this.#gate.meet(user);
    const chat = await this.#callBacks.wait({ name: user.name, address: user.address }, signal);
    if (chat !== undefined) return chat;
    if (signal.aborted || !(error instanceof ClientError)) throw error;
    throw new ClientError(
      error.code,
      `${error.message}; asked to call back, it did not within ${CALL_BACK_TIME / 1000} s`,
      { cause: error },
    );
  }

  /** As `#opened`, where there is room for one more. */
  #openedBy(
    by: Chat["by"],
    peer: Pick<Chat, "name" | "address" | "port">,
    link: PeerLink,
  ): Chat {
    if (this.#makeRoom()) return this.#opened(peer, by, link);
    link.close();
    throw new ClientError(
      "wrong-state",
      `${peer.name} called, but ${limits.chats} chats are open`,
    );
  }

  async #dial(user: OnlineUser, name: string, signal: AbortSignal): Promise<PeerLink> {
    let link: PeerLink | undefined;
    try {
      link = new PeerLink(await dialUser(this.#network, user, signal), "callee");
      await link.send(encodeLine(name));
      signal.throwIfAborted();
      return link;
    } catch (error) {
      link?.close();
      throw new ClientError(
        "peer-unreachable",
        `cannot reach ${user.name} at ${formatAddress(user.address, user.port)}: ${
          whyNoConnection(error)
        }`,
        { cause: error },
      );
    }
  }

  /** Whether one more chat may be held, if need be in the place of the oldest inactive one. */
  #makeRoom(): boolean {
    if (this.#chats.size < limits.chats) return true;
    for (const chat of this.#chats) if (!chat.open) return this.#chats.delete(chat);
    return false;
  }

  /** A new chat takes the place of inactive ones with the same peer. */
  #opened(
    peer: Pick<Chat, "name" | "address" | "port">,
    by: Chat["by"],
    link: PeerLink,
    source: Pick<PeerLink, "next"> = link,
  ): Chat {
    for (const old of this.#chats) {
      if (!old.open && old.name === peer.name && old.address === peer.address) {
        this.#chats.delete(old);
      }
    }
    const chat = new LinkedChat(peer, by, link);
    this.#chats.add(chat);
    this.#emit({ kind: "chat-opened", chat });
    void this.#converse(chat, source);
    return chat;
  }

  /** Takes what the peer says until the connection ends. Never rejects. */
  async #converse(chat: LinkedChat, source: Pick<PeerLink, "next">): Promise<void> {
    let by: "them" | "lost" = "them";
    let failure: string | undefined;
    let heard = 0;
    try {
      for (let said = await source.next(); said !== undefined; said = await source.next()) {
        // What has arrived already comes without a turn of the event loop: keys have theirs, too.
        if (++heard % LINES_A_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
        if (chat.open && said.kind === "text") {
          this.#emit({ kind: "message", chat, text: said.text });
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
      this.#emit({ kind: "error", text: `the chat with ${chat.name} cannot go on: ${failure}` });
    }
    this.#emit({ kind: "chat-closed", chat, by });
  }

  #linked(chat: Chat): LinkedChat {
    for (const linked of this.#chats) if (linked === chat) return linked;
    throw new ClientError("chat-closed", `the chat with ${chat.name} is closed`);
  }
}

function keyOf({ name, address, port }: OnlineUser): string {
  return `${name}@${formatAddress(address, port)}`;
}

function isAt(chat: Pick<Chat, "address" | "port">, user: OnlineUser): boolean {
  return chat.address === user.address && chat.port === user.port;
}
