import { deadline } from "@std/async/deadline";
import { equals } from "@std/bytes/equals";
import { hasCapability, hasRotatedTo } from "../../../protocol/mod.ts";
import { DIAL_TIMEOUT_MS, raceAddresses } from "../../../server/platform/net/dial.ts";
import { closeQuietly, type Connection } from "../../../server/platform/net/network.ts";
import type { Components } from "../components.ts";
import { ClientError, unreachableError } from "../errors.ts";
import type { IdentityKeys } from "../identity_keys.ts";
import { clientLimits } from "../limits.ts";
import { addressesOf, type DialTarget, whyNotDialed } from "./dial.ts";
import type { FileLink } from "./file_link.ts";
import {
  type DialPurpose,
  initiateFileHandshake,
  initiateHandshake,
  type OwnSide,
} from "./handshake.ts";
import type { ProvenPeer, SecureConnection } from "./secure_connection.ts";

/** A peer to dial, and the key that it must prove. */
export interface Callee extends DialTarget {
  readonly name: string;
  readonly identity: Uint8Array;
  /** The key from which rotations have to lead to that one, if the user knows another. */
  readonly pinned?: Uint8Array;
  /** The address at which it was reached last. */
  readonly last?: string | undefined;
  /** Its session at the server; undefined if it is dialed from memory. */
  readonly session?: Uint8Array | undefined;
  /** Whether the server could not dial it either. */
  readonly isUnreachable?: boolean;
  /** The reason to dial; a peer that is dialed for rooms must have these. */
  readonly purpose?: DialPurpose;
}

type DialComponents =
  & Pick<Components, "network" | "signaling">
  & { readonly keys: IdentityKeys };

/** A handshake over a connection that has answered. */
type Shake<Link> = (
  connection: Connection,
  own: OwnSide,
  check: (peer: ProvenPeer) => void,
  purpose?: DialPurpose,
) => Promise<Link>;

/**
 * Connects to a peer, and makes sure of its key. An address counts as answering once the key is proven
 * there, so that something else at one address keeps nobody from being reached at another.
 *
 * @param signal gives up
 * @param dialing gives up as long as nothing has answered
 * @throws {ClientError} `peer-unreachable`; `peer-key-mismatch` if another key answers
 */
export function dialSecure(
  components: DialComponents,
  callee: Callee,
  signal: AbortSignal,
  dialing = signal,
): Promise<SecureConnection> {
  return dial(components, callee, initiateHandshake, signal, dialing);
}

/** The same for a file link. */
export function dialFileLink(
  components: DialComponents,
  callee: Callee,
  signal: AbortSignal,
): Promise<FileLink> {
  return dial(components, callee, initiateFileHandshake, signal, signal);
}

async function dial<Link extends { close(): void }>(
  { network, signaling, keys }: DialComponents,
  callee: Callee,
  shake: Shake<Link>,
  signal: AbortSignal,
  dialing: AbortSignal,
): Promise<Link> {
  const { name, port, identity, pinned, last, isStranger, purpose } = callee;
  const reason = whyNotDialed(callee);
  if (reason !== undefined) throw unreachableError(callee, reason);
  let isProven = false;
  let hasAnswered = false;
  let mismatch: ClientError | undefined;
  const check = (peer: ProvenPeer) => {
    const hasFollowed = pinned === undefined ||
      hasRotatedTo(pinned, identity, peer.rotations ?? []);
    if (!equals(peer.identity, identity) || !hasFollowed) {
      mismatch = new ClientError("peer-key-mismatch", { reason: "other-key-answered", name });
      throw mismatch;
    }
    if (purpose === "rooms" && !hasCapability(peer.capabilities, "rooms")) {
      throw unreachableError(callee, "it has no rooms", true);
    }
    // Only over one connection the peer learns who calls.
    if (isProven) throw new Error("another address was faster");
    isProven = true;
  };
  const attempt = async (hostname: string, raceSignal: AbortSignal) => {
    const timeout = AbortSignal.timeout(DIAL_TIMEOUT_MS);
    const connecting = AbortSignal.any([raceSignal, dialing, timeout]);
    const connection = await network.connect({ hostname, port, signal: connecting });
    hasAnswered = true;
    try {
      connection.setNoDelay();
      const handshake = shake(connection, { keys, signaling }, check, purpose);
      return await deadline(handshake, clientLimits.handshakeTimeoutMs, { signal: raceSignal });
    } catch (error) {
      closeQuietly(connection);
      const isLate = error instanceof DOMException && error.name === "TimeoutError";
      throw isLate ? unreachableError(callee, "it did not prove who it is in time", true) : error;
    }
  };
  try {
    return await raceAddresses(addressesOf(callee, network, last), attempt, signal, isStranger);
  } catch (error) {
    if (mismatch !== undefined) throw mismatch;
    throw error instanceof ClientError ? error : unreachableError(callee, error, hasAnswered);
  }
}
