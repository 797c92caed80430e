import { ClientError } from "../errors.ts";
import type { Room } from "../room.ts";
import type { Membership } from "./membership.ts";
import type { MembershipNode } from "./membership_graph.ts";

/** For how long the user's leaving is handed over. */
const LEAVING_LIFETIME_MS = 30 * 24 * 60 * 60_000;

/** The membership of the user, by the present key. */
export class OwnMembership {
  readonly #membership: Membership;
  readonly #key: string;

  readonly #isIgnored: (author: string) => boolean;

  /**
   * @param key the user's key, in hex
   * @param isIgnored whether the user ignores an author: nobody is invited by those
   */
  constructor(membership: Membership, key: string, isIgnored: (author: string) => boolean) {
    this.#membership = membership;
    this.#key = key;
    this.#isIgnored = isIgnored;
  }

  get state(): Room["state"] {
    const role = this.#membership.roleOf(this.#key);
    if (role === undefined) return "left";
    if (role !== "guest") return "joined";
    return this.invitation === undefined ? "left" : "invited";
  }

  /** The newest invitation of the user that counts, by somebody whom the user does not ignore. */
  get invitation(): MembershipNode | undefined {
    return this.#membership.invitationsOf(this.#key)
      .findLast(({ record }) => !this.#isIgnored(record.author));
  }

  /** Whether nothing says that this key is out: if the user was in the room, then with another one. */
  get isOfOtherKey(): boolean {
    return this.#membership.servedAs(this.#key) === undefined &&
      this.#membership.removalOf(this.#key) === undefined &&
      this.#membership.lastLeaveOf(this.#key) === undefined;
  }

  /** The hash of the entry by which the user has left, unless that was long ago. */
  recentLeave(now: number): string | undefined {
    const leave = this.#membership.lastLeaveOf(this.#key);
    const isRecent = leave !== undefined && now - leave.header.at < LEAVING_LIFETIME_MS;
    return isRecent ? leave.hash : undefined;
  }
}

/** The user has another key now than the one that is a member of these rooms. */
export function otherKeyError(rooms: readonly Room[]): ClientError {
  const labels = rooms.map(({ label }) => label);
  return new ClientError("room-failed", { reason: "other-key", labels });
}
