/** The client's side of a server link, without a socket: bytes in, messages out. */

import { concat } from "@std/bytes/concat";
import { type Decoder, encodeFrame, FrameDecoder } from "../../codec/mod.ts";
import { NoiseHandshake, type NoiseTransport, notAuthentic } from "../../crypto/mod.ts";
import { isSignatureValid } from "../signed_statement.ts";
import { decodeLinkUpdate, type LinkUpdate } from "./entry.ts";
import type { LinkOffer } from "./greeting_decoder.ts";
import { decodeLinkNotice, type LinkNotice, type LinkNoticeOf } from "./notice.ts";
import { encodeLinkPreamble } from "./preamble.ts";
import { RECORD_KINDS } from "./record.ts";
import { RecordOpener } from "./record_opener.ts";
import { decodeLinkUpdates } from "./update_list.ts";

/** The first byte of a block with a Noise message for this client alone. */
export const NOISE_KIND = 1;

/** One thing that a server says through a link. */
export type LinkServerMessage =
  | {
    /** The handshake is complete, and the server has proven its static key: time to log in. */
    readonly type: "secured";
    /** The hash that the login signs, 32 bytes. */
    readonly handshakeHash: Uint8Array;
  }
  | LinkNotice
  | LinkUpdate;

/**
 * The client's side of a server link. It holds everything against the rules of the link: the server's
 * signature, which messages may come when, records once and in order.
 * See protocol/docs/mim2.md, "Opening and handshake".
 */
export class LinkClient implements Decoder<LinkServerMessage> {
  readonly #blocks = new FrameDecoder();
  readonly #handshake: NoiseHandshake;
  readonly #serverKey: Uint8Array;
  #transport: NoiseTransport | undefined;
  /** The message with which the server has accepted the login. */
  #accepted: LinkNoticeOf<"accepted"> | undefined;
  /** Undefined before the login is accepted, and for a client that watches. */
  #records: RecordOpener | undefined;

  /**
   * Ready to open the link.
   *
   * @param offer the server's, its announcement checked: see {@linkcode isAnnouncementValid}
   * @param ephemeralKey 32 random bytes that are never used again
   */
  constructor({ announcement, prologue }: LinkOffer, ephemeralKey: Uint8Array) {
    const remoteStaticKey = announcement.staticKey;
    const options = { pattern: "NK", prologue, remoteStaticKey, ephemeralKey } as const;
    this.#handshake = new NoiseHandshake("initiator", options);
    this.#serverKey = announcement.serverKey;
  }

  /** Log records that no signature of the server covers yet: see {@linkcode RecordOpener}. */
  get unsignedRecords(): number {
    return this.#records?.unsignedRecords ?? 0;
  }

  /** The first bytes to send: the preamble and the handshake's first message. Once. */
  open(): Uint8Array<ArrayBuffer> {
    return concat([encodeLinkPreamble(), encodeFrame(this.#handshake.write())]);
  }

  /**
   * Encrypts a message.
   *
   * @param body as {@linkcode encodeLinkLogin} and then {@linkcode encodeLinkClientMessage} make it
   * @returns the block to send
   * @throws {Error} before the handshake is complete
   */
  encrypt(body: Uint8Array): Uint8Array<ArrayBuffer> {
    if (this.#transport === undefined) throw new Error("expected a complete handshake, got none");
    return encodeFrame(this.#transport.encrypt(body));
  }

  /**
   * Yields each message that the chunk completes.
   *
   * @throws {ProtocolError} `not-authentic` if anything is not what the server sent next; also
   *   `block-too-long`, `overrun`, `odd-string`, `bad-field`, `truncated`
   */
  *push(chunk: Uint8Array): Generator<LinkServerMessage, void> {
    for (const block of this.#blocks.push(chunk)) {
      const kind = block[0];
      if (kind === NOISE_KIND) yield* this.#readNoise(block.subarray(1));
      else if (
        this.#records !== undefined && (kind === RECORD_KINDS.log || kind === RECORD_KINDS.table)
      ) yield* this.#records.open(block);
      else throw notAuthentic(`a block of another kind, got ${kind ?? "an empty one"}`);
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

  *#readNoise(message: Uint8Array): Generator<LinkServerMessage, void> {
    if (this.#transport === undefined) {
      this.#handshake.read(message);
      this.#transport = this.#handshake.transport();
      yield { type: "secured", handshakeHash: this.#transport.handshakeHash };
      return;
    }
    const body = this.#transport.decrypt(message);
    const notice = decodeLinkNotice(body);
    if (notice !== undefined) {
      this.#check(notice, this.#transport.handshakeHash);
      yield notice;
      return;
    }
    const update = decodeLinkUpdate(body);
    const updates = update === undefined ? decodeLinkUpdates(body) : [update];
    if (updates === undefined) return;
    if (!this.#accepted?.isWatching) throw notAuthentic("an update in a record, got it outside");
    yield* updates;
  }

  #check(notice: LinkNotice, handshakeHash: Uint8Array): void {
    if (notice.type === "accepted") return this.#accept(notice, handshakeHash);
    if (this.#accepted === undefined && notice.type !== "refusal") {
      throw notAuthentic(`an accepted login or a refusal, got ${notice.type}`);
    }
    if (notice.type === "complete") this.#records?.complete(notice);
    if (notice.type === "epoch") {
      if (this.#records === undefined) throw notAuthentic("no epoch, as records come, got one");
      this.#records.beginEpoch(notice);
    }
    if (notice.type === "ping") this.#records?.checkPing(notice);
  }

  #accept(
    accepted: LinkNoticeOf<"accepted">,
    handshakeHash: Uint8Array,
  ): void {
    const { session, signature, isWatching } = accepted;
    const statement = { type: "server", handshakeHash, session } as const;
    if (this.#accepted !== undefined || !isSignatureValid(statement, signature, this.#serverKey)) {
      throw notAuthentic("a login accepted once and signed by the server, got otherwise");
    }
    this.#accepted = accepted;
    if (!isWatching) this.#records = new RecordOpener(accepted, this.#serverKey);
  }
}
