import type { Messenger, OnlineUser } from "../core/mod.ts";
import {
  keyOf,
  matchFolded,
  type Owner,
  type UserCandidate,
  type UserQuery,
} from "./user_query.ts";
import { nameKey } from "../../protocol/mod.ts";

interface NameSource {
  readonly trust: { readonly contacts: readonly Owner[] };
  readonly users: Iterable<OnlineUser> & Pick<Messenger["users"], "ownsName">;
}

/**
 * The owners of the names that WHO may mean. A contact owns the name under which it is known. An unknown
 * name belongs to the key for which the server has certified it, or to the one key that everybody there
 * has under it. Others who use the name, in classic MIM for example, must be named with an address.
 */
export function nameOwners(
  who: UserQuery | string,
  { trust, users }: NameSource,
  there: readonly UserCandidate[],
): Owner[] {
  const certified = matchFolded(who, [...users]).filter((user) => users.ownsName(user));
  const named = certified.length > 0 ? certified : matchFolded(who, there);
  const [one] = named;
  if (one === undefined) return [...trust.contacts];
  const key = keyOf(one);
  const isTheirs = key !== "" && named.every((other) => keyOf(other) === key);
  const isKnown = trust.contacts.some(({ name }) => nameKey(name) === nameKey(one.name));
  return isTheirs && !isKnown
    ? [...trust.contacts, { name: one.name, identity: Uint8Array.fromHex(key) }]
    : [...trust.contacts];
}

/** Whether a contact of that name is online with the known key. */
export function isKnownOnline(
  { trust, users }: Pick<Messenger, "trust" | "users">,
  name: string,
): boolean {
  const isNamed = (one: { readonly name: string }) => nameKey(one.name) === nameKey(name);
  const key = trust.contacts.find(isNamed)?.identity.toHex();
  return key !== undefined && [...users].some((user) => isNamed(user) && keyOf(user) === key);
}
