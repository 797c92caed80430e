import type { NoiseTransport } from "../../../protocol/mod.ts";
import { writeAll } from "../../../server/platform/net/byte_stream.ts";
import { closeQuietly, type Connection } from "../../../server/platform/net/network.ts";
import type { ProvenPeer } from "./secure_connection.ts";

/** Bytes of a frame beside its payload: the length before it, the tag behind. */
const FRAME_BYTES = 18;

/** A connection for files after its handshake: encrypted, with a peer that has proven its key. */
export class FileLink {
  readonly peer: ProvenPeer;
  readonly #connection: Connection;
  readonly #blocks: AsyncIterator<Uint8Array>;
  readonly #noise: NoiseTransport;
  /** The write buffers that are free: while one is written, the next is filled. */
  readonly #buffers: Uint8Array[] = [];
  #sent: Promise<void> = Promise.resolve();

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

  /**
   * Sends messages in one write, each in parts; resolves once they are handed to the system. The parts
   * may be used again as soon as this returns.
   */
  send(messages: readonly (readonly Uint8Array[])[]): Promise<void> {
    const length = messages.flat().reduce(
      (sum, part) => sum + part.length,
      messages.length * FRAME_BYTES,
    );
    const own = this.#buffers.pop();
    const buffer = own !== undefined && own.length >= length ? own : new Uint8Array(length);
    const end = this.#noise.encryptFrames(messages, buffer);
    const sent = this.#sent.then(() => writeAll(this.#connection, buffer.subarray(0, end)))
      .finally(() => this.#buffers.push(buffer));
    this.#sent = sent.catch(() => {}); // whoever sends sees it
    return sent;
  }

  /** The next message; undefined once the peer has closed. */
  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const block = await this.#blocks.next();
    return block.done ? undefined : this.#noise.decrypt(block.value);
  }

  close(): void {
    closeQuietly(this.#connection);
  }
}
