import { formatAddress, nameKey, sanitizeName, sanitizeText } from "../../../protocol/mod.ts";
import type { Chat, IgnoreEntry, OnlineUser, Pin, Security } from "../../core/mod.ts";
import { keyOf, type PersonFacts } from "../../app/mod.ts";
import type { IgnoredRow, UserRow } from "../messages.ts";

/** Sanitizes a text from a peer; its line breaks stay. */
export function sanitizeLines(text: string): string {
  return text.split(/\r\n|\n|\r/).map(sanitizeText).join("\n");
}

/** A peer's address and port, sanitized. */
export function formatPeerAddress({ address, port }: { address: string; port: number }): string {
  return formatAddress(sanitizeName(address), port);
}

/**
 * The address of a chat's peer, sanitized. The port of an incoming chat comes from the user list. It is
 * omitted if the name belongs to a contact and the caller has not proven the contact's key.
 */
export function formatChatAddress(
  chat: Pick<Chat, "name" | "address" | "port" | "direction" | "identity">,
  contacts: readonly Pin[],
): string {
  const isUnproven = chat.direction === "incoming" && chat.identity === undefined &&
    contacts.some(({ name }) => nameKey(name) === nameKey(chat.name));
  return isUnproven ? sanitizeName(chat.address) : formatPeerAddress(chat);
}

/** A user of the list: online, or a contact who is offline and known by a pin. */
export interface ListedUser extends OnlineUser {
  readonly pin?: Pin;
}

/** The marks of a user beside the table. */
export interface UserMarks {
  readonly security: Security;
  readonly confusableWith: string | undefined;
  readonly knownAs: string | undefined;
  readonly isNotOwner: boolean;
  readonly isUncertified: boolean;
}

/** The alias and the note of a contact, and whether something waits for them. */
export interface ContactFacts extends PersonFacts {
  readonly waiting: number;
}

export function createUserRow(
  user: ListedUser,
  { security, confusableWith, knownAs, isNotOwner, isUncertified }: UserMarks,
  { alias, note, lastSeen, waiting }: ContactFacts,
): UserRow {
  const { id, details, pin } = user;
  const key = keyOf({ identity: pin?.identity, details });
  const reachability = details?.reachability;
  return {
    id,
    name: sanitizeName(user.name),
    address: pin === undefined ? formatPeerAddress(user) : "",
    own: user.own,
    ...key !== "" && { key },
    security,
    availability: pin === undefined ? details?.availability ?? "online" : "offline",
    status: sanitizeText(details?.status ?? ""),
    ...(confusableWith === undefined ? {} : { confusableWith: sanitizeName(confusableWith) }),
    ...(knownAs === undefined ? {} : { knownAs: sanitizeName(knownAs) }),
    ...isNotOwner && { isNotOwner },
    ...isUncertified && { isUncertified },
    ...(reachability === "reachable" ? { reachable: true } : {}),
    ...(reachability === "unreachable" ? { reachable: false } : {}),
    ...alias !== "" && { alias: sanitizeName(alias) },
    ...note !== "" && { note: sanitizeLines(note) },
    ...pin !== undefined && lastSeen > 0 && { lastSeen },
    ...waiting > 0 && { waiting },
  };
}

export function createIgnoredRow({ name, address, refused }: IgnoreEntry, id: number): IgnoredRow {
  return {
    id,
    ...name !== undefined && { name: sanitizeName(name) },
    ...address !== undefined && { address: sanitizeName(address) },
    rejectedCalls: refused,
  };
}
