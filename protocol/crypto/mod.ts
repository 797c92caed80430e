/**
 * Hashes, signatures, Noise and safety numbers. All randomness is passed in.
 *
 * @module
 */

export { notAuthentic } from "./cipher_state.ts";
export * from "./hkdf.ts";
export * from "./noise.ts";
export { NoiseTransport } from "./noise_transport.ts";
export {
  assertLength,
  decrypt,
  derivePublicKey,
  ed25519Sign,
  ed25519Verify,
  encrypt,
  KEY_LENGTH,
  Sha256,
  sha256,
  SIGNATURE_LENGTH,
  TAG_LENGTH,
} from "./signatures_and_ciphers.ts";
export * from "./safety_number.ts";
