import { refusalCodes } from "../../../protocol/mod.ts";
import type { DisconnectCause } from "../error_details.ts";
import type { ClientError } from "../errors.ts";

/** Only the user can do something about these: trying again changes nothing. */
const FINAL_REFUSALS: readonly number[] = [
  refusalCodes.malformed,
  refusalCodes["name not allowed"],
  refusalCodes["name taken"],
  refusalCodes["bad signature"],
  refusalCodes.banned,
  refusalCodes["not allowed in"],
  refusalCodes.kicked,
];

/** The operator does not want the user here: coming back by itself would be of no use. */
const EXCLUSIONS: readonly number[] = [
  refusalCodes.banned,
  refusalCodes["not allowed in"],
  refusalCodes.kicked,
];

/** Whether the server's operator has ended a session. */
export function isExclusion(end: DisconnectCause): boolean {
  return end.type === "rejected" && EXCLUSIONS.includes(end.code);
}

/** Whether a login that failed so would fail again, until the user does something. */
export function isFinalLoginError(error: ClientError): boolean {
  if (error.is("server-key-mismatch") || error.is("classic-server")) return true;
  if (!error.is("server-refused")) return false;
  const { end } = error.details;
  return end.type === "rejected" && FINAL_REFUSALS.includes(end.code);
}
