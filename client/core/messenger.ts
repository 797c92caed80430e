import {
  type Availability,
  capabilities,
  formatServerLink,
  type ServerAddress,
} from "../../protocol/mod.ts";
import { type Network, systemNetwork } from "../../server/platform/net/network.ts";
import { ConnectionManager, type ServerAdmin, serverAdminOf } from "./session/mod.ts";
import { ChatManager } from "./chats/mod.ts";
import type { ClientError } from "./errors.ts";
import { EventBus } from "./event_bus.ts";
import { MessengerEventTarget } from "./messenger_event_target.ts";
import { collectDiagnostics, type Diagnostics } from "./diagnostics/mod.ts";
import { type Calls, CallScreener } from "./calls/mod.ts";
import { PeerListener, RestartableListener } from "./peer/mod.ts";
import { MemoryRoomStore, NoRooms, RoomManager } from "./rooms/mod.ts";
import type { Rooms } from "./room.ts";
import { KnownServers, type ServerTrust, type Trust } from "./trust/mod.ts";
import { type Users, UserTable } from "./presence/mod.ts";
import { firstOf } from "./servers.ts";
import { MemoryStore } from "./store.ts";
import { MemoryFiles } from "./memory_files.ts";
import type { MessengerOptions } from "./messenger_options.ts";
import type { Files } from "./transfer.ts";
import { fromStore } from "./store_wait.ts";
import type { Chats, Message } from "./chat.ts";
import { isUnknown } from "./security.ts";
import { IdentityKeys } from "./identity_keys.ts";
import type { PublicKey } from "./public_key.ts";

/** After these, others may have to be watched. */
const WATCH_CHANGES = [
  "chat-opened",
  "chat-closed",
  "queued",
  "key-rotated",
  "room-invited",
  "room-joined",
  "room-left",
  "room-changed",
] as const;

/**
 * A messenger without a user interface: it is online at a central server, calls peers and is called by
 * them. It reports what happens as events, prints nothing and reads no keys.
 *
 * **With a name and a server alone it speaks classic MIM**, in which nothing is encrypted and nobody
 * proves who they are. {@linkcode MessengerOptions.identity} makes it speak MIM/2 with peers that do.
 *
 * @example Two users on one server
 * ```ts
 * import { Identity, Messenger, MimServer } from "@mim/mim";
 * import { assertEquals } from "@std/assert";
 *
 * const data = await Deno.makeTempDir();
 * await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0, data });
 * const at = { hostname: "127.0.0.1", port: server.port };
 * await using ada = new Messenger({ name: "ada", server: at, identity: Identity.generate() });
 * await using bob = new Messenger({ name: "bob", server: at, identity: Identity.generate() });
 * await bob.login();
 * await ada.login();
 *
 * const received = bob.waitFor("message", { timeoutMs: 10_000 });
 * const chat = await ada.chats.call(await ada.users.find("bob"));
 * assertEquals(chat.security, "new"); // encrypted; "classic" without identities
 * await chat.send("hello");
 * assertEquals((await received).message.text, "hello");
 * ```
 */
export class Messenger extends MessengerEventTarget {
  /** The online table, with the client's own row: everyone who is online, as last known. */
  readonly users: Users;
  /** The chats, and calling someone. */
  readonly chats: Chats;
  /** Incoming calls, and the ignore list. */
  readonly calls: Calls;
  /** The keys of other people, and what the user has decided about them. */
  readonly trust: Trust;
  /** The rooms in which the user is a member or invited, and making one. */
  readonly rooms: Rooms;
  /** The user's decisions about a server whose key has changed. */
  readonly serverTrust: ServerTrust;
  /** The orders of an admin of the server. */
  readonly serverAdmin: ServerAdmin;
  /**
   * Resolves once what the store holds is read: `outbox` and `trust` are complete from then on. If it
   * rejects with a {@linkcode ClientError} `storage-failed`, each login reads anew, and rejects likewise.
   */
  readonly ready: Promise<void>;
  readonly #network: Network;
  readonly #events: EventBus;
  readonly #chatManager: ChatManager;
  readonly #roomManager: RoomManager | undefined;
  readonly #connection: ConnectionManager;
  readonly #keys: IdentityKeys | undefined;
  readonly #servers: KnownServers;
  /** The own simple server, which goes on listening while this client reconnects. */
  readonly #listener: RestartableListener;
  /**
   * Ready to log in; nothing is dialed yet.
   *
   * @param options the user's name, the server, and what differs from the defaults
   */
  constructor(options: MessengerOptions) {
    const events = new EventBus();
    super(events);
    this.#events = events;
    const { identity, store = new MemoryStore(), isDefaultServer = false } = options;
    this.#network = options.network ?? systemNetwork;
    const privateKey = identity?.toBytes();
    const { takesMessages = true, acceptsCall = () => true } = options;
    const able = capabilities.rooms | capabilities.files | capabilities.watching |
      (takesMessages ? capabilities.actions : capabilities.sendOnly);
    this.#keys = privateKey && new IdentityKeys(privateKey, able, identity?.rotations);
    const users = this.users = new UserTable(this.#events);
    const screener = this.calls = new CallScreener(
      { events: this.#events },
      options.ignored,
      (name, address) =>
        events.ask("isKnownCaller", () => options.isKnownCaller?.(name, address) ?? false, false),
    );
    const servers = this.serverTrust = new KnownServers(
      store,
      isDefaultServer ? firstOf(options.server) : undefined,
    );
    const shared = { events: this.#events, network: this.#network, users };
    const ownListener = this.#listener = new RestartableListener(
      options.listen ?? {},
      (hostname, port) => new PeerListener(components, hostname, port, this.#chatManager),
    );
    const context = {
      ...shared,
      ownListener,
      servers,
      load: () => this.#load(),
      onIdentified: () => fromStore(this.#chatManager.pins.refresh()),
      identity: this.#keys && privateKey && {
        ...{ privateKey, publicKey: this.#keys.identity, rotations: identity?.rotations ?? [] },
        capabilities: () => this.#keys?.capabilities ?? 0,
      },
      reconnect: options.reconnect ?? false,
      findServers: options.findServers,
    };
    this.#connection = new ConnectionManager(context, options.name.trim(), options.server);
    this.serverAdmin = serverAdminOf(this.#connection);
    const { signaling } = this.#connection;
    const components = { ...shared, store, keys: this.#keys, signaling };
    this.#chatManager = this.chats = new ChatManager({
      ...components,
      screener,
      fileStorage: options.files ?? new MemoryFiles(),
      acceptsCall: (caller) =>
        takesMessages && events.ask("acceptsCall", () => acceptsCall(caller), false),
    });
    const trust = this.trust = this.#chatManager.trust;
    users.securityOf = (user) => trust.securityOf(user);
    const { files } = this.#chatManager;
    this.#roomManager = this.#keys && privateKey && files && new RoomManager({
      ...{ ...components, keys: this.#keys, privateKey, screener, files },
      store: options.store?.rooms ?? new MemoryRoomStore(),
      pins: this.#chatManager.pins,
      onLobby: (isInLobby) => {
        if (this.#keys !== undefined) this.#keys.isInLobby = isInLobby;
        this.#connection.announceCapabilities();
      },
    });
    this.rooms = this.#roomManager ?? new NoRooms();
    this.#chatManager.onRoomCall = (connection) => this.#roomManager?.called(connection);
    for (const type of WATCH_CHANGES) events.on(type, users.refreshWatched);
    users.watchList.addSource(() => this.#chatManager.watched());
    users.watchList.addSource(() => this.#roomManager?.watched() ?? []);
    const { keylessNames = () => [] } = options;
    users.watchList.readNames = () =>
      Array.from(events.ask("keylessNames", () => keylessNames(this.server), []));
    this.#servers = servers;
    this.ready = this.#load();
    this.ready.catch(() => {}); // a login tells it
  }

  /** The key by which others know this user; undefined without an identity. */
  get publicKey(): PublicKey | undefined {
    return this.#keys?.identity;
  }

  /** The own name: of this login, of the last, or of the first to come. */
  get name(): string {
    return this.#connection.name;
  }

  /** The server of this login, of the last, or of the next. */
  get server(): ServerAddress {
    return this.#connection.server;
  }

  /** Whether it is logged in, or about to be; `reconnecting` if it was and tries by itself. */
  get state(): "offline" | "connecting" | "online" | "reconnecting" {
    return this.#connection.state;
  }

  /** Why the last attempt to reconnect has failed; undefined if none has, or once one has succeeded. */
  get reconnectFailure(): ClientError | undefined {
    return this.state === "reconnecting" ? this.#connection.lastFailure : undefined;
  }

  /** When the next attempt to reconnect begins; undefined during one, and if none is planned. */
  get nextReconnectAt(): Date | undefined {
    return this.state === "reconnecting" ? this.#connection.nextAttemptAt : undefined;
  }

  /**
   * Names the server to which the names in the table belong: its public key in hex, or
   * {@linkcode THIS_MACHINE}; undefined at a classic server.
   */
  get serverId(): string | undefined {
    return this.#connection.serverId;
  }

  /**
   * The link with which others join the server of this login, or of the last: it contains the server's
   * key. Undefined at a classic server.
   */
  get serverLink(): string | undefined {
    const key = this.#connection.signaling.provenServer?.serverKey;
    return key && formatServerLink(this.server, key);
  }

  /** The version of the server's program, as it says; undefined if it does not, or when logged out. */
  get serverVersion(): string | undefined {
    return this.#connection.session?.link?.offer.announcement.version;
  }

  /**
   * Whether peers learn which messages the user has seen, if they have switched this on, too. Applies to
   * connections made from then on. Default: false.
   */
  get sharesSeen(): boolean {
    return this.#keys?.sharesSeen ?? false;
  }

  set sharesSeen(shares: boolean) {
    if (this.#keys !== undefined) this.#keys.sharesSeen = shares;
  }

  /** The user's availability, as others see it. */
  get availability(): Availability {
    return this.#connection.availability;
  }

  /** The text beside the availability; empty if there is none. */
  get status(): string {
    return this.#connection.status;
  }

  /**
   * Connects to the server, starts listening for peers, and logs in; resolves once the own entry has
   * come back in the table. While it is reconnecting, this tries at once.
   *
   * @param name a new name for this and later logins
   * @param server a new server for this and later logins, or several that are tried in turn
   * @param options `signal` gives the login up
   * @throws {ClientError} `invalid-state` if it is logged in already, `invalid-name`,
   *   `server-unreachable`, `server-refused`, `protocol-error`, `cannot-listen`
   */
  async login(
    name: string = this.name,
    server: ServerAddress | readonly ServerAddress[] = this.server,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    await this.#connection.logIn(name, server, options.signal);
  }

  /**
   * Tries to log in by itself, as after a loss, until it succeeds or you log out: for a first login
   * whose server did not answer.
   *
   * @param onRejected called if a server answers and rejects the login: then it is not tried again
   * @throws {ClientError} `invalid-state` if it is logged in already, or about to be
   */
  startReconnecting(onRejected: (error: unknown) => void): void {
    this.#connection.startReconnecting(onRejected);
  }

  /**
   * Logs in at another server, or at the first of several that answers. If that one can't be reached,
   * everything stays as it is.
   *
   * @param options `keepsContacts`: the first of these has a key and goes on in the place of this server, so
   *   people whose keys are known here stay known there
   * @throws {ClientError} as {@linkcode Messenger.login}
   */
  async switchServer(
    server: ServerAddress | readonly ServerAddress[],
    { keepsContacts = false }: { readonly keepsContacts?: boolean } = {},
  ): Promise<void> {
    await this.#connection.switchServer(server, keepsContacts);
  }

  /**
   * Tells others whether the user is away or busy, now and after each login. Only MIM/2 servers pass it on.
   *
   * @param status a text beside it, such as `back at three`; by default the one of before
   * @throws {ClientError} `send-failed` if that has over 256 bytes of UTF-8
   */
  setStatus(availability: Availability, status: string = this.status): void {
    this.#connection.setStatus(availability, status);
  }

  /**
   * Leaves the server and takes no more calls; a login under way fails. Open chats go on.
   *
   * @throws {ClientError} `invalid-state` if it is neither logged in nor about to be
   */
  logout(): void {
    this.#connection.logOut();
  }

  /** The messages to people with a key that have not arrived yet, the oldest first. */
  get outbox(): Message[] {
    return this.#chatManager.outbox.all;
  }

  /** The transfers: files that were offered, are on their way, or have arrived. */
  get files(): Files {
    return this.#chatManager.files ?? NO_FILES;
  }

  /**
   * Looks at the server, the own listener and the other users, and dials them; this changes nothing.
   * {@linkcode diagnose} finds what is wrong. Takes some seconds if something does not answer.
   *
   * @param options `failure`: why the login has failed just now; the server is not dialed again then
   */
  async examine({ failure }: { readonly failure?: ClientError } = {}): Promise<Diagnostics> {
    const changed = Promise.withResolvers<void>();
    const unsubscribe = this.subscribe((event) => {
      if (event.type === "presence" && event.user.own) changed.resolve();
    });
    try {
      return await collectDiagnostics({
        network: this.#network,
        failure,
        users: this.users,
        connection: this.#connection,
        listener: this.#listener.facts,
        isStranger: (user) => isUnknown(this.trust.securityOf(user)),
        connectionWith: (user) => this.#chatManager.connectionWith(user),
        ownChanged: changed.promise,
      });
    } finally {
      unsubscribe();
    }
  }

  /** Logs out and closes every chat. It may log in again. */
  async quit(): Promise<void> {
    const closing = Promise.all([this.#chatManager.closeAll(), this.#roomManager?.close()]);
    if (this.state === "offline") this.#connection.close();
    else this.logout();
    await closing;
  }

  /** The same as {@linkcode Messenger.quit}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.quit();
  }

  async #load(): Promise<void> {
    await this.#chatManager.outbox.load();
    await this.#servers.load(this.server);
    await this.#chatManager.pins.refresh();
    await this.#roomManager?.ready;
    await this.#chatManager.loadFiles();
  }
}

const NO_FILES: Files = { all: [], [Symbol.iterator]: () => [][Symbol.iterator]() };
