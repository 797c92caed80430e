import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { identityOf, keyTag } from "../../../protocol/mod.ts";
import { ed25519Sign, ed25519Verify } from "../../../protocol/crypto/signatures_and_ciphers.ts";
import { hex, test } from "../../fixtures/decoding.ts";

const bytes = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);

test("ed25519: the vectors of RFC 8032, section 7.1", () => {
  const vectors = [
    {
      key: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      identity: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      message: "",
      signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155" +
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    },
    {
      key: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      identity: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      message: "72",
      signature: "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    },
  ];
  for (const { key, identity, message, signature } of vectors) {
    assertEquals(identityOf(hex(key)).toHex(), identity);
    assertEquals(ed25519Sign(hex(message), hex(key)).toHex(), signature);
    assert(ed25519Verify(hex(message), hex(signature), hex(identity)));
  }
});

test("identity: a private key has 32 bytes", () => {
  assertThrows(() => identityOf(bytes(31, 1)), RangeError, "31");
});

test("key tag: the first 40 bits of the key's SHA-256, in base 32", () => {
  // SHA-256 of 32 zero bytes starts with 66687aadf8.
  assertEquals(keyTag(bytes(32, 0)), "mzuh-vlpy");
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(fc.property(key, (key) => assert(/^[a-z2-7]{4}-[a-z2-7]{4}$/.test(keyTag(key)))));
});
