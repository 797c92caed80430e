import { isHostAddress } from "../../../protocol/mod.ts";
import { closeQuietly, type Network } from "../../../server/platform/net/network.ts";
import { dialUser } from "./dialer.ts";
import { ClientError, unreachableError } from "../errors.ts";
import { initiateHandshake } from "./handshake.ts";
import type { Whereabouts } from "../chats/secure_chat.ts";
import type { SecureConnection } from "./secure_connection.ts";
import type { Signaling } from "../signaling.ts";
import type { KeyStanding } from "../trust/mod.ts";
import { within } from "../within.ts";
import type { IdentityKeys } from "../identity_keys.ts";
import { clientLimits } from "../limits.ts";
import { equals } from "@std/bytes/equals";

/** Somebody to dial, and who must be there. */
export interface Callee extends Whereabouts {
  readonly identity: Uint8Array;
  readonly security: KeyStanding;
  /** What else it has announced, and where it was reached last. */
  readonly addresses?: readonly string[];
  readonly last?: string;
  /** As the server names it; undefined where it is dialled from memory. */
  readonly session?: Uint8Array;
  /** Whether the server could not dial it either. */
  readonly unreachable?: boolean;
}

/** Who dials. */
export interface SecureDialerContext {
  readonly network: Network;
  readonly keys: IdentityKeys;
  readonly server: Signaling;
}

/**
 * Connects, and makes sure who is there.
 *
 * @param signal gives up
 * @param dialling gives up as long as nothing has answered
 * @throws {ClientError} `peer-unreachable`; `peer-key-mismatch` where somebody else answers
 */
export async function dialSecure(
  from: SecureDialerContext,
  callee: Callee,
  signal: AbortSignal,
  dialling = signal,
): Promise<SecureConnection> {
  const { network, keys, server } = from;
  const { name, address, identity, last } = callee;
  if (!isHostAddress(address)) {
    throw unreachableError(callee, `the server gives no IP address of a machine, but "${address}"`);
  }
  let link: SecureConnection | "late";
  try {
    const either = AbortSignal.any([signal, dialling]);
    const connection = await dialUser(network, callee, either, last);
    const giveUp = () => closeQuietly(connection);
    signal.addEventListener("abort", giveUp);
    try {
      const check = (peer: { identity: Uint8Array }) => {
        if (!equals(peer.identity, identity)) throw somebodyElse(name);
      };
      const meeting = initiateHandshake(connection, keys, server.name, check);
      meeting.catch(giveUp);
      link = await within(meeting, clientLimits.handshakeTimeoutMs);
      if (link === "late" || signal.aborted) giveUp();
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
    signal.throwIfAborted();
  } catch (error) {
    if (error instanceof ClientError) throw error;
    throw unreachableError(callee, error);
  }
  if (link === "late") throw unreachableError(callee, "it did not prove who it is in time");
  return link;
}

function somebodyElse(name: string): ClientError {
  return new ClientError("peer-key-mismatch", { reason: "other-key-answered", name });
}
