import {
  limits,
  type LinkNotice,
  refusalCodes,
  sanitizeText,
  sliceGraphemes,
} from "../../protocol/mod.ts";
import type { ProtocolErrorCode } from "../../protocol/mod.ts";

/**
 * Why the server closes a connection, as a code that does not change between versions: a protocol
 * error, or `server-full`, `no-login` (in time), `too-slow` (to read), `too-many-connections` (from one
 * address), `too-fast` (connections of one address, handshakes or messages), `bad-signature`,
 * `name-taken` (by another key), `name-undecided` (whose the name is can't be settled now), `no-answer` (to
 * pings), `keys-only` (a classic client), `classic-full` (a classic client, at a server with too many users to
 * tell it of everybody), `banned`, `not-allowed` (on no list of those who may log in), `kicked` (by the
 * operator), `standing-by` (another server with the same data folder serves).
 */
export type RejectionCode =
  | ProtocolErrorCode
  | "server-full"
  | "no-login"
  | "too-slow"
  | "too-many-connections"
  | "too-fast"
  | "bad-signature"
  | "name-taken"
  | "name-undecided"
  | "no-answer"
  | "keys-only"
  | "classic-full"
  | "banned"
  | "not-allowed"
  | "kicked"
  | "standing-by";

/** Why the server closes a connection. */
export interface Rejection {
  /** For metrics and for programs that read logs. */
  readonly code: RejectionCode;
  /** For people. */
  readonly reason: string;
}

/** The codes on the wire; all others are `malformed`. */
const ON_THE_WIRE: Partial<Record<RejectionCode, keyof typeof refusalCodes>> = {
  "invalid-name": "name not allowed",
  "name-taken": "name taken",
  "name-undecided": "try later",
  "too-many-connections": "too many connections",
  "too-fast": "too fast",
  "server-full": "server full",
  "bad-signature": "bad signature",
  "no-login": "too slow",
  "too-slow": "too slow",
  "no-answer": "too slow",
  "banned": "banned",
  "not-allowed": "not allowed in",
  "kicked": "kicked",
  "standing-by": "shutting down",
};

/** The notice for a MIM/2 client before its connection is closed. */
export function rejectionNotice({ code, reason }: Rejection): LinkNotice {
  return notice(ON_THE_WIRE[code] ?? "malformed", reason);
}

/** The notice for MIM/2 clients when the server stops. */
export function shutdownNotice(reason: string): LinkNotice {
  return notice("shutting down", reason);
}

/** The notice for MIM/2 clients when another server, which that link names, goes on in its place. */
export function movedNotice(link: string): LinkNotice {
  return notice("moved", link);
}

function notice(code: keyof typeof refusalCodes, reason: string): LinkNotice {
  const text = sliceGraphemes(sanitizeText(reason), limits.rejectionUnits);
  return { type: "refusal", code: refusalCodes[code], text };
}
