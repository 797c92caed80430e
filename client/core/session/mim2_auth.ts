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

/** What a server's pings may be apart where it names no time, in seconds, and at most. */
const DEFAULT_PING_SECONDS = 30;
const MAX_PING_SECONDS = 3_600;
/** A connection is given up after the silence of so many pings. */
const MAX_MISSED_PINGS = 2.5;
/** How long the answer to an own ping may take. */
const PONG_TIMEOUT_MS = 5_000;

/** Who logs in. */
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

/** What is MIM/2's alone in a stay: both sides prove their keys, and ping each other. */
export class Mim2Auth {
  /** The key that the server has announced. */
  readonly serverKey: Uint8Array;
  readonly #link: ServerConnection;
  readonly #loginNonce: Uint8Array;
  readonly #clientNonce = crypto.getRandomValues(new Uint8Array(32));
  #accepted: Extract<Mim2Notice, { type: "accepted" }> | undefined;
  #silence: IdleTimeout | undefined;

  /** At the server that announces this. */
  constructor(link: ServerConnection, { nonce, serverKey }: Announcement) {
    this.#link = link;
    this.#loginNonce = nonce;
    this.serverKey = serverKey;
  }

  /** What the server said as it accepted the login; undefined before. */
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
    this.#link.say(encodeMim2Login({
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
   * @throws {ProtocolError} `not-authentic` where it has not; `bad-field` where it has done so before
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
    const patience = seconds * 1000 * MAX_MISSED_PINGS;
    this.#silence = new IdleTimeout(
      patience,
      (time) => onSilent(Math.round(time / 1000)),
    );
  }

  /**
   * Looks at the order of what the server says: its proof comes first, or a refusal.
   *
   * @throws {ProtocolError} `bad-field`
   */
  heard(type: string): void {
    this.#silence?.heard();
    if (this.#accepted !== undefined || type === "accepted" || type === "refusal") return;
    throw new ProtocolError(
      "bad-field",
      `expected the proof of the server's key first, got ${type}`,
    );
  }

  /** Says something after the login; false where the server does not take it. */
  say(message: Parameters<typeof encodeClientMessage>[0]): boolean {
    return this.#accepted !== undefined && this.#link.say(encodeClientMessage(message));
  }

  /** Has the server show soon that it is there. */
  ping(): void {
    const [token = 0] = crypto.getRandomValues(new Uint32Array(1));
    this.say({ type: "ping", token });
    this.#silence?.hurry(PONG_TIMEOUT_MS);
  }

  /** Ends: watches no more. */
  end(): void {
    this.#silence?.stop();
  }
}
