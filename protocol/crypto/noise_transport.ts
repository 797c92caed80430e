/** Encrypted messages, both ways, after a handshake of Noise. */

import type { CipherState } from "./cipher_state.ts";
import { TAG_LENGTH } from "./signatures_and_ciphers.ts";

/** The longest message of Noise, in bytes. */
export const LONGEST_MESSAGE = 65_535;
const NOTHING = new Uint8Array(0);

/** Throws if a message of our own is too long for Noise. */
export function assertShort(length: number): void {
  if (length <= LONGEST_MESSAGE) return;
  throw new RangeError(`expected a message of at most ${LONGEST_MESSAGE} bytes, got ${length}`);
}

/**
 * Both directions of a connection after its handshake. Messages are read in the order in which they
 * were written, each once; every other one is refused. `NoiseHandshake` has an example.
 */
export class NoiseTransport {
  readonly #sending: CipherState;
  readonly #receiving: CipherState;
  /** The same on both sides of this one connection, and nowhere else. */
  readonly handshakeHash: Uint8Array<ArrayBuffer>;
  /** The other side's public static key; an initiator of `NK` has none. */
  readonly remoteStaticKey: Uint8Array<ArrayBuffer> | undefined;

  /** @ignore for `NoiseHandshake.transport` alone */
  constructor(
    sending: CipherState,
    receiving: CipherState,
    handshakeHash: Uint8Array<ArrayBuffer>,
    remoteStaticKey: Uint8Array<ArrayBuffer> | undefined,
  ) {
    this.#sending = sending;
    this.#receiving = receiving;
    this.handshakeHash = handshakeHash;
    this.remoteStaticKey = remoteStaticKey;
  }

  /**
   * A message to the peer, 16 bytes longer than its payload.
   *
   * @throws {RangeError} if it would be longer than 65,535 bytes
   */
  encrypt(payload: Uint8Array): Uint8Array<ArrayBuffer> {
    assertShort(payload.length + TAG_LENGTH);
    return this.#sending.encrypt(NOTHING, payload);
  }

  /**
   * Writes messages to the peer into `target`, each as a frame, without copying their payloads.
   *
   * @param messages the payload of each, in parts
   * @returns how many bytes were written: 18 more than the payload for each
   * @throws {RangeError} if a message would be longer than 65,535 bytes, or `target` is too short
   */
  encryptFrames(messages: readonly (readonly Uint8Array[])[], target: Uint8Array): number {
    let at = 0;
    for (const parts of messages) {
      const length = parts.reduce((sum, part) => sum + part.length, TAG_LENGTH);
      assertShort(length);
      if (at + 2 + length > target.length) {
        throw new RangeError(`expected room for ${at + 2 + length} bytes, got ${target.length}`);
      }
      target[at++] = length >> 8;
      target[at++] = length & 0xff;
      this.#sending.encryptInto(parts, target, at);
      at += length;
    }
    return at;
  }

  /**
   * The payload of the peer's next message.
   *
   * @throws {ProtocolError} `not-authentic` if it is cut off, was tampered with, or is not the next
   */
  decrypt(message: Uint8Array): Uint8Array<ArrayBuffer> {
    return this.#receiving.decrypt(NOTHING, message);
  }
}
