import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  formatServerLink,
  parseServerAddress,
  parseServerAddresses,
} from "../../../protocol/mod.ts";
import { test } from "../../fixtures/decoding.ts";

const KEY = "A".repeat(43);
const key = new Uint8Array(32);

test("servers: one has a port that can be dialed", () => {
  assertEquals(parseServerAddress("mim.example"), { hostname: "mim.example", port: 4242 });
  for (const text of ["mim.example:0", "[::1]:0", "mim.example:00000"]) {
    assertThrows(() => parseServerAddress(text), SyntaxError, `from 1 to 65535, got "${text}"`);
  }
  assertThrows(() => parseServerAddress("::::bad"), SyntaxError, 'got "::::bad"');
});

test("servers: a link holds the key", () => {
  const good = {
    [`mim://mim.example#${KEY}`]: { hostname: "mim.example", port: 4242, key },
    [`MIM://mim.example:7000#${KEY}`]: { hostname: "mim.example", port: 7000, key },
    [`mim://192.0.2.7:7000/#${KEY}`]: { hostname: "192.0.2.7", port: 7000, key },
    [`mim://[2001:db8::7]#${KEY}`]: { hostname: "2001:db8::7", port: 4242, key },
    [`mim://[fe80::7%eth0]:7000#${KEY}`]: { hostname: "fe80::7%eth0", port: 7000, key },
    [`mim://mim:5#${KEY}`]: { hostname: "mim", port: 5, key },
  };
  for (const [link, server] of Object.entries(good)) {
    assertEquals(parseServerAddress(link), server, link);
  }
  assertEquals(parseServerAddress("mim:4243"), { hostname: "mim", port: 4243 });
});

test("servers: a link that is none says what to do", () => {
  const wrong = {
    "mim://mim.example": "expected a whole link",
    "mim://mim.example#": "ask for the link again",
    [`mim://mim.example#${KEY}#${KEY}`]: "expected a whole link",
    [`mim://mim.example#${KEY.slice(1)}`]: "cut off",
    [`mim://mim.example#${KEY}A`]: "cut off",
    [`mim://mim.example#${KEY}=`]: "cut off",
    [`mim://mim.example#${KEY.slice(1)}B`]: "changed", // no key has such a last character
    [`mim://mim.example#${KEY.slice(1)}+`]: "43 characters of a server's key",
    [`mim://mim.example#${KEY.slice(1)}\u0000`]: "43 characters",
    [`mim://#${KEY}`]: "expected HOST",
    [`mim://ada@mim.example#${KEY}`]: "expected HOST",
    [`mim://mim.example/path#${KEY}`]: "expected HOST",
    [`mim://mim.example:0#${KEY}`]: "from 1 to 65535",
    [`mim://mim.example:65536#${KEY}`]: "at most 65535",
    [`mim://mim.example:#${KEY}`]: "in brackets",
    [`mim://2001:db8::7#${KEY}`]: "in brackets",
    [`mim://ada@127.0.0.1:14242/x?y#${KEY}`]: "a link looks like mim://HOST:PORT#KEY",
    [`mim://mim.example:14242/x#${KEY}`]: "a link looks like mim://HOST:PORT#KEY",
    [`mim://mim.example?x#${KEY}`]: "a link looks like mim://HOST:PORT#KEY",
    [`mim:mim.example#${KEY}`]: "expected HOST",
    [`http://mim.example#${KEY}`]: "expected HOST",
  };
  for (const [link, reason] of Object.entries(wrong)) {
    assertThrows(() => parseServerAddress(link), SyntaxError, reason);
  }
});

test("servers: a link that is written is read back", () => {
  const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(fc.property(host, fc.integer({ min: 1, max: 0xffff }), bytes, (hostname, port, key) => {
    const link = formatServerLink({ hostname, port }, key);
    assertEquals(parseServerAddress(link), { hostname, port, key });
    assertThrows(() => parseServerAddress(link.slice(0, -1)), SyntaxError);
  }));
});

test("servers: several are tried in turn, up to sixteen", () => {
  assertEquals(parseServerAddresses("a, b:7000").map(({ port }) => port), [4242, 7000]);
  assertEquals(parseServerAddresses(Array(16).fill("a").join()).length, 16);
  assertThrows(() => parseServerAddresses(Array(17).fill("a").join()), SyntaxError, "at most 16");
  for (const text of ["", ",", "a,", ",a", "a,,b"]) {
    assertThrows(() => parseServerAddresses(text), SyntaxError, 'got ""');
  }
});
