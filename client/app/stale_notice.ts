import { formatTime } from "./time.ts";
import type { ClientError, Messenger } from "../core/mod.ts";

/** How old the list of online users is; undefined while it is up to date. */
export function staleNotice(
  { state, reconnectFailure, users: { staleSince } }: Pick<
    Messenger,
    "state" | "users" | "reconnectFailure"
  >,
): string | undefined {
  if (state === "online" && staleSince === undefined) return undefined;
  const next = state === "offline" ? "/login connects" : "MIM is connecting";
  const why = reconnectFailure && `; the last attempt failed: ${reasonIn(reconnectFailure)}`;
  if (staleSince === undefined) {
    return `Not connected yet, so it is not known who is online; ${next}${why ?? ""}`;
  }
  const time = formatTime(staleSince);
  if (state === "online") return `The list is still loading: this is who was online at ${time}`;
  return `Not connected since ${time}: this is who was online then; ${next} again${why ?? ""}`;
}

function reasonIn(error: ClientError): string {
  return error.is("server-unreachable") ? error.details.reason : error.message;
}
