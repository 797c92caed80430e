import {
  confusableKey,
  ProtocolError,
  QDataStreamReader,
  QDataStreamWriter,
} from "../../protocol/mod.ts";
import type { SharedClaim } from "../identity/mod.ts";

/** Which edition of the folding of names a key is of: Unicode's. */
const FOLDING_VERSION = 17;
const MAX_NAME_UNITS = 64;
const KEY_LENGTH = 32;
const SIGNATURE_LENGTH = 64;

/** A claim as it stands in the bucket, with the server's signature. */
export interface ClaimRecord {
  readonly claim: SharedClaim;
  readonly signature: Uint8Array;
}

/** The key in the bucket under which the claim of a name stands. */
export function claimKeyOf(name: string): string {
  const folded = new TextEncoder().encode(confusableKey(name));
  return `${FOLDING_VERSION}.${folded.toBase64({ alphabet: "base64url", omitPadding: true })}`;
}

/** The folded name in a key of the bucket; undefined for one that is no claim's. */
export function foldedNameIn(key: string): string | undefined {
  const [edition, folded = "", ...others] = key.split(".");
  if (edition !== String(FOLDING_VERSION) || others.length > 0) return undefined;
  try {
    const bytes = Uint8Array.fromBase64(folded, { alphabet: "base64url" });
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A record's bytes. */
export function encodeClaimRecord({ claim, signature }: ClaimRecord): Uint8Array<ArrayBuffer> {
  const { name, identity, claimed, used } = claim;
  return new QDataStreamWriter().qstring(name).qbytearray(identity).quint64(claimed).quint64(used)
    .qbytearray(signature).bytes();
}

/** Reads a record; undefined for bytes that are none. */
export function decodeClaimRecord(bytes: Uint8Array): ClaimRecord | undefined {
  const reader = new QDataStreamReader(bytes);
  try {
    const name = reader.qstring(MAX_NAME_UNITS);
    const identity = reader.qbytearray(KEY_LENGTH);
    const claimed = reader.quint64();
    const used = reader.quint64();
    const signature = reader.qbytearray(SIGNATURE_LENGTH);
    if (identity.length !== 0 && identity.length !== KEY_LENGTH) return undefined;
    return { claim: { name, identity, claimed, used }, signature };
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
