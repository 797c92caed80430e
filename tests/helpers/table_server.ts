import { formatAddress, identityOf } from "../../protocol/mod.ts";
import { FakeNetwork } from "../../client/testing/fake_network.ts";
import { closeQuietly, type Connection, type Listener } from "../../server/mod.ts";
import { testKey } from "../fixtures/keys.ts";
import { Mim2Server, Visit } from "./fake_server.ts";
import { Wire } from "./peers.ts";
import { TableSession } from "./table_session.ts";
import { TableUser, type TableUserOptions } from "./table_user.ts";
import { assertRefused } from "./test_user.ts";
import { poll } from "./wait.ts";

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
  /** Whether it says that it certifies nobody. */
  set isUncertified(is: boolean) {
    this.#server.isUncertified = is;
  }

  /** Where it listens. */
  readonly at: { readonly hostname: string; readonly port: number };
  readonly #server: Mim2Server;
  readonly #listener: Listener;
  readonly #sessions: TableSession[] = [];
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
      await user.store.pinServer(
        formatAddress(this.at.hostname, this.at.port),
        this.#server.publicKey,
      );
      await assertRefused("server-key-mismatch", () => user.login());
      await user.serverTrust.accept();
    }
    await user.login();
    await this.update();
    return user;
  }

  /** Has a user know a name here by that private key. */
  async pin(user: TableUser, name: string, key: Uint8Array, verified = false): Promise<void> {
    await user.store.keepPin({
      ...{ server: this.id, name, identity: identityOf(key), verified, since: 1 },
    });
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
    if (this.#isShared) return;
    const got = () => `${this.network.open} that nobody has closed`;
    await poll(() => this.network.open === 0, "all ends and listeners to be closed", got);
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
    let session: TableSession | undefined;
    try {
      if (this.isMim2) await visit.announce();
      else await wire.say("Welcome\n\n");
      const login = await visit.readLogin();
      const { hostname } = connection.remoteAddr;
      const user = this.#users.findLast((each) =>
        each.address === hostname && each.name === login.name
      );
      if (user === undefined) throw new Error(`expected no login of ${login.name}`);
      session = new TableSession(visit, user, login);
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

  async #hear(session: TableSession): Promise<void> {
    const message = await session.visit.hear();
    if (message?.type === "pong") session.pongs++;
    if (message?.type === "unreachable") session.user.unreached.push(message.session.toHex());
    if (message?.type !== "call-me" || !this.relaysCallbacks) return;
    const target = this.#sessions.find(({ user }) => user.hasSession(message.session));
    await target?.visit.say({ type: "call-me", session: session.user.session });
  }
}
