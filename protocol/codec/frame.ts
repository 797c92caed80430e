/** Frames: a quint16 length (big-endian, not counting itself) and that many bytes. */

import type { Decoder } from "./decoder.ts";
import { ProtocolError } from "../errors.ts";
import { limits } from "../limits.ts";

/**
 * Puts a frame's length in front of its body.
 *
 * @param body at most 65,535 bytes
 * @throws {RangeError} if the body is longer
 *
 * @example
 * ```ts
 * import { encodeFrame } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(encodeFrame(new Uint8Array([0x41])), new Uint8Array([0, 1, 0x41]));
 * ```
 */
export function encodeFrame(body: Uint8Array): Uint8Array<ArrayBuffer> {
  if (body.length > 0xffff) {
    throw new RangeError(`expected a block of at most 65,535 bytes, got ${body.length}`);
  }
  const frame = new Uint8Array(2 + body.length);
  frame[0] = body.length >> 8;
  frame[1] = body.length; // its lower byte
  frame.set(body, 2);
  return frame;
}

/**
 * Cuts bytes into the bodies of frames (protocol/docs/classic.md), however the bytes arrive.
 * The length is checked before memory is reserved for the body. A body that came in one
 * chunk is a view into that chunk: use it, or copy it, before the chunk's buffer is used again.
 *
 * @example
 * ```ts
 * import { FrameDecoder } from "@mim/mim/protocol";
 * import { assertEquals } from "@std/assert";
 *
 * const decoder = new FrameDecoder(16);
 * assertEquals([...decoder.push(new Uint8Array([0, 2, 7]))], []);
 * assertEquals([...decoder.push(new Uint8Array([8]))], [new Uint8Array([7, 8])]);
 * decoder.end();
 * ```
 */
export class FrameDecoder implements Decoder<Uint8Array> {
  readonly #limit: number;
  /** The first byte of a length that a chunk cuts in two. */
  #firstByte: number | undefined;
  /** The body under way, and how much of it is there. */
  #body: Uint8Array | undefined;
  #have = 0;

  /** Accepts bodies of at most `limit` bytes, which is at most 65,535. */
  constructor(limit: number = limits.frameBytes) {
    this.#limit = limit;
  }

  /**
   * Yields the body of each frame that the chunk completes.
   *
   * @throws {ProtocolError} `block-too-long`
   */
  *push(chunk: Uint8Array): Generator<Uint8Array, void> {
    let at = 0;
    while (at < chunk.length) {
      if (this.#body !== undefined) {
        const taken = chunk.subarray(at, at + this.#body.length - this.#have);
        this.#body.set(taken, this.#have);
        this.#have += taken.length;
        at += taken.length;
        if (this.#have < this.#body.length) return;
        const body = this.#body;
        this.#body = undefined;
        yield body;
        continue;
      }
      const byte = chunk[at++] ?? 0;
      if (this.#firstByte === undefined) {
        this.#firstByte = byte;
        continue;
      }
      const size = this.#firstByte << 8 | byte;
      this.#firstByte = undefined;
      if (size > this.#limit) {
        throw new ProtocolError(
          "block-too-long",
          `expected a block of at most ${this.#limit} bytes, got one of ${size}`,
        );
      }
      if (at + size <= chunk.length) {
        yield chunk.subarray(at, at += size);
      } else {
        this.#body = new Uint8Array(size);
        this.#have = 0;
      }
    }
  }

  /**
   * Says that no more bytes will come.
   *
   * @throws {ProtocolError} `truncated` in the middle of a frame
   */
  end(): void {
    if (this.#body !== undefined) {
      throw new ProtocolError(
        "truncated",
        `expected a block of ${this.#body.length} bytes, got ${this.#have} and the end`,
      );
    }
    if (this.#firstByte !== undefined) {
      throw new ProtocolError("truncated", "expected a block's size of 2 bytes, got 1 and the end");
    }
  }
}
