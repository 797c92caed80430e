/** The users who can be invited to a room. */

/** @import { RoomMemberRow, UserRow } from "../messages.ts" */

/**
 * Whether a user can be invited. Members are compared by key, since two people can have one name.
 *
 * @param {Pick<UserRow, "own" | "key">} user
 * @param {readonly Pick<RoomMemberRow, "key">[]} members
 */
export function canBeGuest({ own, key }, members) {
  return !own && key !== undefined && !members.some((each) => each.key === key);
}
