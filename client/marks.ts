import { type Messenger, type OnlineUser, sameName, type Security } from "./core/mod.ts";

/** What is to be known of a user beside the table: how sure it is who that is. */
export interface Marks {
  /** Undefined where this client has no key, and everything is classic. */
  readonly security?: Security;
  /** Whether the name belongs to another key, or to none. */
  readonly notOwner?: boolean;
}

/** What users tell of each other, for a list of them. */
export function marksOf(messenger: Messenger, users: readonly OnlineUser[]): Marks[] {
  const { identity, serverId } = messenger;
  if (identity === undefined) return users.map(() => ({}));
  const owners = new Map<string, OnlineUser>();
  for (const user of messenger.online) {
    if (hasKey(user) && messenger.ownsName(user)) owners.set(sameName(user.name), user);
  }
  return users.map((user) => {
    if (user.own) return {};
    const owner = owners.get(sameName(user.name));
    const notOwner = serverId !== undefined && owner !== user && (hasKey(user) || !!owner);
    return { security: messenger.securityOf(user), ...notOwner && { notOwner } };
  });
}

function hasKey({ details }: OnlineUser): boolean {
  return details !== undefined && details.identity.length > 0;
}
