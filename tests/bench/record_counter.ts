import { decrypt } from "../../protocol/crypto/mod.ts";
import {
  RECORD_HEADER_LENGTH,
  RECORD_KINDS,
  recordKey,
  recordNonce,
} from "../../protocol/mim2/link/record.ts";
import {
  encodeLinkClientMessage,
  FrameDecoder,
  LinkClient,
  type LinkOffer,
  ProtocolError,
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

/** One user's side of a server link that opens only what it must. */
export class RecordCounter {
  readonly #client: LinkClient;
  readonly #blocks = new FrameDecoder();
  readonly #count: Count;
  readonly #counts: RecordCounts;
  /** What opens records of this user's epoch. */
  #secret: Uint8Array | undefined;
  #hasTable = false;

  constructor(offer: LinkOffer, count: Count, counts: RecordCounts) {
    this.#client = new LinkClient(offer, crypto.getRandomValues(new Uint8Array(32)));
    this.#count = count;
    this.#counts = counts;
  }

  /** The first bytes to send. */
  open(): Uint8Array {
    return this.#client.open();
  }

  /** Encrypts a message. */
  encrypt(body: Uint8Array): Uint8Array {
    return this.#client.encrypt(body);
  }

  /** Counts updates; returns the handshake's hash, or an answer to send, if the chunk asks for one. */
  push(chunk: Uint8Array): { readonly hash?: Uint8Array; readonly answer?: Uint8Array } {
    let result = {};
    for (const block of this.#blocks.push(chunk)) {
      if (block[0] !== NOISE_KIND) this.#countRecord(block);
      else if (!this.#hasTable) result = { ...result, ...this.#readNotice(block) };
    }
    return result;
  }

  #readNotice(block: Uint8Array): { readonly hash?: Uint8Array; readonly answer?: Uint8Array } {
    const framed = new Uint8Array([block.length >> 8, block.length & 0xff, ...block]);
    try {
      for (const message of this.#client.push(framed)) {
        if (message.type === "secured") return { hash: message.handshakeHash };
        if (message.type === "accepted") this.#secret = message.secret;
        if (message.type === "refusal") throw new Error(`the server refused: ${message.text}`);
        if (message.type !== "ping") continue;
        const pong = encodeLinkClientMessage({ type: "pong", token: message.token });
        return { answer: this.#client.encrypt(pong) };
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#hasTable = true; // the client has not seen the table, and so takes no end of it
    }
    return {};
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
