import { getLogger } from "@logtape/logtape";
import { decodeUpdate, formatAddress, sanitizeText } from "../../protocol/mod.ts";
import type { RejectionCode } from "../admission/mod.ts";
import type { Session, SessionEnd } from "./session.ts";

const logger = getLogger(["mim", "server"]);
/** Bytes of a frame's length. */
const FRAME_LENGTH_BYTES = 2;

/** A client as a log record names it. */
export interface Client {
  readonly client: string;
  readonly address: string;
  readonly port: number;
}

/**
 * Logs a session's end: a rejection at level info, anything else at level debug.
 *
 * @param update the Delete of the client, if it had logged in
 * @param isFirst called for a rejection before the login; false logs it at level debug, too
 */
export function logEnd(
  { address, port }: Session,
  end: SessionEnd,
  update: Uint8Array | undefined,
  isFirst: (code: RejectionCode) => boolean,
): void {
  const who = update === undefined ? "{client}" : "{client} ({name})";
  const { by, reason } = end;
  const record = () => ({ ...clientAt(address, port), name: update && nameIn(update), reason });
  if (by !== "rejected") return logger.debug(`end of ${who}: {reason}`, record);
  const level = update !== undefined || isFirst(end.code) ? "info" : "debug";
  logger[level](`closed ${who}: {code}: {reason}`, { ...record(), code: end.code });
}

/** A client for the log: as text, and in parts. */
export function clientAt(address: string, port: number): Client {
  return { client: formatAddress(address, port), address, port };
}

/** The name in the bytes of an Add or a Delete, safe to show. */
function nameIn(update: Uint8Array): string {
  return sanitizeText(decodeUpdate(update.subarray(FRAME_LENGTH_BYTES)).entry.name);
}
