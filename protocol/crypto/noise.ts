/** Noise_XX_25519_ChaChaPoly_SHA256 (noiseprotocol.org, revision 34): two strangers and a secret. */

import { concat } from "@std/bytes/concat";
import { type CipherState, notAuthentic, SymmetricState } from "./cipher_state.ts";
import { assertLength, derivePublicKey, KEY_LENGTH, TAG_LENGTH } from "./signatures_and_ciphers.ts";

const NAME = "Noise_XX_25519_ChaChaPoly_SHA256";
/** The longest message of Noise, in bytes. */
const LONGEST = 65_535;
const NOTHING = new Uint8Array(0);

/** What the three messages hold before their payloads, the initiator's first. */
const PATTERN = [["e"], ["e", "ee", "s", "es"], ["s", "se"]] as const;

/** Which side of a handshake: `initiator` speaks first. */
export type NoiseRole = "initiator" | "responder";

/** What a handshake starts from. */
export interface NoiseOptions {
  /** What both sides must have agreed on by now, byte for byte; it isn't sent. */
  readonly prologue: Uint8Array;
  /** This side's private static key, 32 random bytes. */
  readonly staticKey: Uint8Array;
  /** This handshake's own private key: 32 random bytes that are never used again. */
  readonly ephemeralKey: Uint8Array;
}

/**
 * The public key of X25519 that belongs to a private one.
 *
 * @param privateKey 32 bytes
 * @throws {RangeError} where it has another length
 *
 * @example
 * ```ts
 * import { noisePublicKey } from "@mim/mim";
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
 * One side of a handshake: three messages, each with a payload, written and read in turn by the
 * initiator, the responder and the initiator. The first payload travels in the clear, the second
 * encrypted to whoever called, the third to whom the static key says. After an error it is of no use.
 *
 * @example
 * ```ts
 * import { NoiseHandshake } from "@mim/mim";
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
  readonly #state: SymmetricState;
  #remoteStatic: Uint8Array<ArrayBuffer> | undefined;
  #remoteEphemeral: Uint8Array<ArrayBuffer> | undefined;
  /** Which message is next. */
  #next = 0;
  /** Whether something has gone wrong; so it has until a message is through. */
  #failed = false;

  /**
   * Ready for the first message.
   *
   * @throws {RangeError} where a key has not 32 bytes
   */
  constructor(role: NoiseRole, options: NoiseOptions) {
    assertLength("a static key", options.staticKey, KEY_LENGTH);
    assertLength("an ephemeral key", options.ephemeralKey, KEY_LENGTH);
    this.#role = role;
    this.#keys = options;
    this.#state = new SymmetricState(NAME, options.prologue);
  }

  /** The other side's public static key, once it has been read; see what it says before going on. */
  get remoteStaticKey(): Uint8Array<ArrayBuffer> | undefined {
    return this.#remoteStatic?.slice();
  }

  /** Whether all three messages are through. */
  get complete(): boolean {
    return this.#next === PATTERN.length;
  }

  /**
   * The next message, if it is this side's turn.
   *
   * @throws {RangeError} where the message would be longer than 65,535 bytes
   * @throws {ProtocolError} `not-authentic` where the peer's key is a weak one
   * @throws {Error} out of turn
   */
  write(payload: Uint8Array = NOTHING): Uint8Array<ArrayBuffer> {
    const tokens = this.#take("initiator");
    const { staticKey, ephemeralKey } = this.#keys;
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
   * @throws {ProtocolError} `not-authentic` where it is cut off, was tampered with, or comes of
   *   another prologue or a weak key
   * @throws {Error} out of turn
   */
  read(message: Uint8Array): Uint8Array<ArrayBuffer> {
    const tokens = this.#take("responder");
    if (message.length > LONGEST) {
      throw notAuthentic(`a message of at most ${LONGEST} bytes, got ${message.length}`);
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
   * What follows the handshake. Ask once: each call counts its messages from the first.
   *
   * @throws {Error} before the handshake is complete
   */
  transport(): NoiseTransport {
    if (!this.complete || this.#remoteStatic === undefined) {
      throw new Error("expected a complete handshake, got one under way");
    }
    const [initiator, responder] = this.#state.split();
    const [sending, receiving] = this.#role === "initiator"
      ? [initiator, responder]
      : [responder, initiator];
    return new NoiseTransport(sending, receiving, this.#state.hash, this.#remoteStatic.slice());
  }

  /** What the next message holds. */
  #take(evenBy: NoiseRole): typeof PATTERN[number] {
    const tokens = PATTERN[this.#next];
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
    const { staticKey, ephemeralKey } = this.#keys;
    const initiator = this.#role === "initiator";
    const own = token === "ee" || (token === "es") === initiator ? ephemeralKey : staticKey;
    const theirs = token === "ee" || (token === "se") === initiator
      ? this.#remoteEphemeral
      : this.#remoteStatic;
    if (theirs === undefined) throw new Error(`expected the peer's key before ${token}`);
    this.#state.mixKey(own, theirs);
  }
}

/** Throws where a message of our own is too long for Noise. */
function assertShort(length: number): void {
  if (length <= LONGEST) return;
  throw new RangeError(`expected a message of at most ${LONGEST} bytes, got ${length}`);
}

/**
 * Both directions of a connection after its handshake. Messages are read in the order in which they
 * were written, each once; every other one is refused. {@linkcode NoiseHandshake} has an example.
 */
export class NoiseTransport {
  readonly #sending: CipherState;
  readonly #receiving: CipherState;
  /** The same on both sides of this one connection, and nowhere else. */
  readonly handshakeHash: Uint8Array<ArrayBuffer>;
  /** The other side's public static key. */
  readonly remoteStaticKey: Uint8Array<ArrayBuffer>;

  /** @ignore for {@linkcode NoiseHandshake.transport} alone */
  constructor(
    sending: CipherState,
    receiving: CipherState,
    handshakeHash: Uint8Array<ArrayBuffer>,
    remoteStaticKey: Uint8Array<ArrayBuffer>,
  ) {
    this.#sending = sending;
    this.#receiving = receiving;
    this.handshakeHash = handshakeHash;
    this.remoteStaticKey = remoteStaticKey;
  }

  /**
   * A message to the peer, 16 bytes longer than its payload.
   *
   * @throws {RangeError} where it would be longer than 65,535 bytes
   */
  encrypt(payload: Uint8Array): Uint8Array<ArrayBuffer> {
    assertShort(payload.length + TAG_LENGTH);
    return this.#sending.encrypt(NOTHING, payload);
  }

  /**
   * The payload of the peer's next message.
   *
   * @throws {ProtocolError} `not-authentic` where it is cut off, was tampered with, or is not the next
   */
  decrypt(message: Uint8Array): Uint8Array<ArrayBuffer> {
    return this.#receiving.decrypt(NOTHING, message);
  }
}
