import {
  type Announcement,
  type Availability,
  encodeClientMessage,
  encodeMim2Login,
  type Mim2Notice,
  ProtocolError,
  signStatement,
  verifyStatement,
} from "../../../protocol/mod.ts";
import type { ServerConnection } from "./server_connection.ts";
import { IdleTimeout } from "./idle_timeout.ts";

/** The time between a server's pings if it names none, in seconds, and at most. */
const DEFAULT_PING_SECONDS = 30;
const MAX_PING_SECONDS = 3_600;
/** A connection is given up when so many pings are missing. */
const MAX_MISSED_PINGS = 2.5;
/** How long a server may take to answer an own ping. */
const PONG_TIMEOUT_MS = 5_000;

/** The user who logs in. */
export interface LoginCredentials {
  /** The user's name. */
  readonly name: string;
  /** The user's key pair of Ed25519; undefined for one who speaks classic MIM only. */
  readonly identity:
    | { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array }
    | undefined;
  /** Whether the user is there. */
  readonly availability: Availability;
  /** What the user says about it. */
  readonly status: string;
}

/** The part of a session that only MIM/2 has: both sides prove their keys, and ping each other. */
export class Mim2Auth {
  /** The key that the server has announced. */
  readonly serverKey: Uint8Array;
  readonly #connection: ServerConnection;
  readonly #loginNonce: Uint8Array;
  readonly #clientNonce = crypto.getRandomValues(new Uint8Array(32));
  #accepted: Extract<Mim2Notice, { type: "accepted" }> | undefined;
  #idleTimeout: IdleTimeout | undefined;

  /** @param announcement what the server has announced */
  constructor(connection: ServerConnection, announcement: Announcement) {
    this.#connection = connection;
    this.#loginNonce = announcement.nonce;
    this.serverKey = announcement.serverKey;
  }

  /** How the server has accepted the login; undefined before. */
  get accepted(): Extract<Mim2Notice, { type: "accepted" }> | undefined {
    return this.#accepted;
  }

  /**
   * Logs in.
   *
   * @param port where the client listens
   * @param addresses further ones, at which it can be reached too
   */
  logIn(
    self: LoginCredentials & { readonly identity: NonNullable<LoginCredentials["identity"]> },
    port: number,
    addresses: readonly string[],
  ): void {
    const { name, identity: { privateKey, publicKey }, availability, status } = self;
    const { serverKey } = this;
    const signature = signStatement(
      { type: "login", nonce: this.#loginNonce, serverKey, port, name },
      privateKey,
    );
    this.#connection.say(encodeMim2Login({
      name,
      port,
      identity: publicKey,
      signature,
      clientNonce: this.#clientNonce,
      capabilities: 0,
      availability,
      status,
      addresses,
    }));
  }

  /**
   * The server has accepted the login, and proven its key.
   *
   * @param onSilent called with the seconds if the server falls silent
   * @throws {ProtocolError} `not-authentic` if it has not; `bad-field` if it did so before
   */
  accept(
    accepted: Extract<Mim2Notice, { type: "accepted" }>,
    onSilent: (seconds: number) => void,
  ): void {
    if (this.#accepted !== undefined) {
      throw new ProtocolError("bad-field", "expected one acceptance of the login, got another");
    }
    const statement = {
      type: "server",
      nonce: this.#clientNonce,
      session: accepted.session,
    } as const;
    if (!verifyStatement(statement, accepted.signature, this.serverKey)) {
      throw new ProtocolError(
        "not-authentic",
        "expected a proof of the key that the server announced, got a signature that does not fit it",
      );
    }
    this.#accepted = accepted;
    const seconds = Math.min(accepted.pingSeconds || DEFAULT_PING_SECONDS, MAX_PING_SECONDS);
    const timeoutMs = seconds * 1000 * MAX_MISSED_PINGS;
    this.#idleTimeout = new IdleTimeout(
      timeoutMs,
      (time) => onSilent(Math.round(time / 1000)),
    );
  }

  /**
   * Checks the order of the server's messages: its proof comes first, or a refusal.
   *
   * @throws {ProtocolError} `bad-field`
   */
  handle(type: string): void {
    this.#idleTimeout?.reset();
    if (this.#accepted !== undefined || type === "accepted" || type === "refusal") return;
    throw new ProtocolError(
      "bad-field",
      `expected the proof of the server's key first, got ${type}`,
    );
  }

  /** Sends a message after the login; false if the server does not read. */
  say(message: Parameters<typeof encodeClientMessage>[0]): boolean {
    return this.#accepted !== undefined && this.#connection.say(encodeClientMessage(message));
  }

  /** Asks the server for a sign of life. */
  ping(): void {
    const [token = 0] = crypto.getRandomValues(new Uint32Array(1));
    this.say({ type: "ping", token });
    this.#idleTimeout?.expectWithin(PONG_TIMEOUT_MS);
  }

  /** Stops watching. */
  close(): void {
    this.#idleTimeout?.stop();
  }
}
