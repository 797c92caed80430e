import { equals } from "@std/bytes/equals";
import { nameKey } from "../../../protocol/mod.ts";
import { storageError } from "../errors.ts";
import type { EventBus } from "../event_bus.ts";
import type { OnlineUser } from "../online_user.ts";
import { isUnknown } from "../security.ts";
import type { Signaling } from "../signaling.ts";
import type { Pin } from "../store.ts";
import { type Claim, keyInTable, type KeyStanding, lastAddress, type Pins } from "../trust/mod.ts";
import type { Callee } from "../peer/mod.ts";

export interface TrustedCallee extends Callee {
  readonly security: KeyStanding;
  /** The contact who goes by another name now. */
  readonly contact?: Pin | undefined;
}

/** The other users of the table who have that key. */
export function usersWithKey(
  signaling: Pick<Signaling, "users">,
  identity: Uint8Array,
): OnlineUser[] {
  return [...signaling.users].filter((user) => {
    const key = keyInTable(user);
    return !user.own && key !== undefined && equals(key, identity);
  });
}

/** The rows of the table that a peer has by its name; if there are none, those of its key: it has another name now. */
export function usersOfPeer(
  signaling: Pick<Signaling, "users">,
  { name, identity }: Claim,
): OnlineUser[] {
  const users = usersWithKey(signaling, identity);
  const named = users.filter((user) => nameKey(user.name) === nameKey(name));
  return named.length > 0 ? named : users;
}

/** How a user of the table is dialed; undefined if it has no key, or another than before. */
export function calleeOf(user: OnlineUser, pins: Pins): TrustedCallee | undefined {
  const identity = keyInTable(user);
  const verdict = pins.judge(user);
  if (identity === undefined || verdict.type !== "secure") return undefined;
  const { name, address, port, details } = user;
  const { security } = verdict;
  return {
    ...{ name, address, port, identity, security, contact: verdict.contact },
    isStranger: isUnknown(security),
    addresses: details?.addresses,
    last: lastAddress((verdict.contact ?? pins.find(name))?.address)?.hostname,
    session: details?.session,
    isUnreachable: details?.reachability === "unreachable",
  };
}

/** Pins a peer's key. If that can't be stored, the chat goes on, and the key is new the next time. */
export async function rememberPeer(
  { pins, events }: { readonly pins: Pins; readonly events: EventBus },
  peer: Claim,
  at?: { readonly address: string; readonly port: number },
): Promise<void> {
  try {
    await pins.record(peer, at);
  } catch (error) {
    const thing = { what: "key", name: peer.name } as const;
    events.emit({ type: "error", error: storageError(thing, error) });
  }
}
