import { displayName, displayText, formatAddress } from "../../protocol/mod.ts";
import type { Ignored, OnlineUser, Security } from "../core/mod.ts";
import type { IgnoredRow, UserRow } from "./bridge.ts";

/** A text from somebody else, safe to show; its line breaks stay. */
export function shownText(text: string): string {
  return text.split(/\r\n|\n|\r/).map(displayText).join("\n");
}

/** An address from somebody else, safe to show. */
export function shownAddress({ address, port }: { address: string; port: number }): string {
  return formatAddress(displayName(address), port);
}

/** A row of the online list. */
export function userRow(user: OnlineUser, id: number, security: Security): UserRow {
  const { details } = user;
  const reachability = details?.reachability;
  return {
    id,
    name: displayName(user.name),
    address: shownAddress(user),
    own: user.own,
    security,
    availability: details?.availability ?? "online",
    status: displayText(details?.status ?? ""),
    ...(reachability === "reachable" ? { reachable: true } : {}),
    ...(reachability === "unreachable" ? { reachable: false } : {}),
  };
}

/** Somebody who is ignored, in words. */
export function ignoredRow({ name, address, refused }: Ignored, id: number): IgnoredRow {
  const who = name === undefined
    ? `everybody at ${address}`
    : address === undefined
    ? `${displayName(name)} at every address`
    : `${displayName(name)} at ${address}`;
  return { id, who, refused };
}
