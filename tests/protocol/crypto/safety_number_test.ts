import { assertEquals, assertNotEquals } from "@std/assert";
import { safetyNumber } from "../../../protocol/mod.ts";
import { hex, test, utf8 } from "../../fixtures/decoding.ts";

const alice = {
  key: hex("05 06863bc66d02b40d27b8d49ca7c09e9239236f9d7d25d6fcca5ce13c7064d868"),
  identifier: utf8("+14152222222"),
};
const bob = {
  key: hex("05 f781b6fb32fed9ba1cf2de978d4d5da28dc34046ae814402b5c0dbd96fda907b"),
  identifier: utf8("+14153333333"),
};

test("safety number: the vector that libsignal publishes, from both sides", () => {
  const published = "300354477692869396892869876765458257569162576843440918079131";
  assertEquals(safetyNumber(alice, bob).replaceAll(" ", ""), published);
  assertEquals(safetyNumber(bob, alice).replaceAll(" ", ""), published);
});

test("safety number: another key or identifier is another number, on its own side", () => {
  const halves = (number: string): string[] => [number.slice(0, 35), number.slice(36)];
  const [one, other] = halves(safetyNumber(alice, bob));
  for (const impostor of [{ ...bob, key: alice.key }, { ...bob, identifier: utf8("+1") }]) {
    const number = safetyNumber(alice, impostor);
    assertNotEquals(number, safetyNumber(alice, bob));
    const kept = halves(number).filter((half) => half === one || half === other);
    assertEquals(kept.length, 1);
  }
});

test("safety number: two identities alone give twelve groups of five digits", () => {
  const number = safetyNumber({ key: new Uint8Array(32) }, { key: new Uint8Array(32).fill(1) });
  assertEquals(number.split(" ").map((group) => group.length), Array.from({ length: 12 }, () => 5));
});
