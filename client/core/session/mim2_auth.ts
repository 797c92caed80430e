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

export interface LoginCredentials {
  readonly name: string;
  /** The user's key pair of Ed25519; undefined for one who speaks classic MIM only. */
  readonly identity:
    | { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array }
    | undefined;
  readonly availability: Availability;
  readonly status: string;
}

/** The part of a session that only MIM/2 has: both sides prove their keys, and ping each other. */
export class Mim2Auth {
  /** The key that the server has announced. */
  readonly serverKey: Uint8Array;
  readonly #connection: ServerConnection;
  readonly #loginNonce: Uint8Array;
  readonly #clientNonce = crypto.getRandomValues(new Uint8Array(32));
  /** How the server has accepted the login; undefined before. */
  accepted: Extract<Mim2Notice, { type: "accepted" }> | undefined;
  #idleTimeout: IdleTimeout | undefined;

  /** @param announcement what the server has announced */
  constructor(connection: ServerConnection, announcement: Announcement) {
    this.#connection = connection;
    this.#loginNonce = announcement.nonce;
    this.serverKey = announcement.serverKey;
  }

  /** @param addresses further ones, at which the client can be reached too */
  logIn(
    self: LoginCredentials & { readonly identity: NonNullable<LoginCredentials["identity"]> },
    port: number,
    addresses: readonly string[],
  ): void {
    const { name, identity: { privateKey, publicKey }, availability, status } = self;
    const { serverKey } = this;
    const statement = { type: "login", nonce: this.#loginNonce, serverKey, port, name } as const;
    this.#connection.say(encodeMim2Login({
      ...{ name, port, identity: publicKey, availability, status, addresses, capabilities: 0 },
      signature: signStatement(statement, privateKey),
      clientNonce: this.#clientNonce,
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
    if (this.accepted !== undefined) {
      throw new ProtocolError("bad-field", "expected one acceptance of the login, got another");
    }
    const { session, signature } = accepted;
    const statement = { type: "server", nonce: this.#clientNonce, session } as const;
    if (!verifyStatement(statement, signature, this.serverKey)) {
      throw new ProtocolError(
        "not-authentic",
        "expected a proof of the key that the server announced, got a signature that does not fit it",
      );
    }
    this.accepted = accepted;
    const seconds = Math.min(accepted.pingSeconds || DEFAULT_PING_SECONDS, MAX_PING_SECONDS);
    const timeoutMs = seconds * 1000 * MAX_MISSED_PINGS;
    this.#idleTimeout = new IdleTimeout(timeoutMs, (ms) => onSilent(Math.round(ms / 1000)));
  }

  /** @throws {ProtocolError} `bad-field` unless the server's proof, or a refusal, comes first */
  handle(type: string): void {
    this.#idleTimeout?.reset();
    if (this.accepted !== undefined || type === "accepted" || type === "refusal") return;
    const message = `expected the proof of the server's key first, got ${type}`;
    throw new ProtocolError("bad-field", message);
  }

  /** Sends a message after the login; false if the server does not read. */
  say(message: Parameters<typeof encodeClientMessage>[0]): boolean {
    return this.accepted !== undefined && this.#connection.say(encodeClientMessage(message));
  }

  /** Asks the server for a sign of life. */
  ping(): void {
    const [token = 0] = crypto.getRandomValues(new Uint32Array(1));
    this.say({ type: "ping", token });
    this.#idleTimeout?.expectWithin(PONG_TIMEOUT_MS);
  }

  close(): void {
    this.#idleTimeout?.stop();
  }
}
