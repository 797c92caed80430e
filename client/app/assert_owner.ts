import {
  type Chat,
  ClientError,
  ConfusableContacts,
  type Messenger,
  type OnlineUser,
} from "../core/mod.ts";
import { formatAddress, nameKey } from "../../protocol/mod.ts";
import { describeDoubt } from "./call_messages.ts";
import { otherServerWarning } from "./chat_warning.ts";
import {
  assertConfirmed,
  formatQuery,
  isNotOwner,
  isWith,
  keyOf,
  type UserQuery,
} from "./user_query.ts";

/** The part of a messenger that says whose a name is. */
type Names = Pick<Messenger, "trust" | "users">;

/**
 * For WHO without an address: a name that belongs to a key means its owner. Whether a contact without the
 * key may be called is decided by its pin.
 *
 * @param contactOf the contact who has gone by another name than that of the contact
 * @throws {ClientError} `peer-unconfirmed`
 */
export function assertOwner(
  who: UserQuery,
  found: Chat | OnlineUser,
  { trust, users }: Names,
  contactOf: (name: string) => string | undefined,
): void {
  const { name, address, port } = found;
  const isMereName = nameKey(who.text) === nameKey(name);
  if (!isMereName || isContact(trust, name) || keyOf(found) !== "") return;
  const rows = "state" in found ? [...users].filter((user) => isWith(found, user, [])) : [found];
  const isKnownElsewise = contactOf(name) !== undefined;
  const isClaimed = "state" in found && found.isNotOwner === true ||
    rows.some((user) => isNotOwner(who.text, user));
  if (!isClaimed && !isKnownElsewise) return;
  throw new ClientError("peer-unconfirmed", {
    ...{ name, isNotOwner: true },
    ...address !== "" && { address: formatAddress(address, port) },
  });
}

/**
 * For a text that goes out at once: nothing that the user should be warned of first is true of somebody
 * whom no chat is open with.
 *
 * @throws {ClientError} `peer-unconfirmed`
 * @throws {SyntaxError} if the name looks like that of a contact
 */
export function assertNoDoubt(who: UserQuery, user: OnlineUser, { trust }: Names): void {
  if (isContact(trust, user.name)) return;
  assertConfirmed(who, user, { trust });
  if (nameKey(who.text) !== nameKey(user.name)) return;
  const { name, details } = user;
  const named = { name, identity: details?.identity };
  const doubt = new ConfusableContacts(trust.contacts).doubtAbout(named);
  if (doubt === undefined) return;
  throw new SyntaxError(
    `Not sent: ${describeDoubt(doubt, name)}; /talk ${
      formatQuery(name)
    } starts a chat all the same`,
  );
}

/** The same for a chat that has just opened, of which more is known. */
export function assertSameServer(messenger: Messenger, chat: Chat): void {
  const warning = otherServerWarning(messenger, chat);
  if (warning === undefined) return;
  throw new SyntaxError(`Not sent: ${warning}; the same again sends it`);
}

/** Whether a key is known for a name: then the core calls nobody without it, unless the user allows that. */
function isContact({ contacts }: Names["trust"], name: string): boolean {
  return contacts.some((contact) => nameKey(contact.name) === nameKey(name));
}
