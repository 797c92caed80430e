/** Certificates: a server's word that a name belongs to a key there. */

import { equals } from "@std/bytes/equals";
import type { QDataStreamReader, QDataStreamWriter } from "../codec/mod.ts";
import { SIGNATURE_LENGTH } from "../crypto/mod.ts";
import { readBytesField, readTime, writeBytesField, writeTime } from "./fields.ts";
import { isSignatureValid } from "./signed_statement.ts";

const DAY = 24 * 60 * 60 * 1000;
/** How long a certificate is good for after it was issued. */
export const CERTIFICATE_LIFETIME_MS = 30 * DAY;
/** How far ahead of the server's clock it may be issued. */
const MAX_AHEAD_MS = 60 * 60 * 1000;

/**
 * A server's signature over a name and a key, with its times. The name and the key stand beside it.
 * See protocol/docs/mim2.md, "Certificates".
 */
export interface Certificate {
  /** When the key took the name, in milliseconds since 1970. */
  readonly claimed: number;
  /** When the certificate was issued, in milliseconds since 1970. */
  readonly issued: number;
  /** The server's, over the statement of type `name`, 64 bytes. */
  readonly signature: Uint8Array;
}

/** A key that has taken a name, and when. */
export interface NameClaim {
  /** The user's public key, 32 bytes. */
  readonly identity: Uint8Array;
  /** When the key took the name, in milliseconds since 1970. */
  readonly claimed: number;
}

/** The facts that a certificate has to fit. */
export interface CertificateContext {
  /** The name that it stands beside. */
  readonly name: string;
  /** The public key that it stands beside. */
  readonly identity: Uint8Array;
  /** The server that has signed it; undefined if it is the server of the table that contains it. */
  readonly signer?: Uint8Array | undefined;
  /** The key that the server of the present login has proven; if logged out, of the last login. */
  readonly serverKey: Uint8Array;
  /** The time by that server's clock, in milliseconds since 1970. */
  readonly serverTime: number;
  /** The greatest claim that was verified for that name, folded; undefined if there is none. */
  readonly knownClaim?: NameClaim | undefined;
}

/**
 * Whether a certificate confirms its name, or why not: it is of another server, its signature does not
 * fit name, key and times, it is over 30 days old, it is issued over an hour ahead of the server's
 * clock, or another key took the name later.
 */
export type CertificateVerdict =
  | "fits"
  | "other-server"
  | "bad-signature"
  | "expired"
  | "too-early"
  | "superseded";

/**
 * Holds a certificate against the four rules. If it fits and its `claimed` is greater than that of the
 * known claim, it becomes the known claim of that name.
 * See protocol/docs/mim2.md, "Certificates".
 *
 * @example
 * ```ts
 * import { checkCertificate, createSignature, identityOf } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const serversPrivateKey = new Uint8Array(32).fill(1);
 * const identity = identityOf(new Uint8Array(32).fill(2));
 * const statement = { type: "name", claimed: 5, issued: 10, identity, name: "ada" } as const;
 * const signature = createSignature(statement, serversPrivateKey);
 * const serverKey = identityOf(serversPrivateKey);
 * const context = { name: "ada", identity, serverKey, serverTime: 20 };
 * assertEquals(checkCertificate({ claimed: 5, issued: 10, signature }, context), "fits");
 * assertEquals(
 *   checkCertificate({ claimed: 5, issued: 10, signature }, { ...context, name: "bob" }),
 *   "bad-signature",
 * );
 * ```
 */
export function checkCertificate(
  { claimed, issued, signature }: Certificate,
  { name, identity, signer, serverKey, serverTime, knownClaim }: CertificateContext,
): CertificateVerdict {
  if (signer !== undefined && !equals(signer, serverKey)) return "other-server";
  if (issued < serverTime - CERTIFICATE_LIFETIME_MS) return "expired";
  if (issued > serverTime + MAX_AHEAD_MS) return "too-early";
  if (
    knownClaim !== undefined && knownClaim.claimed >= claimed &&
    !equals(knownClaim.identity, identity)
  ) return "superseded";
  const statement = { type: "name", claimed, issued, identity, name } as const;
  return isSignatureValid(statement, signature, serverKey) ? "fits" : "bad-signature";
}

/** Reads a certificate; undefined if there is none. */
export function readCertificate(reader: QDataStreamReader): Certificate | undefined {
  const claimed = readTime(reader);
  const issued = readTime(reader);
  const signature = readBytesField(reader, "a certificate", SIGNATURE_LENGTH, true);
  return signature.length === 0 ? undefined : { claimed, issued, signature };
}

/** Writes a certificate, or that there is none. */
export function writeCertificate(
  writer: QDataStreamWriter,
  certificate: Certificate | undefined,
): void {
  writeTime(writer, certificate?.claimed ?? 0);
  writeTime(writer, certificate?.issued ?? 0);
  if (certificate === undefined) writer.qbytearray(new Uint8Array(0));
  else writeBytesField(writer, "a certificate", certificate.signature, SIGNATURE_LENGTH);
}
