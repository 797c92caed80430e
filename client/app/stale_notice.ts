import { formatTime } from "./time.ts";
import type { Messenger } from "../core/mod.ts";

/** How old the list of online users is; undefined while it is up to date. */
export function staleNotice(
  { state, users: { staleSince } }: Pick<Messenger, "state" | "users">,
): string | undefined {
  if (state === "online" && staleSince === undefined) return undefined;
  const next = state === "offline" ? "/login connects" : "MIM is connecting";
  if (staleSince === undefined) {
    return `Not connected yet, so it is not known who is online; ${next}`;
  }
  const time = formatTime(staleSince);
  if (state === "online") return `The list is still loading: this is who was online at ${time}`;
  return `Not connected since ${time}: this is who was online then; ${next} again`;
}
