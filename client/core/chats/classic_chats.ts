import { encodeLine, formatAddress, isLoopback, plainAddress } from "../../../protocol/mod.ts";
import type { PendingCall } from "../calls/mod.ts";
import type { Chat } from "../chat.ts";
import { classicName } from "../classic_name.ts";
import { ClientError, unreachableError } from "../errors.ts";
import type { OnlineUser } from "../online_user.ts";
import { ClassicConnection, whyNotDialed } from "../peer/mod.ts";
import { dial } from "../../../server/platform/net/dial.ts";
import { classicDoubt, keyInTable } from "../trust/mod.ts";
import type { BaseChat, MessageSource, PeerAddress } from "./base_chat.ts";
import type { ChatComponents } from "./chat_components.ts";
import { type Call, CallsUnderWay } from "./calls_under_way.ts";
import { ClassicChat } from "./classic_chat.ts";

/** The chats in classic MIM: the calls to peers, and from them. */
export class ClassicChats {
  readonly calls = new CallsUnderWay<OnlineUser>();
  readonly #components: ChatComponents;

  constructor(components: ChatComponents) {
    this.#components = components;
    components.events.on("offline", ({ user }) => {
      this.calls.cancel((callee) => callee.id === user.id, "it has gone offline");
    });
  }

  call(user: OnlineUser, signal?: AbortSignal): Promise<BaseChat> {
    const key = `${user.name}@${formatAddress(user.address, user.port)}`;
    const reach = async ({ abort }: Call<OnlineUser>) => {
      const connection = await this.#dial(user, abort.signal);
      this.#assertAllowed(user, connection);
      this.#components.screener.meet(user);
      this.#components.pins.useClassicChat(user.name);
      return this.#open(user, "outgoing", connection);
    };
    return this.calls.begin(key, user, reach, signal);
  }

  accept(call: PendingCall, connection: ClassicConnection): BaseChat {
    const { screener, pins } = this.#components;
    screener.meet(call);
    pins.useClassicChat(call.name);
    return this.#open(call, "incoming", connection, call);
  }

  /** A peer has called; if only one user can be meant, that user's port is the one to call back at. */
  called(connection: ClassicConnection, nameSaid: string): void {
    const name = classicName(nameSaid);
    const { screener, signaling, keys, pins, registry } = this.#components;
    const address = plainAddress(connection.remote.hostname);
    const users = [...signaling.users].filter((user) =>
      isAt(user, name, address) && keyInTable(user) === undefined
    );
    const [user] = users;
    const port = users.length === 1 && user !== undefined ? user.port : connection.remote.port;
    const isUnlisted = signaling.isOnline &&
      ![...signaling.users].some((user) => isAt(user, name, address));
    const doubt = keys &&
      (classicDoubt({ name, address }, pins.find(name), signaling.users) ??
        (isUnlisted ? { reason: "unconfirmed", isUnlisted } as const : undefined));
    if (!this.#components.acceptsCall({ name, address, port })) return connection.refuse();
    if (!screener.admits({ name, address, port, security: "classic", doubt }, connection)) return;
    if (!registry.makeRoom()) {
      this.#components.noRoom.report({ name, address });
      return connection.close();
    }
    this.#open({ name, address, port }, "incoming", connection);
  }

  async #dial(user: OnlineUser, signal: AbortSignal): Promise<ClassicConnection> {
    const { network, signaling, pins } = this.#components;
    const reason = whyNotDialed({ ...user, isStranger: true });
    if (reason !== undefined) throw unreachableError(user, reason);
    let connection: ClassicConnection | undefined;
    try {
      const dialed = await dial(network, user.address, user.port, signal);
      connection = new ClassicConnection(dialed, "callee");
      await pins.refresh(user.name);
      signal.throwIfAborted();
      this.#assertAllowed(user, connection);
      await connection.send(encodeLine(signaling.name));
      await pins.refresh(user.name);
      signal.throwIfAborted();
      return connection;
    } catch (error) {
      connection?.close();
      const { session } = user.details ?? {};
      const isGone = connection === undefined && !signal.aborted;
      if (isGone && session !== undefined) signaling.reportUnreachable(session);
      throw error instanceof ClientError ? error : unreachableError(user, error);
    }
  }

  /**
   * Whether a user who is being called may still be talked to in classic MIM: the one chat that the
   * user has allowed may have opened meanwhile, or the name may have been met with a key.
   *
   * @throws {ClientError} `peer-key-mismatch`; the connection is closed then
   */
  #assertAllowed(user: OnlineUser, connection: ClassicConnection): void {
    const { keys, pins } = this.#components;
    const verdict = keys && pins.judge(user);
    if (verdict?.type !== "blocked") return;
    connection.close();
    throw new ClientError("peer-key-mismatch", verdict.mismatch);
  }

  /** Opens a chat in the place of inactive ones with the same peer. */
  #open(
    peer: PeerAddress,
    direction: Chat["direction"],
    connection: ClassicConnection,
    source: MessageSource = connection,
  ): BaseChat {
    const { registry, events, signaling } = this.#components;
    for (const old of registry.ofType(ClassicChat)) {
      const isSame = old.name === peer.name && old.address === peer.address;
      if (!old.isOpen && isSame) registry.delete(old);
    }
    const isNotOwner = [...signaling.users].some((user) =>
      isAt(user, peer.name, peer.address) && keyInTable(user) === undefined &&
      user.details?.isNameClaimed === true
    );
    const chat = new ClassicChat(this.#components, peer, direction, connection, isNotOwner);
    const isStranger = direction === "incoming" && source === connection;
    if (isStranger) registry.addStranger(chat);
    else registry.add(chat);
    events.emit({ type: "chat-opened", chat });
    void chat.follow(source);
    return chat;
  }
}

/**
 * Whether a call may be from a user in the table. Name and address both count: anyone can say any name, and
 * many are behind one address. Programs on this machine may be listed by another of its addresses.
 */
function isAt(user: OnlineUser, name: string, address: string): boolean {
  return user.name === name && (user.address === address || isLoopback(address));
}
