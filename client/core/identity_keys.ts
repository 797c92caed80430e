import {
  encodeIntroduction,
  encodePreamble,
  identityOf,
  NoiseHandshake,
  noisePublicKey,
  type NoiseRole,
  signStatement,
} from "../../protocol/mod.ts";
import { PublicKey } from "./public_key.ts";

/** The first bytes of an encrypted connection between two clients. */
export const CHAT_PREAMBLE: Uint8Array<ArrayBuffer> = encodePreamble("chat");

/** The own keys of one run: the identity, and a static key of Noise that is made here and never kept. */
export class IdentityKeys {
  /** The public key by which others know this user. */
  readonly identity: PublicKey;
  /** The public static key of this run. */
  readonly staticPublicKey: Uint8Array;
  readonly #staticKey = random();
  readonly #signature: Uint8Array;

  constructor(privateKey: Uint8Array) {
    this.identity = new PublicKey(identityOf(privateKey));
    this.staticPublicKey = noisePublicKey(this.#staticKey);
    const statement = { type: "noise", staticKey: this.staticPublicKey } as const;
    this.#signature = signStatement(statement, privateKey);
  }

  handshake(role: NoiseRole): NoiseHandshake {
    const keys = { staticKey: this.#staticKey, ephemeralKey: random() };
    return new NoiseHandshake(role, { prologue: CHAT_PREAMBLE, ...keys });
  }

  /** The message by which this user says who it is. */
  introduction(name: string): Uint8Array {
    return encodeIntroduction({ identity: this.identity, signature: this.#signature, name });
  }
}

function random(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32));
}
