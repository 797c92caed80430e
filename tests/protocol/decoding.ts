/** What the tests of decoders and streams share: bytes in, however they arrive, and what came out. */

import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Decoder, ProtocolError, type ProtocolErrorCode } from "../../protocol/mod.ts";

/** A test of pure code: it may touch nothing outside. */
export function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, permissions: "none", fn });
}

/** Bytes written as hex; white space separates what belongs together. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(text.replaceAll(/\s/g, ""));
}

/** A text's bytes as UTF-8. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Several byte strings, or numbers for single bytes, as one. */
export function join(...parts: readonly (Uint8Array | number)[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => typeof part === "number" ? part : [...part]));
}

/** Any text of so many code points: ASCII and others, unassigned ones, halves of surrogate pairs. */
export function anyText(maxLength: number): fc.Arbitrary<string> {
  const code = fc.oneof(fc.nat(0x7f), fc.nat(0xffff), fc.nat(0x10ffff));
  return fc.array(code, { maxLength }).map((codes) => String.fromCodePoint(...codes));
}

/** Any text that can be sent as a line: without line breaks, a CR at its end or half characters. */
export function anyLine(maxLength: number): fc.Arbitrary<string> {
  return anyText(maxLength).map((text) =>
    text.toWellFormed().replaceAll("\n", "").replace(/\r+$/, "")
  );
}

/** Asserts that `fn` throws a ProtocolError with this code. */
export function assertCode(code: ProtocolErrorCode, fn: () => unknown): void {
  assertEquals(assertThrows(fn, ProtocolError).code, code);
}

/** What became of some bytes. */
export interface Outcome<Message> {
  /** All messages up to the end or the error. */
  readonly messages: readonly Message[];
  /** The code of the ProtocolError that ended them; undefined where all was well. */
  readonly code?: ProtocolErrorCode | undefined;
}

/** Hands pieces and the end to a decoder. Only a ProtocolError is an outcome. */
export function decode<Message>(
  decoder: Decoder<Message>,
  pieces: Iterable<Uint8Array>,
): Outcome<Message> {
  const messages: Message[] = [];
  try {
    for (const piece of pieces) {
      for (const message of decoder.push(piece)) messages.push(message);
    }
    decoder.end();
  } catch (error) {
    return { messages, code: codeOf(error) };
  }
  return { messages, code: undefined };
}

/** The same through a stream. */
export async function decodeStream<Message>(
  stream: ReadableWritablePair<Message, Uint8Array>,
  pieces: Iterable<Uint8Array>,
): Promise<Outcome<Message>> {
  const messages: Message[] = [];
  try {
    for await (const message of ReadableStream.from(pieces).pipeThrough(stream)) {
      messages.push(message);
    }
  } catch (error) {
    return { messages, code: codeOf(error) };
  }
  return { messages, code: undefined };
}

function codeOf(error: unknown): ProtocolErrorCode {
  if (error instanceof ProtocolError) return error.code;
  throw error;
}

/** The bytes one at a time. */
export function byteByByte(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
}

/** The bytes cut at these places, which may repeat and come in any order. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [...places.map((place) => place % (bytes.length + 1)), bytes.length];
  cuts.sort((a, b) => a - b);
  return cuts.map((cut, at) => bytes.subarray(at === 0 ? 0 : cuts[at - 1], cut));
}

/** A decoder under test. */
export interface Subject<Message> {
  /** Starts the names of its tests. */
  readonly name: string;
  /** A fresh decoder. */
  readonly decoder: () => Decoder<Message>;
  /** A fresh stream around it. */
  readonly stream: () => ReadableWritablePair<Message, Uint8Array>;
  /** Bytes that complete nothing, wherever a message may start. */
  readonly tail: Uint8Array;
}

/** Bytes, and what must become of them; `outcome` names the test. */
export interface Vector<Message> extends Outcome<Message> {
  readonly outcome: string;
  readonly bytes: Uint8Array;
}

/** Tests each vector whole, byte by byte, cut in two at every place, and with more bytes behind it. */
export function testVectors<Message>(
  { name, decoder, stream, tail }: Subject<Message>,
  vectors: readonly Vector<Message>[],
): void {
  for (const { outcome, bytes, messages, code } of vectors) {
    test(`${name}: ${outcome}`, async () => {
      const expected = { messages, code };
      assertEquals(decode(decoder(), [bytes]), expected, "whole");
      assertEquals(decode(decoder(), byteByByte(bytes)), expected, "byte by byte");
      assertEquals(await decodeStream(stream(), byteByByte(bytes)), expected, "as a stream");
      for (let at = 0; at < Math.min(bytes.length, 512); at++) {
        assertEquals(decode(decoder(), cutAt(bytes, [at])), expected, `cut before byte ${at}`);
      }
      if (code === "truncated") return;
      const behind = decode(decoder(), [join(bytes, tail)]);
      assertEquals(behind, { messages, code: code ?? "truncated" }, "with more bytes behind");
    });
  }
}

/**
 * Tests with arbitrary bytes, and with valid ones that were tampered with, that nothing but messages
 * and protocol errors comes out, the same however the bytes are cut, and the same from the stream.
 */
export function testAnyBytes<Message>(
  { name, decoder, stream }: Subject<Message>,
  valid: fc.Arbitrary<Uint8Array>,
): void {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 64 }), valid, tamperedWith(valid));
  const places = fc.array(fc.nat(), { maxLength: 8 });

  test(`${name}: any bytes give messages or a protocol error, the same for every cut`, () => {
    fc.assert(
      fc.property(bytes, places, (bytes, places) => {
        const whole = decode(decoder(), [bytes]);
        assertEquals(decode(decoder(), cutAt(bytes, places)), whole);
        assertEquals(decode(decoder(), byteByByte(bytes)), whole);
      }),
      { numRuns: 10_000 },
    );
  });

  test(`${name}: the stream gives what the decoder gives`, async () => {
    await fc.assert(fc.asyncProperty(bytes, places, async (bytes, places) => {
      const expected = decode(decoder(), [bytes]);
      assertEquals(await decodeStream(stream(), byteByByte(bytes)), expected);
      assertEquals(await decodeStream(stream(), cutAt(bytes, places)), expected);
    }));
  });
}

function tamperedWith(valid: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(0xff)), { minLength: 1, maxLength: 4 });
  return fc.tuple(valid, edits, fc.nat(), fc.boolean()).map(([bytes, edits, end, cut]) => {
    const tampered = bytes.slice(0, cut ? end % (bytes.length + 1) : bytes.length);
    for (const [at, byte] of edits) tampered[at % tampered.length] = byte;
    return tampered;
  });
}
