import {
  deleteOfAdd,
  encodeAdd,
  encodeMim2Update,
  formatAddress,
  type Login,
  type Mim2Entry,
  type Mim2Login,
} from "../../protocol/mod.ts";
import {
  type Chat,
  Identity,
  MemoryStore,
  type OnlineUser,
  type Store,
} from "../../client/core/mod.ts";
import { FakeNetwork } from "../../client/testing/fake_network.ts";
import { closeQuietly, type Connection, type Listener, type Network } from "../../server/mod.ts";
import { testKey } from "../fixtures/keys.ts";
import { add, bytes, Mim2Server, row, Visit } from "./fake_server.ts";
import { Wire } from "./peers.ts";
import { assertRefused, TestUser } from "./test_user.ts";
import { poll } from "./wait.ts";

/** Events about the server and its table, at which tests of chats do not look. */
const SERVER_EVENTS: ReadonlySet<string> = new Set(
  [...["connected", "welcome", "listening", "logged-in", "logged-out", "disconnected"], ...[
    "online",
    "offline",
    "presence",
  ]],
);
/** So rare that no test needs them. */
const PING_SECONDS = 3_600;

/** A row of the table as a server sends it, without what it is made of. */
type Row = Pick<Mim2Entry, "name" | "address" | "port" | "session" | "identity">;

/** How a {@linkcode TableUser} differs from one with a key on a machine of its own. */
export interface TableUserOptions {
  /** The private key; null for a classic client. */
  readonly key?: Uint8Array | null;
  readonly store?: Store;
  readonly address?: string;
  readonly network?: Network;
  /** Whether the others are not told of this user. */
  readonly isHidden?: boolean;
}

/**
 * A MIM/2 server in memory that tells each user the table that a test wants. Users log in as they do
 * anywhere; whatever changes the table returns once all of them know.
 *
 * @example
 * ```ts ignore
 * await using server = new TableServer();
 * const [ada, bob] = [await server.user("ada"), await server.user("bob")];
 * await ada.isTold((row) => ({ ...row, port: 9 }));
 * await ada.call(bob);
 * ```
 */
export class TableServer implements AsyncDisposable {
  readonly network: FakeNetwork;
  /** Whether it passes on that a user wants to be called. */
  relaysCallbacks = true;
  /** Whether it announces MIM/2. If not, users accept that they met it with a key before. */
  isMim2 = true;
  /** Where it listens. */
  readonly at: { readonly hostname: string; readonly port: number };
  readonly #server: Mim2Server;
  readonly #listener: Listener;
  readonly #sessions: Session[] = [];
  readonly #users: TableUser[] = [];
  readonly #tasks: Promise<unknown>[] = [];
  readonly #subnet: string;
  readonly #isShared: boolean;
  #machines = 0;

  /**
   * @param seed of its key
   * @param network that of another server; a new one if it is left out
   */
  constructor(seed = 0x5e, network?: FakeNetwork) {
    this.network = network ?? new FakeNetwork();
    this.#isShared = network !== undefined;
    this.#server = new Mim2Server(Uint8Array.from(testKey(seed)));
    this.#subnet = `198.18.${seed}`;
    const hostname = `${this.#subnet}.254`;
    this.#listener = this.network.host(hostname).listen({ hostname, port: 0 });
    this.at = { hostname, port: this.#listener.addr.port };
    this.#tasks.push(this.#accept());
  }

  /** Whose names those of its table are. */
  get id(): string {
    return this.#server.publicKey.toHex();
  }

  /** A user who is logged in, and whom all others know. */
  async user(name: string, options: TableUserOptions = {}): Promise<TableUser> {
    const user = this.offlineUser(name, options);
    if (!this.isMim2 && options.key !== null) {
      user.store.pinServer(formatAddress(this.at.hostname, this.at.port), this.#server.publicKey);
      await assertRefused("server-key-mismatch", () => user.login());
      user.serverTrust.accept();
    }
    await user.login();
    await this.update();
    return user;
  }

  /** How many ends of connections and listeners are open, other than the server's. */
  get openBesides(): number {
    return this.network.open - 1 - 2 * this.#sessions.length;
  }

  /** A user who has not logged in. */
  offlineUser(name: string, options: TableUserOptions = {}): TableUser {
    const user = new TableUser(this, name, this.#users.length + 1, options);
    this.#users.push(user);
    return user;
  }

  /** Another machine's address. */
  machine(): string {
    return `${this.#subnet}.${++this.#machines}`;
  }

  /** Waits for this, too, at its end. */
  waitsFor(task: Promise<unknown>): void {
    this.#tasks.push(task);
  }

  /** Lets a user of another server log in here. */
  expect(user: TableUser): void {
    this.#users.push(user);
  }

  /** Has a user ask another one to call back; returns once that one has heard it. */
  async requestCallback(from: TableUser, to: TableUser): Promise<void> {
    const session = this.#sessions.find(({ user }) => user === to);
    if (session === undefined) throw new Error(`expected ${to.name} to be logged in`);
    await session.visit.say({ type: "call-me", session: from.session }, { type: "ping", token: 1 });
    await poll(() => session.pongs > 0, "a pong");
  }

  /** Tells everyone the table as it is now; returns once all of them know. */
  async update(): Promise<void> {
    await this.#tell();
    await poll(
      () => this.#sessions.every((session) => session.knows),
      "everyone to know the table",
    );
  }

  /** Takes no more logins, and ends those that are. */
  async close(): Promise<void> {
    closeQuietly(this.#listener);
    for (const { wire } of this.#sessions) wire.close();
    await poll(() => this.#sessions.length === 0, "all sessions to end");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const user of this.#users) await user.quit();
    await this.close();
    await Promise.all(this.#tasks);
    if (this.network.open !== 0 && !this.#isShared) {
      throw new Error(`expected nothing to be open, got ${this.network.open} ends and listeners`);
    }
  }

  async #tell(): Promise<void> {
    // A session whose connection is lost ends by itself.
    for (const session of this.#sessions) await session.tell(this.#sessions).catch(() => {});
  }

  async #accept(): Promise<void> {
    try {
      for (;;) this.#tasks.push(this.#serve(await this.#listener.accept()));
    } catch {
      // Closed.
    }
  }

  async #serve(connection: Connection): Promise<void> {
    await using wire = new Wire(connection);
    const visit = new Visit(wire, this.#server);
    let session: Session | undefined;
    try {
      if (this.isMim2) await visit.announce();
      else await wire.say("Welcome\n\n");
      const login = await visit.readLogin();
      const { hostname } = connection.remoteAddr;
      const user = this.#users.findLast((each) =>
        each.address === hostname && each.name === login.name
      );
      if (user === undefined) throw new Error(`expected no login of ${login.name}`);
      session = new Session(visit, user, login);
      this.#sessions.push(session);
      await session.begin(this.#sessions);
      for (;;) await this.#hear(session);
    } catch {
      // The client has closed.
    } finally {
      if (session !== undefined) {
        this.#sessions.splice(this.#sessions.indexOf(session), 1);
        await this.#tell();
      }
    }
  }

  async #hear(session: Session): Promise<void> {
    const message = await session.visit.hear();
    if (message?.type === "pong") session.pongs++;
    if (message?.type === "unreachable") session.user.unreached.push(message.session.toHex());
    if (message?.type !== "call-me" || !this.relaysCallbacks) return;
    const target = this.#sessions.find(({ user }) => user.hasSession(message.session));
    await target?.visit.say({ type: "call-me", session: session.user.session });
  }
}

/** A user of a {@linkcode TableServer}. */
export class TableUser extends TestUser {
  readonly address: string;
  readonly session: Uint8Array;
  readonly store: Store;
  /** The sessions that this user has reported as unreachable. */
  readonly unreached: string[] = [];
  /** Whether the others are not told of this user. */
  isHidden: boolean;
  /** Changes what the server tells this user. */
  lie: ((row: Row) => Row) | undefined;
  readonly #server: TableServer;

  /** Use {@linkcode TableServer.user}. */
  constructor(server: TableServer, name: string, number: number, options: TableUserOptions) {
    const { key = testKey(number), store = new MemoryStore(), address = server.machine() } =
      options;
    super({
      name,
      server: server.at,
      listen: { hostname: address },
      network: options.network ?? server.network.host(address),
      store,
      ...(key !== null && { identity: Identity.fromBytes(key) }),
    }, (event) => !SERVER_EVENTS.has(event.type));
    this.#server = server;
    this.address = address;
    this.session = bytes(8, number);
    this.store = store;
    this.isHidden = options.isHidden ?? false;
  }

  /** The public key; empty for a classic client. */
  get identity(): Uint8Array {
    return this.publicKey ?? new Uint8Array(0);
  }

  /** Where it listens. */
  get port(): number {
    return [...this.users].find(({ own }) => own)?.port ?? 0;
  }

  /** Whether this is the user's session. */
  hasSession(session: Uint8Array): boolean {
    return session.toHex() === this.session.toHex();
  }

  /** Has the server lie about others from now on, or tell the truth again. */
  async isTold(lie?: (row: Row) => Row): Promise<void> {
    this.lie = lie;
    await this.#server.update();
  }

  /** The row of another user in this one's table. */
  sees(other: TableUser): OnlineUser {
    const row = [...this.users].find(({ name, port, details }) =>
      details ? other.hasSession(details.session) : name === other.name && port === other.port
    );
    if (row === undefined) throw new Error(`expected ${other.name} to be in the table`);
    return row;
  }

  /** Calls another user. */
  override async call(
    who: TableUser | OnlineUser | string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Chat> {
    return await super.call(who instanceof TableUser ? this.sees(who) : who, options);
  }

  /** Leaves the table; its chats go on. */
  async vanish(): Promise<void> {
    this.isHidden = true;
    await this.#server.update();
  }

  /** Logs out, and ends its chats. */
  async leave(): Promise<void> {
    this.isHidden = true;
    await this.quit();
    await this.#server.update();
  }
}

/** A login, and what it was told. */
class Session {
  readonly visit: Visit;
  readonly user: TableUser;
  /** How many pings were answered. */
  pongs = 0;
  readonly #login: Login | Mim2Login;
  /** The rows that were told, by session. */
  readonly #told = new Map<string, Row>();

  constructor(visit: Visit, user: TableUser, login: Login | Mim2Login) {
    this.visit = visit;
    this.user = user;
    this.#login = login;
    visit.session = user.session;
  }

  get wire(): Wire {
    return this.visit.wire;
  }

  /** Whether the client's table is as it was told. */
  get knows(): boolean {
    const known = [...this.user.users].map(({ name, address, port, details }) =>
      [name, address, port, details?.identity.toHex() ?? ""].join()
    );
    const told = [...this.#told.values()].map(({ name, address, port, identity }) =>
      [name, address, port, this.#isClassic ? "" : identity.toHex()].join()
    );
    return known.sort().join("\n") === told.sort().join("\n");
  }

  /** Accepts the login. */
  async begin(sessions: readonly Session[]): Promise<void> {
    if (!this.#isClassic) await this.visit.say(this.visit.accepted(PING_SECONDS));
    await this.tell(sessions);
    if (!this.#isClassic) await this.visit.say({ type: "complete", count: this.#told.size });
  }

  /** Tells what has changed since the last time. */
  async tell(sessions: readonly Session[]): Promise<void> {
    const { lie = (row: Row) => row } = this.user;
    const rows = new Map(
      sessions.filter((each) => each === this || !each.user.isHidden).map((each) =>
        [each.user.session.toHex(), each === this ? each.#row : lie(each.#row)] as const
      ),
    );
    const changes: Uint8Array[] = [];
    for (const [id, told] of this.#told) {
      const now = rows.get(id);
      if (now !== undefined && JSON.stringify(now) === JSON.stringify(told)) continue;
      this.#told.delete(id);
      changes.push(this.#encode("delete", told));
    }
    for (const [id, now] of rows) {
      if (this.#told.has(id)) continue;
      this.#told.set(id, now);
      changes.push(this.#encode("add", now));
    }
    await this.wire.say(...changes);
  }

  get #isClassic(): boolean {
    return !("identity" in this.#login);
  }

  get #row(): Row {
    const { name, port } = this.#login;
    const identity = "identity" in this.#login ? this.#login.identity : new Uint8Array(0);
    return { name, port, identity, address: this.user.address, session: this.user.session };
  }

  #encode(type: "add" | "delete", entry: Row): Uint8Array {
    if (!this.#isClassic) return encodeMim2Update({ ...add(row(entry)), type });
    return type === "add" ? encodeAdd(entry) : deleteOfAdd(encodeAdd(entry));
  }
}
