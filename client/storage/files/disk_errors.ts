import { DiskFullError } from "../../core/mod.ts";
import { errorCode, reasonOf } from "../../../server/platform/util/errors.ts";

/** An error of the system, as one that says whether the disk is full. */
export function asDiskError(error: unknown): unknown {
  const code = errorCode(error);
  const isFull = code === "ENOSPC" || code === "EDQUOT" ||
    /no space left|disk full|os error (?:28|112|122)\)/i.test(reasonOf(error));
  return isFull ? new DiskFullError(reasonOf(error), { cause: error }) : error;
}
