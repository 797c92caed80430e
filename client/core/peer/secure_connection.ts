import {
  type ByeReason,
  byeReasons,
  type Capability,
  decodeFileMessage,
  decodePeerMessage,
  decodeRoomMessage,
  decodeRotationMessage,
  encodeFileMessage,
  encodeFrame,
  encodePeerMessage,
  encodeRoomMessage,
  encodeRotationMessage,
  type FileMessage,
  hasCapability,
  type NoiseTransport,
  type PeerIntroduction,
  type PeerMessage,
  type RoomPeerMessage,
  type RotationMessage,
} from "../../../protocol/mod.ts";
import type { Connection } from "../../../server/platform/net/network.ts";
import type { Chat } from "../chat.ts";
import type { PublicKey } from "../public_key.ts";
import { PeerConnection } from "./peer_connection.ts";

export interface ProvenPeer
  extends Pick<PeerIntroduction, "name" | "capabilities" | "credential" | "rotations"> {
  readonly identity: PublicKey;
  /** Its static key in Noise, another one in each run of its program. */
  readonly staticKey: Uint8Array;
}

/** A message of a peer; `rotation`: its key follows another one. */
export type SecureMessage =
  | PeerMessage
  | FileMessage
  | ({ readonly type: "rotation" } & RotationMessage);

/** A connection in MIM/2 after the handshake: encrypted, with a peer that has proven its key. */
export class SecureConnection extends PeerConnection<SecureMessage> {
  readonly peer: ProvenPeer;
  /** `outgoing` if this client has dialed. */
  readonly direction: Chat["direction"];
  /** The capabilities that this client has announced, as bits. */
  readonly #ownCapabilities: number;
  readonly #blocks: AsyncIterator<Uint8Array>;
  readonly #noise: NoiseTransport;
  readonly #isForRooms: boolean;

  /** @param blocks the frames behind the handshake, from the decoder that has read it */
  constructor(
    connection: Connection,
    blocks: AsyncIterator<Uint8Array>,
    noise: NoiseTransport,
    peer: ProvenPeer,
    direction: Chat["direction"],
    ownCapabilities: number,
    isForRooms = false,
  ) {
    super(connection);
    this.#isForRooms = isForRooms;
    this.#ownCapabilities = ownCapabilities;
    this.#blocks = blocks;
    this.#noise = noise;
    this.peer = peer;
    this.direction = direction;
  }

  /** Whether the side that has dialed wants it for rooms alone. */
  get isRoomLink(): boolean {
    return this.direction === "outgoing"
      ? this.#isForRooms
      : hasCapability(this.peer.capabilities, "roomLink");
  }

  /** Whether the peer takes no messages. */
  get isSendOnly(): boolean {
    return this.can("sendOnly");
  }

  /** Whether the peer's program can do that. */
  can(capability: Capability): boolean {
    return hasCapability(this.peer.capabilities, capability);
  }

  /** Whether both sides have announced that capability. */
  bothCan(capability: Capability): boolean {
    return this.can(capability) && hasCapability(this.#ownCapabilities, capability);
  }

  /** Sends a message behind those before it; resolves once it is written. */
  say(message: SecureMessage | RoomPeerMessage): Promise<void> {
    return this.send(encodeFrame(this.#noise.encrypt(payloadOf(message))));
  }

  /** Refuses and says so: after a mere loss the peer would try again. */
  override refuse(reason: ByeReason = byeReasons.closed): void {
    this.say({ type: "bye", reason }).catch(() => {});
    void this.finish();
    void this.#drain();
  }

  /** Reads to the end: closing earlier could discard what was written last. */
  async #drain(): Promise<void> {
    try {
      while (await this.next() !== undefined);
    } catch {
      // The connection is over.
    }
  }

  /** The next message, if the connection is for rooms; undefined at its end, as with `next`. */
  nextOfRooms(): Promise<SecureMessage | RoomPeerMessage | undefined> {
    return this.reading(this.#readAny());
  }

  protected override async read(): Promise<SecureMessage | undefined> {
    for (;;) {
      const message = await this.#readAny();
      if (message === undefined || !isRoomMessage(message)) return message; // rooms have connections of their own
    }
  }

  async #readAny(): Promise<SecureMessage | RoomPeerMessage | undefined> {
    for (;;) {
      const block = await this.#blocks.next();
      if (block.done) return undefined;
      const payload = this.#noise.decrypt(block.value);
      const message = decodePeerMessage(payload) ?? decodeRoomMessage(payload);
      if (message !== undefined) return message;
      const file = decodeFileMessage(payload);
      if (file !== undefined) return file;
      const rotation = decodeRotationMessage(payload);
      if (rotation !== undefined) return { type: "rotation", ...rotation }; // others are of a later version
    }
  }
}

function isRoomMessage(message: SecureMessage | RoomPeerMessage): message is RoomPeerMessage {
  return message.type === "room-entry" || message.type === "room-summary" ||
    message.type === "room-query";
}

function payloadOf(message: SecureMessage | RoomPeerMessage): Uint8Array<ArrayBuffer> {
  switch (message.type) {
    case "room-entry":
    case "room-summary":
    case "room-query":
      return encodeRoomMessage(message);
    case "rotation":
      return encodeRotationMessage(message);
    case "file-offer":
    case "invalid-offer":
    case "file-link":
    case "file-end":
      return encodeFileMessage(message);
    default:
      return encodePeerMessage(message);
  }
}
