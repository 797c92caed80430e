import { encodeFrame, type NoiseTransport } from "../../../protocol/mod.ts";
import { writeAll } from "../../../server/platform/net/byte_stream.ts";
import { closeQuietly, type Connection } from "../../../server/platform/net/network.ts";
import { concat } from "@std/bytes/concat";
import type { ProvenPeer } from "./secure_connection.ts";

/** A connection for files after its handshake: encrypted, with a peer that has proven its key. */
export class FileLink {
  readonly peer: ProvenPeer;
  readonly #connection: Connection;
  readonly #blocks: AsyncIterator<Uint8Array>;
  readonly #noise: NoiseTransport;
  #isClosed = false;

  /** @param blocks the frames behind the handshake, from the decoder that has read it */
  constructor(
    connection: Connection,
    blocks: AsyncIterator<Uint8Array>,
    noise: NoiseTransport,
    peer: ProvenPeer,
  ) {
    this.#connection = connection;
    this.#blocks = blocks;
    this.#noise = noise;
    this.peer = peer;
  }

  /** Whether it was closed from here. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Sends messages in one write; resolves once they are handed to the system. */
  async send(payloads: readonly Uint8Array[]): Promise<void> {
    const frames = payloads.map((payload) => encodeFrame(this.#noise.encrypt(payload)));
    const [first] = frames;
    if (first !== undefined) {
      await writeAll(this.#connection, frames.length === 1 ? first : concat(frames));
    }
  }

  /** The next message; undefined once the peer has closed. */
  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const block = await this.#blocks.next();
    return block.done ? undefined : this.#noise.decrypt(block.value);
  }

  close(): void {
    this.#isClosed = true;
    closeQuietly(this.#connection);
  }
}
