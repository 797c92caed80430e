import type { WindowAvailability, Wording } from "./me.ts";

/** How certain a peer's identity is; `Security` of client/core explains each word. */
export type PeerSecurity =
  | "classic"
  | "unconfirmed"
  | "new"
  | "pinned"
  | "verified"
  | "changed";

/** A row of the user list. */
export interface UserRow {
  readonly id: number;
  readonly name: string;
  /** Address and port as one would dial them; empty for a contact who is not online. */
  readonly address: string;
  readonly own: boolean;
  /** The public key in hex; absent for a user without one. */
  readonly key?: string;
  readonly security: PeerSecurity;
  /** `offline` for a contact who is not online; messages to them are queued. */
  readonly availability: WindowAvailability | "offline";
  readonly status: string;
  /** A contact that this user's name can be mistaken for. */
  readonly confusableWith?: string;
  /** The name under which the user knows this key. */
  readonly knownAs?: string;
  /** Whether somebody without a key has a name that belongs to one. */
  readonly isNotOwner?: true;
  /** Whether `security` goes for everybody new, because the server certifies nobody. */
  readonly isUncertified?: true;
  /** Whether the server could reach this user; absent if it has not tried. */
  readonly reachable?: boolean;
  /** The user's own name for a contact, and note about one; absent if there is none. */
  readonly alias?: string;
  readonly note?: string;
  /** When a contact who is not online was last, in milliseconds since 1970; absent if not known. */
  readonly lastSeen?: number;
  /** How many messages wait for a contact; absent if none do. */
  readonly waiting?: number;
}

/** A pending call. */
export interface CallerRow {
  readonly id: number;
  readonly name: string;
  readonly address: string;
  /** How many lines the caller left before hanging up; absent while they wait. */
  readonly leftLines?: number;
  /** Why the caller may be someone else; absent without a doubt. */
  readonly warning?: Wording;
  readonly isClassic: boolean;
  /** The beginning of what the caller has said; empty if nothing was. */
  readonly preview: string;
  /** Until when the caller waits, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** An entry of the ignore list. */
export interface IgnoredRow {
  readonly id: number;
  /** Whom it means; absent for everybody. */
  readonly name?: string;
  /** Where; absent for every address. */
  readonly address?: string;
  readonly rejectedCalls: number;
}
