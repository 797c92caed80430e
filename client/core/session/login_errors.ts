import { refusalCodes } from "../../../protocol/mod.ts";
import type { DisconnectCause } from "../error_details.ts";

/** Only the user can do something about these: trying again changes nothing. */
const FINAL_REFUSALS: readonly number[] = [
  refusalCodes.malformed,
  refusalCodes["name not allowed"],
  refusalCodes["name taken"],
  refusalCodes["bad signature"],
];

/** Whether a server that ended a login so would do the same to the next one. */
export function isFinalLoginError(end: DisconnectCause): boolean {
  return end.type === "rejected" && FINAL_REFUSALS.includes(end.code);
}
