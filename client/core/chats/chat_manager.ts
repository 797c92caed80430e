import { equals } from "@std/bytes/equals";
import type { ClaimMismatch } from "../error_details.ts";
import { NoRoomNotice, tooManyChatsError } from "./chat_errors.ts";
import { isHostAddress, nameKey, type WatchedItem } from "../../../protocol/mod.ts";
import type { CallScreener, IgnorablePeer, PendingCall } from "../calls/mod.ts";
import type { Chat, Chats } from "../chat.ts";
import { ClientError, unreachableError } from "../errors.ts";
import { clientLimits } from "../limits.ts";
import { type FilePeers, FileTransfers } from "../files/mod.ts";
import type { OnlineUser } from "../online_user.ts";
import { watchedItem } from "../presence/mod.ts";
import {
  type ClassicConnection,
  type FileLink,
  type PeerListenerHandlers,
  SecureConnection,
} from "../peer/mod.ts";
import type { Pin } from "../store.ts";
import { fromStore, untilStored } from "../store_wait.ts";
import { ConfusableContacts, keyInTable, Pins, type Trust } from "../trust/mod.ts";
import { BaseChat } from "./base_chat.ts";
import type { ChatComponents, CoreComponents } from "./chat_components.ts";
import { ChatRegistry } from "./chat_registry.ts";
import { ClassicChat } from "./classic_chat.ts";
import { ClassicChats } from "./classic_chats.ts";
import { ChatTrust } from "./chat_trust.ts";
import { OutboxOffers } from "./offer_queue.ts";
import { Outbox } from "./outbox.ts";
import { calleeOf, type TrustedCallee, usersWithKey } from "./peer_keys.ts";
import { SecureChats } from "./secure_chats.ts";
import { SecureChat } from "./secure_chat.ts";
import { Shutdown } from "./shutdown.ts";

/** The chats with all peers, in classic MIM and with keys: which of the two a call becomes. */
export class ChatManager implements Chats, PeerListenerHandlers {
  readonly outbox: Outbox;
  readonly pins: Pins;
  readonly trust: Trust;
  /** Takes calls for rooms alone. */
  onRoomCall: (connection: SecureConnection) => void = (connection) => connection.refuse();
  /** Undefined without keys. */
  readonly files: FileTransfers | undefined;
  readonly #components: ChatComponents;
  readonly #secure: SecureChats | undefined;
  readonly #classic: ClassicChats;
  /** Rows of the table that have left it. */
  readonly #gone = new WeakSet<OnlineUser>();

  constructor(components: CoreComponents & { readonly screener: CallScreener }) {
    const { store, signaling, screener, keys } = components;
    this.outbox = new Outbox(components);
    this.pins = new Pins(
      store,
      signaling,
      (name) =>
        [
          ...this.#secure?.named(name) ?? [],
          ...screener.pending.filter((call) => nameKey(call.name) === nameKey(name)),
        ].flatMap(({ identity }) => identity ?? []),
    );
    const { outbox, pins } = this;
    const [registry, shutdown] = [new ChatRegistry(), new Shutdown()];
    const noRoom = new NoRoomNotice(components.events);
    const takeRoomCall = (connection: SecureConnection) => this.onRoomCall(connection);
    this.#components = {
      ...{ ...components, registry, shutdown, outbox, pins, noRoom, takeRoomCall },
    };
    this.trust = new ChatTrust(this.#components);
    this.#classic = new ClassicChats(this.#components);
    this.files = keys && new FileTransfers({
      ...{ events: components.events, network: components.network, signaling, keys },
      storage: components.fileStorage,
      peers: this.#filePeers(),
    });
    this.#secure = keys && this.files &&
      new SecureChats({ ...this.#components, keys, files: this.files });
    components.events.on("offline", ({ user }) => this.#gone.add(user));
    screener.onAccept = (call) => this.#accept(call);
    screener.onIgnore = () => this.#closeIgnored();
    components.events.on("addresses-lost", ({ gone }) => {
      for (const chat of this.#components.registry.ofType(BaseChat)) chat.dropConnectionsFrom(gone);
    });
    screener.doubts = (caller) => keys && new ConfusableContacts(pins.all).doubtAbout(caller);
  }

  get all(): Chat[] {
    return this.#components.registry.all;
  }

  [Symbol.iterator](): Iterator<Chat> {
    return this.all[Symbol.iterator]();
  }

  async call(user: OnlineUser, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Chat> {
    const { screener, shutdown } = this.#components;
    const stopped = shutdown.signal;
    await Promise.all([
      fromStore(this.pins.refresh(user.name), signal),
      this.#components.signaling.lookUpCaller(user.name, keyInTable(user)),
    ]);
    if (stopped.aborted) throw unreachableError(user, stopped.reason);
    if (user.own) throw new ClientError("not-online", { reason: "self", name: user.name });
    if (screener.isIgnored({ ...user, identity: keyInTable(user) })) {
      throw new ClientError("ignored", { name: user.name, address: user.address });
    }
    const rotated = await this.#secure?.callRotated(user, "outgoing", signal);
    if (rotated !== undefined) return rotated;
    const callee = this.#calleeOf(user);
    const open = this.#openWith(user, callee?.identity);
    if (open !== undefined) return open;
    const waiting = screener.pending.find((caller) =>
      callee === undefined
        ? caller.identity === undefined && caller.name === user.name && isAt(caller, user)
        : caller.identity?.equals(callee.identity)
    );
    if (waiting !== undefined) {
      const chat = this.#open(waiting);
      if (!waiting.ended) return chat;
    }
    // A host name would be looked up, and 0.0.0.0 or ff02::1 would be this machine or many.
    if (!isHostAddress(user.address)) {
      const reason = `the server gives no IP address of a machine, but "${user.address}"`;
      throw unreachableError(user, reason);
    }
    const current = this.#currentRow(user);
    if (current === undefined) throw unreachableError(user, "it has gone offline");
    if (current !== user) return await this.call(current, { signal });
    if (callee === undefined || this.#secure === undefined) {
      return await this.#classic.call(user, signal);
    }
    return await this.#secure.calls.call(callee, signal);
  }

  with(contact: Pin): Chat {
    if (this.#secure !== undefined) return this.#secure.chatWith(contact);
    throw new ClientError("invalid-state", { reason: "no-identity" });
  }

  /** Whom to watch at a server that tells only of these: the peers, the contacts, and for whom messages wait. */
  *watched(): Generator<WatchedItem, void> {
    const { registry, outbox } = this.#components;
    for (const chat of registry.all) yield watchedItem(chat);
    for (const identity of outbox.recipients) yield { type: "identity", identity };
    for (const { identity } of this.pins.all.toReversed()) yield { type: "identity", identity };
  }

  /** Which side has dialed for the open chat with that very user; undefined if there is none. */
  connectionWith(user: OnlineUser): Chat["direction"] | undefined {
    return this.#openWith(user, this.#secure && keyInTable(user))?.connectionDirection;
  }

  /** Closes every chat, and gives up the calls under way. Waits for the store, but not forever. */
  async closeAll(): Promise<void> {
    const { screener, shutdown, registry } = this.#components;
    const end = performance.now() + clientLimits.storeTimeoutMs;
    shutdown.begin();
    screener.close();
    this.#secure?.stop();
    const closingFiles = this.files?.close();
    this.#classic.calls.cancel(() => true, "given up");
    const isStored = await this.#untilStored(end);
    // One that is being closed already says so.
    await Promise.all(this.all.map((chat) => chat.close().catch(() => false)));
    await registry.lingered();
    await closingFiles;
    if (isStored) await this.#untilStored(end); // what was acknowledged at last
    this.outbox.stopTimers();
    shutdown.end();
  }

  #untilStored(end: number): Promise<boolean> {
    const stored = Promise.all([this.pins.stored, this.outbox.stored]);
    const timeLeftMs = Math.max(0, end - performance.now());
    return untilStored(stored, timeLeftMs, this.#components.events);
  }

  async beforeCall(name: string, identity?: Uint8Array): Promise<void> {
    const { signaling } = this.#components;
    await Promise.all([
      fromStore(this.pins.refresh(name)),
      signaling.lookUpCaller(name, identity),
    ]);
  }

  countIgnored(address: string): boolean {
    return this.#components.screener.countIgnored(address);
  }

  isListed(address: string, name: string): boolean {
    const { signaling } = this.#components;
    return [...signaling.users].some((user) => user.name === name && user.address === address);
  }

  onClassicCall(connection: ClassicConnection, name: string): void {
    this.#classic.called(connection, name);
  }

  async onSecureCall(connection: SecureConnection): Promise<ClaimMismatch | undefined> {
    if (connection.isRoomLink) return this.onRoomCall(connection) ?? undefined;
    return await this.#secure?.called(connection);
  }

  onFileLink(link: FileLink, token: Uint8Array): boolean {
    return this.files?.onFileLink(link, token) ?? false;
  }

  /** Goes on with the transfers of an earlier run, or of an earlier login. */
  async loadFiles(): Promise<void> {
    const { outbox, signaling } = this.#components;
    await this.files?.load(() => new OutboxOffers(outbox, signaling.id ?? ""));
  }

  #filePeers(): FilePeers {
    const { registry, signaling, outbox, events, pins, shutdown } = this.#components;
    return {
      connections: (identity) =>
        shutdown.signal.aborted
          ? []
          : registry.ofType(SecureChat).filter((chat) => chat.identity.equals(identity))
            .flatMap(({ connection }) => connection ?? []),
      callee: ({ peer: { identity, name }, remote, direction }) => {
        if (direction === "outgoing") {
          return { name, identity, address: remote.hostname, port: remote.port, isStranger: false };
        }
        const user = usersWithKey(signaling, identity)[0];
        return user && calleeOf(user, pins);
      },
      want: (identity, isWanted) => {
        outbox.want(identity, isWanted);
        if (isWanted && signaling.isOnline) events.emit({ type: "delivery-requested", identity });
      },
    };
  }

  async #closeIgnored(): Promise<void> {
    const isIgnored = (peer: IgnorablePeer) => this.#components.screener.isIgnored(peer);
    this.#classic.calls.cancel(isIgnored, "ignored from now on");
    this.#secure?.calls.cancel(isIgnored, "ignored from now on");
    this.files?.stopWith(({ name, identity }) => isIgnored({ name, address: "", identity }));
    const closing = this.all.filter((chat) => chat.state === "open" && isIgnored(chat));
    await Promise.all(closing.map((chat) => chat.close()));
  }

  async #accept(call: PendingCall): Promise<Chat> {
    await this.pins.refresh(call.name);
    this.#components.screener.assertWaiting(call);
    return this.#open(call);
  }

  /** A call that waits becomes a chat. */
  #open(call: PendingCall): Chat {
    const { screener, registry } = this.#components;
    if (!registry.makeRoomForOwn()) throw tooManyChatsError();
    screener.take(call);
    const { connection } = call;
    if (!(connection instanceof SecureConnection)) return this.#classic.accept(call, connection);
    if (this.#secure === undefined) throw new Error("expected keys, since a key has called");
    return this.#secure.accept(call, connection);
  }

  /** Where a user is now: the row itself, or that of the same user who has come back. */
  #currentRow(row: OnlineUser): OnlineUser | undefined {
    const { signaling } = this.#components;
    const session = row.details?.session;
    if (session === undefined || !signaling.isOnline) return this.#gone.has(row) ? undefined : row;
    const users = [...signaling.users];
    const isThere = users.some(({ details }) => details && equals(details.session, session));
    if (isThere) return row;
    const key = keyInTable(row);
    return key && usersWithKey(signaling, key).find(({ name }) => name === row.name);
  }

  /** How a user with a key is called; undefined if that is to be in classic MIM. */
  #calleeOf(user: OnlineUser): TrustedCallee | undefined {
    if (this.#secure === undefined) return undefined;
    const verdict = this.pins.judge(user);
    if (verdict.type === "blocked") throw new ClientError("peer-key-mismatch", verdict.mismatch);
    return verdict.type === "secure" ? calleeOf(user, this.pins) : undefined;
  }

  #openWith(user: OnlineUser, identity: Uint8Array | undefined): BaseChat | undefined {
    const { registry, signaling } = this.#components;
    if (identity === undefined) {
      return registry.ofType(ClassicChat).find((chat) =>
        chat.isOpen && chat.name === user.name && isAt(chat, user)
      );
    }
    const isNamed = ({ name }: { readonly name: string }) => nameKey(name) === nameKey(user.name);
    const open = this.#secure?.with(identity).filter((chat) => chat.isOpen && isNamed(chat)) ?? [];
    const users = usersWithKey(signaling, identity).filter(isNamed);
    return open.find((chat) => isAt(chat, user)) ?? (users.length < 2 ? open[0] : undefined);
  }
}

function isAt(
  peer: { readonly address: string; readonly port: number },
  user: OnlineUser,
): boolean {
  return peer.address === user.address && peer.port === user.port;
}
