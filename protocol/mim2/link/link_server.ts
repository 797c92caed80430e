/** The server's side of one client's link, without a socket: bytes in, messages out. */

import { concat } from "@std/bytes/concat";
import { type Decoder, encodeFrame, FrameDecoder } from "../../codec/mod.ts";
import {
  KEY_LENGTH,
  NoiseHandshake,
  type NoiseTransport,
  notAuthentic,
  TAG_LENGTH,
} from "../../crypto/mod.ts";
import { limits } from "../../limits.ts";
import { decodeLinkClientMessage, type LinkClientMessage } from "./client_message.ts";
import { NOISE_KIND } from "./link_client.ts";
import { decodeLinkLogin, type LinkLogin } from "./login.ts";

/**
 * Bytes of the first block of a link: a size, an ephemeral key and the tag of an empty payload. A server
 * that holds so many bytes behind the preamble can do the whole handshake at once.
 */
export const LINK_HANDSHAKE_BYTES: number = 2 + KEY_LENGTH + TAG_LENGTH;

/** The keys and bytes that a server needs for its side of a link. */
export interface LinkServerOptions {
  /** The prologue of the welcome that this client was sent. */
  readonly prologue: Uint8Array;
  /** The private static key whose public one is announced, 32 bytes. */
  readonly staticKey: Uint8Array;
  /** 32 random bytes that are never used again. */
  readonly ephemeralKey: Uint8Array;
}

/** One thing that a client says through a link. */
export type LinkMessage =
  | {
    /** The handshake is complete. */
    readonly type: "secured";
    /** The block to send now: the handshake's second message. */
    readonly reply: Uint8Array;
    /** The hash that login and answer sign, 32 bytes. */
    readonly handshakeHash: Uint8Array;
  }
  | {
    /** The first message. */
    readonly type: "login";
    /** Its signature is not checked: see {@linkcode isLoginSigned}. */
    readonly login: LinkLogin;
  }
  | LinkClientMessage;

/**
 * The server's side of one client's link, from behind the preamble on.
 * See protocol/docs/mim2.md, "Opening and handshake".
 */
export class LinkServer implements Decoder<LinkMessage> {
  readonly #blocks = new FrameDecoder(limits.loginFrameBytes);
  /** Undefined once it is complete: a link may last for days. */
  #handshake: NoiseHandshake | undefined;
  #transport: NoiseTransport | undefined;
  #hasLogin = false;

  /** Ready for the handshake's first message. */
  constructor(options: LinkServerOptions) {
    this.#handshake = new NoiseHandshake("responder", { pattern: "NK", ...options });
  }

  /** Whether the handshake is complete. */
  get isSecured(): boolean {
    return this.#transport !== undefined;
  }

  /**
   * Encrypts a message for this client alone.
   *
   * @param body as {@linkcode encodeLinkNotice} makes it; for a client that watches also as
   *   {@linkcode encodeLinkUpdate} or {@linkcode encodeLinkUpdates} does
   * @returns the block to send
   * @throws {Error} before the handshake is complete
   */
  encrypt(body: Uint8Array): Uint8Array<ArrayBuffer> {
    if (this.#transport === undefined) throw new Error("expected a complete handshake, got none");
    return noiseBlock(this.#transport.encrypt(body));
  }

  /**
   * Yields each message that the chunk completes. Unknown types are skipped.
   *
   * @throws {ProtocolError} `not-authentic` if anything is not what the client sent next; also
   *   `block-too-long`, `overrun`, `odd-string`, `bad-field`
   */
  *push(chunk: Uint8Array): Generator<LinkMessage, void> {
    for (const block of this.#blocks.push(chunk)) {
      if (this.#transport === undefined) {
        yield this.#shakeHands(block);
        continue;
      }
      const body = this.#transport.decrypt(block);
      if (!this.#hasLogin) {
        this.#hasLogin = true;
        yield { type: "login", login: decodeLinkLogin(body) };
        continue;
      }
      const message = decodeLinkClientMessage(body);
      if (message !== undefined) yield message;
    }
  }

  /**
   * Ends the bytes.
   *
   * @throws {ProtocolError} `truncated` in the middle of a block
   */
  end(): void {
    this.#blocks.end();
  }

  #shakeHands(block: Uint8Array): LinkMessage {
    if (this.#handshake === undefined || block.length !== LINK_HANDSHAKE_BYTES - 2) {
      throw notAuthentic(`a first message without a payload, got ${block.length} bytes`);
    }
    this.#handshake.read(block);
    const reply = noiseBlock(this.#handshake.write());
    this.#transport = this.#handshake.transport();
    this.#handshake = undefined;
    return { type: "secured", reply, handshakeHash: this.#transport.handshakeHash };
  }
}

function noiseBlock(message: Uint8Array): Uint8Array<ArrayBuffer> {
  return encodeFrame(concat([Uint8Array.of(NOISE_KIND), message]));
}
