import { assertEquals } from "@std/assert";
import { InputDecoder } from "../../../../client/terminal/input/input_decoder.ts";

const CASES: readonly (readonly [what: string, bytes: readonly number[], text: string])[] = [
  ["letters", [0x61, 0xc3, 0xa9, 0xe4, 0xb8, 0x96, 0xf0, 0x9f, 0x91, 0x8d], "aé世👍"],
  ["a raw control from 0x80 to 0x9F", [0x9b, 0x41, 0x61], "\x9bAa"],
  ["the same in UTF-8", [0xc2, 0x9b, 0x41], "\x9bA"],
  ["a raw letter of Latin-1", [0x61, 0xe9, 0x62], "a\uFFFDb"],
  [
    "a cut character before another",
    [0xe4, 0xb8, 0xc3, 0xa9],
    "\uFFFD\xb8é".replace("\xb8", "\uFFFD"),
  ],
  ["a cut character before a control", [0xc3, 0x1b, 0x5b, 0x41], "\uFFFD\x1b[A"],
  ["surrogates and overlong forms", [0xed, 0xa0, 0x80, 0xc0, 0x80], "\uFFFD\uFFFD\x80\uFFFD\x80"],
  ["the report of a mouse at column 131", [0x1b, 0x5b, 0x4d, 0x20, 0xa3, 0x21], "\x1b[M \uFFFD!"],
];

for (const [what, bytes, text] of CASES) {
  Deno.test(`input of a terminal is decoded: ${what}`, () => {
    assertEquals(new InputDecoder().decode(new Uint8Array(bytes)), text);
    for (let at = 1; at < bytes.length; at++) {
      const decoder = new InputDecoder();
      const cut = [bytes.slice(0, at), bytes.slice(at)].map((part) =>
        decoder.decode(new Uint8Array(part))
      );
      assertEquals(cut.join(""), text, `cut at ${at}`);
    }
  });
}
