import {
  ClientDecoder,
  type ClientMessage,
  type Decoder,
  decodeStream,
  type Login,
  LoginDecoder,
} from "../../protocol/mod.ts";
import type { Connection } from "../platform/net/network.ts";

/** Enough for any usual login in one read. */
const BUFFER_BYTES = 512;
/** A classic client sends nothing after its login: this only waits for the end. */
const IDLE_BUFFER_BYTES = 16;
/** A MIM/2 client answers pings and sends little else. */
const MIM2_BUFFER_BYTES = 64;

/** The stream may end before the bytes do: then nothing is cut off. */
class EndlessDecoder implements Decoder<ClientMessage | Login> {
  readonly #decoder: Decoder<ClientMessage | Login>;

  constructor(decoder: Decoder<ClientMessage | Login>) {
    this.#decoder = decoder;
  }

  push(chunk: Uint8Array): Iterable<ClientMessage | Login> {
    return this.#decoder.push(chunk);
  }

  end(): void {}
}

/** A client's messages. */
export type ClientMessages = ReadableStreamDefaultReader<ClientMessage | Login>;

/**
 * Reads a client's messages: as a stream, and after a classic login, which is the last, without one.
 * Thousands of these wait most of the time, so it avoids what takes memory meanwhile, such as nested
 * async functions.
 */
export class ClientReader {
  readonly #connection: Connection;
  readonly #decoder: ClientDecoder | LoginDecoder;
  #buffer = new Uint8Array(BUFFER_BYTES);
  #isAtEnd = false;
  #isLastMessage = false;
  #lastHeard = 0;

  /** @param isMim2Offered whether the server has announced MIM/2 */
  constructor(connection: Connection, isMim2Offered: boolean) {
    this.#connection = connection;
    this.#decoder = isMim2Offered ? new ClientDecoder() : new LoginDecoder();
  }

  /** Whether the client has said that it speaks MIM/2. */
  get isMim2(): boolean {
    return this.#decoder instanceof ClientDecoder && this.#decoder.isMim2;
  }

  /** When bytes last came, in milliseconds of `performance.now()`. */
  get lastHeard(): number {
    return this.#lastHeard;
  }

  /**
   * Waits for the first bytes, and resolves to the stream of messages. It ends after a classic login;
   * it errors with a ProtocolError if the bytes break the protocol, else as `Connection.read`.
   *
   * @throws as `Connection.read`
   */
  async open(): Promise<ClientMessages> {
    let head = await this.#read();
    const read = () => {
      if (this.#isLastMessage || this.#isAtEnd) return Promise.resolve(undefined);
      if (head === undefined) return this.#read();
      const first = Promise.resolve(head);
      head = undefined;
      return first;
    };
    return decodeStream(new EndlessDecoder(this.#decoder), read).getReader();
  }

  /** Saves memory after a login: a smaller buffer, and no stream for a classic client. */
  shrink(): void {
    this.#isLastMessage = !this.isMim2;
    this.#buffer = new Uint8Array(this.isMim2 ? MIM2_BUFFER_BYTES : IDLE_BUFFER_BYTES);
  }

  /** Whether the client has ended its side of the connection. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** Reads once without the stream; {@linkcode ClientReader.takeRest} takes the result. */
  readRest(): Promise<number | null> {
    return this.#connection.read(this.#buffer);
  }

  /** @throws {ProtocolError} if the bytes break the protocol: no message is expected any more */
  takeRest(length: number | null, isOver: boolean): void {
    const bytes = this.#take(length);
    if (bytes !== undefined && !isOver) { for (const _ of this.#decoder.push(bytes)); }
  }

  /**
   * Says that no more bytes will come.
   *
   * @throws {ProtocolError} `truncated` in the middle of a message
   */
  assertComplete(): void {
    this.#decoder.end();
  }

  #read(): Promise<Uint8Array | undefined> {
    return this.#connection.read(this.#buffer).then((length) => this.#take(length));
  }

  #take(length: number | null): Uint8Array | undefined {
    this.#isAtEnd = length === null;
    if (length === null) return undefined;
    this.#lastHeard = performance.now();
    return this.#buffer.subarray(0, length);
  }
}
