import {
  type Availability,
  capabilities,
  formatServerLink,
  type ServerAddress,
} from "../../protocol/mod.ts";
import { type Network, systemNetwork } from "../../server/platform/net/network.ts";
import { ConnectionManager, type ServerAdmin, serverAdminOf } from "./session/mod.ts";
import { ChatManager } from "./chats/mod.ts";
import { ClientError, describeListenError } from "./errors.ts";
import { EventBus } from "./event_bus.ts";
import { MessengerEventTarget } from "./messenger_event_target.ts";
import { collectDiagnostics, type Diagnostics } from "./diagnostics/mod.ts";
import { type Calls, CallScreener, type IgnoreEntry } from "./calls/mod.ts";
import { PeerListener } from "./peer/mod.ts";
import { MemoryRoomStore, NoRooms, RoomManager } from "./rooms/mod.ts";
import type { Rooms } from "./room.ts";
import { KnownServers, type ServerTrust, type Trust } from "./trust/mod.ts";
import { type Users, UserTable } from "./presence/mod.ts";
import type { Components, OwnListener } from "./components.ts";
import { firstOf } from "./servers.ts";
import { MemoryStore, type Store } from "./store.ts";
import type { FileStorage } from "./file_storage.ts";
import { MemoryFiles } from "./memory_files.ts";
import type { Files } from "./transfer.ts";
import { fromStore } from "./store_wait.ts";
import type { Caller } from "./caller.ts";
import type { Chats, Message } from "./chat.ts";
import { isUnknown } from "./security.ts";
import type { Identity } from "./identity.ts";
import { IdentityKeys } from "./identity_keys.ts";
import type { PublicKey } from "./public_key.ts";

/** How a {@linkcode Messenger} is to run; without an `identity` it speaks classic MIM alone. */
export interface MessengerOptions {
  /** The user's name: see {@linkcode checkUserName}. */
  readonly name: string;
  /**
   * The central server, or several that are tried in turn. One with a key, as
   * {@linkcode parseServerAddress} reads it from a link, has to prove that key.
   */
  readonly server: ServerAddress | readonly ServerAddress[];
  /**
   * Who the user is, the same in each run: with it chats are encrypted if the peer has one too, and logins
   * prove it. **Without it this client speaks classic MIM only**: nothing is encrypted, and nothing proves
   * who it is. See `loadIdentity`.
   */
  readonly identity?: Identity;
  /**
   * What must not be forgotten between two runs: whose keys were met, and what waits to be delivered.
   * Default: a {@linkcode MemoryStore}, which forgets it.
   */
  readonly store?: Store;
  /**
   * The storage for files and the records of transfers: see `openFiles`. Default: a
   * {@linkcode MemoryFiles}, with which streams and blobs go both ways, in this run.
   */
  readonly files?: FileStorage;
  /**
   * The address for connections from peers. Default: every address, a port that the system picks. `mayMove`:
   * whether another port will do if that one is taken. Default: false.
   */
  readonly listen?: {
    readonly hostname?: string;
    readonly port?: number;
    readonly mayMove?: boolean;
  };
  /** The way to the network. Default: the machine's own. */
  readonly network?: Network;
  /**
   * Whether the user named no server, so that any program on this machine may host it, with a key of its
   * own. Every other server has to have the key with which it was met first. Default: false.
   */
  readonly isDefaultServer?: boolean;
  /** Who is ignored from the start: what {@linkcode Calls.ignored} gave in an earlier run. */
  readonly ignored?: readonly IgnoreEntry[];
  /** Who is known beside the peers with whom the user has talked in this run. Default: nobody. */
  readonly isKnownCaller?: (name: string, address: string) => boolean;
  /**
   * The names of those without a key whom the user has met at that server in earlier runs: if it has too many
   * users to tell of everybody, it is asked for them at each login. Default: none.
   */
  readonly keylessNames?: (server: ServerAddress) => Iterable<string>;
  /**
   * Whether it takes messages. If not, it says so to its peers: what they write waits for another program
   * of the same user. It can call, and refuses all calls. Default: true.
   */
  readonly takesMessages?: boolean;
  /**
   * Whose calls are let in; others are refused, and learn no reason. A user who is being called may always
   * call back. Default: everyone's, as {@linkcode Calls.unknownCallers} says.
   */
  readonly acceptsCall?: (
    caller: Pick<Caller, "name" | "address" | "port" | "identity">,
  ) => boolean;
  /**
   * Whether it logs in again by itself after the connection to the server was lost, until you log out:
   * after half a second, doubling up to half a minute, and at once if the machine has slept. A function is called each time nothing answers at the server, before it is dialed once
   * more: it may start one. Default: false.
   */
  readonly reconnect?: boolean | (() => Promise<void>);
  /**
   * Called if a server with a known key does not answer, or another answers in its place: gives the places
   * where servers claim to have one of these keys. One that proves it is the same server, which has
   * moved. Default: it is not looked for.
   */
  readonly findServers?: (keys: readonly Uint8Array[]) => Promise<readonly ServerAddress[]>;
}

/**
 * A messenger without a face: is online at a central server, calls and is called by peers. It tells
 * what happens to whoever subscribed, prints nothing and reads no keys.
 *
 * **With a name and a server alone it speaks classic MIM**, in which nothing is encrypted and nobody
 * proves who they are. {@linkcode MessengerOptions.identity} makes it speak MIM/2 with whoever does.
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
  /** Everyone who is online, the client itself included, as last known. */
  readonly users: Users;
  /** The chats, and calling someone. */
  readonly chats: Chats;
  /** Incoming calls, and who is ignored. */
  readonly calls: Calls;
  /** Whose key is whose. */
  readonly trust: Trust;
  /** The rooms in which the user is a member or invited, and making one. */
  readonly rooms: Rooms;
  /** What to do about a server whose key has changed. */
  readonly serverTrust: ServerTrust;
  /** The orders of an admin of the server. */
  readonly serverAdmin: ServerAdmin;
  /**
   * Resolves once what the store holds is read: `outbox` and `trust` are complete from then on. If it
   * rejects with a {@linkcode ClientError} `storage-failed`, each login reads anew, and rejects likewise.
   */
  readonly ready: Promise<void>;
  readonly #network: Network;
  readonly #listen: NonNullable<MessengerOptions["listen"]>;
  readonly #events: EventBus;
  readonly #peers: Pick<Components, "network" | "events" | "keys" | "signaling">;
  readonly #chatManager: ChatManager;
  readonly #roomManager: RoomManager | undefined;
  readonly #connection: ConnectionManager;
  readonly #keys: IdentityKeys | undefined;
  readonly #servers: KnownServers;
  #listener: PeerListener | undefined;
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
    this.#listen = options.listen ?? {};
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
    const context = {
      ...shared,
      ownListener: this.#ownListener(),
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
    users.watchList.addSource(() => this.#chatManager.watched());
    users.watchList.addSource(() => this.#roomManager?.watched() ?? []);
    const { keylessNames = () => [] } = options;
    users.watchList.readNames = () =>
      Array.from(events.ask("keylessNames", () => keylessNames(this.server), []));
    this.#peers = components;
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
   * Which server's names those of the table are: the public key of the server in hex, or
   * {@linkcode THIS_MACHINE}; undefined at a classic server.
   */
  get serverId(): string | undefined {
    return this.#connection.serverId;
  }

  /**
   * The link with which others join the server of this login, or of the last, and know its key from
   * the first moment; undefined at a classic server.
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
   * Whether peers who do the same are told which messages the user has seen. Applies to connections made
   * from then on. Default: false.
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

  /** What the user says about it. */
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
   * Tells others whether the user is there, now and after each login. Only MIM/2 servers pass it on.
   *
   * @param status what the user says about it
   * @throws {ClientError} `send-failed` if that has more than 256 UTF-16 units
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

  /** What was written to people with a key and has not arrived yet, the oldest first. */
  get outbox(): Message[] {
    return this.#chatManager.outbox.all;
  }

  /** The files that were offered, are on their way, or came. */
  get files(): Files {
    return this.#chatManager.files ?? NO_FILES;
  }

  /**
   * Looks at the server, the own listener and the other users, and dials them; this changes nothing.
   * {@linkcode diagnose} finds what is wrong. Takes some seconds if something does not answer.
   *
   * @param known `failure`: why the login has failed just now; the server is not dialed again then
   */
  async examine({ failure }: { readonly failure?: ClientError } = {}): Promise<Diagnostics> {
    const changed = Promise.withResolvers<void>();
    const unsubscribe = this.subscribe((event) => {
      if (event.type === "presence" && event.user.own) changed.resolve();
    });
    const { hostname, port = 0 } = this.#listen;
    const listener = this.#listener && {
      ...(hostname !== undefined && { hostname }),
      port: this.#listener.port,
      isFixed: port !== 0,
      ...(port !== 0 && port !== this.#listener.port && { takenPort: port }),
    };
    try {
      return await collectDiagnostics({
        network: this.#network,
        failure,
        users: this.users,
        connection: this.#connection,
        listener,
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

  /** The own simple server, which goes on listening while this client reconnects. */
  #ownListener(): OwnListener {
    const { hostname, port = 0, mayMove = false } = this.#listen;
    const listen = (port: number) =>
      new PeerListener(this.#peers, hostname, port, this.#chatManager);
    return {
      hostname,
      start: () => {
        try {
          this.#listener ??= mayMove ? listenOrMove(listen, port) : listen(port);
          return this.#listener.port;
        } catch (error) {
          const details = { hostname, port, reason: describeListenError(error) };
          throw new ClientError("cannot-listen", details, { cause: error });
        }
      },
      stop: () => {
        this.#listener?.close();
        this.#listener = undefined;
      },
    };
  }

  async #load(): Promise<void> {
    await this.#chatManager.outbox.load();
    await this.#servers.load(this.server);
    await this.#chatManager.pins.refresh();
    await this.#roomManager?.ready;
    await this.#chatManager.loadFiles();
  }
}

/** Listens at a port, or at any other if that one is taken. */
function listenOrMove(listen: (port: number) => PeerListener, port: number): PeerListener {
  try {
    return listen(port);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return listen(0);
  }
}

const NO_FILES: Files = { all: [], [Symbol.iterator]: () => [][Symbol.iterator]() };
