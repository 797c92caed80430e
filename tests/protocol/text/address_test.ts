import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { formatAddress, parseAddress } from "../../../protocol/mod.ts";
import { test } from "../../fixtures/decoding.ts";

test("addresses: every way to write a host, with and without its port, is read", () => {
  const written: [text: string, hostname: string, port: number][] = [
    ["mim.example", "mim.example", 4242],
    ["mim.example:7000", "mim.example", 7000],
    ["localhost:0", "localhost", 0],
    ["my_host-1:65535", "my_host-1", 65_535],
    ["192.0.2.7", "192.0.2.7", 4242],
    ["192.0.2.7:1", "192.0.2.7", 1],
    ["::", "::", 4242],
    ["::1", "::1", 4242],
    ["fe80::1%eth0", "fe80::1%eth0", 4242],
    ["2001:db8::7", "2001:db8::7", 4242],
    ["::ffff:192.0.2.7", "::ffff:192.0.2.7", 4242],
    ["[::]", "::", 4242],
    ["[::1]", "::1", 4242],
    ["[::1]:7000", "::1", 7000],
    ["[2001:DB8::7]:65535", "2001:DB8::7", 65_535],
    ["[fe80::1%eth0]:7000", "fe80::1%eth0", 7000],
  ];
  for (const [text, hostname, port] of written) {
    assertEquals(parseAddress(text, 4242), { hostname, port }, text);
  }
});

test("addresses: what is none of these is refused with what was expected", () => {
  const wrong = [
    "",
    " ",
    ":",
    ":7000",
    "host:",
    "127.0.0.1:",
    "host:port",
    "host:-1",
    "host:65536",
    "127.0.0.1:123456",
    "cafe:beef",
    "a b",
    "host:70 00",
    "[]",
    "[::1",
    "::1]",
    "[::1]:",
    "[::1]7000",
    "[::1]:65536",
    "[a b]",
    "[mim.example]:7000",
    "[[::1]]",
    "mim.example::1",
    "::::bad",
    "[::::bad]:7000",
    "a:b:c",
    "1:2:3:4:5:6:7:8:9",
    "fe80::1%",
    "a..b",
    ".",
    ".mim.example",
    "mim.example..",
    "%eth0",
    "http://mim.example",
    "mim.example/path",
    "ada@mim.example",
    "mim\u0000.example",
    `${"x".repeat(64)}.example`,
    "x.".repeat(127),
  ];
  for (const text of wrong) {
    assertThrows(
      () => parseAddress(text, 4242),
      SyntaxError,
      `port of at most 65535, got "${text}"`,
    );
  }
});

test("addresses: what is written is read back, for every port", () => {
  const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
  fc.assert(fc.property(host, fc.nat(0xffff), (hostname, port) => {
    assertEquals(parseAddress(formatAddress(hostname, port), 1), { hostname, port });
    assertEquals(parseAddress(hostname, port), { hostname, port });
  }));
});

test("addresses: a host name may have a dot at its end, and letters of any script", () => {
  for (const hostname of ["mim.example.", "müller.example", "例え.テスト", "my_host", "1and1"]) {
    assertEquals(parseAddress(`${hostname}:7000`, 1), { hostname, port: 7000 });
  }
});

test("addresses: only IPv6 is written in brackets", () => {
  assertEquals(formatAddress("192.0.2.7", 4242), "192.0.2.7:4242");
  assertEquals(formatAddress("mim.example", 4242), "mim.example:4242");
  assertEquals(formatAddress("2001:db8::7", 4242), "[2001:db8::7]:4242");
});
