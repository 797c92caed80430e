import type { LinkEntry, PresenceEntry } from "../../protocol/mod.ts";

/**
 * A user who is online. `address` is the one to call: the server's own if the table says
 * loopback. {@linkcode isHostAddress} says whether it can be called at all.
 */
export interface OnlineUser extends PresenceEntry {
  /** The row's number: the same as long as the user is online, also across a reconnect. */
  readonly id: number;
  /** Whether this is the client itself. */
  readonly own: boolean;
  /** The further fields of a MIM/2 server; undefined at a classic server. */
  readonly details?: UserDetails;
}

/** The further fields of a user at a MIM/2 server; a classic client has an empty `identity`. */
export type UserDetails = Omit<LinkEntry, keyof PresenceEntry>;
