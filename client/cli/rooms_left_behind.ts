import { Messenger, type Room } from "../core/mod.ts";
import { IdentityFile, loadIdentity, openStore } from "../storage/mod.ts";

/** A room in which the user's key is a member. */
export interface KeyRoom {
  /** `#` and its name, as it came. */
  readonly label: string;
  /** Whether a member could invite another key of the user's. */
  readonly canInvite: boolean;
}

/**
 * The rooms in which the key of a data folder is a member: another key is not.
 *
 * @throws {Error} if they can't be read
 */
export async function roomsOfKey(folder: string): Promise<KeyRoom[]> {
  if (await new IdentityFile(folder).read() === undefined) return [];
  using store = await openStore(folder, () => {}); // who uses it next hears of damage
  const server = { hostname: "localhost", port: 1 }; // it is not called
  const identity = await loadIdentity(folder);
  await using messenger = new Messenger({ name: "rooms", server, identity, store });
  await messenger.rooms.ready;
  return [...messenger.rooms].filter(({ state }) => state === "joined").map((room) => ({
    label: room.label,
    canInvite: canInvite(room),
  }));
}

function canInvite({ members, policy }: Room): boolean {
  return members.some(({ isOwn, role }) =>
    !isOwn && role !== "guest" && (role !== "member" || policy.membersInvite)
  );
}
