import createNoise from "noise-c.wasm";

/** One direction of a connection after its handshake, in noise-c. */
export interface NoiseCCipher {
  EncryptWithAd(associated: Uint8Array, text: Uint8Array): Uint8Array;
  DecryptWithAd(associated: Uint8Array, sealed: Uint8Array): Uint8Array;
}

/** One side of a handshake, in noise-c. */
export interface NoiseCHandshake {
  Initialize(prologue: Uint8Array, staticKey?: Uint8Array, remoteStaticKey?: Uint8Array): void;
  WriteMessage(payload: Uint8Array): Uint8Array;
  ReadMessage(message: Uint8Array, withPayload: true): Uint8Array;
  GetHandshakeHash(): Uint8Array;
  Split(): [sending: NoiseCCipher, receiving: NoiseCCipher];
}

interface NoiseC {
  readonly constants: {
    readonly NOISE_ROLE_INITIATOR: number;
    readonly NOISE_ROLE_RESPONDER: number;
  };
  HandshakeState(protocol: string, role: number): NoiseCHandshake;
}

const create: (ready: (library: NoiseC) => void) => void = createNoise;
const library = await new Promise<NoiseC>((resolve) => create(resolve));

/** A handshake by the reference implementation of Noise in C, as WebAssembly: not a line of it is ours. */
export function noiseC(
  role: "initiator" | "responder",
  prologue: Uint8Array,
  staticKey?: Uint8Array,
  pattern: "XX" | "NK" = "XX",
  remoteStaticKey?: Uint8Array,
): NoiseCHandshake {
  const { NOISE_ROLE_INITIATOR, NOISE_ROLE_RESPONDER } = library.constants;
  const handshake = library.HandshakeState(
    `Noise_${pattern}_25519_ChaChaPoly_SHA256`,
    role === "initiator" ? NOISE_ROLE_INITIATOR : NOISE_ROLE_RESPONDER,
  );
  handshake.Initialize(prologue, staticKey, remoteStaticKey);
  return handshake;
}
