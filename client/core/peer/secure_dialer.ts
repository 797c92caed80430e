import { deadline } from "@std/async/deadline";
import { equals } from "@std/bytes/equals";
import { isHostAddress } from "../../../protocol/mod.ts";
import { closeQuietly } from "../../../server/platform/net/network.ts";
import type { Components } from "../components.ts";
import { ClientError, unreachableError } from "../errors.ts";
import type { IdentityKeys } from "../identity_keys.ts";
import { clientLimits } from "../limits.ts";
import { type DialTarget, dialUser } from "./dial.ts";
import { initiateHandshake } from "./handshake.ts";
import type { SecureConnection } from "./secure_connection.ts";

/** A peer to dial, and the key that it must prove. */
export interface Callee extends DialTarget {
  readonly name: string;
  readonly identity: Uint8Array;
  /** The address at which it was reached last. */
  readonly last?: string | undefined;
  /** Its session at the server; undefined if it is dialed from memory. */
  readonly session?: Uint8Array | undefined;
  /** Whether the server could not dial it either. */
  readonly isUnreachable?: boolean;
}

/**
 * Connects to a peer, and makes sure of its key.
 *
 * @param signal gives up
 * @param dialing gives up as long as nothing has answered
 * @throws {ClientError} `peer-unreachable`; `peer-key-mismatch` if another key answers
 */
export async function dialSecure(
  { network, signaling, keys }:
    & Pick<Components, "network" | "signaling">
    & { readonly keys: IdentityKeys },
  callee: Callee,
  signal: AbortSignal,
  dialing = signal,
): Promise<SecureConnection> {
  const { name, address, identity, last } = callee;
  if (!isHostAddress(address)) {
    throw unreachableError(callee, `the server gives no IP address of a machine, but "${address}"`);
  }
  try {
    const either = AbortSignal.any([signal, dialing]);
    const connection = await dialUser(network, callee, either, last);
    const check = (peer: { readonly identity: Uint8Array }) => {
      if (equals(peer.identity, identity)) return;
      throw new ClientError("peer-key-mismatch", { reason: "other-key-answered", name });
    };
    try {
      const handshake = initiateHandshake(connection, keys, signaling, check);
      return await deadline(handshake, clientLimits.handshakeTimeoutMs, { signal });
    } catch (error) {
      closeQuietly(connection);
      const isLate = error instanceof DOMException && error.name === "TimeoutError";
      throw isLate ? unreachableError(callee, "it did not prove who it is in time") : error;
    }
  } catch (error) {
    if (error instanceof ClientError) throw error;
    throw unreachableError(callee, error);
  }
}
