import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  createRotation,
  decodeRotationMessage,
  encodeRotationMessage,
  hasRotatedTo,
  identityOf,
  isRotationValid,
  type RotationMessage,
} from "../../../protocol/mod.ts";
import { testBodies } from "../../fixtures/bodies.ts";
import { assertCode, test } from "../../fixtures/decoding.ts";
import { anyBytes, anyTime } from "../../fixtures/messages.ts";

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const [A, B, C] = [key(1), key(2), key(3)].map(identityOf);
const [AB, BC] = [createRotation(key(1), key(2), 5), createRotation(key(2), key(3), 6)];

test("rotations: both keys sign", () => {
  assert(A && B && C && AB && BC);
  assertEquals([AB.oldKey, AB.newKey], [A, B]);
  assert(isRotationValid(AB));
  const flawed = [
    { ...AB, rotatedAt: 6 },
    { ...AB, oldKey: C },
    { ...AB, newKey: C },
    { ...AB, oldSignature: AB.newSignature },
    { ...AB, newSignature: AB.oldSignature },
    { ...AB, rotatedAt: 2 ** 53 },
  ];
  for (const rotation of flawed) assert(!isRotationValid(rotation));
});

test("rotations: a chain leads from one key to another", () => {
  assert(A && B && C && AB && BC);
  assert(hasRotatedTo(A, B, [AB]));
  assert(hasRotatedTo(A, C, [AB, BC]));
  assert(hasRotatedTo(B, C, [AB, BC]), "from the middle");
  assert(!hasRotatedTo(A, C, [AB]));
  assert(!hasRotatedTo(A, B, [AB, BC]), "not to the middle: the server has rotated on");
  assert(!hasRotatedTo(A, C, [BC, AB]));
  assert(!hasRotatedTo(A, C, [AB, { ...BC, rotatedAt: 7 }]));
  assert(!hasRotatedTo(C, A, [AB, BC]));
  assert(!hasRotatedTo(A, A, []));
});

testBodies<RotationMessage>({
  name: "rotation messages",
  encode: encodeRotationMessage,
  decode: decodeRotationMessage,
  any: fc.record({
    id: anyBytes(8),
    rotation: fc.record({
      oldKey: anyBytes(32),
      newKey: anyBytes(32),
      rotatedAt: anyTime,
      oldSignature: anyBytes(64),
      newSignature: anyBytes(64),
    }),
  }),
});

test("rotation messages: other types are for others, and no time is out of a Date's range", () => {
  assert(AB);
  const message = encodeRotationMessage({ id: new Uint8Array(8), rotation: AB });
  assertEquals(decodeRotationMessage(Uint8Array.of(0x54, ...message.subarray(1))), undefined);
  message.fill(0xff, 1 + 12 + 36 + 36, 1 + 12 + 36 + 36 + 8);
  assertCode("bad-field", () => decodeRotationMessage(message));
});
