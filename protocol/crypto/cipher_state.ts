/** The two inner objects of the Noise specification (revision 34, section 5): cipher and hash. */

import { ProtocolError } from "../errors.ts";
import {
  decrypt,
  encrypt,
  encryptInto,
  hkdfSha256,
  KEY_LENGTH,
  sha256,
  x25519,
} from "./signatures_and_ciphers.ts";

/** Noise keeps this nonce for itself. */
const LAST_NONCE = 0xffff_ffff_ffff_ffffn;
const NOTHING = new Uint8Array(0);
/** Names of protocols as bytes. */
const NAMES = new Map<string, Uint8Array<ArrayBuffer>>();

/** The error for a message that the peer can't have sent. */
export function notAuthentic(what: string): ProtocolError {
  return new ProtocolError("not-authentic", `expected ${what}`);
}

/** A key and how many messages it has encrypted: no two messages have the same nonce. */
export class CipherState {
  readonly #key: Uint8Array;
  #nonce: bigint;

  /** A fresh key; `nonce` is another one than the first for tests alone. */
  constructor(key: Uint8Array, nonce = 0n) {
    this.#key = key;
    this.#nonce = nonce;
  }

  /** @throws {Error} if the key is used up */
  encrypt(associated: Uint8Array, text: Uint8Array): Uint8Array<ArrayBuffer> {
    const sealed = encrypt(this.#key, this.#nonceBytes(), associated, text);
    this.#nonce++;
    return sealed;
  }

  /** Encrypts a text in parts into the place in `target` that begins at `at`, without associated data. */
  encryptInto(parts: readonly Uint8Array[], target: Uint8Array, at: number): void {
    encryptInto(this.#key, this.#nonceBytes(), parts, target, at);
    this.#nonce++;
  }

  /** @throws {ProtocolError} `not-authentic`; the same message is then still the next one */
  decrypt(associated: Uint8Array, sealed: Uint8Array): Uint8Array<ArrayBuffer> {
    const text = decrypt(this.#key, this.#nonceBytes(), associated, sealed);
    if (text === undefined) {
      throw notAuthentic(
        `a message that its sender encrypted as the next one, got ${sealed.length} other bytes`,
      );
    }
    this.#nonce++;
    return text;
  }

  /** Four zero bytes, then the nonce, little-endian. */
  #nonceBytes(): Uint8Array {
    if (this.#nonce >= LAST_NONCE) throw new Error("expected a fresh key, got one that is used up");
    const bytes = new Uint8Array(12);
    new DataView(bytes.buffer).setBigUint64(4, this.#nonce, true);
    return bytes;
  }
}

/** The transcript of the handshake so far, as a hash, and the keys derived from it. */
export class SymmetricState {
  #hash: Uint8Array<ArrayBuffer>;
  #chainingKey: Uint8Array;
  #cipher: CipherState | undefined;

  /** @param name the protocol's; of 32 bytes, as a hash is, it needs no hashing */
  constructor(name: string, prologue: Uint8Array) {
    this.#hash = NAMES.getOrInsertComputed(name, (name) => new TextEncoder().encode(name));
    this.#chainingKey = this.#hash;
    this.mixHash(prologue);
  }

  /** The hash of the transcript. */
  get hash(): Uint8Array<ArrayBuffer> {
    return this.#hash.slice();
  }

  /** Takes something both sides know into the hash. */
  mixHash(data: Uint8Array): void {
    this.#hash = sha256(this.#hash, data);
  }

  /**
   * Takes what two keys share into the key.
   *
   * @throws {ProtocolError} `not-authentic` if the peer's key is a weak one
   */
  mixKey(privateKey: Uint8Array, publicKey: Uint8Array): void {
    const shared = x25519(privateKey, publicKey);
    if (shared === undefined) {
      throw notAuthentic("a key of X25519, got one that makes every secret zero");
    }
    const [chainingKey, key] = this.#derive(shared);
    this.#chainingKey = chainingKey;
    this.#cipher = new CipherState(key);
  }

  /** Encrypts once there is a key, and takes what comes of it into the hash. */
  encryptAndHash(text: Uint8Array): Uint8Array<ArrayBuffer> {
    const sealed = this.#cipher?.encrypt(this.#hash, text) ?? new Uint8Array(text);
    this.mixHash(sealed);
    return sealed;
  }

  /** @throws {ProtocolError} `not-authentic` */
  decryptAndHash(sealed: Uint8Array): Uint8Array<ArrayBuffer> {
    const text = this.#cipher?.decrypt(this.#hash, sealed) ?? new Uint8Array(sealed);
    this.mixHash(sealed);
    return text;
  }

  /** The two keys that follow the handshake: for what the initiator sends, and the responder. */
  split(): [initiator: CipherState, responder: CipherState] {
    const [initiator, responder] = this.#derive(NOTHING);
    return [new CipherState(initiator), new CipherState(responder)];
  }

  #derive(secret: Uint8Array): [Uint8Array, Uint8Array] {
    // The HKDF of Noise is that of RFC 5869 without info.
    const both = hkdfSha256(secret, this.#chainingKey, NOTHING, 2 * KEY_LENGTH);
    return [both.slice(0, KEY_LENGTH), both.slice(KEY_LENGTH)];
  }
}
