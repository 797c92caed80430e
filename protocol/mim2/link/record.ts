/** Records: changes of the online table, sealed once for every client that gets them all. */

import { concat } from "@std/bytes/concat";
import { encodeFrame, QDataStreamWriter } from "../../codec/mod.ts";
import { encrypt, hkdf, KEY_LENGTH, sha256, TAG_LENGTH } from "../../crypto/mod.ts";
import { assertLength } from "../../crypto/mod.ts";
import { createSignature } from "../signed_statement.ts";

/** The first byte of a record. */
export const RECORD_KINDS = { log: 2, table: 3 } as const;
/** Of the log, or of the table that a new client gets before. */
export type RecordKind = keyof typeof RECORD_KINDS;
/** Kind, epoch and number, in front of the ciphertext. */
export const RECORD_HEADER_LENGTH = 13;
/** The type of the block that signs the chain. */
export const CHAIN_SIGNATURE = 0x5a;
const PADDED_TO = 32;
/** The longest content that still fits a block: a multiple of 32. */
const MAX_CONTENT = PADDED_TO *
  Math.floor((0xffff - RECORD_HEADER_LENGTH - TAG_LENGTH) / PADDED_TO);
/** Size and type of the block that pads. */
const MIN_PADDING = 3;
const encoder = new TextEncoder();
const INFO = { log: encoder.encode("mim2-log"), table: encoder.encode("mim2-table") } as const;

/** The key that seals records of this kind in an epoch with this secret. */
export function recordKey(secret: Uint8Array, kind: RecordKind): Uint8Array<ArrayBuffer> {
  assertLength("an epoch's secret", secret, KEY_LENGTH);
  return hkdf(secret, INFO[kind]);
}

/** Four zero bytes, then the record's number as it stands in the record. */
export function recordNonce(header: Uint8Array): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(12);
  nonce.set(header.subarray(5, RECORD_HEADER_LENGTH), 4);
  return nonce;
}

/** The chain at the beginning of an epoch. */
export function firstChain(secret: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256(secret);
}

/** The chain behind one more log record. */
export function nextChain(chain: Uint8Array, record: Uint8Array): Uint8Array<ArrayBuffer> {
  return sha256(chain, record);
}

/**
 * The hash by which a client knows that it has all table records.
 *
 * @param blocks the blocks of all table records, their sizes included, in the order in which they are
 *   sent; they may come in pieces cut anywhere
 */
export function hashTable(blocks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return sha256(...blocks);
}

/**
 * The owner's side of one epoch: updates in, blocks with sealed records out, the same for every
 * client. Whoever owns the update log alone has it; a secret is never used for another one.
 * See protocol/docs/mim2.md, "Records".
 *
 * @example
 * ```ts
 * import { encodeLinkUpdate, RecordSealer } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const sealer = new RecordSealer(1, crypto.getRandomValues(new Uint8Array(32)));
 * const update = encodeLinkUpdate({ type: "delete", session: new Uint8Array(8) });
 * const [block] = sealer.sealLog([update]);
 * assertEquals([block?.length, sealer.nextNumber], [2 + 13 + 32 + 16, 1]);
 * ```
 */
export class RecordSealer {
  /** The epoch's number. */
  readonly epoch: number;
  /** The epoch's secret. */
  readonly secret: Uint8Array;
  readonly #keys: Readonly<Record<RecordKind, Uint8Array>>;
  readonly #numbers = { log: 0, table: 0 };
  #chain: Uint8Array<ArrayBuffer>;

  /**
   * Begins an epoch.
   *
   * @param secret 32 random bytes that are used nowhere else
   */
  constructor(epoch: number, secret: Uint8Array) {
    this.epoch = epoch;
    this.secret = secret;
    this.#keys = { log: recordKey(secret, "log"), table: recordKey(secret, "table") };
    this.#chain = firstChain(secret);
  }

  /** The number that the next log record will have. */
  get nextNumber(): number {
    return this.#numbers.log;
  }

  /** The chain over all log records so far, 32 bytes. */
  get chain(): Uint8Array<ArrayBuffer> {
    return this.#chain.slice();
  }

  /**
   * Seals updates for the log.
   *
   * @param updates as {@linkcode encodeLinkUpdate} makes them
   * @returns blocks, mostly a single one, to be appended in this order
   */
  sealLog(updates: readonly Uint8Array[]): Uint8Array<ArrayBuffer>[] {
    return Array.from(contentsOf(updates), (content) => this.#seal("log", content));
  }

  /**
   * Seals rows for clients that log in, a block at a time, so that the owner can pause in between.
   *
   * @param updates as {@linkcode encodeLinkUpdate} makes them
   */
  *sealTable(updates: Iterable<Uint8Array>): Generator<Uint8Array<ArrayBuffer>, void> {
    for (const content of contentsOf(updates)) yield this.#seal("table", content);
  }

  /**
   * Signs the chain, in a log record of its own.
   *
   * @param serverKey the server's private key of Ed25519, 32 bytes
   */
  sealChainSignature(serverKey: Uint8Array): Uint8Array<ArrayBuffer> {
    const { epoch, nextNumber: number, chain } = this;
    const signature = createSignature({ type: "log", epoch, number, chain }, serverKey);
    const body = new QDataStreamWriter().quint8(CHAIN_SIGNATURE).qbytearray(signature).bytes();
    return this.#seal("log", paddedContent([body]));
  }

  #seal(kind: RecordKind, content: Uint8Array): Uint8Array<ArrayBuffer> {
    const header = new QDataStreamWriter()
      .quint8(RECORD_KINDS[kind]).quint32(this.epoch).quint64(this.#numbers[kind]++).bytes();
    const sealed = encrypt(this.#keys[kind], recordNonce(header), header, content);
    const block = encodeFrame(concat([header, sealed]));
    if (kind === "log") this.#chain = nextChain(this.#chain, block.subarray(2));
    return block;
  }
}

/** Puts as many updates as possible into each content of a record. */
function* contentsOf(updates: Iterable<Uint8Array>): Generator<Uint8Array<ArrayBuffer>, void> {
  let bodies: Uint8Array[] = [];
  let length = 0;
  for (const body of updates) {
    if (length + 2 + body.length + MIN_PADDING > MAX_CONTENT && bodies.length > 0) {
      yield paddedContent(bodies);
      bodies = [];
      length = 0;
    }
    bodies.push(body);
    length += 2 + body.length;
  }
  if (bodies.length > 0) yield paddedContent(bodies);
}

/** Blocks of these bodies, and one of type 0 that pads them to a multiple of 32. */
function paddedContent(bodies: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = bodies.reduce((length, body) => length + 2 + body.length, 0);
  let padding = (PADDED_TO - length % PADDED_TO) % PADDED_TO;
  if (padding > 0 && padding < MIN_PADDING) padding += PADDED_TO;
  if (length + padding > MAX_CONTENT) {
    throw new RangeError(`expected updates of at most ${MAX_CONTENT} bytes, got ${length}`);
  }
  const blocks = bodies.map(encodeFrame);
  return concat(padding === 0 ? blocks : [...blocks, encodeFrame(new Uint8Array(padding - 2))]);
}
