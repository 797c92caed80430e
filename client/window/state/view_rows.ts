import type { Chat, IgnoreEntry, OnlineUser, Pin, Security } from "../../core/mod.ts";
import type { IgnoredRow, UserRow } from "../messages.ts";
import { formatAddress, nameKey, sanitizeName, sanitizeText } from "../../../protocol/mod.ts";

/** A text from somebody else, safe to show; its line breaks stay. */
export function shownText(text: string): string {
  return text.split(/\r\n|\n|\r/).map(sanitizeText).join("\n");
}

/** An address from somebody else, safe to show. */
export function shownAddress({ address, port }: { address: string; port: number }): string {
  return formatAddress(sanitizeName(address), port);
}

/**
 * Where a chat's peer is, safe to show. Who calls without the key that goes with the name may be
 * anybody: the port that is known then is that of who has the name.
 *
 * @param contacts whose keys are known
 */
export function shownWhere(
  chat: Pick<Chat, "name" | "address" | "port" | "by" | "identity">,
  contacts: readonly Pin[],
): string {
  const unproven = chat.by === "them" && chat.identity === undefined &&
    contacts.some(({ name }) => nameKey(name) === nameKey(chat.name));
  return unproven ? sanitizeName(chat.address) : shownAddress(chat);
}

/** Somebody in the list: online, or known by a pin and not there. */
export interface Somebody extends OnlineUser {
  readonly pin?: Pin;
}

/** A row of the online list. */
export function userRow(
  user: Somebody,
  id: number,
  security: Security,
  like: string | undefined,
): UserRow {
  const { details, pin } = user;
  const reachability = details?.reachability;
  return {
    id,
    name: sanitizeName(user.name),
    address: pin === undefined ? shownAddress(user) : "offline",
    own: user.own,
    security,
    availability: pin === undefined ? details?.availability ?? "online" : "offline",
    status: sanitizeText(details?.status ?? ""),
    ...(like === undefined ? {} : { like: sanitizeName(like) }),
    ...(reachability === "reachable" ? { reachable: true } : {}),
    ...(reachability === "unreachable" ? { reachable: false } : {}),
  };
}

/** Somebody who is ignored, in words. */
export function ignoredRow({ name, address, refused }: IgnoreEntry, id: number): IgnoredRow {
  const who = name === undefined
    ? `everybody at ${address}`
    : address === undefined
    ? `${sanitizeName(name)} at every address`
    : `${sanitizeName(name)} at ${address}`;
  return { id, who, refused };
}
