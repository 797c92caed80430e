import { ConfusableContacts, type Messenger, type OnlineUser, type Security } from "../core/mod.ts";
import { nameKey } from "../../protocol/mod.ts";

/** What is to be known of a user beside the table: how sure it is who that is. */
export interface UserBadges {
  /** Undefined where this client has no key, and everything is classic. */
  readonly security?: Security;
  /** Whether the name belongs to another key, or to none. */
  readonly notOwner?: boolean;
  /** Somebody else, whom the user knows, and for whom this one may be taken. */
  readonly like?: string;
}

/** What users tell of each other, for a list of them. */
export function userBadges(messenger: Messenger, users: readonly OnlineUser[]): UserBadges[] {
  const { identity, serverId } = messenger;
  if (identity === undefined) return users.map(() => ({}));
  const own = identity.toHex();
  const owned = new Set<string>();
  for (const user of [...messenger.users]) {
    if (hasKey(user) && messenger.users.ownsName(user)) owned.add(nameKey(user.name));
  }
  const alike = new ConfusableContacts(messenger.contacts);
  return users.map((user) => {
    if (user.own || user.details?.identity.toHex() === own) return {};
    const security = messenger.securityOf(user);
    // Who has no key owns no name: that is worth a word where a key is known to own it.
    const notOwner = hasKey(user)
      ? serverId !== undefined && !messenger.users.ownsName(user)
      : owned.has(nameKey(user.name)) || security === "changed";
    const like = alike.find({ name: user.name, identity: user.details?.identity })?.name;
    return { security, ...notOwner && { notOwner }, ...like !== undefined && { like } };
  });
}

function hasKey({ details }: OnlineUser): boolean {
  return details !== undefined && details.identity.length > 0;
}
