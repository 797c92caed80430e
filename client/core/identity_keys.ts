import {
  capabilities,
  createSignature,
  encodePeerIntroduction,
  encodePreamble,
  identityOf,
  type KeyRotation,
  NoiseHandshake,
  noisePublicKey,
  type NoiseRole,
} from "../../protocol/mod.ts";
import { PublicKey } from "./public_key.ts";
import type { Signaling } from "./signaling.ts";

/** The purpose of an encrypted connection between two clients. */
export type PeerOpening = "chat" | "file";

/** The own keys of one run: the identity, and a static key of Noise that is made here and never kept. */
export class IdentityKeys {
  /** The public key by which others know this user. */
  readonly identity: PublicKey;
  /** The public static key of this run. */
  readonly staticPublicKey: Uint8Array;
  readonly #staticKey = random();
  /** {@linkcode capabilities} as bits, but for what the user can switch on. */
  readonly #capabilities: number;
  /** Whether peers that share it, too, learn which messages the user has seen: applies to later handshakes. */
  sharesSeen = false;
  /** Whether the user is in the lobby: counts for later logins and handshakes. */
  isInLobby = false;
  readonly #signatures: Readonly<Record<PeerOpening, Readonly<Record<NoiseRole, Uint8Array>>>>;

  /** How earlier keys led to this one. */
  readonly rotations: readonly KeyRotation[];
  /** Until when callers that were asked to call are asked to do so for rooms. */
  #roomCallsUntil = -Infinity;

  /**
   * @param able what this client can do: see {@linkcode capabilities}
   * @param rotations how earlier keys led to this one
   */
  constructor(
    privateKey: Uint8Array,
    able = 0,
    rotations: readonly KeyRotation[] = [],
  ) {
    this.rotations = rotations;
    this.#capabilities = able;
    this.identity = new PublicKey(identityOf(privateKey));
    const staticKey = this.staticPublicKey = noisePublicKey(this.#staticKey);
    const sign = (preamble: PeerOpening) => {
      const signed = (role: NoiseRole) =>
        createSignature({ type: "noise", role, preamble, staticKey }, privateKey);
      return { initiator: signed("initiator"), responder: signed("responder") };
    };
    this.#signatures = { chat: sign("chat"), file: sign("file") };
  }

  /** This client's capabilities, as bits. */
  get capabilities(): number {
    return this.#capabilities | (this.sharesSeen ? capabilities.seen : 0) |
      (this.isInLobby ? capabilities.lobby : 0);
  }

  handshake(role: NoiseRole, opening: PeerOpening = "chat"): NoiseHandshake {
    const keys = { staticKey: this.#staticKey, ephemeralKey: random() };
    return new NoiseHandshake(role, { prologue: encodePreamble(opening), ...keys });
  }

  /** For so long, those who dial since they were asked to are told that it is for rooms. */
  expectRoomCalls(milliseconds: number): void {
    this.#roomCallsUntil = performance.now() + milliseconds;
  }

  /** The message by which this user says who it is; the side that has dialed shows its certificate. */
  introduction(
    role: NoiseRole,
    { name, credential }: Pick<Signaling, "name" | "credential">,
    isForRooms = false,
    opening: PeerOpening = "chat",
  ): Uint8Array {
    const expectsRooms = role === "responder" && performance.now() < this.#roomCallsUntil;
    return encodePeerIntroduction(role, {
      ...{ identity: this.identity, signature: this.#signatures[opening][role], name, credential },
      capabilities: this.capabilities | (isForRooms || expectsRooms ? capabilities.roomLink : 0),
      rotations: this.rotations,
    });
  }
}

function random(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32));
}
