import { abortable } from "../abortable.ts";
import type { Network } from "../../../server/platform/net/network.ts";
import type { ChatRegistry } from "./chat_registry.ts";
import { OutboxSender } from "./outbox_sender.ts";
import { chatClosedError, tooManyChats } from "./chat.ts";
import type { ClaimMismatch } from "../error_details.ts";
import { ClientError, storageError } from "../errors.ts";
import type { EventBus } from "../event_bus.ts";
import type { CallScreener } from "../calls/call_screener.ts";
import type { PendingCall } from "../calls/pending_call.ts";
import type { Outbox } from "./outbox.ts";
import type { SendOptions } from "../chat.ts";
import type { Message } from "../message.ts";
import { lastPlace, type Pins } from "../trust/mod.ts";
import { SecureChat, type SecureChatHost, type Whereabouts } from "./secure_chat.ts";
import { OutgoingCalls } from "./outgoing_calls.ts";
import type { Callee } from "../peer/secure_dialer.ts";
import type { SecureConnection } from "../peer/secure_connection.ts";
import type { Signaling } from "../signaling.ts";
import type { Pin, Store } from "../store.ts";
import { type Claim, keyInTable, type KeyStanding, mayEnter } from "../trust/mod.ts";
import type { IdentityKeys } from "../identity_keys.ts";
import type { OnlineUser } from "../online_user.ts";
import { byeReasons, nameKey, plainAddress } from "../../../protocol/mod.ts";
import { clientLimits } from "../limits.ts";
import { equals } from "@std/bytes/equals";

/** What chats with keys need. */
export interface SecureChatsHost {
  readonly network: Network;
  readonly keys: IdentityKeys;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly pins: Pins;
  readonly gate: CallScreener;
  readonly list: ChatRegistry;
  readonly server: Signaling;
  readonly events: EventBus;
}

/** The chats with all who have a key: calls, is called, and hands over what waits for them. */
export class SecureChats {
  readonly #host: SecureChatsHost;
  readonly #chatHost: SecureChatHost;
  readonly #calls: OutgoingCalls;
  /** Links that are not used any more, and not closed yet. */
  readonly #lingering = new Set<Promise<unknown>>();
  readonly #deliveries: OutboxSender;

  constructor(host: SecureChatsHost) {
    this.#host = host;
    this.#chatHost = {
      keys: host.keys,
      store: host.store,
      outbox: host.outbox,
      get name() {
        return host.server.name;
      },
      events: host.events,
      isOnline: (identity) => host.server.isOnline && this.#rowsOf(identity).length > 0,
      silent: (chat) => this.#doubt(chat),
      lingers: (link) => {
        this.#lingering.add(link);
        void link.finally(() => this.#lingering.delete(link));
      },
      ended: (chat, again) => this.#deliveries.ended(chat, again && host.list.has(chat)),
    };
    this.#calls = new OutgoingCalls({
      ...{ network: host.network, keys: host.keys, server: host.server, gate: host.gate },
      openWith: (callee) => this.#openWith(callee),
      joins: (link) => this.#joins(link),
      opened: (link, callee, by) => {
        this.#opened(link, callee, by, { security: callee.security, confirmed: true });
      },
    });
    this.#deliveries = new OutboxSender({
      ...{ outbox: host.outbox, gate: host.gate, server: host.server, pins: host.pins },
      isOpen: (identity) => this.#isOpen(identity),
      rowsOf: (identity) => this.#rowsOf(identity),
      callee: (user) => this.callee(user),
      call: (callee) => this.call(callee),
    });
  }

  /** A chat with somebody known, whether it can be reached or not. */
  with({ name, identity, address }: Pin): SecureChat {
    const chats = this.#host.list.with(identity).filter((chat) =>
      nameKey(chat.name) === nameKey(name)
    );
    const security = this.#host.pins.of(name)?.verified ? "verified" : "pinned";
    const there = chats.find((chat) => chat.open) ?? chats[0];
    if (there !== undefined) {
      there.reopen(security);
      return there;
    }
    const at = lastPlace(address);
    const where = { name, address: at?.hostname ?? "", port: at?.port ?? 0 };
    return this.#add(new SecureChat(this.#chatHost, identity, where, "me", security));
  }

  /** Calls somebody; whoever asks again while the call is under way gets the same chat. */
  call(callee: Callee): Promise<SecureChat> {
    return this.#calls.call(callee);
  }

  /** Gives up the calls under way that are meant. */
  hangUp(isMeant: (callee: Callee) => boolean, why: string): void {
    this.#calls.hangUp(isMeant, why);
  }

  /**
   * Somebody has called, and proven a key.
   *
   * @returns why that was refused, where it was; the caller is told, too
   */
  called(link: SecureConnection): ClaimMismatch | undefined {
    const { pins, server, gate } = this.#host;
    const { name, identity } = link.peer;
    const { address, port, listed } = this.#whereIs(link);
    if (gate.isIgnored({ name, address })) return void gate.admits({ name, address, port }, link);
    const admission = mayEnter(link.peer, pins.all, server.users);
    if (admission.type === "blocked") {
      link.refuse(admission.reason);
      return admission.mismatch;
    }
    if (this.#joins(link)) return;
    const call = this.#calls.underWay(link.peer);
    const known = call !== undefined || admission.security !== "new";
    if (!gate.admits({ name, address, port, identity }, link, known)) return;
    const by = call === undefined ? "them" : "me";
    if (this.#opened(link, { name, address, port }, by, { ...admission, listed })) {
      call?.hasCalled();
    }
  }

  /** The user takes a call that waited. */
  accept(call: PendingCall, link: SecureConnection): SecureChat {
    const { listed } = this.#whereIs(link);
    const admission = { security: this.#surenessOf(link), confirmed: true, listed };
    const chat = this.#opened(link, call, "them", admission, call);
    if (chat !== undefined) return chat;
    throw new ClientError("invalid-state", { reason: "too-many-chats", limit: clientLimits.chats });
  }

  /** Puts a text into the outbox, and sends it where its recipient can be reached. */
  async send(
    chat: SecureChat,
    text: string,
    { signal, id }: SendOptions = {},
  ): Promise<Message> {
    if (!chat.open && !chat.waits) throw chatClosedError(chat);
    const { outbox, server } = this.#host;
    const { name, identity } = chat;
    const recipient = { name, server: server.id ?? "", identity };
    const { message, parts } = outbox.queue(recipient, chat, text, id);
    if (chat.open) {
      if (chat.security === "new") this.#met(chat); // answered, it is no stranger's any more
      for (const part of parts) chat.send(part);
    } else {
      outbox.recipientLost(identity);
      this.#deliveries.wrote(identity);
    }
    try {
      await abortable(message.progress, signal);
    } catch (error) {
      message.cancel();
      throw error;
    }
    return message;
  }

  /** Somebody has come online: what waits for that key goes out. */
  cameOnline(user: OnlineUser): void {
    const identity = keyInTable(user);
    if (identity !== undefined && !user.own) this.#deliveries.cameOnline(identity);
  }

  /** Somebody can't reach this client, and asks to be called. */
  async askedToCall(user: OnlineUser): Promise<void> {
    const callee = this.callee(user);
    if (callee === undefined || user.own) return;
    await this.#calls.callBack(callee, user);
  }

  /** How a user of the table is to be dialled; undefined where that has no key, or another than before. */
  callee(user: OnlineUser): Callee | undefined {
    const identity = keyInTable(user);
    const verdict = this.#host.pins.judge(user);
    if (identity === undefined || verdict.type !== "secure") return undefined;
    const { name, address, port, details } = user;
    return {
      ...{ name, address, port, identity, security: verdict.security },
      addresses: details?.addresses,
      last: lastPlace(this.#host.pins.of(name)?.address)?.hostname,
      session: details?.session,
      unreachable: details?.reachability === "unreachable",
    };
  }

  /** Calls nobody any more by itself; resolves once what was ended by others is closed, too. */
  async stop(): Promise<void> {
    this.#deliveries.stop();
    this.hangUp(() => true, "given up");
    await Promise.all(this.#lingering);
  }

  /** Hands a link to the open chat with the same program at the other end, where there is one. */
  #joins(link: SecureConnection): boolean {
    for (const chat of this.#host.list.with(link.peer.identity)) {
      if (!chat.open || chat.staticKey === undefined) continue;
      if (!equals(chat.staticKey, link.peer.staticKey)) continue;
      chat.attach(link);
      return true;
    }
    return false;
  }

  /** A link becomes a chat: the inactive one with that peer, else a new one. */
  #opened(
    link: SecureConnection,
    where: Whereabouts,
    by: "me" | "them",
    sure: {
      readonly security: KeyStanding;
      /** Whether name and key are known to belong together. */
      readonly confirmed: boolean;
      /** Whether the table says where it is; where it was dialled, it doesn't matter. */
      readonly listed?: boolean;
    },
    source?: PendingCall,
  ): SecureChat | undefined {
    const { list, events } = this.#host;
    const { identity } = link.peer;
    // A user may be online twice, also under two names: each is somebody to talk to.
    const chats = list.with(identity).filter((chat) => nameKey(chat.name) === nameKey(where.name));
    const rows = this.#rowsOf(identity).filter((row) => nameKey(row.name) === nameKey(where.name));
    // Another run of the same user's program; where the user is online but once, the one before is over.
    if (rows.length < 2) { for (const chat of chats) if (chat.open) chat.lose(); }
    const before = chats.find((chat) => !chat.open && list.has(chat));
    if (before === undefined && !list.makeRoom()) {
      events.emit({ type: "error", error: tooManyChats(where) });
      link.refuse(byeReasons["no room"]);
      return undefined;
    }
    const chat = before ??
      this.#add(new SecureChat(this.#chatHost, identity, where, by, sure.security));
    const { name, address, port } = where;
    Object.assign(chat, { name, address, port, by, security: sure.security, open: true });
    // Where it was reached, else where the table says; not where it called from.
    const at = link.by === "me" ? plainAddress(link.remote.hostname) : address;
    const place = link.by === "me" || sure.listed ? { address: at, port } : undefined;
    if (sure.confirmed) this.#met({ name, identity }, place);
    this.#deliveries.reached(identity);
    events.emit({ type: "chat-opened", chat });
    chat.attach(link, source);
    return chat;
  }

  /** A key that can't be pinned is no reason not to talk: it is said, and the key is new the next time. */
  #met(...met: Parameters<Pins["met"]>): void {
    try {
      this.#host.pins.met(...met);
    } catch (error) {
      const thing = { what: "key", name: met[0].name } as const;
      this.#host.events.emit({ type: "error", error: storageError(thing, error) });
    }
  }

  #rowsOf(identity: Uint8Array): OnlineUser[] {
    return [...this.#host.server.users].filter((user) => {
      const key = keyInTable(user);
      return !user.own && key !== undefined && equals(key, identity);
    });
  }

  /** Has the server ask whether somebody is there who says nothing. */
  #doubt({ identity, name }: SecureChat): void {
    for (const row of this.#rowsOf(identity)) {
      if (nameKey(row.name) !== nameKey(name) || row.details === undefined) continue;
      this.#host.server.reportUnreachable(row.details.session);
    }
  }

  /** Where somebody who has called is: where the table says (`listed`), else where it called from. */
  #whereIs(
    link: SecureConnection,
  ): Pick<Whereabouts, "address" | "port"> & { readonly listed: boolean } {
    const address = plainAddress(link.remote.hostname);
    const all = this.#rowsOf(link.peer.identity);
    const named = all.filter((row) => nameKey(row.name) === nameKey(link.peer.name));
    const rows = named.length > 0 ? named : all;
    const row = rows.find((user) => user.address === address) ??
      (rows.length === 1 ? rows[0] : undefined);
    const at = row ?? { address, port: link.remote.port };
    return { address: at.address, port: at.port, listed: row !== undefined };
  }

  #surenessOf(link: SecureConnection): KeyStanding {
    const { pins, server } = this.#host;
    const admission = mayEnter(link.peer, pins.all, server.users);
    if (admission.type === "secure") return admission.security;
    link.refuse(admission.reason);
    throw new ClientError("peer-key-mismatch", admission.mismatch);
  }

  #isOpen(identity: Uint8Array): boolean {
    return this.#host.list.with(identity).some((chat) => chat.open);
  }

  #openWith({ identity, name }: Claim): SecureChat | undefined {
    const chats = this.#host.list.with(identity);
    return chats.find((chat) => chat.open && nameKey(chat.name) === nameKey(name));
  }

  #add(chat: SecureChat): SecureChat {
    this.#host.list.makeRoom();
    this.#host.list.add(chat);
    return chat;
  }
}
