/** The kinds of entries. */

/**
 * The numbers of the kinds of entries. An entry of another kind is talk of a later version.
 *
 * @example
 * ```ts
 * import { isMembershipKind, roomKinds } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([isMembershipKind(roomKinds.join), isMembershipKind(roomKinds.text)], [true, false]);
 * ```
 */
export const roomKinds = {
  create: 1,
  invite: 2,
  join: 3,
  leave: 4,
  remove: 5,
  set: 6,
  text: 7,
  action: 8,
  file: 9,
  role: 10,
} as const;

const MEMBERSHIP: ReadonlySet<number> = new Set([
  roomKinds.create,
  roomKinds.invite,
  roomKinds.join,
  roomKinds.leave,
  roomKinds.remove,
  roomKinds.set,
  roomKinds.role,
]);

/** Whether entries of that kind decide who is a member; all others are talk. */
export function isMembershipKind(kind: number): boolean {
  return MEMBERSHIP.has(kind);
}
