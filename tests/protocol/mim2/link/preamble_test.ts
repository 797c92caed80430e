import { assertEquals } from "@std/assert";
import { encodeLinkPreamble, encodeLogin, LinkOpeningDecoder } from "../../../../protocol/mod.ts";
import { assertCode, byteByByte, decode, join, test, utf8 } from "../../../fixtures/decoding.ts";

test("link opening: what goes out is six bytes", () => {
  assertEquals(encodeLinkPreamble(), join(0xff, utf8("MIML\n")));
});

test("link opening: link and classic login are told apart, however the bytes arrive", () => {
  const whole = new LinkOpeningDecoder();
  assertEquals([...whole.push(join(encodeLinkPreamble(), 7))], ["link"]);
  assertEquals(whole.rest, Uint8Array.of(7));
  assertEquals(decode(new LinkOpeningDecoder(), byteByByte(encodeLinkPreamble())), {
    messages: ["link"],
    code: undefined,
  });
  const classic = new LinkOpeningDecoder();
  const login = encodeLogin({ name: "ada", port: 1 });
  assertEquals([...classic.push(login)], ["classic"]);
  assertEquals(classic.rest, login);
});

test("link opening: the first byte of a login's size is at most 0x10", () => {
  for (let byte = 0; byte < 0xff; byte++) {
    const decoder = new LinkOpeningDecoder();
    const push = () => [...decoder.push(Uint8Array.of(byte))];
    if (byte <= 0x10) assertEquals(push(), ["classic"]);
    else assertCode("unknown-opening", push);
  }
});

test("link opening: 0xFF and anything else is refused at the first byte that fits no opening", () => {
  const preamble = encodeLinkPreamble();
  for (let at = 1; at < preamble.length; at++) {
    const bytes = preamble.with(at, 0x32).subarray(0, at + 1);
    assertCode("unknown-opening", () => [...new LinkOpeningDecoder().push(bytes)]);
    const cut = decode(new LinkOpeningDecoder(), [preamble.subarray(0, at)]);
    assertEquals(cut, { messages: [], code: "truncated" });
  }
  assertEquals(decode(new LinkOpeningDecoder(), []).code, "truncated");
});
