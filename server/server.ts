import { setImmediate } from "node:timers";
import { getLogger } from "@logtape/logtape";
import {
  addressBlock,
  checkUserName,
  DEFAULT_PORT,
  encodeAdd,
  isLoopback,
  type LinkLogin,
  type Login,
  plainAddress,
  sanitizeText,
} from "../protocol/mod.ts";
import {
  ConnectionLimits,
  HandshakeQueue,
  networkOf,
  type Rejection,
  SourceQueue,
} from "./admission/mod.ts";
import { ServerIdentity } from "./identity/mod.ts";
import { serverLimits } from "./limits.ts";
import { Mim2Service } from "./mim2/mod.ts";
import type { ServerOptions } from "./options.ts";
import { acceptConnections } from "./platform/net/accept.ts";
import { listenAt } from "./platform/net/listen.ts";
import {
  closeQuietly,
  type Connection,
  type Listener,
  systemNetwork,
} from "./platform/net/network.ts";
import { reasonOf } from "./platform/util/errors.ts";
import { throttle } from "./platform/util/throttle.ts";
import { Broadcast, OnlineTable, UpdateLog } from "./presence/mod.ts";
import {
  describeStall,
  describeTimeout,
  Greeting,
  RejectedConnections,
  Session,
  type SessionCallbacks,
  type SessionEnd,
  SessionLog,
} from "./session/mod.ts";
import { Counters, type ServerStats } from "./stats.ts";

const logger = getLogger(["mim", "server"]);
/** The welcome if the options have none. */
const WELCOME = "Welcome to MIM";
/** What classic clients read if they can't log in. */
const KEYS_ONLY = "Only clients that speak MIM/2 can log in here.";
/** How often timeouts are checked. */
const TICK_MS = 1_000;
/** With more connections than this before their login, reading takes turns with accepting. */
const MAX_NEWCOMERS = 128;

const now = (): number => performance.now();

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
  readonly #listener: Listener;
  #welcome: Greeting;
  #maxUsers: number;
  readonly #loginTimeoutMs: number;
  readonly #keepAliveIntervalMs: number;
  readonly #strictNames: boolean;
  readonly #keysOnly: boolean;
  readonly #identity: ServerIdentity | undefined;
  readonly #mim2: Mim2Service | undefined;
  readonly #admission: ConnectionLimits;
  readonly #counters = new Counters();
  readonly #table = new OnlineTable<Session>();
  readonly #broadcast: Broadcast;
  readonly #callbacks: SessionCallbacks;
  /** Every connection, in the order in which they came. */
  readonly #sessions = new Set<Session>();
  /**
   * The deadlines of connections that have not logged in or not taken the table, soonest first: a table
   * stays in memory for as long as any client has not taken it.
   */
  readonly #waiting = new Map<Session, number>();
  /** Connections that have not logged in, by source; those of this machine are not counted. */
  readonly #newcomers = new SourceQueue<Session>(serverLimits.newcomers);
  readonly #handshakes = new HandshakeQueue();
  readonly #log = new SessionLog();
  readonly #tick: ReturnType<typeof setInterval>;
  readonly #accepting: Promise<void>;
  readonly #rejected = new RejectedConnections();
  /** Clients that are being told why they are closed. */
  readonly #farewells = new Set<Promise<void>>();
  /** Aborted as soon as the server closes. */
  readonly #closing = new AbortController();

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
    this.#maxUsers = options.maxUsers ?? 0;
    this.#loginTimeoutMs = options.loginTimeoutMs ?? serverLimits.loginTimeoutMs;
    this.#keepAliveIntervalMs = options.keepAliveIntervalMs ?? serverLimits.keepAliveIntervalMs;
    this.#strictNames = options.strictNames ?? false;
    this.#keysOnly = options.keysOnly ?? false;
    if (this.#keysOnly && options.data === undefined) {
      throw new RangeError("keysOnly needs a data folder: without one nobody could log in");
    }
    this.#admission = new ConnectionLimits(
      options.maxPerAddress ?? serverLimits.connectionsPerAddress,
      options.maxRate ?? serverLimits.connectionsPerMinute,
    );
    const onBroadcast = options.onBroadcast ?? (() => {});
    const broadcast = this.#broadcast = new Broadcast(
      (oldestNeeded) => new UpdateLog(oldestNeeded),
      onBroadcast,
    );
    this.#callbacks = {
      onHandshake: (session) => this.#waitForHandshake(session),
      onLogin: (session, login) => this.#logIn(session, login),
      onMessage: (session, message) => this.#mim2?.handle(session, message),
      onEnd: (session, end, closed) => this.#remove(session, end, closed),
      onTableTaken: (session) => void this.#waiting.delete(session),
      onWritten: (session, bytes, before) => {
        this.#counters.bytesOut += bytes;
        (session.isMim2 ? this.#mim2?.presence.broadcast : broadcast)?.moved(session, before);
      },
    };
    const network = options.network ?? systemNetwork;
    // It listens once it can serve: opening the folder may wait for another program.
    if (options.data !== undefined) {
      const days = options.claimDays ?? serverLimits.nameClaimDays;
      this.#identity = new ServerIdentity(options.data, days);
    }
    try {
      this.#listener = listenAt(network, options.hostname, options.port ?? DEFAULT_PORT);
    } catch (error) {
      this.#identity?.[Symbol.dispose]();
      throw error;
    }
    try {
      if (this.#identity !== undefined) {
        const pingIntervalMs = options.pingIntervalMs ?? serverLimits.pingIntervalMs;
        this.#mim2 = new Mim2Service(
          this.#identity,
          network,
          isLoopback(this.hostname),
          pingIntervalMs,
          onBroadcast,
        );
      }
      this.#welcome = this.#greet(options.welcome);
    } catch (error) {
      closeQuietly(this.#listener);
      this.#identity?.[Symbol.dispose]();
      throw error;
    }
    this.#tick = setInterval(() => this.#checkTimeouts(), TICK_MS);
    this.#accepting = this.#accept();
  }

  /** The IP address it listens on; `::` means every one. */
  get hostname(): string {
    return this.#listener.addr.hostname;
  }

  /** The port it listens on. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** The server's public key of Ed25519, 32 bytes; undefined if it speaks classic MIM only. */
  get publicKey(): Uint8Array | undefined {
    return this.#identity?.publicKey;
  }

  /** How many users are online. */
  get userCount(): number {
    return this.#table.size;
  }

  /** How many connections are open, logged in or not. */
  get connectionCount(): number {
    return this.#sessions.size;
  }

  /** How it is doing right now. */
  get stats(): ServerStats {
    const { logins, mim2Logins, logouts, rejections, acceptFailures, bytesOut } = this.#counters;
    const { log, updates, lag } = this.#broadcast;
    const mim2 = this.#mim2;
    return {
      users: this.userCount,
      mim2Users: mim2?.size ?? 0,
      connections: this.connectionCount,
      logins,
      mim2Logins,
      logouts,
      rejections,
      acceptFailures,
      bytesOut,
      updates,
      logBytes: log.capacity + (mim2?.presence.broadcast.log.capacity ?? 0),
      slowestLag: Math.max(lag, mim2?.presence.broadcast.lag ?? 0),
      probes: mim2?.probes ?? { reachable: 0, unreachable: 0 },
      dataProblem: this.#identity?.problem,
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
    this.#welcome = this.#greet(options.welcome);
    this.#maxUsers = options.maxUsers ?? 0;
    this.#admission.maxPerAddress = options.maxPerAddress ?? serverLimits.connectionsPerAddress;
    this.#admission.maxRate = options.maxRate ?? serverLimits.connectionsPerMinute;
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
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    clearInterval(this.#tick);
    closeQuietly(this.#listener);
    for (const session of this.#sessions) {
      session.end(
        link === undefined
          ? { by: "shutdown", reason: "the server is shutting down" }
          : { by: "move", reason: "another server goes on", link },
      );
    }
    this.#broadcast.close();
    await Promise.all([this.#accepting, this.#rejected.close(), ...this.#farewells]);
    await this.#mim2?.close();
  }

  /** The same as {@linkcode MimServer.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Does little but accept, so that no connection waits for long in the system's queue. */
  #accept(): Promise<void> {
    const mayLog = throttle(TICK_MS);
    return acceptConnections(this.#listener, async (connection) => {
      this.#open(connection);
      // Waiting connections are accepted without a turn of the event loop, so nothing would be read.
      if (this.#waiting.size > MAX_NEWCOMERS) await new Promise((resolve) => setImmediate(resolve));
    }, (error) => {
      this.#counters.acceptFailures++;
      if (!mayLog()) return;
      logger.error("cannot accept connections: {reason}", { reason: describeAcceptError(error) });
    }, this.#closing.signal);
  }

  #open(connection: Connection): void {
    const { hostname, port } = connection.remoteAddr;
    const address = plainAddress(hostname);
    if (this.#admission.isFull(address)) this.#closeOldestNewcomer(networkOf(address));
    const rejection = this.#admission.admit(address, now());
    if (rejection !== undefined) {
      this.#counters.rejected(rejection.code);
      this.#log.rejected(address, port, rejection);
      const isTold = this.#mim2 !== undefined &&
        this.#rejected.take(connection, address, this.#welcome, rejection);
      return isTold ? undefined : closeQuietly(connection);
    }
    try {
      connection.setNoDelay();
    } catch {
      // The client has left already: the first read will fail.
    }
    const session = new Session(connection, address, this.#welcome, this.#callbacks);
    this.#sessions.add(session);
    this.#waiting.set(session, now() + this.#loginTimeoutMs);
    if (!isLoopback(address)) {
      const reason = `over ${serverLimits.newcomers} have not logged in`;
      this.#newcomers.add(networkOf(address), session)
        ?.end({ by: "rejected", code: "too-many-connections", reason });
    }
    void session.run();
  }

  /** Idle connections must not keep out those who log in: the oldest of an address makes room. */
  #closeOldestNewcomer(network: string): void {
    const reason = `over ${this.#admission.maxPerAddress} at once`;
    const oldest = this.#newcomers.takeOldest(network);
    oldest?.end({ by: "rejected", code: "too-many-connections", reason });
  }

  async #waitForHandshake(session: Session): Promise<void> {
    const source = isLoopback(session.address) ? undefined : addressBlock(session.address);
    if (await this.#handshakes.wait(source)) return this.#mim2?.wake();
    const reason = "too many handshakes of its network wait";
    session.end({ by: "rejected", code: "too-fast", reason });
  }

  #greet(welcome = WELCOME): Greeting {
    const text = this.#keysOnly ? `${welcome.trimEnd()}\n${KEYS_ONLY}` : welcome;
    const identity = this.#identity;
    return new Greeting(
      text,
      identity && { lines: identity.welcomeLines, staticKey: identity.staticKey },
    );
  }

  #logIn(session: Session, login: Login | LinkLogin): Rejection | undefined {
    const check = checkUserName(login.name);
    if (!check.ok) return { code: "invalid-name", reason: check.reason };
    if (this.#maxUsers > 0 && this.#table.size >= this.#maxUsers) {
      return { code: "server-full", reason: `${this.#maxUsers} users are online` };
    }
    const { name } = check;
    const entry = { name, address: session.address, port: login.port };
    const rejection = "identity" in login
      ? this.#mim2?.logIn(session, login, entry)
      : this.#rejectClassic(name);
    if (rejection !== undefined) return rejection;
    this.#newcomers.delete(networkOf(session.address), session);
    this.#waiting.delete(session); // its new deadline is the last
    this.#waiting.set(session, now() + this.#loginTimeoutMs);
    this.#counters.logins++;
    const add = encodeAdd(entry);
    this.#table.add(session, add);
    this.#broadcast.append(add);
    logger.debug("{dialect} login of {name} at {address} port {port}", {
      ...entry,
      dialect: "identity" in login ? "MIM/2" : "classic",
      name: sanitizeText(name),
    });
    if ("identity" in login) {
      this.#counters.mim2Logins++;
      return undefined;
    }
    this.#mim2?.addClassic(session, entry);
    this.#broadcast.join(session);
    session.enter({ first: this.#table.segments(), log: this.#broadcast.log });
    return undefined;
  }

  /** Rejects a classic client, or only one whose name belongs to a key, if the options say so. */
  #rejectClassic(name: string): Rejection | undefined {
    if (this.#keysOnly) return { code: "keys-only", reason: "classic clients can't log in" };
    if (!this.#strictNames || this.#mim2?.isTaken(name) !== true) return undefined;
    return { code: "name-taken", reason: `${sanitizeText(name)} belongs to a key here` };
  }

  #remove(session: Session, end: SessionEnd, closed: Promise<void> | undefined): void {
    if (closed !== undefined) {
      const farewell = closed.finally(() => this.#farewells.delete(farewell));
      this.#farewells.add(farewell);
    }
    this.#sessions.delete(session);
    this.#waiting.delete(session);
    this.#newcomers.delete(networkOf(session.address), session);
    this.#broadcast.leave(session);
    this.#admission.release(session.address);
    const update = this.#table.delete(session);
    if (update !== undefined) {
      this.#counters.logouts++;
      if (!this.#closing.signal.aborted) this.#broadcast.append(update);
    }
    this.#mim2?.remove(session);
    if (end.by === "rejected") this.#counters.rejected(end.code);
    this.#log.ended(session, end, update);
  }

  #checkTimeouts(): void {
    const time = now();
    for (const [session, until] of this.#waiting) {
      const end = until <= time
        ? describeTimeout(session, this.#loginTimeoutMs)
        : describeStall(session, time);
      if (end !== undefined) session.end({ by: "rejected", ...end });
    }
    this.#broadcast.keepAlive(this.#keepAliveIntervalMs);
    this.#broadcast.tick();
    this.#mim2?.tick();
    this.#identity?.tick();
    this.#rejected.tick();
    this.#admission.forget(time);
    this.#log.tick(time);
  }
}

/** Why a connection can't be accepted, and what to do. */
function describeAcceptError(error: unknown): string {
  const reason = reasonOf(error);
  if (!/too many open files/i.test(reason)) return reason;
  return `${reason}; raise the limit with \`ulimit -n\`, or LimitNOFILE in the systemd unit`;
}
