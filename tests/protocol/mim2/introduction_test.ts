import { assertEquals, assertThrows } from "@std/assert";
import {
  capabilities,
  createRotation,
  decodePeerIntroduction,
  encodePeerIntroduction,
  hasCapability,
  type PeerIntroduction,
} from "../../../protocol/mod.ts";
import { testBodies } from "../../fixtures/bodies.ts";
import { assertCode, join, test } from "../../fixtures/decoding.ts";
import { anyCallerIntroduction, anyResponderIntroduction } from "../../fixtures/link_messages.ts";

const INTRODUCTION: PeerIntroduction = {
  identity: new Uint8Array(32),
  signature: new Uint8Array(64),
  name: "ada",
  capabilities: capabilities.rooms | capabilities.seen,
};

for (
  const [role, any] of [
    ["responder", anyResponderIntroduction],
    ["initiator", anyCallerIntroduction],
  ] as const
) {
  testBodies<PeerIntroduction>({
    name: `introductions, ${role}`,
    encode: (introduction) => encodePeerIntroduction(role, introduction),
    decode: (payload) => decodePeerIntroduction(role, payload),
    any,
    ...role === "responder" && {
      shorter: (introduction) => encodePeerIntroduction(role, introduction).slice(0, -1),
    },
  });
}

test("introductions: only whoever was called shows rotations, at most eight", () => {
  const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const introduction = { ...INTRODUCTION, rotations: [createRotation(one, two, 3)] };
  const payload = encodePeerIntroduction("responder", introduction);
  assertEquals(decodePeerIntroduction("responder", payload), introduction);
  const third = encodePeerIntroduction("initiator", introduction);
  assertEquals(decodePeerIntroduction("initiator", third), INTRODUCTION);
  const rotations = Array.from({ length: 9 }, () => createRotation(one, two, 3));
  assertThrows(
    () => encodePeerIntroduction("responder", { ...INTRODUCTION, rotations }),
    RangeError,
    "at most 8 rotations",
  );
});

test("introductions: only the caller shows a credential", () => {
  const credential = { serverKey: new Uint8Array(32), certificate: undefined };
  const payload = encodePeerIntroduction("responder", { ...INTRODUCTION, credential });
  assertEquals(decodePeerIntroduction("responder", payload), INTRODUCTION);
});

test("introductions: a certificate without a server's key is an error", () => {
  const payload = join(
    encodePeerIntroduction("responder", INTRODUCTION).slice(0, -1), // without rotations
    new Uint8Array(4 + 8 + 8),
    Uint8Array.of(0, 0, 0, 64),
    new Uint8Array(64),
  );
  assertCode("bad-field", () => decodePeerIntroduction("initiator", payload));
});

test("introductions: names of no and of over 64 units are refused", () => {
  for (const name of ["", "a".repeat(65)]) {
    assertThrows(() => encodePeerIntroduction("responder", { ...INTRODUCTION, name }), RangeError);
  }
  const blank = encodePeerIntroduction("responder", { ...INTRODUCTION, name: " " });
  assertCode("invalid-name", () => decodePeerIntroduction("responder", blank));
});

test("introductions: capabilities are bits", () => {
  assertEquals(Object.values(capabilities), [1, 2, 4, 8, 16, 32, 64, 128]);
  assertEquals(hasCapability(INTRODUCTION.capabilities, "rooms"), true);
  assertEquals(hasCapability(INTRODUCTION.capabilities, "actions"), false);
  assertEquals(hasCapability(0xffff_ffff, "lobby"), true);
});
