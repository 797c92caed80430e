import { concat } from "@std/bytes/concat";
import {
  LINK_HANDSHAKE_BYTES,
  type LinkMessage,
  LinkOpeningDecoder,
  LinkServer,
  type Login,
  LoginDecoder,
} from "../../protocol/mod.ts";
import type { Connection } from "../platform/net/network.ts";
import type { Greeting } from "./greeting.ts";

/** Enough for any usual login in one read. */
const BUFFER_BYTES = 512;
/** A classic client sends nothing after its login: this only waits for the end. */
const IDLE_BUFFER_BYTES = 16;
/** A MIM/2 client answers pings and sends little else. */
const MIM2_BUFFER_BYTES = 64;
const EPHEMERAL_KEY_LENGTH = 32;
const NOTHING = new Uint8Array(0);

/** One thing that a client says, in either dialect. */
export type SessionMessage =
  | LinkMessage
  | { readonly type: "classic-login"; readonly login: Login };

/**
 * Reads a client's messages, of either dialect. Thousands of these wait most of the time, so it avoids what
 * takes memory meanwhile, such as nested async functions and streams.
 */
export class ClientReader {
  readonly #connection: Connection;
  /** Undefined from the client's first bytes on. */
  #opening: LinkOpeningDecoder | undefined;
  /** The start of a handshake; undefined once it is done, and if MIM/2 is not offered. */
  #keys: Greeting["link"];
  #classic: LoginDecoder | undefined;
  #link: LinkServer | undefined;
  #buffer = new Uint8Array(BUFFER_BYTES);
  /** Bytes that have come and are not decoded. */
  #chunk: Uint8Array = NOTHING;
  #isAtEnd = false;
  #lastHeard = 0;

  constructor(connection: Connection, greeting: Greeting) {
    this.#connection = connection;
    this.#keys = greeting.link;
    if (greeting.link === undefined) this.#classic = new LoginDecoder();
    else this.#opening = new LinkOpeningDecoder();
  }

  /** The client's link; undefined before its handshake, and for a classic client. */
  get link(): LinkServer | undefined {
    return this.#link;
  }

  /** When bytes last came, in milliseconds of `performance.now()`. */
  get lastHeard(): number {
    return this.#lastHeard;
  }

  /** Whether the client has ended its side of the connection. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** Whether the next messages begin with a handshake, which takes its time. */
  get isHandshakeDue(): boolean {
    return this.#isLinkOpening && this.#chunk.length >= LINK_HANDSHAKE_BYTES;
  }

  /** Waits for bytes; {@linkcode ClientReader.take} takes the result. */
  read(): Promise<number | null> {
    return this.#connection.read(this.#buffer);
  }

  /**
   * Takes what was read.
   *
   * @throws {ProtocolError} `unknown-opening`
   */
  take(length: number | null): void {
    this.#isAtEnd = length === null;
    if (length === null) return;
    this.#lastHeard = performance.now();
    const bytes = this.#buffer.subarray(0, length);
    if (this.#opening !== undefined) return this.#open(this.#opening, bytes);
    this.#chunk = this.#isLinkOpening ? concat([this.#chunk, bytes]) : bytes;
  }

  /**
   * Yields the messages that are complete.
   *
   * @throws {ProtocolError} at the first byte that breaks the protocol
   */
  *messages(): Generator<SessionMessage, void> {
    if (this.isHandshakeDue && this.#keys !== undefined) {
      const ephemeralKey = crypto.getRandomValues(new Uint8Array(EPHEMERAL_KEY_LENGTH));
      this.#link = new LinkServer({ ...this.#keys, ephemeralKey });
      this.#keys = undefined;
    }
    if (this.#isLinkOpening) return;
    const chunk = this.#chunk;
    this.#chunk = NOTHING;
    if (this.#link !== undefined) yield* this.#link.push(chunk);
    for (const login of this.#classic?.push(chunk) ?? []) yield { type: "classic-login", login };
  }

  /** Throws away what was read: it comes too late. */
  skip(): void {
    this.#chunk = NOTHING;
  }

  /** Saves memory after a login. */
  shrink(): void {
    this.#buffer = new Uint8Array(this.#link === undefined ? IDLE_BUFFER_BYTES : MIM2_BUFFER_BYTES);
  }

  /**
   * Says that no more bytes will come.
   *
   * @throws {ProtocolError} `truncated` in the middle of a message
   */
  assertComplete(): void {
    this.#classic?.end();
    this.#link?.end();
  }

  /** Whether the client has opened a link and the handshake is not done. */
  get #isLinkOpening(): boolean {
    return this.#keys !== undefined && this.#opening === undefined && this.#classic === undefined;
  }

  #open(decoder: LinkOpeningDecoder, bytes: Uint8Array): void {
    for (const opening of decoder.push(bytes)) {
      this.#opening = undefined;
      if (opening === "classic") this.#classic = new LoginDecoder();
      this.#chunk = (decoder.rest ?? NOTHING).slice();
    }
  }
}
