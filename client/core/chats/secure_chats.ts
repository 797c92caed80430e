import type { ClaimMismatch } from "../error_details.ts";
import { tooManyChatsError } from "./chat_errors.ts";
import { equals } from "@std/bytes/equals";
import { byeReasons, nameKey, plainAddress } from "../../../protocol/mod.ts";
import type { PendingCall } from "../calls/mod.ts";
import type { Chat } from "../chat.ts";
import { ClientError } from "../errors.ts";
import { dialSecure, type SecureConnection } from "../peer/mod.ts";
import type { OnlineUser } from "../online_user.ts";
import { isUnknown } from "../security.ts";
import type { Pin } from "../store.ts";
import { keyInTable, lastAddress, mayEnter, type TrustedKey } from "../trust/mod.ts";
import type { MessageSource, PeerAddress } from "./base_chat.ts";
import type { KeyedComponents, SecureComponents } from "./chat_components.ts";
import { OutboxSender } from "./outbox_sender.ts";
import { OutgoingCalls } from "./outgoing_calls.ts";
import { calleeOf, rememberPeer, usersOfPeer, usersWithKey } from "./peer_keys.ts";
import { Rotations } from "./rotations.ts";
import { SecureChat } from "./secure_chat.ts";

interface Admission extends Pick<TrustedKey, "security" | "contact"> {
  /** Whether the user has called or accepted: only that makes somebody known. */
  readonly isWanted: boolean;
  /** Whether the address is the one in the table. */
  readonly isListed?: boolean;
}

/** The chats with all peers that have a key: the calls to them, and from them. */
export class SecureChats {
  readonly calls: OutgoingCalls;
  readonly #components: SecureComponents;
  readonly #sender: OutboxSender;
  readonly #rotations: Rotations;
  /** The rows of users who are called to see whether the key before has signed theirs. */
  readonly #following = new Set<number>();

  constructor(parts: KeyedComponents) {
    const rotations = this.#rotations = new Rotations(parts);
    const components: SecureComponents = {
      ...parts,
      takeRotation: (connection, message) => rotations.take(connection, message),
    };
    this.#components = components;
    this.calls = new OutgoingCalls(
      components,
      (connection, name) => this.#join(connection, name),
      (connection, callee, direction) => {
        const { security, contact } = callee;
        const isWanted = direction === "outgoing";
        this.#open(connection, callee, direction, { security, contact, isWanted });
      },
    );
    this.#sender = new OutboxSender(components, this.calls);
    const { events } = components;
    events.on("user-reachable", ({ user }) => {
      const identity = keyInTable(user);
      for (const chat of identity === undefined ? [] : this.with(identity)) {
        if (!usersOfPeer(components.signaling, chat).includes(user)) continue;
        chat.checkSession(user);
        this.#relocate(chat);
      }
    });
    events.on("user-reachable", ({ user }) => void this.#deliverToRotated(user));
    events.on("delivery-requested", ({ identity }) => {
      const { name } = components.pins.findKey(identity) ?? {};
      if (name === undefined) return;
      for (const user of components.signaling.users) {
        if (nameKey(user.name) === nameKey(name)) void this.#deliverToRotated(user);
      }
    });
    events.on("link-doubted", ({ identity, name }) => {
      const [user] = usersWithKey(components.signaling, identity)
        .filter((user) => nameKey(user.name) === nameKey(name));
      const callee = user && calleeOf(user, components.pins);
      if (callee !== undefined) void this.calls.redial(callee);
    });
    events.on("callback-requested", async ({ user }) => {
      const { pins, screener } = components;
      await pins.refresh().catch(() => {}); // what is known counts, and the call reports it
      const isIgnored = screener.isIgnored({ ...user, identity: keyInTable(user) });
      if (isIgnored || pins.rotatedFrom(user) === undefined) return await this.calls.callBack(user);
      await this.callRotated(user, "incoming");
    });
    events.on("offline", ({ user: { details } }) => {
      if (details === undefined) return;
      this.calls.cancel(
        ({ session }) => session !== undefined && equals(session, details.session),
        "it has gone offline",
      );
    });
  }

  /** The chats with a key, or with all peers. */
  with(identity?: Uint8Array): SecureChat[] {
    const chats = this.#components.registry.ofType(SecureChat);
    return identity === undefined ? chats : chats.filter((chat) => equals(chat.identity, identity));
  }

  named(name: string): SecureChat[] {
    return this.with().filter((chat) => nameKey(chat.name) === nameKey(name));
  }

  /** A chat with a known peer, whether it can be reached or not. */
  chatWith({ name, identity, address }: Pin): SecureChat {
    const { registry, pins } = this.#components;
    const all = this.with(identity);
    const called = all.filter((chat) => isCalled(chat, name));
    const chats = called.length > 0
      ? called
      : all.filter((chat) => chat.knownAs !== undefined && nameKey(chat.knownAs) === nameKey(name));
    const security = pins.find(name)?.verified ? "verified" : "pinned";
    const known = chats.find(({ isOpen }) => isOpen) ?? chats[0];
    if (known !== undefined) {
      known.reopen(security);
      return known;
    }
    const at = lastAddress(address);
    const where = { name, address: at?.hostname ?? "", port: at?.port ?? 0 };
    const chat = new SecureChat(this.#components, identity, where, "outgoing", security);
    registry.add(chat);
    return chat;
  }

  /** A peer has called and proven its key. Returns why it was refused, if it was. */
  async called(connection: SecureConnection): Promise<ClaimMismatch | undefined> {
    const { pins, shutdown, screener } = this.#components;
    const { peer } = connection;
    const pin = pins.find(peer.name);
    const caller = { ...peer, address: plainAddress(connection.remote.hostname) };
    if (pin === undefined || equals(pin.identity, peer.identity) || screener.isIgnored(caller)) {
      return this.#take(connection);
    }
    const names = await this.#rotations.hold(connection, pin.identity);
    if (shutdown.signal.aborted) return void connection.refuse();
    const mismatch = this.#take(connection);
    this.#rotations.announce(connection, names);
    return mismatch;
  }

  #take(connection: SecureConnection): ClaimMismatch | undefined {
    const { pins, signaling, screener } = this.#components;
    const { name, identity } = connection.peer;
    const { isListed, ...at } = this.#locate(connection);
    const where = { name, ...at };
    const caller = { ...where, identity };
    if (screener.isIgnored(caller)) {
      return void screener.admits({ ...caller, security: "unconfirmed" }, connection);
    }
    const admission = mayEnter(connection.peer, pins.evidenceOf(connection.peer), signaling.users);
    if (admission.type === "blocked") {
      // A caller who is refused anyway can't tell that from being ignored.
      connection.refuse(screener.unknownCallers === "refuse" ? undefined : admission.reason);
      return admission.mismatch;
    }
    if (this.#join(connection)) return;
    const call = this.calls.underWay(connection.peer);
    const isWanted = call !== undefined;
    if (!isWanted && !this.#components.acceptsCall({ ...where, identity })) {
      return void connection.refuse();
    }
    const { security } = admission;
    const isKnown = isWanted || !isUnknown(security) || this.#isAccepted(identity, name);
    const isDoubtful = security === "unconfirmed" && !isKnown;
    const doubt = isDoubtful ? { reason: "unconfirmed" } as const : undefined;
    if (!screener.admits({ ...where, identity, security, doubt }, connection, isKnown)) return;
    const direction = isWanted ? "outgoing" : "incoming";
    const known = { ...admission, isListed, isWanted };
    // Nobody was asked: this name alone is never to mean that user.
    const told = isDoubtful ? { ...where, name: `${name}~${identity.tag}` } : where;
    if (this.#open(connection, told, direction, known)) call?.hasCalled();
  }

  /**
   * Calls a listed user who has another key than the pinned one: whoever answers learns who calls only if
   * it shows that the pinned key has signed its own, which is pinned then.
   *
   * @returns undefined if it does not, or can't be reached
   */
  async callRotated(
    user: OnlineUser,
    direction: Chat["direction"],
    signal: AbortSignal = this.#components.shutdown.signal,
  ): Promise<SecureChat | undefined> {
    const { pins, shutdown } = this.#components;
    const [pin, identity] = [pins.rotatedFrom(user), keyInTable(user)];
    if (pin === undefined || identity === undefined || user.own) return undefined;
    const { name, address, port, details } = user;
    const place = { name, address, port, addresses: details?.addresses, isStranger: true };
    const known = { ...place, identity, pinned: pin.identity };
    const ended = AbortSignal.any([shutdown.signal, signal]);
    const connection = await dialSecure(this.#components, known, ended).catch(() => undefined);
    if (connection === undefined) return undefined;
    const names = await this.#rotations.followIntroduced(connection);
    const callee = calleeOf(user, pins);
    if (callee === undefined || ended.aborted || connection.isSendOnly) {
      this.#rotations.announce(connection, names);
      return void connection.refuse();
    }
    if (!this.#join(connection)) {
      const { security, contact } = callee;
      const isWanted = direction === "outgoing";
      this.#open(connection, callee, direction, { security, contact, isWanted, isListed: true });
    }
    this.#rotations.announce(connection, names);
    return this.with(identity).find((chat) => chat.isOpen && nameKey(chat.name) === nameKey(name));
  }

  /** Calls a user for whom something waits that was written to the key before. */
  async #deliverToRotated(user: OnlineUser): Promise<void> {
    const { pins, outbox, screener, shutdown } = this.#components;
    const [pin, identity] = [pins.find(user.name), keyInTable(user)];
    if (pin === undefined || identity === undefined || equals(pin.identity, identity)) return;
    if (!outbox.hasFor(pin.identity) || this.#following.has(user.id)) return;
    this.#following.add(user.id);
    try {
      await pins.refresh();
      if (shutdown.signal.aborted || screener.isIgnored({ ...user, identity })) return;
      await this.callRotated(user, "outgoing");
    } catch {
      // The messages go on waiting.
    } finally {
      this.#following.delete(user.id);
    }
  }

  accept(call: PendingCall, connection: SecureConnection): SecureChat {
    const { pins, signaling } = this.#components;
    const admission = mayEnter(connection.peer, pins.evidenceOf(connection.peer), signaling.users);
    if (admission.type === "blocked") {
      connection.refuse(admission.reason);
      throw new ClientError("peer-key-mismatch", admission.mismatch);
    }
    const { isListed } = this.#locate(connection);
    const known = { ...admission, isWanted: true, isListed };
    const chat = this.#open(connection, call, "incoming", known, call);
    if (chat !== undefined) return chat;
    throw tooManyChatsError();
  }

  /** Gives up all calls. */
  stop(): void {
    this.#sender.stop();
    this.calls.cancel(() => true, "given up");
  }

  /**
   * Hands a connection to the open chat with the same program at the other end, if there is one.
   *
   * @param name the name by which the user has called that program: it may have logged in anew under it
   */
  #join(connection: SecureConnection, name?: string): boolean {
    const { identity, staticKey } = connection.peer;
    const chat = this.with(identity).find((chat) =>
      chat.isOpen && chat.staticKey !== undefined && equals(chat.staticKey, staticKey)
    );
    if (chat !== undefined && name !== undefined && nameKey(chat.name) !== nameKey(name)) {
      chat.knownAs = this.#components.pins.all.find((pin) =>
        equals(pin.identity, identity) && nameKey(pin.name) !== nameKey(name)
      )?.name;
      chat.name = name;
    }
    chat?.attach(connection);
    if (chat !== undefined) this.#relocate(chat);
    return chat !== undefined;
  }

  /** The peer of an open chat may have moved: it is where the table says, or where it called from. */
  #relocate(chat: SecureChat): void {
    if (chat.connection === undefined) return;
    const { isListed, ...place } = this.#locate(chat.connection, chat.name);
    if (chat.address === place.address && chat.port === place.port) return;
    Object.assign(chat, place);
    if (!isListed || !isRemembered(chat)) return;
    const { name, knownAs = name, identity } = chat;
    void rememberPeer(this.#components, { name: knownAs, identity }, place);
  }

  /** A connection becomes a chat: the inactive one with that peer, else a new one. */
  #open(
    connection: SecureConnection,
    where: PeerAddress,
    direction: Chat["direction"],
    { security, contact, isWanted, isListed }: Admission,
    source?: MessageSource,
  ): SecureChat | undefined {
    const { registry, events, signaling } = this.#components;
    const { identity } = connection.peer;
    const chats = this.#chatsWith(identity, where.name);
    const users = usersWithKey(signaling, identity)
      .filter((user) => nameKey(user.name) === nameKey(where.name));
    // Another run of the same user's program: if the user is online but once, the one before is over.
    if (users.length < 2) { for (const chat of chats) if (chat.isOpen) chat.lose(); }
    const before = chats.find((chat) => !chat.isOpen && registry.has(chat));
    const hasRoom = () =>
      direction === "outgoing" ? registry.makeRoomForOwn() : registry.makeRoom();
    if (before === undefined && !hasRoom()) {
      this.#components.noRoom.report(where);
      connection.refuse(byeReasons["no room"]);
      return undefined;
    }
    const chat = before ??
      new SecureChat(this.#components, identity, where, direction, security);
    const isStranger = direction === "incoming" && isUnknown(security) && source === undefined;
    if (before === undefined && isStranger) registry.addStranger(chat);
    else if (before === undefined) registry.add(chat);
    const { name, address, port } = where;
    const knownAs = contact?.name;
    if (isWanted) chat.isWanted = true;
    Object.assign(chat, { name, address, port, direction, security, knownAs, isOpen: true });
    // The address at which it was reached, else the one in the table; never the one it called from.
    const isOutgoing = connection.direction === "outgoing";
    const at = isOutgoing ? plainAddress(connection.remote.hostname) : address;
    const place = isOutgoing || isListed ? { address: at, port } : undefined;
    if (isRemembered({ security, isWanted })) {
      void rememberPeer(this.#components, { name: knownAs ?? name, identity }, place);
    }
    events.emit({ type: "chat-opened", chat });
    chat.attach(connection, source);
    return chat;
  }

  /** Whether the user has let that key in before, and not closed the chat since. */
  #isAccepted(identity: Uint8Array, name: string): boolean {
    return this.with(identity).some((chat) =>
      nameKey(chat.name) === nameKey(name) && chat.isWanted && this.#components.registry.has(chat)
    );
  }

  /**
   * The chats with a key, of which one goes on under that name. A user may be online twice, also under two
   * names: each is a peer of its own. A peer that is not online by its name any more has another one now.
   */
  #chatsWith(identity: Uint8Array, name: string): SecureChat[] {
    const all = this.with(identity);
    const called = all.filter((chat) => isCalled(chat, name));
    if (called.length > 0) return called;
    const users = usersWithKey(this.#components.signaling, identity);
    const isListed = users.some((user) => nameKey(user.name) === nameKey(name));
    return all.filter((chat) =>
      (isListed || !chat.isOpen) && !users.some((user) => isCalled(chat, user.name))
    );
  }

  /** The place of a peer: the one in the table (`isListed`), else the one that the connection comes from. */
  #locate(
    connection: SecureConnection,
    peerName = connection.peer.name,
  ): Pick<PeerAddress, "address" | "port"> & { readonly isListed: boolean } {
    const address = plainAddress(connection.remote.hostname);
    const { identity } = connection.peer;
    const users = usersOfPeer(this.#components.signaling, { name: peerName, identity });
    const user = users.find((user) => user.address === address) ??
      (users.length === 1 ? users[0] : undefined);
    const at = user ?? { address, port: connection.remote.port };
    return { address: at.address, port: at.port, isListed: user !== undefined };
  }
}

/** Whether a chat has that name, or that one with the tag of its key. */
function isCalled({ name, identity }: SecureChat, expected: string): boolean {
  return [expected, `${expected}~${identity.tag}`].some((each) => nameKey(each) === nameKey(name));
}

/** Whether it is noted where that peer was last. */
function isRemembered(
  { security, isWanted }: Pick<SecureChat, "security" | "isWanted">,
): boolean {
  return !isUnknown(security) || isWanted && security === "new";
}
