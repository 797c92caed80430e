import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DecoderStream, encodeFrame, FrameDecoder } from "../../../protocol/mod.ts";
import {
  assertCode,
  decode,
  hex,
  join,
  test,
  testAnyBytes,
  testVectors,
} from "../../fixtures/decoding.ts";

const blocksOf16 = {
  name: "blocks",
  decoder: () => new FrameDecoder(16),
  stream: () => new DecoderStream(new FrameDecoder(16)),
  tail: hex("00"),
};
const bodies = fc.array(fc.uint8Array({ maxLength: 16 }), { maxLength: 6 });

testVectors(blocksOf16, [
  { outcome: "no bytes are no block", bytes: hex(""), messages: [] },
  {
    outcome: "a block's body comes without its size",
    bytes: hex("0001 41"),
    messages: [hex("41")],
  },
  { outcome: "a block may be empty", bytes: hex("0000"), messages: [hex("")] },
  {
    outcome: "blocks come in order, empty ones between them",
    bytes: hex("0002 4142 0000 0000 0001 43"),
    messages: [hex("4142"), hex(""), hex(""), hex("43")],
  },
  {
    outcome: "a block of exactly the limit comes",
    bytes: hex("0010 000102030405060708090a0b0c0d0e0f"),
    messages: [hex("000102030405060708090a0b0c0d0e0f")],
  },
  {
    outcome: "a size one over the limit is an error, its body not awaited",
    bytes: hex("0011"),
    messages: [],
    code: "block-too-long",
  },
  {
    outcome: "blocks before one that is too long are not lost",
    bytes: hex("0001 41 ffff"),
    messages: [hex("41")],
    code: "block-too-long",
  },
  {
    outcome: "an end within the size is truncated",
    bytes: hex("0001 41 00"),
    messages: [hex("41")],
    code: "truncated",
  },
  {
    outcome: "an end before the body is truncated",
    bytes: hex("0001"),
    messages: [],
    code: "truncated",
  },
  {
    outcome: "an end within the body is truncated",
    bytes: hex("0003 4142"),
    messages: [],
    code: "truncated",
  },
]);

testAnyBytes(blocksOf16, bodies.map((bodies) => join(...bodies.map(encodeFrame))));

test("blocks: what was put into blocks comes out of them", () => {
  fc.assert(fc.property(bodies, (bodies) => {
    const bytes = join(...bodies.map(encodeFrame));
    assertEquals(decode(new FrameDecoder(), [bytes]), { messages: bodies, code: undefined });
  }));
});

test("blocks: the largest size there is passes by default", () => {
  const body = new Uint8Array(0xffff).fill(7);
  const bytes = encodeFrame(body);
  assertEquals(bytes.subarray(0, 2), hex("ffff"));
  const { messages: [whole] } = decode(new FrameDecoder(), [bytes]);
  const { messages: [cut] } = decode(new FrameDecoder(), [bytes.subarray(0, 9), bytes.subarray(9)]);
  assert(whole?.toHex() === body.toHex());
  assert(cut?.toHex() === body.toHex());
});

test("blocks: a body of more than 65,535 bytes is not put into one", () => {
  assertThrows(() => encodeFrame(new Uint8Array(0x10000)), RangeError, "65536");
});

test("blocks: a body is a view where it came in one chunk, and a copy where it didn't", () => {
  const chunk = hex("0002 4142 0002 43");
  const decoder = new FrameDecoder();
  const [view] = [...decoder.push(chunk)];
  const [copy] = [...decoder.push(hex("44"))];
  chunk.fill(0);
  assertEquals([view, copy], [hex("0000"), hex("4344")]);
});

test("blocks: a decoder goes no further than it is iterated", () => {
  const blocks = new FrameDecoder(16).push(hex("0001 41 ffff"));
  assertEquals(blocks.next(), { done: false, value: hex("41") });
  assertCode("block-too-long", () => blocks.next());
});
