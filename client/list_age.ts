import type { Messenger } from "./core/mod.ts";

/** Says how old the list of who is online is; undefined while it is kept up to date. */
export function listAge({ state, staleSince }: Messenger): string | undefined {
  if (state === "online" && staleSince === undefined) return undefined;
  const [hours, minutes] = [staleSince?.getHours(), staleSince?.getMinutes()]
    .map((part) => String(part).padStart(2, "0"));
  const time = staleSince === undefined ? "" : ` ${hours}:${minutes}`;
  if (state === "online") return `the list is still coming in: this is who was online at${time}`;
  const since = time === "" ? "" : ` since${time}`;
  const next = state === "offline" ? "/login connects again" : "it is being connected again";
  return `not connected${since}: this is who was online then; ${next}`;
}
