import { refusalCodes } from "../../../protocol/mod.ts";
import type { ClientError } from "../errors.ts";

/** Only the user can do something about these: trying again changes nothing. */
const FINAL_REFUSALS: readonly number[] = [
  refusalCodes.malformed,
  refusalCodes["name not allowed"],
  refusalCodes["name taken"],
  refusalCodes["bad signature"],
];

/** Whether a login that failed so would fail again, until the user does something. */
export function isFinalLoginError(error: ClientError): boolean {
  if (error.is("server-key-mismatch") || error.is("classic-server")) return true;
  if (!error.is("server-refused")) return false;
  const { end } = error.details;
  return end.type === "rejected" && FINAL_REFUSALS.includes(end.code);
}
