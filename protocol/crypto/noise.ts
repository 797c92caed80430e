/**
 * Noise (noiseprotocol.org, revision 34) with 25519, ChaChaPoly and SHA256: the pattern XX between two
 * strangers, and NK to a server whose static key is known before.
 */

import { concat } from "@std/bytes/concat";
import { notAuthentic, SymmetricState } from "./cipher_state.ts";
import { assertShort, LONGEST_MESSAGE, NoiseTransport } from "./noise_transport.ts";
import { assertLength, derivePublicKey, KEY_LENGTH, TAG_LENGTH } from "./signatures_and_ciphers.ts";

const NOTHING = new Uint8Array(0);

/** The tokens of the messages before their payloads, the initiator's first. */
const PATTERNS = {
  XX: [["e"], ["e", "ee", "s", "es"], ["s", "se"]],
  NK: [["e", "es"], ["e", "ee"]],
} as const;

/** `XX`: both sides send their static keys. `NK`: the initiator has none and knows the responder's. */
export type NoisePattern = "XX" | "NK";

/** Which side of a handshake: `initiator` speaks first. */
export type NoiseRole = "initiator" | "responder";

/** The inputs of a handshake. */
export interface NoiseOptions {
  /** `XX` if it is left out. */
  readonly pattern?: NoisePattern;
  /** Bytes that both sides must have in common; they are not sent. */
  readonly prologue: Uint8Array;
  /** This side's private static key, 32 random bytes. The initiator of `NK` has none. */
  readonly staticKey?: Uint8Array;
  /** The responder's public static key, 32 bytes: for the initiator of `NK` alone. */
  readonly remoteStaticKey?: Uint8Array;
  /** This handshake's own private key: 32 random bytes that are never used again. */
  readonly ephemeralKey: Uint8Array;
}

/**
 * The public key of X25519 that belongs to a private one.
 *
 * @param privateKey 32 bytes
 * @throws {RangeError} if it has another length
 *
 * @example
 * ```ts
 * import { noisePublicKey } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const key = Uint8Array.fromHex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
 * assertEquals(
 *   noisePublicKey(key).toHex(),
 *   "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
 * );
 * ```
 */
export function noisePublicKey(privateKey: Uint8Array): Uint8Array<ArrayBuffer> {
  return derivePublicKey("X25519", privateKey);
}

/**
 * One side of a handshake: messages, each with a payload, written and read in turn, the initiator's
 * first. `XX` has three: the first payload travels in the clear, the second encrypted to the caller,
 * the third to the owner of the static key. `NK` has two: the first payload is encrypted to the owner
 * of the static key that the caller knew, but may be a replay; the second proves that owner. After an
 * error a handshake is of no use.
 * See protocol/docs/mim2.md, "Handshake".
 *
 * @example
 * ```ts
 * import { NoiseHandshake } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const random = () => crypto.getRandomValues(new Uint8Array(32));
 * const prologue = new TextEncoder().encode("example");
 * const ada = new NoiseHandshake("initiator", {
 *   prologue,
 *   staticKey: random(),
 *   ephemeralKey: random(),
 * });
 * const bob = new NoiseHandshake("responder", {
 *   prologue,
 *   staticKey: random(),
 *   ephemeralKey: random(),
 * });
 * bob.read(ada.write());
 * ada.read(bob.write());
 * bob.read(ada.write());
 *
 * const [adas, bobs] = [ada.transport(), bob.transport()];
 * assertEquals(bobs.decrypt(adas.encrypt(new Uint8Array([1, 2]))), new Uint8Array([1, 2]));
 * ```
 */
export class NoiseHandshake {
  readonly #role: NoiseRole;
  readonly #keys: NoiseOptions;
  readonly #pattern: typeof PATTERNS[NoisePattern];
  readonly #state: SymmetricState;
  #remoteStatic: Uint8Array<ArrayBuffer> | undefined;
  #remoteEphemeral: Uint8Array<ArrayBuffer> | undefined;
  /** Which message is next. */
  #next = 0;
  /** Whether something has gone wrong; so it has until a message is through. */
  #failed = false;
  #hasTransport = false;

  /**
   * Starts a handshake.
   *
   * @throws {RangeError} if a key that the pattern needs is missing or has not 32 bytes
   */
  constructor(role: NoiseRole, options: NoiseOptions) {
    const { pattern = "XX", staticKey, remoteStaticKey, ephemeralKey, prologue } = options;
    const knowsResponder = pattern === "NK" && role === "initiator";
    assertLength("an ephemeral key", ephemeralKey, KEY_LENGTH);
    if (!knowsResponder) assertLength("a static key", staticKey ?? NOTHING, KEY_LENGTH);
    this.#role = role;
    this.#keys = options;
    this.#pattern = PATTERNS[pattern];
    this.#state = new SymmetricState(`Noise_${pattern}_25519_ChaChaPoly_SHA256`, prologue);
    if (knowsResponder) {
      const remote = remoteStaticKey ?? NOTHING;
      assertLength("the responder's static key", remote, KEY_LENGTH);
      this.#remoteStatic = new Uint8Array(remote);
    }
    // Both sides start from the key that the initiator knows.
    if (pattern === "NK") {
      this.#state.mixHash(this.#remoteStatic ?? noisePublicKey(staticKey ?? NOTHING));
    }
  }

  /** The other side's public static key, once it has been read; see what it says before going on. */
  get remoteStaticKey(): Uint8Array<ArrayBuffer> | undefined {
    return this.#remoteStatic?.slice();
  }

  /** Whether all messages are through. */
  get complete(): boolean {
    return this.#next === this.#pattern.length;
  }

  /**
   * The next message, if it is this side's turn.
   *
   * @throws {RangeError} if the message would be longer than 65,535 bytes
   * @throws {ProtocolError} `not-authentic` if the peer's key is a weak one
   * @throws {Error} out of turn
   */
  write(payload: Uint8Array = NOTHING): Uint8Array<ArrayBuffer> {
    const tokens = this.#take("initiator");
    const { staticKey = NOTHING, ephemeralKey } = this.#keys;
    const parts: Uint8Array[] = [];
    for (const token of tokens) {
      if (token === "e") {
        const key = noisePublicKey(ephemeralKey);
        this.#state.mixHash(key);
        parts.push(key);
      } else if (token === "s") {
        parts.push(this.#state.encryptAndHash(noisePublicKey(staticKey)));
      } else {
        this.#mix(token);
      }
    }
    parts.push(this.#state.encryptAndHash(payload));
    const message = concat(parts);
    assertShort(message.length);
    this.#passed();
    return message;
  }

  /**
   * Reads the peer's next message, and returns its payload.
   *
   * @throws {ProtocolError} `not-authentic` if it is cut off, was tampered with, or comes of
   *   another prologue or a weak key
   * @throws {Error} out of turn
   */
  read(message: Uint8Array): Uint8Array<ArrayBuffer> {
    const tokens = this.#take("responder");
    if (message.length > LONGEST_MESSAGE) {
      throw notAuthentic(`a message of at most ${LONGEST_MESSAGE} bytes, got ${message.length}`);
    }
    let at = 0;
    const next = (length: number): Uint8Array => {
      if (at + length > message.length) {
        throw notAuthentic(`a handshake message, got the end after ${message.length} bytes`);
      }
      return message.subarray(at, at += length);
    };
    for (const token of tokens) {
      if (token === "e") {
        this.#remoteEphemeral = next(KEY_LENGTH).slice();
        this.#state.mixHash(this.#remoteEphemeral);
      } else if (token === "s") {
        this.#remoteStatic = this.#state.decryptAndHash(next(KEY_LENGTH + TAG_LENGTH));
      } else {
        this.#mix(token);
      }
    }
    const payload = this.#state.decryptAndHash(message.subarray(at));
    this.#passed();
    return payload;
  }

  /**
   * The transport after the handshake. It exists once: a second one would use the same nonces again.
   *
   * @throws {Error} before the handshake is complete, and from the second call on
   */
  transport(): NoiseTransport {
    if (!this.complete) throw new Error("expected a complete handshake, got one under way");
    if (this.#hasTransport) throw new Error("expected one call of transport(), got another");
    this.#hasTransport = true;
    const [initiator, responder] = this.#state.split();
    const [sending, receiving] = this.#role === "initiator"
      ? [initiator, responder]
      : [responder, initiator];
    return new NoiseTransport(sending, receiving, this.#state.hash, this.remoteStaticKey);
  }

  /** The tokens of the next message. */
  #take(evenBy: NoiseRole): readonly ("e" | "s" | "ee" | "es" | "se")[] {
    const tokens = this.#pattern[this.#next];
    const turn = (this.#next % 2 === 0) === (this.#role === evenBy);
    if (tokens === undefined || !turn || this.#failed) {
      throw new Error("expected to be asked for a handshake's next message, got asked out of turn");
    }
    this.#failed = true;
    return tokens;
  }

  #passed(): void {
    this.#failed = false;
    this.#next++;
  }

  #mix(token: "ee" | "es" | "se"): void {
    const { staticKey = NOTHING, ephemeralKey } = this.#keys;
    const initiator = this.#role === "initiator";
    const own = token === "ee" || (token === "es") === initiator ? ephemeralKey : staticKey;
    const theirs = token === "ee" || (token === "se") === initiator
      ? this.#remoteEphemeral
      : this.#remoteStatic;
    if (theirs === undefined) throw new Error(`expected the peer's key before ${token}`);
    this.#state.mixKey(own, theirs);
  }
}
