import type { Messenger } from "../core/mod.ts";

/** So many characters of a name's beginning find somebody at a server that does not list everybody. */
const MIN_SEARCH_LENGTH = 2;

/**
 * Says that a search was too short to find more than those who are listed; undefined if it was not.
 *
 * @param part what was searched for
 */
export function partialSearchNotice(
  { users: { isPartial } }: Pick<Messenger, "users">,
  part: string,
): string | undefined {
  if (!isPartial || [...part].length >= MIN_SEARCH_LENGTH) return undefined;
  return `Only people you know were searched: to find others, give at least ${MIN_SEARCH_LENGTH} characters ` +
    "of the beginning of their names";
}

/**
 * Says that the list shows only some of those who are online; undefined if it shows everybody.
 *
 * @param command finds others
 */
export function partialNotice(
  { users: { isPartial, total } }: Pick<Messenger, "users">,
  command: string,
): string | undefined {
  if (!isPartial) return undefined;
  return `This server has ${total} users, so only people you know are listed; ${command} finds others by ` +
    "the beginning of their names";
}
