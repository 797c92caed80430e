/** The client's side of the records: it takes each one once, in order, and nothing else. */

import { equals } from "@std/bytes/equals";
import { FrameDecoder, QDataStreamReader } from "../../codec/mod.ts";
import { decrypt, notAuthentic, Sha256 } from "../../crypto/mod.ts";
import { SIGNATURE_LENGTH } from "../../crypto/mod.ts";
import { readBytesField } from "../fields.ts";
import { isSignatureValid } from "../signed_statement.ts";
import { decodeLinkUpdate, type LinkUpdate } from "./entry.ts";
import type { LinkNoticeOf } from "./notice.ts";
import {
  CHAIN_SIGNATURE,
  firstChain,
  nextChain,
  RECORD_HEADER_LENGTH,
  RECORD_KINDS,
  recordKey,
  type RecordKind,
  recordNonce,
} from "./record.ts";

/** Table records that one client takes; 200,000 rows fit a few thousand. */
const MAX_TABLE_RECORDS = 262_144;
const PADDING = 0;

interface Epoch {
  readonly epoch: number;
  readonly keys: Readonly<Record<RecordKind, Uint8Array>>;
  readonly chain: Uint8Array;
}

/**
 * Opens the records of one connection. Whatever is out of turn, of another epoch, a replay or not
 * sealed with the epoch's keys is an error `not-authentic`, and ends the connection.
 * See protocol/docs/mim2.md, "Records".
 */
export class RecordOpener {
  readonly #serverKey: Uint8Array;
  #current: Epoch;
  /** The epoch that begins with the next log record. */
  #upcoming: Epoch | undefined;
  /** The number that the next log record must have; undefined while the table is being sent. */
  #expected: number | undefined;
  #chain: Uint8Array;
  readonly #tableNumbers = new Set<number>();
  readonly #tableHash = new Sha256();
  #unsignedRecords = 0;

  /**
   * Ready for the table.
   *
   * @param accepted what began the session
   * @param serverKey the key that the server has proven
   */
  constructor(accepted: Pick<LinkNoticeOf<"accepted">, "epoch" | "secret">, serverKey: Uint8Array) {
    this.#serverKey = serverKey;
    this.#current = epochOf(accepted);
    this.#chain = this.#current.chain;
  }

  /**
   * Log records that no signature covers yet. A server signs within a second, so a client hangs up if
   * this stays over 0 for long: somebody else may have sealed them.
   */
  get unsignedRecords(): number {
    return this.#unsignedRecords;
  }

  /**
   * Opens a record.
   *
   * @param record the body of its block
   * @throws {ProtocolError} `not-authentic`; `block-too-long`, `overrun`, `odd-string`, `bad-field` or
   *   `truncated` if the server itself has sealed such
   */
  open(record: Uint8Array): LinkUpdate[] {
    const kind = record[0] === RECORD_KINDS.log ? "log" : "table";
    if (record.length < RECORD_HEADER_LENGTH) throw notAuthentic("a record, got a shorter block");
    const reader = new QDataStreamReader(record.subarray(1, RECORD_HEADER_LENGTH));
    const epoch = reader.quint32();
    const number = reader.quint32() * 2 ** 32 + reader.quint32(); // no real one has a gap beside it
    return kind === "log"
      ? this.#openLog(record, epoch, number)
      : this.#openTable(record, epoch, number);
  }

  /**
   * Ends the table: log records follow.
   *
   * @throws {ProtocolError} `not-authentic` if table records are missing, or it is out of turn
   */
  complete(notice: LinkNoticeOf<"complete">): void {
    if (this.#expected !== undefined) throw notAuthentic("one end of the table, got another");
    if (!equals(this.#tableHash.digest(), notice.tableHash)) {
      throw notAuthentic("all records of the table, got others");
    }
    if (notice.epoch !== this.#current.epoch) throw notAuthentic("the table's epoch, got another");
    this.#expected = notice.number;
    this.#chain = notice.chain;
    this.#tableNumbers.clear();
  }

  /**
   * Takes the secret of the epoch that begins with the next log record.
   *
   * @throws {ProtocolError} `not-authentic` if log records are missing before it, or it is out of turn
   */
  beginEpoch(notice: LinkNoticeOf<"epoch">): void {
    if (this.#upcoming !== undefined || this.#expected !== notice.lastNumber + 1) {
      throw notAuthentic("all log records before a new epoch, got others");
    }
    if (notice.epoch <= this.#current.epoch) {
      throw notAuthentic("a later epoch, got an earlier one");
    }
    this.#upcoming = epochOf(notice);
  }

  /**
   * Holds a ping against the records that have come.
   *
   * @throws {ProtocolError} `not-authentic` if log records are missing before it
   */
  checkPing({ epoch, number }: Pick<LinkNoticeOf<"ping">, "epoch" | "number">): void {
    if (this.#expected === undefined) return; // the log has not begun
    if (epoch === this.#current.epoch && number === this.#expected) return;
    if (epoch === this.#upcoming?.epoch && number === 0) return;
    throw notAuthentic("all log records before a ping, got others");
  }

  #openTable(record: Uint8Array, epoch: number, number: number): LinkUpdate[] {
    const isDue = this.#expected === undefined && epoch === this.#current.epoch &&
      !this.#tableNumbers.has(number) && this.#tableNumbers.size < MAX_TABLE_RECORDS;
    if (!isDue) throw notAuthentic(`another table record, got ${number} of epoch ${epoch}`);
    const content = unseal(this.#current, "table", record);
    this.#tableNumbers.add(number);
    this.#tableHash.update(Uint8Array.of(record.length >> 8, record.length & 0xff));
    this.#tableHash.update(record);
    return Array.from(bodiesIn(content), decodeLinkUpdate).filter((update) => update !== undefined);
  }

  #openLog(record: Uint8Array, epoch: number, number: number): LinkUpdate[] {
    const isFirst = epoch === this.#upcoming?.epoch;
    const source = isFirst ? this.#upcoming : this.#current;
    const expected = isFirst ? 0 : this.#upcoming === undefined ? this.#expected : undefined;
    if (source?.epoch !== epoch || number !== expected) {
      throw notAuthentic(`the next log record, got ${number} of epoch ${epoch}`);
    }
    const content = unseal(source, "log", record);
    const chain = isFirst ? source.chain : this.#chain;
    this.#current = source;
    this.#upcoming = undefined;
    this.#expected = number + 1;
    this.#chain = nextChain(chain, record);
    this.#unsignedRecords++;
    const updates: LinkUpdate[] = [];
    for (const body of bodiesIn(content)) {
      if (body[0] === CHAIN_SIGNATURE) this.#checkSignature(body, { epoch, number, chain });
      const update = decodeLinkUpdate(body);
      if (update !== undefined) updates.push(update);
    }
    return updates;
  }

  #checkSignature(
    body: Uint8Array,
    log: { readonly epoch: number; readonly number: number; readonly chain: Uint8Array },
  ): void {
    const reader = new QDataStreamReader(body.subarray(1));
    const signature = readBytesField(reader, "a signature", SIGNATURE_LENGTH);
    if (!isSignatureValid({ type: "log", ...log }, signature, this.#serverKey)) {
      throw notAuthentic("the server's signature over the log, got another");
    }
    this.#unsignedRecords = 0;
  }
}

function epochOf({ epoch, secret }: Pick<LinkNoticeOf<"accepted">, "epoch" | "secret">): Epoch {
  const keys = { log: recordKey(secret, "log"), table: recordKey(secret, "table") };
  return { epoch, keys, chain: firstChain(secret) };
}

function unseal({ keys }: Epoch, kind: RecordKind, record: Uint8Array): Uint8Array {
  const header = record.subarray(0, RECORD_HEADER_LENGTH);
  const sealed = record.subarray(RECORD_HEADER_LENGTH);
  const content = decrypt(keys[kind], recordNonce(header), header, sealed);
  if (content === undefined) throw notAuthentic(`a ${kind} record that the server has sealed`);
  return content;
}

/** The bodies of the blocks in a record, without padding. */
function* bodiesIn(content: Uint8Array): Generator<Uint8Array, void> {
  const frames = new FrameDecoder();
  for (const body of frames.push(content)) {
    if (body[0] !== PADDING) yield body;
  }
  frames.end();
}
