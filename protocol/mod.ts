/**
 * The wire: bytes to messages and back. Knows nothing of sockets, timers, the clock or Deno.
 *
 * @module
 */

export * from "./errors.ts";
export * from "./limits.ts";
export * from "./text/mod.ts";
export * from "./codec/mod.ts";
export {
  NoiseHandshake,
  type NoiseOptions,
  type NoisePattern,
  noisePublicKey,
  type NoiseRole,
  NoiseTransport,
  safetyNumber,
  type SafetyNumberSide,
  Sha256,
} from "./crypto/mod.ts";
export * from "./classic/mod.ts";
export * from "./mim2/mod.ts";
