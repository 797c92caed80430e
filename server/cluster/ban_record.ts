import { ProtocolError, QDataStreamReader, QDataStreamWriter } from "../../protocol/mod.ts";
import { type AccessKind, foldAccessEntry, isAccessEntry } from "../admission/mod.ts";
import type { SharedBan } from "../admins/mod.ts";

const PREFIX = "ban.";
const KINDS: readonly AccessKind[] = ["keys", "names", "networks"];
/** A key in hex digits, or the longest name. */
const MAX_ENTRY_UNITS = 64;
const SIGNATURE_LENGTH = 64;

/** The keys of all bans in the bucket, as NATS matches them. */
export const ALL_BANS = `${PREFIX}>`;

/** A ban as it stands in the bucket, with the server's signature. */
export interface BanRecord {
  readonly ban: SharedBan;
  readonly signature: Uint8Array;
}

/** Whether a key of the bucket is a ban's. */
export function isBanKey(key: string): boolean {
  return key.startsWith(PREFIX);
}

/** The key in the bucket of the last decision about somebody. */
export function banKeyOf({ kind, who }: Pick<SharedBan, "kind" | "who">): string {
  const folded = new TextEncoder().encode(foldAccessEntry(kind, who));
  return `${PREFIX}${kind}.${folded.toBase64({ alphabet: "base64url", omitPadding: true })}`;
}

/** The entry in a key of the bucket, folded; undefined for one that is no ban's. */
export function entryInBanKey(
  key: string,
): Pick<SharedBan, "kind" | "who"> | undefined {
  const [, name, folded = "", ...others] = key.split(".");
  const kind = KINDS.find((kind) => kind === name);
  if (!isBanKey(key) || kind === undefined || others.length > 0) return undefined;
  try {
    const bytes = Uint8Array.fromBase64(folded, { alphabet: "base64url" });
    return { kind, who: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return undefined;
  }
}

/** A record's bytes. */
export function encodeBanRecord({ ban, signature }: BanRecord): Uint8Array<ArrayBuffer> {
  const { kind, who, isBanned, number } = ban;
  return new QDataStreamWriter().quint8(KINDS.indexOf(kind)).qstring(who).quint8(isBanned ? 1 : 0)
    .quint64(number).qbytearray(signature).bytes();
}

/** Reads a record; undefined for bytes that are none. */
export function decodeBanRecord(bytes: Uint8Array): BanRecord | undefined {
  const reader = new QDataStreamReader(bytes);
  try {
    const kind = KINDS[reader.quint8()];
    const who = reader.qstring(MAX_ENTRY_UNITS);
    const isBanned = reader.quint8() !== 0;
    const number = reader.quint64();
    const signature = reader.qbytearray(SIGNATURE_LENGTH);
    if (kind === undefined || !isAccessEntry(kind, who)) return undefined;
    return { ban: { kind, who, isBanned, number }, signature };
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
