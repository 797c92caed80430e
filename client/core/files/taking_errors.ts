import { fileEndCodes, ProtocolError } from "../../../protocol/mod.ts";
import { DiskFullError } from "../file_storage.ts";
import type { TransferReason } from "../transfer.ts";
import { FileEndError, MismatchError } from "./taker.ts";

/** The giver has no such offer. */
export class UnknownOfferError extends Error {}

/** No link could be opened: the other side may be able to dial. */
export class OpenError extends Error {}

/** A folder or file can't be written. */
export class WriteError extends Error {}

/** Why it can't go on; undefined if another attempt may succeed. */
export function reasonToFail(error: unknown): TransferReason | undefined {
  if (error instanceof DiskFullError) return "disk-full";
  if (error instanceof MismatchError) return "mismatch";
  if (error instanceof UnknownOfferError) return "unknown";
  if (error instanceof WriteError) return "unwritable";
  if (error instanceof ProtocolError) {
    return error.code === "bad-field" || error.code === "odd-string" ? "mismatch" : undefined;
  }
  if (error instanceof FileEndError && error.code === fileEndCodes["not for you"]) {
    return "unknown";
  }
  return undefined;
}
