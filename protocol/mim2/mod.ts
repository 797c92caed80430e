/**
 * MIM/2: what it adds to the login and to updates, and what peers say inside of Noise.
 *
 * @module
 */

export * from "./announcement.ts";
export * from "./capabilities.ts";
export {
  type Certificate,
  CERTIFICATE_LIFETIME_MS,
  type CertificateContext,
  type CertificateVerdict,
  checkCertificate,
  type NameClaim,
} from "./certificate.ts";
export { type Availability, NONCE_LENGTH, type Reachability, SESSION_LENGTH } from "./fields.ts";
export * from "./introduction.ts";
export * from "./key_rotation.ts";
export * from "./link/mod.ts";
export * from "./login.ts";
export * from "./peer_messages.ts";
export * from "./preamble.ts";
export * from "./server_decoder.ts";
export * from "./server_messages.ts";
export {
  createSignature,
  encodeSignedStatement,
  isSignatureValid,
  type SignedStatement,
} from "./signed_statement.ts";
export * from "./statements.ts";
