/** Reads and writes the data types of Qt's QDataStream (big-endian, stream versions 2 to 19). */

import { ProtocolError } from "../errors.ts";

/** The length that stands for Qt's null string or null byte array: read as empty, never written. */
const NULL_LENGTH = 0xffff_ffff;
/** How many UTF-16 code units `String.fromCharCode` gets in one call. */
const UNITS_AT_ONCE = 4096;

/** Throws unless a number can be written in so many bits: a DataView would silently wrap it. */
function assertFits(value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new RangeError(`expected a whole number of 0 to ${most}, got ${value}`);
}

/** Throws if a field is larger than allowed. */
function assertAtMost(size: number, most: number, what: string): void {
  if (size <= most) return;
  throw new ProtocolError("bad-field", `expected a field of at most ${most} ${what}, got ${size}`);
}

/**
 * Reads fields from the body of one frame, in order. It ignores bytes after the last field that is read:
 * messages may grow at their end. The types are those of protocol/docs/classic.md.
 *
 * @example
 * ```ts
 * import { QDataStreamReader } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const reader = new QDataStreamReader(new Uint8Array([0x10, 0x92, 0, 0, 0, 2, 0, 0x62]));
 * assertEquals(reader.quint16(), 4242);
 * assertEquals(reader.qstring(), "b");
 * assertEquals(reader.remaining, 0);
 * ```
 */
export class QDataStreamReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  /**
   * Starts at the first byte.
   *
   * @param bytes the body of one block; it is read in place, not copied
   */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes have not been read. */
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /**
   * An unsigned byte.
   *
   * @throws {ProtocolError} `overrun`
   */
  quint8(): number {
    return this.#view.getUint8(this.#advance(1, "quint8"));
  }

  /**
   * Two bytes, unsigned, big-endian.
   *
   * @throws {ProtocolError} `overrun`
   */
  quint16(): number {
    return this.#view.getUint16(this.#advance(2, "quint16"));
  }

  /**
   * Four bytes, unsigned, big-endian.
   *
   * @throws {ProtocolError} `overrun`
   */
  quint32(): number {
    return this.#view.getUint32(this.#advance(4, "quint32"));
  }

  /**
   * Eight bytes, unsigned, big-endian.
   *
   * @throws {ProtocolError} `overrun`; `bad-field` from 2⁵³ on, if numbers have gaps
   */
  quint64(): number {
    const number = Number(this.#view.getBigUint64(this.#advance(8, "quint64")));
    if (!Number.isSafeInteger(number)) {
      throw new ProtocolError(
        "bad-field",
        `expected a whole number of 0 to ${Number.MAX_SAFE_INTEGER}, got ${number}`,
      );
    }
    return number;
  }

  /**
   * A byte array: its length as quint32, then its bytes, as a copy. Qt's null array is read as an
   * empty one.
   *
   * @param most bytes that it may have, held against the length before any is copied
   * @throws {ProtocolError} `overrun`, `bad-field` if it is longer
   */
  qbytearray(most: number): Uint8Array<ArrayBuffer> {
    const length = this.quint32();
    if (length === NULL_LENGTH) return new Uint8Array(0);
    assertAtMost(length, most, "bytes");
    const at = this.#advance(length, "QByteArray");
    return this.#bytes.slice(at, at + length) as Uint8Array<ArrayBuffer>;
  }

  /**
   * A list of strings: their number as quint32, then each.
   *
   * @param most strings that it may hold, held against the number before any is read
   * @param mostUnits UTF-16 code units that each may have
   * @throws {ProtocolError} `overrun`, `odd-string`, `bad-field` if there are more
   */
  qstringlist(most: number, mostUnits: number): string[] {
    const count = this.quint32();
    assertAtMost(count, most, "strings");
    return Array.from({ length: count }, () => this.qstring(mostUnits));
  }

  /**
   * A string: its length in bytes as quint32, then UTF-16BE code units, lone surrogates included.
   * Qt's null string is read as `""`.
   *
   * @param most UTF-16 code units that it may have, held against the length before any is read; the
   *   rest of the frame by default
   * @throws {ProtocolError} `overrun` if the length or the text is cut off, `odd-string` if
   *   the length is odd, `bad-field` if there are more units
   */
  qstring(most?: number): string {
    const length = this.quint32();
    if (length === NULL_LENGTH) return "";
    if (most !== undefined) assertAtMost(length / 2, most, "UTF-16 units");
    if (length % 2 !== 0) {
      throw new ProtocolError(
        "odd-string",
        `expected a QString of an even length, got ${length} bytes`,
      );
    }
    let at = this.#advance(length, "QString");
    const units = length / 2;
    if (units <= 64) {
      let text = "";
      for (let unit = 0; unit < units; unit++, at += 2) {
        text += String.fromCharCode(this.#view.getUint16(at));
      }
      return text;
    }
    const parts: string[] = [];
    for (let unit = 0; unit < units; unit += UNITS_AT_ONCE) {
      const part = new Uint16Array(Math.min(UNITS_AT_ONCE, units - unit));
      for (let i = 0; i < part.length; i++, at += 2) part[i] = this.#view.getUint16(at);
      parts.push(String.fromCharCode(...part));
    }
    return parts.join("");
  }

  /** Skips the next `length` bytes and returns their offset. */
  #advance(length: number, what: string): number {
    if (length > this.remaining) {
      throw new ProtocolError(
        "overrun",
        `expected ${length} bytes of a ${what}, got ${this.remaining} to the end of the block`,
      );
    }
    const at = this.#at;
    this.#at += length;
    return at;
  }
}

/**
 * Writes fields one after the other, growing as needed.
 *
 * @example
 * ```ts
 * import { QDataStreamWriter } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new QDataStreamWriter().quint16(4242).qstring("b").bytes();
 * assertEquals(bytes, new Uint8Array([0x10, 0x92, 0, 0, 0, 2, 0, 0x62]));
 * ```
 */
export class QDataStreamWriter {
  #bytes = new Uint8Array(64);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /**
   * An unsigned byte.
   *
   * @throws {RangeError} if it is no whole number of 0 to 255
   */
  quint8(value: number): this {
    assertFits(value, 0xff);
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
    return this;
  }

  /**
   * Two bytes, big-endian.
   *
   * @throws {RangeError} if it is no whole number of 0 to 65,535
   */
  quint16(value: number): this {
    assertFits(value, 0xffff);
    const at = this.#reserve(2);
    this.#view.setUint16(at, value);
    return this;
  }

  /**
   * Four bytes, big-endian.
   *
   * @throws {RangeError} if it is no whole number of 0 to 2³² − 1
   */
  quint32(value: number): this {
    assertFits(value, 0xffff_ffff);
    const at = this.#reserve(4);
    this.#view.setUint32(at, value);
    return this;
  }

  /**
   * Eight bytes, big-endian.
   *
   * @throws {RangeError} if it is no whole number of 0 to 2⁵³ − 1
   */
  quint64(value: number): this {
    assertFits(value, Number.MAX_SAFE_INTEGER);
    const at = this.#reserve(8);
    this.#view.setBigUint64(at, BigInt(value));
    return this;
  }

  /** A byte array: its length as quint32, then its bytes. Never Qt's null array. */
  qbytearray(bytes: Uint8Array): this {
    const at = this.quint32(bytes.length).#reserve(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** A list of strings: their number as quint32, then each. */
  qstringlist(texts: readonly string[]): this {
    this.quint32(texts.length);
    for (const text of texts) this.qstring(text);
    return this;
  }

  /** A string: its length in bytes as quint32, then UTF-16BE code units. Never Qt's null string. */
  qstring(text: string): this {
    let at = this.quint32(text.length * 2).#reserve(text.length * 2);
    for (let unit = 0; unit < text.length; unit++, at += 2) {
      this.#view.setUint16(at, text.charCodeAt(unit));
    }
    return this;
  }

  /** A copy of all that was written. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  /** Reserves `length` bytes, in a new buffer if necessary, and returns their offset. */
  #reserve(length: number): number {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}
