import type { Messenger } from "../core/mod.ts";

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
