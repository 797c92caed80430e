import {
  ClientDecoder,
  type ClientMessage,
  DecoderStream,
  type Login,
  LoginDecoder,
} from "../../protocol/mod.ts";
import { byteStream } from "../platform/net/byte_stream.ts";
import type { Connection } from "../platform/net/network.ts";

/** Enough for any usual login in one read. */
const BUFFER_BYTES = 512;
/** A classic client sends nothing after its login: this only waits for the end. */
const IDLE_BUFFER_BYTES = 16;

/** Reads a client's messages through the protocol's stream, which it can leave to save memory. */
export class ClientReader {
  readonly #connection: Connection;
  readonly #decoder: ClientDecoder | LoginDecoder;
  readonly #messages: ReadableStreamDefaultReader<ClientMessage | Login>;
  /** The read under way. */
  #pending: { readonly buffer: Uint8Array; readonly read: Promise<number | null> } | undefined;
  #hasLeft = false;
  #isAtEnd = false;
  #lastHeard = 0;

  /** @param isMim2Offered whether the server has announced MIM/2 */
  constructor(connection: Connection, isMim2Offered: boolean) {
    this.#connection = connection;
    this.#decoder = isMim2Offered ? new ClientDecoder() : new LoginDecoder();
    const source = {
      read: (buffer: Uint8Array) => this.#hasLeft ? Promise.resolve(null) : this.#read(buffer),
    };
    this.#messages = byteStream(source, BUFFER_BYTES)
      .pipeThrough(new DecoderStream<ClientMessage | Login>(this.#decoder)).getReader();
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
   * Resolves to the next message; to undefined at the end, or when the stream was left.
   *
   * @throws {ProtocolError} if the bytes break the protocol; else as `Connection.read`
   */
  async next(): Promise<ClientMessage | Login | undefined> {
    return (await this.#messages.read()).value;
  }

  /**
   * Gives up the stream and its memory; {@linkcode ClientReader.readRest} goes on with the read that is
   * under way. To be called in a turn of its own: then no bytes are in the stream any more.
   */
  leaveStream(): void {
    if (this.#pending !== undefined) this.#leave();
  }

  /**
   * Reads to the end without the stream.
   *
   * @param isOver whether the client's bytes no longer matter: they are then dropped
   * @throws as {@linkcode ClientReader.next}
   */
  async readRest(isOver: () => boolean): Promise<void> {
    this.#leave();
    let idleBuffer: Uint8Array | undefined;
    while (!this.#isAtEnd) {
      if (this.#pending === undefined) this.#read(idleBuffer ??= new Uint8Array(IDLE_BUFFER_BYTES));
      const { buffer, read } = this.#pending ?? {};
      const length = await read;
      if (isOver() || buffer === undefined) continue;
      // A classic client has nothing more to say, so any message throws.
      for (const _ of this.#decoder.push(buffer.subarray(0, length ?? 0)));
    }
    if (!isOver()) this.#decoder.end();
  }

  /**
   * Says that no more bytes will come.
   *
   * @throws {ProtocolError} `truncated` in the middle of a message
   */
  assertComplete(): void {
    this.#decoder.end();
  }

  #leave(): void {
    this.#hasLeft = true;
    this.#messages.cancel().catch(() => {}); // whoever reads on learns of an error, too
  }

  #read(buffer: Uint8Array): Promise<number | null> {
    const read = this.#connection.read(buffer).then((length) => {
      this.#pending = undefined;
      this.#lastHeard = performance.now();
      this.#isAtEnd = length === null;
      return length;
    });
    this.#pending = { buffer, read };
    return read;
  }
}
