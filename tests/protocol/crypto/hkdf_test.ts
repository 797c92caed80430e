import { assertEquals } from "@std/assert";
import { hkdf } from "../../../protocol/crypto/mod.ts";
import { hex, test } from "../../fixtures/decoding.ts";

const secret = new Uint8Array(22).fill(0x0b);

test("hkdf: the first 32 bytes of RFC 5869, test case 1", () => {
  const key = hkdf(secret, hex("f0f1f2f3f4f5f6f7f8f9"), hex("000102030405060708090a0b0c"));
  assertEquals(
    key.toHex(),
    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf",
  );
});

test("hkdf: the first 32 bytes of RFC 5869, test case 3, without salt and info", () => {
  assertEquals(
    hkdf(secret, new Uint8Array()).toHex(),
    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d",
  );
});
