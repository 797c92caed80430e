/**
 * Hashes, signatures, Noise and safety numbers. All randomness is passed in.
 *
 * @module
 */

export * from "./noise.ts";
export { NoiseTransport } from "./noise_transport.ts";
export {
  assertLength,
  derivePublicKey,
  ed25519Sign,
  ed25519Verify,
  KEY_LENGTH,
  sha256,
  SIGNATURE_LENGTH,
} from "./signatures_and_ciphers.ts";
export * from "./safety_number.ts";
