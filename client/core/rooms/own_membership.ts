import { ClientError } from "../errors.ts";
import type { Room } from "../room.ts";
import type { Membership } from "./membership.ts";

/** For how long the user's leaving is handed over. */
const LEAVING_LIFETIME_MS = 30 * 24 * 60 * 60_000;

/** The membership of the user, by the present key. */
export class OwnMembership {
  readonly #membership: Membership;
  readonly #key: string;

  /** @param key the user's key, in hex */
  constructor(membership: Membership, key: string) {
    this.#membership = membership;
    this.#key = key;
  }

  get state(): Room["state"] {
    const role = this.#membership.roleOf(this.#key);
    if (role === undefined) return "left";
    if (role !== "guest") return "joined";
    return this.#key === this.#membership.owner ? "left" : "invited";
  }

  /** Whether nothing says that this key is out: if the user was in the room, then with another one. */
  get isOfOtherKey(): boolean {
    return this.#membership.roleOf(this.#key) === undefined &&
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
