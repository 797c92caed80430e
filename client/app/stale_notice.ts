import { formatTime } from "./time.ts";
import type { Messenger } from "../core/mod.ts";

/** Says how old the list of who is online is; undefined while it is kept up to date. */
export function staleNotice(
  { state, users: { staleSince } }: Pick<Messenger, "state" | "users">,
): string | undefined {
  if (state === "online" && staleSince === undefined) return undefined;
  const next = state === "offline" ? "/login connects" : "it is being connected";
  if (staleSince === undefined) return `not connected yet, nobody knows who is online; ${next}`;
  const time = formatTime(staleSince);
  if (state === "online") return `the list is still coming in: this is who was online at ${time}`;
  return `not connected since ${time}: this is who was online then; ${next} again`;
}
