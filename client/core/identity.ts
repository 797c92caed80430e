import { identityOf, type KeyRotation, rotationsTo } from "../../protocol/mod.ts";
import { PublicKey } from "./public_key.ts";

/** The length of a private key of Ed25519, in bytes. */
const PRIVATE_KEY_LENGTH = 32;

/**
 * The identity of a user: a private key of Ed25519 (RFC 8032). It stays the same in every run, and nobody
 * else may have it; printing it shows the public key. `loadIdentity` creates one and stores it.
 */
export class Identity {
  /** The key by which others know this user. */
  readonly publicKey: PublicKey;
  /** How earlier keys led to this one, the oldest first: servers move the user's names by it. */
  readonly rotations: readonly KeyRotation[];
  readonly #privateKey: Uint8Array;

  private constructor(privateKey: Uint8Array, rotations: readonly KeyRotation[] = []) {
    this.#privateKey = privateKey;
    this.publicKey = new PublicKey(identityOf(privateKey));
    this.rotations = rotationsTo(this.publicKey, rotations);
  }

  /** A new one, from random bytes. */
  static generate(): Identity {
    return new Identity(crypto.getRandomValues(new Uint8Array(PRIVATE_KEY_LENGTH)));
  }

  /**
   * The one with that private key.
   *
   * @param rotations of earlier keys; those that do not lead to this one are left out
   * @throws {RangeError} if there are not 32 bytes
   */
  static fromBytes(privateKey: Uint8Array, rotations?: readonly KeyRotation[]): Identity {
    const { length } = privateKey;
    if (length === PRIVATE_KEY_LENGTH) return new Identity(privateKey.slice(), rotations);
    throw new RangeError(`expected a private key of ${PRIVATE_KEY_LENGTH} bytes, got ${length}`);
  }

  /** The private key: 32 bytes to be kept secret. */
  toBytes(): Uint8Array {
    return this.#privateKey.slice();
  }

  /** The public key as 64 hexadecimal digits. */
  toString(): string {
    return `${this.publicKey}`;
  }
}
