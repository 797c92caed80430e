import type { OnlineUser } from "../core/mod.ts";
import type { Settings } from "../storage/mod.ts";
import { keyOf } from "./user_query.ts";

/**
 * Whether to show that someone has come or gone.
 *
 * @param hasChat whether there is a chat with somebody of that name
 * @param online the users who are online
 */
export function showsPresence(
  joins: Settings["joins"],
  user: OnlineUser,
  hasChat: (name: string) => boolean,
  online: Iterable<OnlineUser>,
): boolean {
  if (joins === "off" || (joins === "smart" && !hasChat(user.name))) return false;
  const key = keyOf(user);
  if (key === "") return true;
  // One of two programs of the same user has come or gone.
  return ![...online].some((other) =>
    other !== user && other.name === user.name && keyOf(other) === key
  );
}
