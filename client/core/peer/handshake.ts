import { concat } from "@std/bytes/concat";
import {
  checkUserName,
  decodeIntroduction,
  encodeFrame,
  encodeIntroduction,
  encodePreamble,
  FrameDecoder,
  identityOf,
  NoiseHandshake,
  noisePublicKey,
  type NoiseRole,
  ProtocolError,
  signStatement,
  verifyStatement,
} from "../../../protocol/mod.ts";
import type { Connection } from "../../../server/platform/net/network.ts";
import { writeAll } from "../../../server/platform/net/byte_stream.ts";
import { type ProvenPeer, SecureConnection } from "./secure_connection.ts";

/** How much of an encrypted connection is read at once, in bytes. */
const BUFFER_BYTES = 4 * 1024;
const PROLOGUE = encodePreamble("chat");

/** The own keys of one run: the identity, and a static key of Noise that is made here and never kept. */
export class IdentityKeys {
  /** The public key by which others know this user. */
  readonly identity: Uint8Array;
  /** The public static key of this run. */
  readonly staticPublicKey: Uint8Array;
  readonly #staticKey = random();
  readonly #signature: Uint8Array;

  /** @param privateKey the identity's private key, 32 bytes */
  constructor(privateKey: Uint8Array) {
    this.identity = identityOf(privateKey);
    this.staticPublicKey = noisePublicKey(this.#staticKey);
    const statement = { type: "noise", staticKey: this.staticPublicKey } as const;
    this.#signature = signStatement(statement, privateKey);
  }

  /** One side of a handshake. */
  handshake(role: NoiseRole): NoiseHandshake {
    const keys = { staticKey: this.#staticKey, ephemeralKey: random() };
    return new NoiseHandshake(role, { prologue: PROLOGUE, ...keys });
  }

  /** By which this user says who it is. */
  introduction(name: string): Uint8Array {
    return encodeIntroduction({ identity: this.identity, signature: this.#signature, name });
  }
}

/**
 * The handshake of whoever has dialled.
 *
 * @param name the own one
 * @param check is to throw where the peer is not who was called: it will not learn who calls
 * @throws {ProtocolError} where the other side does not speak MIM/2, its proof is none, or its name
 *   one that nobody may have
 */
export async function initiateHandshake(
  connection: Connection,
  own: IdentityKeys,
  name: string,
  check: (peer: ProvenPeer) => void,
): Promise<SecureConnection> {
  const noise = own.handshake("initiator");
  await writeAll(connection, concat([PROLOGUE, encodeFrame(noise.write())]));
  const blocks = blocksOf(connection);
  const peer = proven(own, noise, noise.read(await next(blocks)));
  check(peer);
  await writeAll(connection, encodeFrame(noise.write(own.introduction(name))));
  return new SecureConnection(connection, blocks, noise.transport(), peer, "me");
}

/**
 * The handshake of whoever was dialled, behind the opening.
 *
 * @param name the own one
 * @param head what was read behind the opening
 * @returns undefined where the caller hangs up without saying who it is: it meant somebody else
 * @throws {ProtocolError} where the other side says what is no MIM/2, its proof is none, or its name
 *   one that nobody may have
 */
export async function acceptHandshake(
  connection: Connection,
  own: IdentityKeys,
  name: string,
  head: Uint8Array,
): Promise<SecureConnection | undefined> {
  const noise = own.handshake("responder");
  const blocks = blocksOf(connection, head);
  noise.read(await next(blocks));
  await writeAll(connection, encodeFrame(noise.write(own.introduction(name))));
  const third = await blocks.next();
  if (third.done) return undefined;
  const peer = proven(own, noise, noise.read(third.value));
  return new SecureConnection(connection, blocks, noise.transport(), peer, "them");
}

/** Bodies of blocks: views that hold until the next is asked for. One decoder for the whole connection. */
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

/** Who the peer has proven to be, under a name that users may have. */
function proven(own: IdentityKeys, noise: NoiseHandshake, payload: Uint8Array): ProvenPeer {
  const { identity, signature, name } = decodeIntroduction(payload);
  const staticKey = noise.remoteStaticKey;
  if (staticKey === undefined) throw new Error("expected a static key with the introduction");
  if (!verifyStatement({ type: "noise", staticKey }, signature, identity)) {
    throw new ProtocolError("not-authentic", "expected a proof of who it is, got a false one");
  }
  // Somebody in the middle may hand this client's own words back to it.
  if (sameBytes(staticKey, own.staticPublicKey)) {
    throw new ProtocolError("not-authentic", "expected a peer, got this client itself");
  }
  const check = checkUserName(name);
  if (!check.ok) throw new ProtocolError("invalid-name", check.reason);
  return { identity, name: check.name, staticKey };
}

/** Whether both have the same bytes. For keys that are public: it takes as long as it takes. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function random(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32));
}
