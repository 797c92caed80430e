import { ConfusableContacts, type Messenger, type OnlineUser, type Security } from "../core/mod.ts";
import { nameKey } from "../../protocol/mod.ts";

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
}

export function userBadges(messenger: Messenger, users: readonly OnlineUser[]): UserBadges[] {
  const { publicKey } = messenger;
  if (publicKey === undefined) return users.map(() => ({}));
  const owned = new Set<string>();
  for (const user of [...messenger.users]) {
    if (hasKey(user) && messenger.users.ownsName(user)) owned.add(nameKey(user.name));
  }
  const alike = new ConfusableContacts(messenger.trust.contacts);
  return users.map((user) => {
    if (user.own || publicKey.equals(user.details?.identity)) return {};
    const { trust } = messenger;
    const found = trust.securityOf(user);
    // If the server certifies nobody, that is reported once, and not for each user.
    const security = found === "unconfirmed" && !trust.serverCertifies ? undefined : found;
    const knownAs = trust.knownAs(user);
    // Somebody without a key owns no name; it matters only if some key is known to own it.
    const notOwner = !hasKey(user) && (owned.has(nameKey(user.name)) || security === "changed");
    const like = alike.find({ name: user.name, identity: user.details?.identity })?.name;
    return {
      ...security !== undefined && { security },
      ...knownAs !== undefined && { knownAs },
      ...notOwner && { notOwner },
      ...like !== undefined && { like },
    };
  });
}

function hasKey({ details }: OnlineUser): boolean {
  return details !== undefined && details.identity.length > 0;
}
