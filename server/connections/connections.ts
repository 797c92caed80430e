import { setImmediate } from "node:timers";
import { addressBlock, isLoopback, plainAddress } from "../../protocol/mod.ts";
import { HandshakeQueue, type Rejection } from "../admission/mod.ts";
import { acceptConnections } from "../platform/net/accept.ts";
import { closeQuietly, type Connection, type Listener } from "../platform/net/network.ts";
import { reasonOf } from "../platform/util/errors.ts";
import {
  describeStall,
  describeTimeout,
  type Greeting,
  RejectedConnections,
  Session,
  type SessionCallbacks,
} from "../session/mod.ts";
import type { SessionOwner } from "./session_owner.ts";

/** With more connections than this before their login, reading takes turns with accepting. */
const MAX_NEWCOMERS = 128;

const now = (): number => performance.now();

/** The connections of one thread. */
export class Connections {
  readonly #listener: Listener;
  readonly #owner: SessionOwner<Session>;
  readonly #loginTimeoutMs: number;
  readonly #callbacks: SessionCallbacks;
  /**
   * The deadlines of connections that have not logged in or not taken the table, soonest first: a table
   * stays in memory for as long as any client has not taken it.
   */
  readonly #waiting = new Map<Session, number>();
  readonly #handshakes = new HandshakeQueue();
  readonly #rejected = new RejectedConnections();
  /** Clients that are being told why they are closed. */
  readonly #farewells = new Set<Promise<void>>();
  /** Aborted as soon as it closes. */
  readonly #closing = new AbortController();
  readonly #accepting: Promise<void>;
  /** Nobody is blamed for what did not happen before this time. */
  #excusedUntil = -Infinity;
  /** The welcome of connections from now on. */
  greeting: Greeting;

  /**
   * Accepts connections from now on.
   *
   * @param loginTimeoutMs time from a connection to its login, and from there until it has taken the table
   */
  constructor(
    listener: Listener,
    greeting: Greeting,
    loginTimeoutMs: number,
    owner: SessionOwner<Session>,
  ) {
    this.#listener = listener;
    this.greeting = greeting;
    this.#loginTimeoutMs = loginTimeoutMs;
    this.#owner = owner;
    this.#callbacks = {
      onHandshake: (session) => this.#waitForHandshake(session),
      onLogin: (session, login) => this.#logIn(session, login),
      onMessage: (session, message) => owner.onMessage(session, message),
      onTableTaken: (session) => void this.#waiting.delete(session),
      onWritten: (session, bytes, before) => owner.onWritten(session, bytes, before),
      onEnd: (session, end, closed) => {
        if (closed !== undefined) this.#awaitFarewell(closed);
        this.#waiting.delete(session);
        owner.onEnd(session, end);
      },
    };
    this.#accepting = this.#accept();
  }

  /**
   * Ends those that miss a deadline. To be called every second or so.
   *
   * @param pausedMs how long this process did not run since the last call: nobody could reach it
   */
  tick(pausedMs: number): void {
    const time = now();
    if (pausedMs > 0) {
      this.#excusedUntil = time;
      for (const session of this.#waiting.keys()) {
        this.#waiting.set(session, time + this.#loginTimeoutMs);
      }
    }
    for (const [session, until] of this.#waiting) {
      const end = until <= time
        ? describeTimeout(session, this.#loginTimeoutMs)
        : describeStall(session, time, this.#excusedUntil);
      if (end !== undefined) session.end({ by: "rejected", ...end });
    }
    this.#rejected.tick();
  }

  /** Accepts no more. */
  stop(): void {
    this.#closing.abort();
    closeQuietly(this.#listener);
  }

  /** Accepts no more, and resolves once all whose sessions have ended are closed. */
  async close(): Promise<void> {
    this.stop();
    await Promise.all([this.#accepting, this.#rejected.close(), ...this.#farewells]);
  }

  /** Does little but accept, so that no connection waits for long in the system's queue. */
  #accept(): Promise<void> {
    return acceptConnections(
      this.#listener,
      async (connection) => {
        this.#open(connection);
        // Waiting connections are accepted without a turn of the event loop, so nothing would be read.
        if (this.#waiting.size > MAX_NEWCOMERS) {
          await new Promise((resolve) => setImmediate(resolve));
        }
      },
      (error) => this.#owner.onAcceptFailure(describeAcceptError(error)),
      this.#closing.signal,
    );
  }

  #open(connection: Connection): void {
    const { hostname, port } = connection.remoteAddr;
    const address = plainAddress(hostname);
    const answer = this.#owner.admit(address, port);
    if (!(answer instanceof Promise)) return this.#take(connection, address, answer);
    void answer.then((rejection) => this.#take(connection, address, rejection));
  }

  #take(connection: Connection, address: string, rejection: Rejection | undefined): void {
    if (this.#closing.signal.aborted) return closeQuietly(connection);
    if (rejection !== undefined) {
      const isTold = this.greeting.link !== undefined &&
        this.#rejected.take(connection, address, this.greeting, rejection);
      return isTold ? undefined : closeQuietly(connection);
    }
    try {
      connection.setNoDelay();
    } catch {
      // The client has left already: the first read will fail.
    }
    const session = new Session(connection, address, this.greeting, this.#callbacks);
    this.#waiting.set(session, now() + this.#loginTimeoutMs);
    this.#owner.onOpen(session);
    void session.run();
  }

  async #waitForHandshake(session: Session): Promise<void> {
    const source = isLoopback(session.address) ? undefined : addressBlock(session.address);
    if (await this.#handshakes.wait(source)) return this.#owner.onHandshake();
    const reason = "too many handshakes of its network wait";
    session.end({ by: "rejected", code: "too-fast", reason });
  }

  #logIn(session: Session, login: Parameters<SessionCallbacks["onLogin"]>[1]) {
    const rejection = this.#owner.onLogin(session, login);
    if (rejection !== undefined) return rejection;
    this.#waiting.delete(session); // its new deadline is the last
    this.#waiting.set(session, now() + this.#loginTimeoutMs);
    return undefined;
  }

  #awaitFarewell(closed: Promise<void>): void {
    const farewell = closed.finally(() => this.#farewells.delete(farewell));
    this.#farewells.add(farewell);
  }
}

/** Why a connection can't be accepted, and what to do. */
function describeAcceptError(error: unknown): string {
  const reason = reasonOf(error);
  if (!/too many open files/i.test(reason)) return reason;
  return `${reason}; raise the limit with \`ulimit -n\`, or LimitNOFILE in the systemd unit`;
}
