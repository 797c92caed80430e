import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { isIP } from "node:net";
import {
  addressBlock,
  isHostAddress,
  isIpAddress,
  isLoopback,
  isPrivateAddress,
  plainAddress,
} from "../../../protocol/mod.ts";
import { test } from "../../fixtures/decoding.ts";

/** What somebody may write in the place of an address, most of all where a resolver would take it. */
const NO_ADDRESS = [
  ...["", " ", "localhost", "evil.example", "127.1", "2130706433", "0x7f.1", "0x7f.0.0.1"],
  ...[
    "127.0.0.01",
    "0177.0.0.1",
    "127.0.0.1.",
    "127.0.0.256",
    "127.0.0.1 ",
    "1.2.3.4.5",
    "+1.2.3.4",
  ],
  ...[
    "127.0.0.1%lo",
    "127.0.0.1:80",
    "١٢٧.0.0.1",
    "127.0.0.1\0",
    "127.0.0.1\n",
    "[::1]",
    ":",
    ":::",
  ],
  ...["1::2::3", "::12345", "::g", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9"],
  ...[
    ":1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:",
    "::1%",
    "::1%a b",
    "::1%evil/../x",
    "::1.2.3",
    "1.2.3.4::",
  ],
  ...["::1.2.3.4:5", "::01.2.3.4", "-rf", "\x1b[2J"],
];

test("IP addresses: IPv4 in the clothes of IPv6 is written as IPv4, anything else stays", () => {
  assertEquals(plainAddress("::ffff:192.0.2.7"), "192.0.2.7");
  assertEquals(plainAddress("::FFFF:10.0.0.1"), "10.0.0.1");
  for (const address of ["192.0.2.7", "::1", "2001:db8::7", "::ffff:c000:207", "", "x"]) {
    assertEquals(plainAddress(address), address);
  }
});

test("IP addresses: host names, short forms and half addresses are none, and mean nothing", () => {
  for (const text of NO_ADDRESS) {
    assertEquals([isIpAddress(text), isHostAddress(text), isLoopback(text)], [false, false, false]);
  }
});

test("IP addresses: just what Node takes for one is one", () => {
  const near = fc.string({
    unit: fc.constantFrom(..."0127.:", "255", "::", "ffff", "f", "."),
    maxLength: 12,
  });
  const zoned = fc.tuple(fc.ipV6(), fc.constantFrom("", "%eth0", "%1")).map((parts) =>
    parts.join("")
  );
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV4Extended(), zoned, near), (text) => {
      assertEquals(isIpAddress(text), isIP(text) !== 0, text);
    }),
    { numRuns: 5000 },
  );
});

test("IP addresses: loopback is 127.0.0.0/8 and ::1, however written, and nothing that looks so", () => {
  const loopback = ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::FFFF:7f00:1"];
  for (const address of [...loopback, "0:0:0:0:0:0:0:1", "0::0001", "::0.0.0.1", "::1%lo"]) {
    assertEquals([isLoopback(address), isHostAddress(address)], [true, true], address);
  }
  for (const address of ["0.0.0.0", "::", "128.0.0.1", "126.255.255.255", "::11", "1::1", "1::"]) {
    assertEquals(isLoopback(address), false, address);
  }
});

test("IP addresses: a machine's is neither unspecified, nor multicast, nor reserved", () => {
  const machines = ["192.0.2.7", "1.0.0.1", "223.255.255.255", "fe80::1%eth0", "2001:DB8::", "::7"];
  for (
    const address of [...machines, "::ffff:192.0.2.7", "feff::1", "::192.0.2.7", "1:2:3:4:5:6:7::"]
  ) {
    assertEquals([isIpAddress(address), isHostAddress(address)], [true, true], address);
  }
  const others = ["0.0.0.0", "0.1.2.3", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255"];
  for (
    const address of [
      ...others,
      "::",
      "0:0:0:0:0:0:0:0",
      "::%lo",
      "::ffff:0.0.0.0",
      "::ffff:e000:1",
      "ff02::1",
      "FF00::",
    ]
  ) {
    assertEquals([isIpAddress(address), isHostAddress(address)], [true, false], address);
  }
});

test("IP addresses: private ones are those of private networks and of one link", () => {
  const own = [
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.1.1",
  ];
  for (
    const address of [...own, "::ffff:10.1.1.1", "fc00::1", "fdff::1", "fe80::1%eth0", "febf::1"]
  ) {
    assertEquals(isPrivateAddress(address), true, address);
  }
  const others = [
    "172.15.0.1",
    "172.32.0.1",
    "192.169.1.1",
    "100.128.0.1",
    "127.0.0.1",
    "11.0.0.1",
  ];
  for (const address of [...others, "2001:db8::1", "fe00::1", "fec0::1", "::1", "localhost", ""]) {
    assertEquals(isPrivateAddress(address), false, address);
  }
});

test("IP addresses: the block of one is its /24 or /64, however it is written", () => {
  for (const address of ["192.0.2.1", "192.0.2.255", "::ffff:192.0.2.9", "::ffff:c000:209"]) {
    assertEquals(addressBlock(address), "192.0.2.0/24", address);
  }
  for (const address of ["2001:db8::1", "2001:0DB8:0:0:9::9", "2001:db8::192.0.2.1"]) {
    assertEquals(addressBlock(address), "2001:db8:0:0::/64", address);
  }
  assertEquals(addressBlock("fe80::1%eth0"), "fe80:0:0:0::/64");
  assertEquals(addressBlock("no address"), "no address");
});
