import {
  ConfusableContacts,
  type Contact,
  type Messenger,
  type OnlineUser,
  type Security,
} from "../core/mod.ts";
import { confusableKey, nameKey } from "../../protocol/mod.ts";

/** Facts about a user's identity that are not in the table. */
export interface UserBadges {
  /** Undefined if this client has no key. */
  readonly security?: Security;
  /** Whether the name belongs to another key. */
  readonly notOwner?: boolean;
  /** The contact whose name looks the same. */
  readonly like?: string;
  /** The contact that this user is, under another name. */
  readonly knownAs?: string;
  /** The user's own name for them. */
  readonly alias?: string;
}

export function userBadges(messenger: Messenger, users: readonly OnlineUser[]): UserBadges[] {
  const owned = new Set<string>();
  for (const user of messenger.users) {
    if (hasKey(user) && messenger.users.ownsName(user)) owned.add(nameKey(user.name));
  }
  const badgesOf = badgesBy(messenger);
  return users.map((user) => {
    const badges = badgesOf(user);
    const isOwned = !user.own && !hasKey(user) && owned.has(nameKey(user.name));
    return isOwned && messenger.publicKey !== undefined ? { ...badges, notOwner: true } : badges;
  });
}

/** Finds the badges of one user after the other; the contacts are read once. */
export function badgesBy(messenger: Messenger): (user: OnlineUser) => UserBadges {
  const { publicKey, trust } = messenger;
  if (publicKey === undefined) return () => ({});
  const alike = new ConfusableContacts(trust.contacts);
  return (user) => {
    if (user.own || publicKey.equals(user.details?.identity)) return {};
    const found = trust.securityOf(user);
    // If the server certifies nobody, that is reported once, and not for each user.
    const security = found === "unconfirmed" && !trust.serverCertifies ? undefined : found;
    const knownAs = trust.knownAs(user);
    // Somebody without a key owns no name; it matters only if some key is known to own it.
    const isClaimed = user.details?.isNameClaimed === true || security === "changed";
    const like = alike.find({ name: user.name, identity: user.details?.identity })?.name ??
      (security === "changed" ? contactInOtherLetters(trust.contacts, user.name) : undefined);
    return {
      ...security !== undefined && { security },
      ...knownAs !== undefined && { knownAs },
      ...!hasKey(user) && isClaimed && { notOwner: true },
      ...like !== undefined && { like },
    };
  };
}

/** The contact whose name looks the same as a user's, and is in other letters. */
function contactInOtherLetters(contacts: readonly Contact[], name: string): string | undefined {
  const same = confusableKey(name);
  const contact = contacts.find((contact) => confusableKey(contact.name) === same)?.name;
  return contact === undefined || nameKey(contact) === nameKey(name) ? undefined : contact;
}

function hasKey({ details }: OnlineUser): boolean {
  return details !== undefined && details.identity.length > 0;
}
