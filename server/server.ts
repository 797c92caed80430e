import { setImmediate } from "node:timers";
import { getLogger } from "@logtape/logtape";
import {
  checkUserName,
  deleteOfAdd,
  displayText,
  encodeAdd,
  encodeWelcome,
  limits,
  type Login,
  plainAddress,
} from "../protocol/mod.ts";
import { Admission } from "./admission.ts";
import {
  closeQuietly,
  type Connection,
  listenAt,
  type Listener,
  type Network,
  systemNetwork,
} from "./network.ts";
import { OnlineTable } from "./online_table.ts";
import { Session, type SessionEnd } from "./session.ts";
import { UpdateLog } from "./update_log.ts";

const logger = getLogger(["mim", "server"]);
/** Names nobody and is harmless; makes TCP notice clients that are gone without a word. */
const KEEP_ALIVE = deleteOfAdd(encodeAdd({ name: "", address: "", port: 0 }));
/** How often time-outs are looked at. */
const TICK = 1_000;
/** While one update follows the other, for how long they are collected before everybody is told. */
const STORM = 50;
/** How long accepting rests after it failed: there may be no file descriptor left. */
const ACCEPT_REST = 50;

/** How a {@linkcode MimServer} is to run. Everything has a default. */
export interface ServerOptions {
  /** The address to listen at; every address of the machine where it is left out. */
  readonly hostname?: string;
  /** The TCP port; 0 lets the system pick. Default: 4242. */
  readonly port?: number;
  /** The text that clients are shown on connect: at most 64 lines and 8 KiB. */
  readonly welcome?: string;
  /** Users online at once; 0, the default, lifts the limit. */
  readonly maxUsers?: number;
  /** Connections at once from one address, loopback exempt; 0 lifts the limit. Default: 1,024. */
  readonly maxPerAddress?: number;
  /** Milliseconds from a connection to its login. Default: 30,000. */
  readonly loginTime?: number;
  /** Milliseconds of silence after which clients are sent a keep-alive. Default: 120,000. */
  readonly keepAliveTime?: number;
  /** The network to listen on. Default: the machine's own. */
  readonly network?: Network;
}

/**
 * The central server: knows who is online, at which address and port, and tells everybody. It logs
 * through LogTape, category `mim.server`; without LogTape configured it is silent.
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
  readonly #welcome: Uint8Array;
  readonly #maxUsers: number;
  readonly #loginTime: number;
  readonly #keepAliveTime: number;
  readonly #admission: Admission;
  readonly #table = new OnlineTable<Session>();
  readonly #log = new UpdateLog(() => this.#oldestCursor());
  /** Every connection, in the order in which they came. */
  readonly #sessions = new Set<Session>();
  /** Those that have not logged in, and until when they may wait, soonest first. */
  readonly #waiting = new Map<Session, number>();
  /** Those that are told of every change. */
  readonly #online = new Set<Session>();
  readonly #tick: ReturnType<typeof setInterval>;
  readonly #accepting: Promise<void>;
  #telling = false;
  #lastUpdate = performance.now();
  #closed = false;

  /**
   * Starts listening; connections are taken from then on.
   *
   * @throws {Deno.errors.AddrInUse} where the port is taken
   * @throws {Deno.errors.AddrNotAvailable} where the address is not this machine's
   * @throws {RangeError} where the welcome is too long
   */
  static listen(options: ServerOptions = {}): MimServer {
    return new MimServer(options);
  }

  private constructor(options: ServerOptions) {
    this.#welcome = encodeWelcome(options.welcome ?? "Welcome to MIM");
    this.#maxUsers = options.maxUsers ?? 0;
    this.#loginTime = options.loginTime ?? limits.loginTime;
    this.#keepAliveTime = options.keepAliveTime ?? limits.keepAliveTime;
    this.#admission = new Admission(options.maxPerAddress ?? limits.connectionsPerAddress);
    const network = options.network ?? systemNetwork;
    this.#listener = listenAt(network, options.hostname, options.port ?? 4242);
    this.#tick = setInterval(() => this.#watchTime(), TICK);
    this.#accepting = this.#accept();
  }

  /** The address it listens at: an IP address, `::` for every one. */
  get hostname(): string {
    return this.#listener.addr.hostname;
  }

  /** The port it listens at. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** How many users are online. */
  get userCount(): number {
    return this.#table.size;
  }

  /** How many connections are open, logged in or not. */
  get connectionCount(): number {
    return this.#sessions.size;
  }

  /** Stops accepting and closes every connection. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#tick);
    closeQuietly(this.#listener);
    for (const session of this.#sessions) {
      session.end({ by: "shutdown", reason: "the server is shutting down" });
    }
    await this.#accepting;
  }

  /** The same as {@linkcode MimServer.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #accept(): Promise<void> {
    let failed = "";
    while (!this.#closed) {
      try {
        this.#open(await this.#listener.accept());
        failed = "";
      } catch (error) {
        if (this.#closed) return;
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== failed) logger.error("cannot accept connections: {reason}", { reason });
        failed = reason;
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_REST));
      }
    }
  }

  #open(connection: Connection): void {
    const address = plainAddress(connection.remoteAddr.hostname);
    const refusal = this.#admission.admit(address, performance.now());
    if (refusal !== undefined) {
      logger.info("refused {address}: {reason}", { address, reason: refusal });
      return closeQuietly(connection);
    }
    try {
      connection.setNoDelay();
    } catch {
      // Already gone again: the first read will say so.
    }
    const session = new Session(connection, address, this.#welcome, {
      log: this.#log,
      enter: (session, login) => this.#enter(session, login),
      left: (session, end) => this.#left(session, end),
    });
    this.#sessions.add(session);
    this.#waiting.set(session, performance.now() + this.#loginTime);
    void session.run();
  }

  #enter(session: Session, login: Login): Uint8Array | string {
    const check = checkUserName(login.name);
    if (!check.ok) return `bad-name: ${check.reason}`;
    if (this.#maxUsers > 0 && this.#table.size >= this.#maxUsers) {
      return `full: ${this.#maxUsers} users are online`;
    }
    this.#waiting.delete(session);
    const { name } = check;
    this.#append(this.#table.add(session, { name, address: session.address, port: login.port }));
    this.#online.add(session);
    logger.debug("login of {name} at {address} port {port}", {
      name: displayText(name),
      address: session.address,
      port: login.port,
    });
    return this.#table.bytes();
  }

  #left(session: Session, end: SessionEnd): void {
    this.#sessions.delete(session);
    this.#waiting.delete(session);
    this.#online.delete(session);
    this.#admission.release(session.address);
    const update = this.#table.delete(session);
    if (update !== undefined && !this.#closed) this.#append(update);
    const record = { address: session.address, reason: end.reason };
    if (end.by === "refused") logger.info("closed {address}: {reason}", record);
    else logger.debug("end of {address}: {reason}", record);
  }

  /** Adds to the log; once all that is going on right now is done, everybody is told in one go. */
  #append(update: Uint8Array): void {
    this.#log.append(update);
    this.#lastUpdate = performance.now();
    if (this.#telling) return;
    this.#telling = true;
    const start = performance.now();
    let seen = this.#log.end;
    const tell = () => {
      if (this.#log.end > seen && performance.now() - start < STORM) {
        seen = this.#log.end;
        setImmediate(tell);
        return;
      }
      this.#telling = false;
      for (const session of this.#online) session.pump();
    };
    setImmediate(tell);
  }

  #watchTime(): void {
    const now = performance.now();
    for (const [session, until] of this.#waiting) {
      if (until > now) break;
      session.end({ by: "refused", reason: `no login within ${this.#loginTime / 1000} s` });
    }
    if (now - this.#lastUpdate >= this.#keepAliveTime) this.#append(KEEP_ALIVE);
    this.#log.trim();
    this.#admission.forget(now);
  }

  #oldestCursor(): number {
    let oldest = Infinity;
    for (const { cursor } of this.#online) oldest = Math.min(oldest, cursor ?? Infinity);
    return oldest;
  }
}
