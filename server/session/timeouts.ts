import { isLoopback } from "../../protocol/mod.ts";
import type { Rejection } from "../admission/mod.ts";
import { serverLimits } from "../limits.ts";
import type { Session } from "./session.ts";

/** Why a connection is closed that has missed its deadline. */
export function describeTimeout({ cursor }: Session, timeoutMs: number): Rejection {
  const within = `within ${timeoutMs / 1000} s`;
  if (cursor === undefined) return { code: "no-login", reason: `no complete login ${within}` };
  return { code: "too-slow", reason: `did not read the table ${within}` };
}

/**
 * Why a connection is closed that has stopped taking the table; undefined if it has not.
 *
 * @param excusedUntil nobody is blamed for what did not happen before that time
 */
export function describeStall(
  session: Session,
  time: number,
  excusedUntil: number,
): Rejection | undefined {
  const { address, cursor, lastWritten, isHeld } = session;
  const limit = isHeld ? serverLimits.tableAnswerMs : serverLimits.tableStallMs;
  const isExempt = cursor === undefined || isLoopback(address);
  if (isExempt || time - Math.max(lastWritten, excusedUntil) < limit) return undefined;
  return { code: "too-slow", reason: `took none of the table for ${limit / 1000} s` };
}
