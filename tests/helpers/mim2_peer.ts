import {
  decodePeerMessage,
  encodeFrame,
  encodeIntroduction,
  encodePeerMessage,
  encodePreamble,
  identityOf,
  NoiseHandshake,
  noisePublicKey,
  type NoiseRole,
  type NoiseTransport,
  type PeerMessage,
  signStatement,
} from "../../protocol/mod.ts";
import type { Wire } from "./wire.ts";

/** Who a bare peer says it is, and what it does to its own messages. */
export interface Mim2PeerOptions {
  readonly name: string;
  /** The identity's private key. */
  readonly key: Uint8Array;
  /** The private static key of Noise; a fresh one where it is left out. */
  readonly staticKey?: Uint8Array;
  /** Changes what it sends in the handshake: the opening (0), then Noise's messages in their blocks. */
  readonly change?: (bytes: Uint8Array, at: number) => Uint8Array;
  /** The introduction; a true one where it is left out. */
  readonly introduction?: Uint8Array;
}

/**
 * A MIM/2 peer that is nothing but its bytes: shakes hands as it likes, and says what it likes.
 *
 * @example
 * ```ts ignore
 * const mallory = await Mim2Peer.call(await Wire.dial(network, bob.address, bob.port), { name, key });
 * await mallory.say({ type: "typing", typing: true });
 * ```
 */
export class Mim2Peer {
  readonly wire: Wire;
  readonly #noise: NoiseTransport;

  /** Calls by this connection. */
  static async call(wire: Wire, options: Mim2PeerOptions): Promise<Mim2Peer> {
    const { change = same } = options;
    const noise = handshake("initiator", options);
    await wire.say(change(encodePreamble("chat"), 0), change(encodeFrame(noise.write()), 1));
    noise.read(await block(wire));
    await wire.say(change(encodeFrame(noise.write(introductionOf(options))), 2));
    return new Mim2Peer(wire, noise.transport());
  }

  /** Answers a call on this connection. */
  static async answer(wire: Wire, options: Mim2PeerOptions): Promise<Mim2Peer> {
    const { change = same } = options;
    await wire.bytes(6);
    const noise = handshake("responder", options);
    noise.read(await block(wire));
    await wire.say(change(encodeFrame(noise.write(introductionOf(options))), 1));
    noise.read(await block(wire));
    return new Mim2Peer(wire, noise.transport());
  }

  private constructor(wire: Wire, noise: NoiseTransport) {
    this.wire = wire;
    this.#noise = noise;
  }

  /** What it would send for this, in its block; the next thing sent must be that. */
  seal(message: PeerMessage | Uint8Array): Uint8Array {
    const bytes = message instanceof Uint8Array ? message : encodePeerMessage(message);
    return encodeFrame(this.#noise.encrypt(bytes));
  }

  /** Says things, in one piece. */
  async say(...messages: readonly (PeerMessage | Uint8Array)[]): Promise<void> {
    await this.wire.say(messages.flatMap((message) => [...this.seal(message)]));
  }

  /** Says a text with an id of eight times this byte. */
  async text(text: string, id: number): Promise<void> {
    await this.say({ type: "text", id: new Uint8Array(8).fill(id), sentAt: 1, text });
  }

  /** The next thing that the other side says. */
  async hear(): Promise<PeerMessage | undefined> {
    return decodePeerMessage(this.#noise.decrypt(await block(this.wire)));
  }

  /** The next text that the other side says; it is not acknowledged. */
  async hearText(): Promise<Extract<PeerMessage, { type: "text" }>> {
    for (;;) {
      const message = await this.hear();
      if (message?.type === "text") return message;
    }
  }
}

/** The introduction of a bare peer. */
export function introductionOf(
  { name, key, introduction, staticKey = key }: Mim2PeerOptions,
): Uint8Array {
  const statement = { type: "noise", staticKey: noisePublicKey(staticKey) } as const;
  return introduction ??
    encodeIntroduction({
      identity: identityOf(key),
      signature: signStatement(statement, key),
      name,
    });
}

/** The next block's body. */
export async function block(wire: Wire): Promise<Uint8Array> {
  const [high = 0, low = 0] = await wire.bytes(2);
  return await wire.bytes(high << 8 | low);
}

function handshake(role: NoiseRole, { key, staticKey = key }: Mim2PeerOptions): NoiseHandshake {
  const ephemeralKey = crypto.getRandomValues(new Uint8Array(32));
  return new NoiseHandshake(role, { prologue: encodePreamble("chat"), staticKey, ephemeralKey });
}

function same(bytes: Uint8Array): Uint8Array {
  return bytes;
}
