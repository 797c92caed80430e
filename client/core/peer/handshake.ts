import { concat } from "@std/bytes/concat";
import { PublicKey } from "../public_key.ts";
import {
  checkUserName,
  decodePeerIntroduction,
  encodeFrame,
  FrameDecoder,
  isSignatureValid,
  type NoiseHandshake,
  type NoiseRole,
  ProtocolError,
} from "../../../protocol/mod.ts";
import { CHAT_PREAMBLE, type IdentityKeys } from "../identity_keys.ts";
import type { Signaling } from "../signaling.ts";
import type { Connection } from "../../../server/platform/net/network.ts";
import { writeAll } from "../../../server/platform/net/byte_stream.ts";
import { type ProvenPeer, SecureConnection } from "./secure_connection.ts";
import { equals } from "@std/bytes/equals";

/** How much of an encrypted connection is read at once, in bytes. */
const BUFFER_BYTES = 4 * 1024;

/**
 * The handshake of the side that has dialed.
 *
 * @param check throws if the peer is not the one that was called: it does not learn then who calls
 * @throws {ProtocolError} if the peer does not speak MIM/2, does not prove its key, or has a name that
 *   breaks the rules
 */
export async function initiateHandshake(
  connection: Connection,
  own: IdentityKeys,
  introducing: Pick<Signaling, "name" | "credential">,
  check: (peer: ProvenPeer) => void,
  isForRooms = false,
): Promise<SecureConnection> {
  const able = own.capabilities;
  const noise = own.handshake("initiator");
  await writeAll(connection, concat([CHAT_PREAMBLE, encodeFrame(noise.write())]));
  const blocks = blocksOf(connection);
  const peer = proven(own, "responder", noise, noise.read(await next(blocks)));
  check(peer);
  const introduction = own.introduction("initiator", introducing, isForRooms);
  await writeAll(connection, encodeFrame(noise.write(introduction)));
  return new SecureConnection(connection, blocks, noise.transport(), peer, "outgoing", able);
}

/**
 * The handshake of the side that was dialed, after the preamble.
 *
 * @returns undefined if the caller hangs up without saying who it is: it meant somebody else
 * @throws {ProtocolError} as {@linkcode initiateHandshake}
 */
export async function acceptHandshake(
  connection: Connection,
  own: IdentityKeys,
  introducing: Pick<Signaling, "name" | "credential">,
  head: Uint8Array,
): Promise<SecureConnection | undefined> {
  const noise = own.handshake("responder");
  const blocks = blocksOf(connection, head);
  noise.read(await next(blocks));
  const able = own.capabilities;
  const introduction = own.introduction("responder", introducing);
  await writeAll(connection, encodeFrame(noise.write(introduction)));
  const third = await blocks.next();
  if (third.done) return undefined;
  const peer = proven(own, "initiator", noise, noise.read(third.value));
  return new SecureConnection(connection, blocks, noise.transport(), peer, "incoming", able);
}

/** The bodies of frames. Each is a view that is valid until the next one is read. */
async function* blocksOf(
  connection: Connection,
  head: Uint8Array = new Uint8Array(),
): AsyncGenerator<Uint8Array, void> {
  const decoder = new FrameDecoder();
  yield* decoder.push(head);
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (let length; (length = await connection.read(buffer)) !== null;) {
    yield* decoder.push(buffer.subarray(0, length));
  }
  decoder.end();
}

async function next(blocks: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const block = await blocks.next();
  if (!block.done) return block.value;
  throw new ProtocolError("truncated", "expected a handshake of MIM/2, got the end");
}

/** Checks the peer's proof and name; `role` is the peer's. */
function proven(
  own: IdentityKeys,
  role: NoiseRole,
  noise: NoiseHandshake,
  payload: Uint8Array,
): ProvenPeer {
  const introduction = decodePeerIntroduction(role, payload);
  const { identity, signature, name, capabilities, credential, rotations } = introduction;
  const staticKey = noise.remoteStaticKey;
  if (staticKey === undefined) throw new Error("expected a static key with the introduction");
  const statement = { type: "noise", role, preamble: "chat", staticKey } as const;
  if (!isSignatureValid(statement, signature, identity)) {
    throw new ProtocolError("not-authentic", "expected a proof of who it is, got a false one");
  }
  // Someone in the middle may reflect this client's own messages.
  if (equals(staticKey, own.staticPublicKey)) {
    throw new ProtocolError("not-authentic", "expected a peer, got this client itself");
  }
  const check = checkUserName(name);
  if (!check.ok) throw new ProtocolError("invalid-name", check.reason);
  const peer = {
    ...{ identity: new PublicKey(identity), name: check.name, staticKey, capabilities },
    ...rotations !== undefined && { rotations },
  };
  return credential === undefined ? peer : { ...peer, credential };
}
