import { deadline } from "@std/async/deadline";
import {
  type Availability,
  createSignature,
  encodeLinkClientMessage,
  encodeLinkLogin,
  isAnnouncementValid,
  type KeyRotation,
  LinkClient,
  type LinkClientMessage,
  type LinkNoticeOf,
  type LinkOffer,
  type LinkServerMessage,
  ProtocolError,
} from "../../../protocol/mod.ts";
import type { DisconnectCause } from "../error_details.ts";
import type { ProvenServer } from "../proven_server.ts";
import { IdleTimeout } from "./idle_timeout.ts";
import { PendingOrders } from "./pending_orders.ts";
import type { ServerConnection } from "./server_connection.ts";

/** The time between a server's pings if it names none, in seconds, and at most. */
const DEFAULT_PING_SECONDS = 30;
const MAX_PING_SECONDS = 3_600;
/** A connection is given up when so many pings are missing. */
const MAX_MISSED_PINGS = 2.5;
/** How long a server may take to answer an own ping. */
const PONG_TIMEOUT_MS = 5_000;
/** How long log records may stay unsigned: a server signs within a second. */
const UNSIGNED_TIMEOUT_MS = 30_000;

export interface LoginCredentials {
  readonly name: string;
  /** The user's key pair of Ed25519; undefined for one who speaks classic MIM only. */
  readonly identity:
    | {
      readonly privateKey: Uint8Array;
      readonly publicKey: Uint8Array;
      /** How earlier keys led to it. */
      readonly rotations?: readonly KeyRotation[];
      /** This client's capabilities, as bits, for others to see. */
      readonly capabilities?: () => number;
    }
    | undefined;
  readonly availability: Availability;
  readonly status: string;
}

/** The fields of a login through a link beside the credentials. */
export interface LinkLoginDetails {
  /** The hash of the handshake, which the login signs. */
  readonly handshakeHash: Uint8Array;
  /** The port of the own listener. */
  readonly port: number;
  /** Further addresses, at which the client can be reached too. */
  readonly addresses: readonly string[];
  /** The session before at this server, which it ends; empty if there was none. */
  readonly previousSession: Uint8Array;
}

/** The part of a session that only MIM/2 has: both sides prove their keys, and all is encrypted. */
export class ServerLink implements ProvenServer {
  readonly offer: LinkOffer;
  /** How the server has accepted the login; undefined before. */
  accepted: LinkNoticeOf<"accepted"> | undefined;
  /** Whether the handshake has shown that the server has the key that it announces. */
  isProven = false;
  /** The orders that are not answered yet. */
  readonly orders = new PendingOrders();
  readonly #connection: ServerConnection;
  readonly #client: LinkClient;
  readonly #onFailed: (cause: DisconnectCause) => void;
  #acceptedAt = 0;
  /** The ping by which the clocks are compared: when it was sent, and what takes the answer. */
  #clockPing:
    | { readonly token: number; readonly at: number; readonly take: (aheadMs: number) => void }
    | undefined;
  #idleTimeout: IdleTimeout | undefined;
  #unsignedTimer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param onFailed called if the server falls silent, or does not sign what it tells
   * @throws {ProtocolError} `not-authentic` if the server's key has not signed its announcement
   */
  constructor(
    connection: ServerConnection,
    offer: LinkOffer,
    onFailed: (cause: DisconnectCause) => void,
  ) {
    if (!isAnnouncementValid(offer.announcement)) {
      throw new ProtocolError("not-authentic", "expected keys signed by the server, got others");
    }
    this.offer = offer;
    this.#connection = connection;
    this.#client = new LinkClient(offer, crypto.getRandomValues(new Uint8Array(32)));
    this.#onFailed = onFailed;
  }

  get serverKey(): Uint8Array {
    return this.offer.announcement.serverKey;
  }

  get isUncertified(): boolean {
    return this.offer.announcement.isUncertified;
  }

  get hasNoLobby(): boolean {
    return this.offer.announcement.hasNoLobby ?? false;
  }

  get serverTime(): number {
    return (this.accepted?.serverTime ?? 0) + performance.now() - this.#acceptedAt;
  }

  /** Begins the handshake. */
  open(): void {
    this.#connection.say(this.#client.open());
  }

  /** @throws {ProtocolError} `not-authentic`, and others: see {@linkcode LinkClient.push} */
  *push(chunk: Uint8Array): Generator<LinkServerMessage, void> {
    for (const message of this.#client.push(chunk)) {
      this.isProven = true;
      this.#idleTimeout?.reset();
      yield message;
    }
    this.#watchSignatures();
  }

  /** @throws {ProtocolError} `truncated` in the middle of a block */
  end(): void {
    this.#client.end();
  }

  logIn(
    self: LoginCredentials & { readonly identity: NonNullable<LoginCredentials["identity"]> },
    { handshakeHash, ...details }: LinkLoginDetails,
  ): void {
    const { name, identity, availability, status } = self;
    const { privateKey, publicKey, rotations = [] } = identity;
    const capabilities = identity.capabilities?.() ?? 0;
    const statement = { type: "login", handshakeHash, port: details.port, name } as const;
    const signature = createSignature(statement, privateKey);
    const own = { name, identity: publicKey, signature, availability, status, capabilities };
    this.#connection.say(this.#client.encrypt(encodeLinkLogin({ ...own, ...details, rotations })));
  }

  /** The server has accepted the login; its signature is checked. */
  accept(accepted: LinkNoticeOf<"accepted">): void {
    this.accepted = accepted;
    this.#acceptedAt = performance.now();
    const seconds = Math.min(accepted.pingSeconds || DEFAULT_PING_SECONDS, MAX_PING_SECONDS);
    this.#idleTimeout = new IdleTimeout(
      seconds * 1000 * MAX_MISSED_PINGS,
      (ms) => this.#onFailed({ type: "silent", seconds: Math.round(ms / 1000) }),
    );
  }

  /** Sends a message after the login; false if the server does not read. */
  say(message: LinkClientMessage): boolean {
    if (this.accepted === undefined || !this.#connection.canSay) return false;
    return this.#connection.say(this.#client.encrypt(encodeLinkClientMessage(message)));
  }

  /** Asks the server for a sign of life. */
  ping(): void {
    this.say({ type: "ping", token: randomToken() });
    this.#idleTimeout?.expectWithin(PONG_TIMEOUT_MS);
  }

  /**
   * How far this machine's clock is ahead of the server's now, in milliseconds. If the server does not
   * answer, its clock is counted on from the login.
   */
  async clockAheadMs(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const token = randomToken();
    this.#clockPing = { token, at: performance.now(), take: resolve };
    this.say({ type: "ping", token });
    return await deadline(promise, PONG_TIMEOUT_MS).catch(() => Date.now() - this.serverTime);
  }

  /** The server has answered a ping. */
  answered({ token, serverTime }: LinkNoticeOf<"pong">): void {
    const ping = this.#clockPing;
    if (ping?.token !== token) return;
    this.#clockPing = undefined;
    ping.take(Date.now() - (performance.now() - ping.at) / 2 - serverTime);
  }

  close(): void {
    this.orders.stop();
    this.#idleTimeout?.stop();
    clearTimeout(this.#unsignedTimer);
  }

  /** Anyone who is logged in could forge records that the server does not sign. */
  #watchSignatures(): void {
    if (this.#client.unsignedRecords === 0) {
      clearTimeout(this.#unsignedTimer);
      this.#unsignedTimer = undefined;
      return;
    }
    this.#unsignedTimer ??= setTimeout(() => {
      const reason = `expected a signature within ${UNSIGNED_TIMEOUT_MS / 1000} s, got none`;
      this.#onFailed({ type: "not-authentic", reason });
    }, UNSIGNED_TIMEOUT_MS);
  }
}

function randomToken(): number {
  const [token = 0] = crypto.getRandomValues(new Uint32Array(1));
  return token;
}
