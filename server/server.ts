import { getLogger } from "@logtape/logtape";
import { DEFAULT_PORT, isLoopback } from "../protocol/mod.ts";
import { type AccessKind, type AccessRules, LoginRules } from "./admission/mod.ts";
import { AdminOrders, Bans, OnlineUsers, SharedBans } from "./admins/mod.ts";
import { ClassicService } from "./classic/mod.ts";
import { ClusterMembership } from "./cluster/mod.ts";
import { ConnectionAdmission, Connections } from "./connections/mod.ts";
import { ServerIdentity } from "./identity/mod.ts";
import { serverLimits } from "./limits.ts";
import { Logins } from "./logins/mod.ts";
import { Mim2Service } from "./mim2/mod.ts";
import type { BanResult, ServerOptions } from "./options.ts";
import { listenAt } from "./platform/net/listen.ts";
import { closeQuietly, type SocketAddress, systemNetwork } from "./platform/net/network.ts";
import { PauseDetector } from "./platform/util/pause_detector.ts";
import { allocateShared } from "./presence/mod.ts";
import { Greeting } from "./session/mod.ts";
import { Counters, type LoggedInUser, type ServerStats } from "./stats.ts";
import { WorkerPool } from "./workers/mod.ts";

const logger = getLogger(["mim", "server"]);
/** The welcome if the options have none. */
const WELCOME = "Welcome to MIM";
/** How often timeouts are checked. */
const TICK_MS = 1_000;

/**
 * The central server: knows who is online, at which address and port, and tells everyone. It logs
 * through LogTape, category `mim.server`; without a LogTape configuration it is silent.
 *
 * @example
 * ```ts
 * import { MimServer } from "@mim/mim";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0, welcome: "Hello" });
 * assertEquals(server.userCount, 0);
 * ```
 */
export class MimServer {
  readonly #at: SocketAddress;
  /** Accepts and keeps the connections, in this thread or in others. */
  readonly #connections: Connections | WorkerPool;
  readonly #identity: ServerIdentity | undefined;
  readonly #mim2: Mim2Service | undefined;
  readonly #cluster: ClusterMembership | undefined;
  readonly #admission: ConnectionAdmission;
  readonly #rules: LoginRules;
  readonly #counters = new Counters();
  readonly #classic: ClassicService;
  readonly #users: OnlineUsers;
  readonly #bans: Bans;
  readonly #logins: Logins;
  readonly #pauses = new PauseDetector();
  readonly #tick: ReturnType<typeof setInterval>;
  #isClosing = false;
  #welcome = WELCOME;

  /**
   * Starts a server, which accepts connections from then on.
   *
   * @throws {Deno.errors.AddrInUse} if the port is taken
   * @throws {Deno.errors.AddrNotAvailable} if the address is not this machine's
   * @throws {Deno.errors.PermissionDenied} if the system does not allow it
   * @throws {RangeError} if the port is not a whole number from 0 to 65,535, or the welcome is too long
   * @throws {DataDirError} if the data folder can't be used
   */
  static listen(options: ServerOptions = {}): MimServer {
    return new MimServer(options);
  }

  private constructor(options: ServerOptions) {
    this.#admission = new ConnectionAdmission(options);
    const { workers = 1, network = systemNetwork, onBroadcast = () => {} } = options;
    // It listens once it can serve: opening the folder may wait for another program.
    if (options.data !== undefined) {
      const days = options.claimDays ?? serverLimits.nameClaimDays;
      const isShared = options.mayServe !== undefined;
      this.#identity = new ServerIdentity(
        options.data,
        days,
        isShared,
        options.version,
        options.lobby === false,
      );
    }
    if (options.cluster !== undefined && this.#identity === undefined) {
      throw new RangeError("a cluster needs a data folder, with the key that its servers share");
    }
    using failing = new DisposableStack();
    if (this.#identity !== undefined) failing.use(this.#identity);
    const sharedBans = options.data === undefined ? undefined : new SharedBans(options.data);
    this.#rules = new LoginRules(options, this.#identity);
    const port = options.port ?? DEFAULT_PORT;
    const listener = listenAt(network, options.hostname, port);
    failing.adopt(listener, closeQuietly);
    this.#at = listener.addr;
    const loginTimeoutMs = options.loginTimeoutMs ?? serverLimits.loginTimeoutMs;
    const pool = workers === 1 ? undefined : this.#poolOf(options, loginTimeoutMs);
    const isLocal = isLoopback(this.hostname);
    this.#classic = new ClassicService(
      network,
      isLocal,
      options.keepAliveIntervalMs ?? serverLimits.keepAliveIntervalMs,
      options.classicDialIntervalMs ?? serverLimits.classicDialIntervalMs,
      onBroadcast,
      (session, isDoubtful) =>
        this.#mim2?.classicRows.mark(session, this.#classic.table.find(session), isDoubtful),
      pool && { allocate: allocateShared, readers: pool.readers.classic },
    );
    this.#users = new OnlineUsers(
      this.#classic.table,
      this.#rules,
      (user) => this.#mim2?.keyOf(user),
    );
    this.#bans = new Bans(this.#users, options.onBan, sharedBans);
    if (this.#identity !== undefined) {
      this.#mim2 = new Mim2Service(
        this.#identity,
        new AdminOrders(this.#users, this.#bans),
        network,
        isLocal,
        options.pingIntervalMs ?? serverLimits.pingIntervalMs,
        onBroadcast,
        options.fullTable ?? serverLimits.fullTableUsers,
        pool && { allocate: allocateShared, readers: pool.readers.mim2 },
      );
      const { requests, classicRows } = this.#mim2;
      requests.reportClassic = (session) => this.#classic.report(classicRows.find(session));
    }
    const greeting = this.#greet(options.welcome);
    failing.move();
    this.#cluster = this.#join(options);
    this.#logins = new Logins(
      this.#rules,
      this.#admission,
      this.#counters,
      this.#classic,
      this.#mim2,
      this.#cluster,
    );
    if (pool === undefined) {
      this.#connections = new Connections(listener, greeting, loginTimeoutMs, this.#logins);
    } else {
      closeQuietly(listener); // it has shown that the port is free
      const mim2 = this.#mim2?.presence.broadcast.log;
      pool.start(greeting, { classic: this.#classic.broadcast.log, mim2 }, this.#logins);
      this.#connections = pool;
    }
    this.#tick = setInterval(() => this.#checkTimeouts(), TICK_MS);
  }

  /**
   * Resolves once it accepts connections and is part of its cluster: at once, unless there are workers or a
   * cluster. Rejects if workers can't listen, and with a RangeError if the cluster can't be joined.
   */
  get ready(): Promise<void> {
    const isServing = this.#connections instanceof WorkerPool ? this.#connections.ready : undefined;
    return Promise.all([isServing, this.#cluster?.joined]).then(() => {});
  }

  /** The IP address it listens on; `::` means every one. */
  get hostname(): string {
    return this.#at.hostname;
  }

  /** The port it listens on. */
  get port(): number {
    return this.#at.port;
  }

  /** The server's public key of Ed25519, 32 bytes; undefined if it speaks classic MIM only. */
  get publicKey(): Uint8Array | undefined {
    return this.#identity?.publicKey;
  }

  /** How many users are online; with a cluster, at all of its servers. */
  get userCount(): number {
    return this.#classic.table.size;
  }

  /** How many connections are open, logged in or not. */
  get connectionCount(): number {
    return this.#logins.connectionCount;
  }

  /** How it is doing right now. */
  get stats(): ServerStats {
    const { log, updates, lag } = this.#classic.broadcast;
    const { presence, size = 0, probes } = this.#mim2 ?? {};
    return {
      ...this.#counters.values,
      users: this.#logins.userCount,
      mim2Users: size,
      watchingUsers: presence?.watchers.size ?? 0,
      connections: this.connectionCount,
      updates,
      logBytes: log.capacity + (presence?.broadcast.log.capacity ?? 0),
      slowestLag: Math.max(lag, presence?.broadcast.lag ?? 0),
      probes: probes ?? { reachable: 0, unreachable: 0 },
      dataProblem: this.#identity?.problem,
      cluster: this.#cluster?.stats,
    };
  }

  /**
   * Changes some options while it runs, for connections from now on. An option that is left out goes
   * back to its default.
   *
   * @throws {RangeError} if the welcome is too long; then nothing has changed
   *
   * @example
   * ```ts
   * import { MimServer } from "@mim/mim";
   *
   * await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0, maxUsers: 100 });
   * server.change({ welcome: "The lab closes at ten", maxUsers: 200 });
   * ```
   */
  change(options: Pick<ServerOptions, "welcome" | "maxUsers" | "maxPerAddress" | "maxRate">): void {
    this.#connections.greeting = this.#greet(options.welcome);
    this.#rules.maxUsers = options.maxUsers ?? 0;
    this.#admission.change(options);
  }

  /**
   * Changes who may log in here; those online here who no longer may are disconnected.
   *
   * @returns how many are
   * @throws {RangeError} if an entry is none; then nothing has changed
   */
  changeAccess(rules: AccessRules): number {
    return this.#users.changeAccess(rules);
  }

  /**
   * Bans somebody, or lifts a ban: in the whole cluster if the server is part of one, else with the option `onBan`.
   * Those online who no longer may be are disconnected.
   *
   * @returns undefined if it is so already
   * @throws {RangeError} if `who` is no entry of that kind
   * @throws {Error} if it can't be stored
   */
  ban(kind: AccessKind, who: string, isBanned: boolean): Promise<BanResult | undefined> {
    return this.#bans.change(kind, who, isBanned);
  }

  /** Everyone who is online; with a cluster, at any of its servers. */
  users(): LoggedInUser[] {
    return Array.from(this.#users.entries(), ([, user]) => user);
  }

  /** Disconnects each user for whom the function returns true, and returns how many these are. */
  kick(isMeant: (user: LoggedInUser) => boolean): number {
    const meant = Array.from(this.#users.entries()).filter(([, user]) => isMeant(user));
    this.#users.kick(meant.map(([session]) => session));
    return meant.length;
  }

  /** Tries a data folder that can't be used right now again; it does so by itself every few seconds. */
  retryData(): void {
    this.#identity?.retry();
  }

  /**
   * Stops accepting and closes every connection.
   *
   * @param link names the server that goes on in its place: MIM/2 clients on its network follow
   */
  async close(link?: string): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    clearInterval(this.#tick);
    const left = this.#cluster?.close(); // before its users are gone one by one
    if (this.#connections instanceof Connections) this.#connections.stop();
    this.#logins.close(
      link === undefined
        ? { by: "shutdown", reason: "the server is shutting down" }
        : { by: "move", reason: "another server goes on", link },
    );
    const stopped = this.#classic.close(); // nothing more is broadcast while connections end
    await this.#connections.close();
    await stopped;
    await left;
    await this.#bans.close();
    await this.#mim2?.close();
  }

  /** The same as {@linkcode MimServer.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #poolOf(options: ServerOptions, loginTimeoutMs: number): WorkerPool {
    const { workers: count = 1, network, hostname, workerModule: module, onBroadcast } = options;
    if (network !== undefined) throw new RangeError("workers need the machine's own network");
    return new WorkerPool({
      count,
      module,
      hostname,
      port: this.port,
      loginTimeoutMs,
      onBytes: (bytes) => this.#counters.bytesOut += bytes,
      onBroadcast: onBroadcast ?? (() => {}),
    });
  }

  #greet(welcome = WELCOME): Greeting {
    this.#welcome = welcome;
    const { welcomeLines: lines, staticKey } = this.#identity ?? {};
    const { notice, keysOnly } = this.#rules;
    return Greeting.withNotice(
      welcome,
      notice,
      keysOnly,
      lines && staticKey && { lines, staticKey },
    );
  }

  /** Shares the online table with the other servers of a cluster. */
  #join({ cluster, data }: ServerOptions): ClusterMembership | undefined {
    const [identity, mim2] = [this.#identity, this.#mim2];
    if (cluster === undefined || data === undefined) return undefined;
    if (identity === undefined || mim2 === undefined) return undefined;
    return new ClusterMembership(cluster, data, identity, this.#bans, this.#classic, mim2);
  }

  #checkTimeouts(): void {
    if (!this.#rules.mayServe()) return; // it is about to be closed
    const pausedMs = this.#pauses.look();
    if (pausedMs > 0) {
      const seconds = Math.round(pausedMs / 1000);
      logger.warning("did not run for {seconds} s; everybody has time to answer", { seconds });
    }
    this.#connections.tick(pausedMs);
    this.#classic.tick();
    this.#mim2?.tick(pausedMs);
    if (this.#rules.checkClassic(this.userCount)) {
      this.#connections.greeting = this.#greet(this.#welcome);
    }
    this.#identity?.tick();
    this.#bans.tick();
    this.#admission.tick();
    this.#logins.tick(performance.now());
  }
}
