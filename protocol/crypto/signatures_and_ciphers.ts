/**
 * The only door to the platform's cryptography: hashing, authenticated encryption and signatures,
 * all of which give the same output for the same input. Callers pass random bytes and keys.
 */

import { concat } from "@std/bytes/concat";
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  sign,
  verify,
} from "node:crypto";

/** Bytes of a key, private or public, of X25519, Ed25519 or ChaCha20-Poly1305. */
export const KEY_LENGTH = 32;
/** Bytes of an Ed25519 signature. */
export const SIGNATURE_LENGTH = 64;
/** Bytes by which ChaCha20-Poly1305 makes a text longer. */
export const TAG_LENGTH = 16;

type Curve = "X25519" | "Ed25519";

/** The prefix of a raw private key in PKCS #8 (RFC 8410). */
const PRIVATE_PREFIX = {
  X25519: Uint8Array.fromHex("302e020100300506032b656e04220420"),
  Ed25519: Uint8Array.fromHex("302e020100300506032b657004220420"),
} as const;

/** Throws a RangeError unless our own side passed so many bytes. */
export function assertLength(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.length === length) return;
  throw new RangeError(`expected ${what} of ${length} bytes, got ${bytes.length}`);
}

type PrivateKey = ReturnType<typeof createPrivateKey>;

/** A private key made ready, which takes longer than to sign. */
interface ReadyKey {
  readonly bytes: Uint8Array;
  readonly key: PrivateKey;
  /** Derived on first use. */
  publicKey?: Uint8Array<ArrayBuffer>;
}

const ready = {
  X25519: new WeakMap<Uint8Array, ReadyKey>(),
  Ed25519: new WeakMap<Uint8Array, ReadyKey>(),
} as const;

function readyKeyOf(curve: Curve, bytes: Uint8Array): ReadyKey {
  assertLength("a private key", bytes, KEY_LENGTH);
  const before = ready[curve].get(bytes);
  // Somebody may have written another key into the same array.
  if (before?.bytes.every((byte, at) => byte === bytes[at])) return before;
  const base64 = concat([PRIVATE_PREFIX[curve], bytes]).toBase64();
  const pem = `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----\n`;
  const made = { bytes: bytes.slice(), key: createPrivateKey(pem) };
  ready[curve].set(bytes, made);
  return made;
}

function privateKeyOf(curve: Curve, bytes: Uint8Array): PrivateKey {
  return readyKeyOf(curve, bytes).key;
}

function publicKeyOf(curve: Curve, key: Uint8Array): ReturnType<typeof createPublicKey> {
  const x = key.toBase64({ alphabet: "base64url", omitPadding: true });
  return createPublicKey({ key: { kty: "OKP", crv: curve, x }, format: "jwk" });
}

/** The public key that belongs to a private one. */
export function derivePublicKey(curve: Curve, privateKey: Uint8Array): Uint8Array<ArrayBuffer> {
  const ready = readyKeyOf(curve, privateKey);
  if (ready.publicKey === undefined) {
    const exported = createPublicKey(ready.key).export({ format: "der", type: "spki" });
    ready.publicKey = new Uint8Array(exported).slice(-KEY_LENGTH);
  }
  return ready.publicKey.slice();
}

/** X25519. Undefined for a public key whose result is all zero with any private key. */
export function x25519(
  privateKey: Uint8Array,
  publicKey: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  assertLength("a public key", publicKey, KEY_LENGTH);
  const keys = {
    privateKey: privateKeyOf("X25519", privateKey),
    publicKey: publicKeyOf("X25519", publicKey),
  };
  let shared: Uint8Array<ArrayBuffer>;
  try {
    shared = new Uint8Array(diffieHellman(keys));
  } catch {
    return undefined; // the platform refuses such keys itself, though it need not
  }
  return shared.every((byte) => byte === 0) ? undefined : shared;
}

/** An Ed25519 signature. */
export function ed25519Sign(message: Uint8Array, privateKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(sign(null, message, privateKeyOf("Ed25519", privateKey)));
}

/** Whether an Ed25519 signature is valid; false for an invalid key. */
export function ed25519Verify(
  message: Uint8Array,
  signature: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (signature.length !== SIGNATURE_LENGTH || publicKey.length !== KEY_LENGTH) return false;
  try {
    return verify(null, message, publicKeyOf("Ed25519", publicKey), signature);
  } catch {
    return false; // no point of the curve
  }
}

/** SHA-256 of the parts, one after the other. */
export function sha256(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return digest("sha256", parts);
}

/** SHA-512 of the parts, one after the other. */
export function sha512(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return digest("sha512", parts);
}

function digest(name: "sha256" | "sha512", parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const hash = createHash(name);
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** SHA-256 of bytes that come one part after the other. */
export class Sha256 {
  readonly #hash = createHash("sha256");

  /** Takes the next part. */
  update(part: Uint8Array): void {
    this.#hash.update(part);
  }

  /** The hash of all parts so far. More can be added after it. */
  digest(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#hash.copy().digest());
  }
}

/** HKDF with SHA-256 (RFC 5869). */
export function hkdfSha256(
  secret: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hkdfSync("sha256", secret, salt, info, length));
}

/** ChaCha20-Poly1305: the ciphertext, then its tag. */
export function encrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  text: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: TAG_LENGTH });
  cipher.setAAD(associated, { plaintextLength: text.length });
  const sealed = new Uint8Array(text.length + TAG_LENGTH);
  sealed.set(cipher.update(text));
  cipher.final(); // a stream cipher leaves nothing for it
  sealed.set(cipher.getAuthTag(), text.length);
  return sealed;
}

/**
 * The same for a text in parts, into the place in `target` that begins at `at`. Makes no copy of the whole.
 */
export function encryptInto(
  key: Uint8Array,
  nonce: Uint8Array,
  parts: readonly Uint8Array[],
  target: Uint8Array,
  at: number,
): void {
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: TAG_LENGTH });
  let end = at;
  const put = (bytes: Uint8Array) => {
    target.set(bytes, end);
    end += bytes.length;
  };
  for (const part of parts) put(cipher.update(part));
  put(cipher.final());
  put(cipher.getAuthTag());
}

/** The text that `encrypt` sealed; undefined if anything has been changed. */
export function decrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  associated: Uint8Array,
  sealed: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  const length = sealed.length - TAG_LENGTH;
  if (length < 0) return undefined;
  const cipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: TAG_LENGTH });
  cipher.setAuthTag(sealed.subarray(length));
  cipher.setAAD(associated, { plaintextLength: length });
  const plain = cipher.update(sealed.subarray(0, length));
  const { buffer } = plain;
  // A large text has its memory for itself: a copy would be as much garbage again.
  const text = buffer instanceof ArrayBuffer && buffer.byteLength === length
    ? new Uint8Array(buffer)
    : new Uint8Array(plain);
  try {
    cipher.final(); // checks the tag
    return text;
  } catch {
    return undefined;
  }
}
