import { concat } from "@std/bytes/concat";
import { PublicKey } from "../public_key.ts";
import {
  checkKeyName,
  decodePeerIntroduction,
  encodeFrame,
  encodePreamble,
  FrameDecoder,
  hasCapability,
  isSignatureValid,
  type NoiseHandshake,
  type NoiseRole,
  type NoiseTransport,
  ProtocolError,
} from "../../../protocol/mod.ts";
import type { IdentityKeys, PeerOpening } from "../identity_keys.ts";
import type { Signaling } from "../signaling.ts";
import type { Connection } from "../../../server/platform/net/network.ts";
import { writeAll } from "../../../server/platform/net/byte_stream.ts";
import { FileLink } from "./file_link.ts";
import { type ProvenPeer, SecureConnection } from "./secure_connection.ts";
import { equals } from "@std/bytes/equals";

/** How much of an encrypted connection is read at once, in bytes. */
const BUFFER_BYTES: Readonly<Record<PeerOpening, number>> = { chat: 4 * 1024, file: 256 * 1024 };

/** The result of a handshake. */
interface Handshaken {
  readonly blocks: AsyncIterator<Uint8Array>;
  readonly noise: NoiseTransport;
  readonly peer: ProvenPeer;
}

/** This client's side of a handshake: its keys, and what it says of itself. */
export interface OwnSide {
  readonly keys: IdentityKeys;
  readonly signaling: Pick<Signaling, "name" | "credential">;
}

/** The reason to dial a peer; `callback`: since it has asked to be, and it may want that for rooms. */
export type DialPurpose = "chat" | "rooms" | "callback";

/**
 * The handshake of the side that has dialed.
 *
 * @param check throws if the peer is not the one that was called: it does not learn then who calls
 * @throws {ProtocolError} if the peer does not speak MIM/2, does not prove its key, or has a name that
 *   breaks the rules
 */
export async function initiateHandshake(
  connection: Connection,
  own: OwnSide,
  check: (peer: ProvenPeer) => void,
  purpose: DialPurpose = "chat",
): Promise<SecureConnection> {
  const able = own.keys.capabilities;
  const { blocks, noise, peer } = await initiate("chat", connection, own, check, purpose);
  const isForRooms = isMeantForRooms(purpose, peer);
  return new SecureConnection(connection, blocks, noise, peer, "outgoing", able, isForRooms);
}

/** The same for a file link. */
export async function initiateFileHandshake(
  connection: Connection,
  own: OwnSide,
  check: (peer: ProvenPeer) => void,
): Promise<FileLink> {
  const { blocks, noise, peer } = await initiate("file", connection, own, check);
  return new FileLink(connection, blocks, noise, peer);
}

/**
 * The handshake of the side that was dialed, after the preamble.
 *
 * @returns undefined if the caller hangs up without saying who it is: it meant somebody else
 * @throws {ProtocolError} as {@linkcode initiateHandshake}
 */
export async function acceptHandshake(
  connection: Connection,
  own: OwnSide,
  head: Uint8Array,
): Promise<SecureConnection | undefined> {
  const able = own.keys.capabilities;
  const accepted = await accept("chat", connection, own, head);
  if (accepted === undefined) return undefined;
  const { blocks, noise, peer } = accepted;
  return new SecureConnection(connection, blocks, noise, peer, "incoming", able);
}

/** The same for a file link. */
export async function acceptFileHandshake(
  connection: Connection,
  own: OwnSide,
  head: Uint8Array,
): Promise<FileLink | undefined> {
  const accepted = await accept("file", connection, own, head);
  return accepted && new FileLink(connection, accepted.blocks, accepted.noise, accepted.peer);
}

async function initiate(
  opening: PeerOpening,
  connection: Connection,
  { keys, signaling }: OwnSide,
  check: (peer: ProvenPeer) => void,
  purpose: DialPurpose = "chat",
): Promise<Handshaken> {
  const noise = keys.handshake("initiator", opening);
  await writeAll(connection, concat([encodePreamble(opening), encodeFrame(noise.write())]));
  const blocks = blocksOf(connection, BUFFER_BYTES[opening]);
  const peer = proven(keys, "responder", opening, noise, noise.read(await next(blocks)));
  check(peer);
  const isForRooms = isMeantForRooms(purpose, peer);
  const introduction = keys.introduction("initiator", signaling, isForRooms, opening);
  await writeAll(connection, encodeFrame(noise.write(introduction)));
  return { blocks, noise: noise.transport(), peer };
}

/** A client that has asked to be dialed says with the second message if that was for rooms. */
function isMeantForRooms(purpose: DialPurpose, { capabilities }: ProvenPeer): boolean {
  return purpose === "rooms" || purpose === "callback" && hasCapability(capabilities, "roomLink");
}

async function accept(
  opening: PeerOpening,
  connection: Connection,
  { keys, signaling }: OwnSide,
  head: Uint8Array,
): Promise<Handshaken | undefined> {
  const noise = keys.handshake("responder", opening);
  const blocks = blocksOf(connection, BUFFER_BYTES[opening], head);
  noise.read(await next(blocks));
  const introduction = keys.introduction("responder", signaling, false, opening);
  await writeAll(connection, encodeFrame(noise.write(introduction)));
  const third = await blocks.next();
  if (third.done) return undefined;
  const peer = proven(keys, "initiator", opening, noise, noise.read(third.value));
  return { blocks, noise: noise.transport(), peer };
}

/** The bodies of frames. Each is a view that is valid until the next one is read. */
async function* blocksOf(
  connection: Connection,
  bufferBytes: number,
  head: Uint8Array = new Uint8Array(),
): AsyncGenerator<Uint8Array, void> {
  const decoder = new FrameDecoder();
  yield* decoder.push(head);
  const buffer = new Uint8Array(bufferBytes);
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
  preamble: PeerOpening,
  noise: NoiseHandshake,
  payload: Uint8Array,
): ProvenPeer {
  const introduction = decodePeerIntroduction(role, payload);
  const { identity, signature, name, capabilities, credential, rotations } = introduction;
  const staticKey = noise.remoteStaticKey;
  if (staticKey === undefined) throw new Error("expected a static key with the introduction");
  const statement = { type: "noise", role, preamble, staticKey } as const;
  if (!isSignatureValid(statement, signature, identity)) {
    throw new ProtocolError("not-authentic", "expected a proof of who it is, got a false one");
  }
  // Someone in the middle may reflect this client's own messages.
  if (equals(staticKey, own.staticPublicKey)) {
    throw new ProtocolError("not-authentic", "expected a peer, got this client itself");
  }
  const check = checkKeyName(name, identity);
  if (!check.ok) throw new ProtocolError("invalid-name", check.reason);
  const peer = {
    ...{ identity: new PublicKey(identity), name: check.name, staticKey, capabilities },
    ...rotations !== undefined && { rotations },
  };
  return credential === undefined ? peer : { ...peer, credential };
}
