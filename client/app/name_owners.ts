import type { Messenger, OnlineUser } from "../core/mod.ts";
import { keyOf, matchFolded, type Owner, type UserCandidate } from "./user_query.ts";
import { nameKey } from "../../protocol/mod.ts";

/** What says whose names are. */
interface NameSource extends Pick<Messenger, "contacts"> {
  readonly users: Iterable<OnlineUser> & Pick<Messenger["users"], "ownsName">;
}

/**
 * Whose names are, as far as WHO may mean them: those of the keys that the user knows. A name that is
 * not known is that of the one key for which the server has certified it, or that all have who are
 * there under it: who merely uses it too, in classic MIM, say, has to be named with an address.
 *
 * @param there who can be meant
 */
export function nameOwners(
  who: string,
  { contacts, users }: NameSource,
  there: readonly UserCandidate[],
): Owner[] {
  const certified = matchFolded(who, [...users]).filter((user) => users.ownsName(user));
  const named = certified.length > 0 ? certified : matchFolded(who, there);
  const [one] = named;
  if (one === undefined) return contacts;
  const key = keyOf(one);
  const isTheirs = key !== "" && named.every((other) => keyOf(other) === key);
  const isKnown = contacts.some(({ name }) => nameKey(name) === nameKey(one.name));
  return isTheirs && !isKnown
    ? [...contacts, { name: one.name, identity: Uint8Array.fromHex(key) }]
    : contacts;
}

/** Whether somebody is online under a name with the key that the user knows it by. */
export function isKnownOnline(
  { contacts, users }: Pick<Messenger, "contacts" | "users">,
  name: string,
): boolean {
  const isNamed = (one: { readonly name: string }) => nameKey(one.name) === nameKey(name);
  const key = contacts.find(isNamed)?.identity.toHex();
  return key !== undefined && [...users].some((user) => isNamed(user) && keyOf(user) === key);
}
