import { concat } from "@std/bytes/concat";
import { decrypt } from "../../protocol/crypto/mod.ts";
import {
  RECORD_HEADER_LENGTH,
  RECORD_KINDS,
  recordKey,
  recordNonce,
} from "../../protocol/mim2/link/record.ts";
import {
  decodeLinkNotice,
  encodeFrame,
  encodeLinkClientMessage,
  encodeLinkPreamble,
  FrameDecoder,
  type LinkOffer,
  NoiseHandshake,
  type NoiseTransport,
} from "../../protocol/mod.ts";
import type { Count } from "./update_counter.ts";

const NOISE_KIND = 1;
/** Where the lower half of a record's number stands. */
const NUMBER_AT = 9;
const ADD = 0x41;
const DELETE = 0x44;

/** What the records of a server hold: all its clients get the same ones, so each is opened once. */
export class RecordCounts {
  /** By kind and number: a load lasts for less than an epoch. */
  readonly #counts = new Map<number, Count>();

  /** @param open gives the bodies in a record that has not been seen */
  of(record: Uint8Array, open: () => readonly Uint8Array[]): Count {
    const [kind = 0] = record;
    const number = new DataView(record.buffer, record.byteOffset).getUint32(NUMBER_AT);
    const key = number * 4 + kind;
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    return this.#counts.getOrInsertComputed(key, () => {
      const count = { adds: 0, deletes: 0 };
      for (const [type] of open()) {
        if (type === ADD) count.adds++;
        if (type === DELETE) count.deletes++;
      }
      // A table may say of some that they have left already.
      return record[0] === RECORD_KINDS.table
        ? { adds: count.adds - count.deletes, deletes: 0 }
        : count;
    });
  }
}

/**
 * One user's side of a server link that opens and checks only what it must: a load generator must not be
 * slower than what it measures.
 */
export class RecordCounter {
  readonly #handshake: NoiseHandshake;
  readonly #blocks = new FrameDecoder();
  readonly #count: Count;
  readonly #counts: RecordCounts;
  #transport: NoiseTransport | undefined;
  /** What opens records of this user's epoch. */
  #secret: Uint8Array | undefined;

  constructor({ announcement, prologue }: LinkOffer, count: Count, counts: RecordCounts) {
    this.#handshake = new NoiseHandshake("initiator", {
      pattern: "NK",
      prologue,
      remoteStaticKey: announcement.staticKey,
      ephemeralKey: crypto.getRandomValues(new Uint8Array(32)),
    });
    this.#count = count;
    this.#counts = counts;
  }

  /** The first bytes to send. */
  open(): Uint8Array {
    return concat([encodeLinkPreamble(), encodeFrame(this.#handshake.write())]);
  }

  /** Encrypts a message. */
  encrypt(body: Uint8Array): Uint8Array {
    if (this.#transport === undefined) throw new Error("expected a handshake before messages");
    return encodeFrame(this.#transport.encrypt(body));
  }

  /** Counts updates; returns the handshake's hash, or an answer to send, if the chunk asks for one. */
  push(chunk: Uint8Array): { readonly hash?: Uint8Array; readonly answer?: Uint8Array } {
    let result = {};
    for (const block of this.#blocks.push(chunk)) {
      if (block[0] === NOISE_KIND) result = { ...result, ...this.#readNoise(block.subarray(1)) };
      else this.#countRecord(block);
    }
    return result;
  }

  #readNoise(message: Uint8Array): { readonly hash?: Uint8Array; readonly answer?: Uint8Array } {
    if (this.#transport === undefined) {
      this.#handshake.read(message);
      this.#transport = this.#handshake.transport();
      return { hash: this.#transport.handshakeHash };
    }
    const notice = decodeLinkNotice(this.#transport.decrypt(message));
    if (notice?.type === "accepted") this.#secret = notice.secret;
    if (notice?.type === "refusal") throw new Error(`the server refused: ${notice.text}`);
    if (notice?.type !== "ping") return {};
    return { answer: this.encrypt(encodeLinkClientMessage({ type: "pong", token: notice.token })) };
  }

  #countRecord(record: Uint8Array): void {
    const { adds, deletes } = this.#counts.of(record, () => this.#openRecord(record));
    this.#count.adds += adds;
    this.#count.deletes += deletes;
  }

  #openRecord(record: Uint8Array): readonly Uint8Array[] {
    if (this.#secret === undefined) throw new Error("expected R before records");
    const header = record.subarray(0, RECORD_HEADER_LENGTH);
    const key = recordKey(this.#secret, record[0] === RECORD_KINDS.log ? "log" : "table");
    const sealed = record.subarray(RECORD_HEADER_LENGTH);
    const content = decrypt(key, recordNonce(header), header, sealed);
    if (content === undefined) throw new Error("the server sealed a record with another key");
    return [...new FrameDecoder().push(content)];
  }
}
