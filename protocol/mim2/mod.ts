/**
 * MIM/2: what it adds to the login and to updates, and what peers say inside of Noise.
 *
 * @module
 */

export * from "./capabilities.ts";
export {
  type Certificate,
  CERTIFICATE_LIFETIME_MS,
  type CertificateContext,
  type CertificateVerdict,
  checkCertificate,
  type NameClaim,
} from "./certificate.ts";
export { type Availability, type Reachability, SESSION_LENGTH } from "./fields.ts";
export { ClusterOpener, ClusterSealer, type OpenedMessage } from "./cluster_sealer.ts";
export { identityOf, keyTag } from "./identity.ts";
export { checkKeyName, endsLikeTag } from "./key_name.ts";
export * from "./introduction.ts";
export {
  createRotation,
  decodeRotation,
  decodeRotationMessage,
  encodeRotation,
  encodeRotationMessage,
  hasRotatedTo,
  isRotationValid,
  type KeyRotation,
  MAX_ROTATIONS,
  type RotationMessage,
  rotationsTo,
} from "./key_rotation.ts";
export * from "./files/mod.ts";
export * from "./link/mod.ts";
export { decodeTarget, encodeTarget, type MessageTarget } from "./message_target.ts";
export * from "./peer_messages.ts";
export * from "./preamble.ts";
export * from "./rooms/mod.ts";
export {
  createSignature,
  encodeSignedStatement,
  isSignatureValid,
  type SignedStatement,
} from "./signed_statement.ts";
