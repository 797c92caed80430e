import {
  type ByeReason,
  byeReasons,
  decodePeerMessage,
  encodeFrame,
  encodePeerMessage,
  type Introduction,
  type NoiseTransport,
  type PeerMessage,
} from "../../../protocol/mod.ts";
import type { Connection } from "../../../server/platform/net/network.ts";
import { PeerConnection } from "./peer_connection.ts";

/** Who is at the other end, proven. */
export interface ProvenPeer extends Pick<Introduction, "identity" | "name"> {
  /** Its static key in Noise, another one in each run of its program. */
  readonly staticKey: Uint8Array;
}

/** A connection with a peer in MIM/2, after the handshake: encrypted, and known to be with that peer. */
export class SecureConnection extends PeerConnection<PeerMessage> {
  /** Who is at the other end. */
  readonly peer: ProvenPeer;
  /** Who dialled. */
  readonly by: "me" | "them";
  readonly #blocks: AsyncIterator<Uint8Array>;
  readonly #noise: NoiseTransport;

  /**
   * @param blocks what comes over the connection behind the handshake, by the decoder that read that
   */
  constructor(
    connection: Connection,
    blocks: AsyncIterator<Uint8Array>,
    noise: NoiseTransport,
    peer: ProvenPeer,
    by: "me" | "them",
  ) {
    super(connection);
    this.#blocks = blocks;
    this.#noise = noise;
    this.peer = peer;
    this.by = by;
  }

  /** Says something behind what was said before; resolves once it is written. */
  say(message: PeerMessage): Promise<void> {
    return this.send(encodeFrame(this.#noise.encrypt(encodePeerMessage(message))));
  }

  /** The same, and says so: a refusal is no lost connection, after which one would try again. */
  override refuse(reason: ByeReason = byeReasons.closed): void {
    this.say({ type: "bye", reason }).catch(() => {});
    void this.finish();
    void this.#drain();
  }

  /** Reads on to the end: closing before would take back what was said last. */
  async #drain(): Promise<void> {
    try {
      while (await this.next() !== undefined);
    } catch {
      // Whatever was to come is of no interest.
    }
  }

  protected override async read(): Promise<PeerMessage | undefined> {
    for (;;) {
      const block = await this.#blocks.next();
      if (block.done) return undefined;
      const message = decodePeerMessage(this.#noise.decrypt(block.value));
      if (message !== undefined) return message; // others are of a later version
    }
  }
}
