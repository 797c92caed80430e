import type { Mim2Entry, PresenceEntry } from "../../protocol/mod.ts";

/**
 * A user who is online. The address is the one to call: the server's own where the table says
 * loopback. Whether it can be called, {@linkcode isHostAddress} says.
 */
export interface OnlineUser extends PresenceEntry {
  /** Whether this is the client itself. */
  readonly own: boolean;
  /** What a MIM/2 server tells beside; undefined where the server is a classic one. */
  readonly details?: UserDetails;
}

/** What a MIM/2 server tells of a user; an empty `identity` is a classic client's. */
export type UserDetails = Omit<Mim2Entry, keyof PresenceEntry>;
