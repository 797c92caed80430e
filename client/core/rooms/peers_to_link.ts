import { Sha256, type WatchedItem } from "../../../protocol/mod.ts";
import { clientLimits } from "../limits.ts";
import type { LocalRoom } from "./local_room.ts";

/** An invitation is delivered for so long. */
const INVITATION_LIFETIME_MS = 30 * 24 * 60 * 60_000;

/**
 * With whom a room links: all other members up to 64, else eight of those who are online; and guests, whom
 * the one who has invited them calls, or others while that one is offline.
 */
export function peersToLink(
  room: LocalRoom,
  own: string,
  isOnline: (key: string) => boolean,
  now: number,
): { readonly peers: string[]; readonly guests: string[] } {
  const { peers } = room;
  if (room.state !== "joined") return { peers: room.isLeaving ? peers : [], guests: [] };
  const { membership } = room.replica;
  const guests = [...membership.people()].filter(({ role }) => role === "guest")
    .filter(({ user }) => {
      const invitation = membership.invitationOf(user);
      if (invitation === undefined) return false;
      const { author, header } = invitation.record;
      if (now - header.at > INVITATION_LIFETIME_MS) return false;
      return author === own || !isOnline(author);
    })
    .map(({ user }) => user);
  if (peers.length < clientLimits.roomMeshMembers) return { peers, guests };
  return { peers: neighbors(peers.filter(isOnline), own), guests };
}

/**
 * Some of the members, others for each: both ends of a pair draw the same number.
 *
 * @param turn other ones are drawn in each
 */
export function neighbors(keys: readonly string[], own: string, turn = 0): string[] {
  const drawn = keys.map((key): [number: string, key: string] => {
    const sha = new Sha256();
    for (const one of [own, key].sort()) sha.update(Uint8Array.fromHex(one));
    sha.update(new TextEncoder().encode(`${turn}`));
    return [sha.digest().toHex(), key];
  });
  return drawn.sort(([one], [other]) => one < other ? -1 : 1)
    .slice(0, clientLimits.roomGossipLinks)
    .map(([, key]) => key);
}

/** The members of these rooms, and those who are invited: so many may be watched. */
export function* membersToWatch(
  rooms: readonly LocalRoom[],
  own: string,
): Generator<WatchedItem, void> {
  const keys = new Set<string>();
  for (const room of rooms) {
    if (room.state !== "joined" && !room.isLeaving) continue;
    for (const { user } of room.replica.membership.people()) {
      if (user === own || keys.has(user)) continue;
      if (keys.size >= clientLimits.watchedMembers) return;
      keys.add(user);
      yield { type: "identity", identity: Uint8Array.fromHex(user) };
    }
  }
}
