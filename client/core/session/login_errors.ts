import { refusalCodes } from "../../../protocol/mod.ts";
import type { DisconnectCause, LoginFailure } from "../error_details.ts";
import { ClientError } from "../errors.ts";

/** After these, what answers is taken to be no MIM server. */
const NOT_MIM: readonly DisconnectCause["type"][] = [
  "not-mim",
  "not-authentic",
  "unproven",
  "silent",
  "no-welcome",
  "no-answer",
];

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

/** Whether a login has failed because the server is not where it was: it hangs, or another program answers. */
export function isElsewhere(error: unknown): boolean {
  if (!(error instanceof ClientError)) return false;
  if (error.is("server-refused")) {
    const { type } = error.details.end;
    return type === "closed" || type === "lost";
  }
  return error.is("server-key-mismatch") || error.is("protocol-error") ||
    error.is("server-unreachable");
}

/** Whether the server can't say now who owns a name: another one of its cluster may. */
export function isUndecided(error: unknown): boolean {
  if (!(error instanceof ClientError) || !error.is("server-refused")) return false;
  const { end } = error.details;
  return end.type === "rejected" && end.code === refusalCodes["try later"];
}

/**
 * Why a login failed at a server that answered.
 *
 * @param hasLink whether the server speaks MIM/2 with this client
 * @param lacksKey whether it would, if this client had a key
 */
export function loginError(
  failure: Pick<LoginFailure, "server" | "name" | "end">,
  hasLink: boolean,
  lacksKey: boolean,
): ClientError {
  const { type } = failure.end;
  const code = NOT_MIM.includes(type) ? "protocol-error" : "server-refused";
  const isBusy = hasLink && (type === "closed" || type === "lost");
  return new ClientError(code, {
    ...failure,
    ...isBusy && { isBusy },
    ...lacksKey && { lacksKey },
  });
}

/** A server that says nothing at all may hang: that shows nothing about what it speaks. */
export function silenceError(server: LoginFailure["server"], timeMs: number): ClientError {
  const reason = `it did not answer within ${timeMs / 1000} s`;
  return new ClientError("server-unreachable", { server, reason });
}

/** A login that was given up fails with this. */
export function abortedByLogout(): ClientError {
  return new ClientError("invalid-state", { reason: "logged-out" });
}
