import { ChatDecoder, type ChatMessage, DecoderStream } from "../../../protocol/mod.ts";
import type { Connection } from "../../../server/platform/net/network.ts";
import { byteStream } from "../../../server/platform/net/byte_stream.ts";
import { PeerConnection } from "./peer_connection.ts";

const BUFFER_BYTES = 4 * 1024;

/** A connection with a peer in classic MIM: lines of text. */
export class ClassicConnection extends PeerConnection<ChatMessage> {
  readonly #messages: ReadableStreamDefaultReader<ChatMessage>;

  /**
   * @param peer whether the peer called, and tells its name first, or was called
   * @param head what has been read from the connection already
   */
  constructor(connection: Connection, peer: "caller" | "callee", head?: Uint8Array) {
    super(connection);
    this.#messages = byteStream(connection, BUFFER_BYTES, head).pipeThrough(
      new DecoderStream(new ChatDecoder(peer)),
    )
      .getReader();
  }

  protected override async read(): Promise<ChatMessage | undefined> {
    return (await this.#messages.read()).value;
  }
}
