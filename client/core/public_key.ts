import { keyTag } from "../../protocol/mod.ts";

/** The length of a public key of Ed25519, in bytes. */
const KEY_LENGTH = 32;

/**
 * A public key of Ed25519, by which a user is known: its 32 bytes, which compare and print as a value.
 *
 * @example
 * ```ts
 * import { Identity, PublicKey } from "@mim/mim";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const { publicKey } = Identity.generate();
 * assert(PublicKey.parse(`${publicKey}`).equals(publicKey));
 * assertEquals(`${publicKey}`.length, 64);
 * ```
 */
export class PublicKey extends Uint8Array<ArrayBuffer> {
  /** Parts and copies of a key are bytes, no keys. */
  static get [Symbol.species](): Uint8ArrayConstructor {
    return Uint8Array;
  }

  /**
   * The key with those bytes.
   *
   * @throws {RangeError} if there are not 32
   */
  constructor(bytes: Uint8Array) {
    checkKeyLength(bytes);
    super(Uint8Array.from(bytes).buffer);
  }

  /**
   * The key that `toString` has written.
   *
   * @throws {SyntaxError} if the text is not hexadecimal
   * @throws {RangeError} if there are not 64 digits
   */
  static parse(text: string): PublicKey {
    return new PublicKey(Uint8Array.fromHex(text));
  }

  /** A short form for people, which tells keys apart and proves nothing. */
  get tag(): string {
    return keyTag(this);
  }

  /** Whether it is the same key. */
  equals(other: Uint8Array | undefined): boolean {
    return other !== undefined && this.length === other.length &&
      this.every((byte, at) => byte === other[at]);
  }

  /** The key as 64 hexadecimal digits. */
  override toString(): string {
    return this.toHex();
  }
}

/** @throws {RangeError} if a public key has not 32 bytes */
export function checkKeyLength({ length }: Uint8Array): void {
  if (length === KEY_LENGTH) return;
  throw new RangeError(`expected a public key of ${KEY_LENGTH} bytes, got ${length}`);
}
