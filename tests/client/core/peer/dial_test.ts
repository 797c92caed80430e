import { assertEquals, assertRejects } from "@std/assert";
import { addressesOf, type DialTarget, dialUser } from "../../../../client/core/peer/dial.ts";
import { announcedAddresses } from "../../../../client/core/session/announced_addresses.ts";
import { limits } from "../../../../protocol/mod.ts";
import type { Connection, Network } from "../../../../server/mod.ts";
import { FakeNetwork } from "../../../../client/testing/fake_network.ts";
import { FakeTime } from "../../../helpers/time.ts";
import { DIAL_TIMEOUT_MS } from "../../../../server/platform/net/dial.ts";

const PORT = 5000;
const INTERFACES = [
  { name: "lo", address: "127.0.0.1" },
  { name: "lo", address: "::1" },
  { name: "eth0", address: "192.168.1.5" },
  { name: "eth0", address: "fe80::5" },
  { name: "wlan0", address: "10.0.0.5" },
  { name: "wlan0", address: "2001:db8::5" },
  { name: "wlan0", address: "fe80::6%wlan0" },
  { name: "docker0", address: "172.17.0.1" },
];

/** A contact at the table's address, who has announced these beside it. */
function user(address: string, ...addresses: string[]): DialTarget {
  return { address, port: PORT, addresses, isStranger: false };
}

/** The same of whom nothing is proven. */
function stranger(address: string, ...addresses: string[]): DialTarget {
  return { ...user(address, ...addresses), isStranger: true };
}

/** A network where some addresses answer after that many milliseconds, some refuse, the rest is silent. */
function networkOf(answers: Readonly<Record<string, number | "refused">>): {
  readonly network: Network;
  readonly tried: string[];
  readonly closed: () => number;
} {
  const hosts = new FakeNetwork();
  const tried: string[] = [];
  const network: Network = {
    listen: () => {
      throw new Error("expected no listener");
    },
    async connect({ hostname, port, signal }): Promise<Connection> {
      tried.push(hostname);
      const answer = answers[hostname];
      if (answer === "refused") throw new Deno.errors.ConnectionRefused("Connection refused");
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      signal?.addEventListener("abort", () => reject(signal.reason));
      if (answer !== undefined) setTimeout(resolve, answer);
      await promise;
      const listener = hosts.host(hostname).listen({ hostname, port });
      const connection = await hosts.host("198.51.100.1").connect({ hostname, port });
      (await listener.accept()).close();
      listener.close();
      return connection;
    },
    interfaces: () => INTERFACES,
  };
  return { network, tried, closed: () => hosts.open };
}

const ORDERS: readonly (readonly [
  what: string,
  user: DialTarget,
  last: string | undefined,
  order: readonly string[],
])[] = [
  [
    "a classic user has one address",
    { address: "192.0.2.1", port: 1, isStranger: false },
    undefined,
    ["192.0.2.1"],
  ],
  [
    "the table's comes first, then the families in turn, then the link's",
    user("192.0.2.1", "fe80::9", "10.1.1.1", "10.1.1.2", "2001:db8::1"),
    undefined,
    ["192.0.2.1", "2001:db8::1", "10.1.1.1", "10.1.1.2", "fe80::9%eth0", "fe80::9%wlan0"],
  ],
  [
    "where it was reached last comes first of all",
    user("192.0.2.1", "10.1.1.1"),
    "10.1.1.1",
    ["10.1.1.1", "192.0.2.1"],
  ],
  [
    "where it was reached last, and is no more, is not dialed",
    user("192.0.2.1", "10.1.1.1"),
    "10.1.1.9",
    ["192.0.2.1", "10.1.1.1"],
  ],
  [
    "an address of the link needs an interface, in the table too",
    user("fe80::9"),
    undefined,
    ["fe80::9%eth0", "fe80::9%wlan0"],
  ],
  [
    "nobody has others dial their own machine, or what is no machine's",
    user(
      "192.0.2.1",
      ...[
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "0.0.0.0",
        "::",
        "ff02::1",
        "224.0.0.1",
        "evil.example",
      ],
      ...["172.17.0.1", "192.168.1.5", "fe80::5", "fe80::6%eth0", "192.0.2.1", ""],
    ),
    undefined,
    ["192.0.2.1"],
  ],
  ["loopback in the table is meant", user("127.0.0.1"), undefined, ["127.0.0.1"]],
  [
    "of a stranger only the address that the server has seen, and others of its /24",
    stranger("192.0.2.1", "192.0.2.9", "192.0.3.9", "192.168.1.1", "169.254.169.254", "fe80::9"),
    "192.168.1.1",
    ["192.0.2.1", "192.0.2.9"],
  ],
  [
    "of a stranger only the address that the server has seen, and others of its /64",
    stranger("2001:db8:1:2::1", "2001:db8:1:2:9::9", "2001:db8:1:3::9", "192.0.2.1", "fd00::1"),
    undefined,
    ["2001:db8:1:2::1", "2001:db8:1:2:9::9"],
  ],
  [
    "private ones of a stranger only from a private address, and beside one",
    stranger("192.168.7.1", "192.168.7.9", "192.168.1.9", "10.0.0.9"),
    undefined,
    ["192.168.7.1", "192.168.7.9"],
  ],
  [
    "no stranger at a port of the machine's own services",
    { ...stranger("192.0.2.1", "192.0.2.2"), port: 1023 },
    undefined,
    [],
  ],
  [
    "a contact at a low port",
    { ...user("192.0.2.1"), port: 443 },
    undefined,
    ["192.0.2.1"],
  ],
  ["what is no address is not dialed", user("evil.example", "10.1.1.1"), undefined, ["10.1.1.1"]],
];

for (const [what, dialed, last, order] of ORDERS) {
  Deno.test(`dialing: ${what}`, () => {
    assertEquals(addressesOf(dialed, networkOf({}).network, last), order);
  });
}

Deno.test("dialing: from a public address no private one of a stranger is dialed", () => {
  const network = {
    ...networkOf({}).network,
    interfaces: () => [{ name: "eth0", address: "198.51.100.5" }],
  };
  assertEquals(addressesOf(stranger("192.168.7.1", "192.168.7.9"), network), ["192.168.7.1"]);
});

Deno.test("dialing: the next address is tried after 250 ms, and the first to answer is taken", async () => {
  using time = new FakeTime();
  const { network, tried, closed } = networkOf({ "192.0.2.1": 900, "10.1.1.1": 100 });
  const dial = dialUser(network, user("192.0.2.1", "10.1.1.1", "10.1.1.2"));
  await time.pass(249);
  assertEquals(tried, ["192.0.2.1"]);
  await time.pass(1);
  assertEquals(tried, ["192.0.2.1", "10.1.1.1"]);
  await time.pass(100);
  const connection = await dial;
  assertEquals(connection.remoteAddr, { hostname: "10.1.1.1", port: PORT });
  await time.pass(1_000);
  assertEquals(tried.length, 2);
  connection.close();
  assertEquals(closed(), 0);
});

Deno.test("dialing: after a closed port the next address is tried at once, and that error is thrown", async () => {
  using time = new FakeTime();
  const { network, tried } = networkOf({ "192.0.2.1": "refused" });
  const dial = dialUser(network, user("192.0.2.1", "10.1.1.1"));
  const failed = assertRejects(() => dial, Deno.errors.ConnectionRefused);
  await time.pass(0);
  assertEquals(tried, ["192.0.2.1", "10.1.1.1"]);
  await time.pass(DIAL_TIMEOUT_MS);
  await failed;
});

Deno.test("dialing: a signal ends it, and no more addresses are tried", async () => {
  using time = new FakeTime();
  const { network, tried } = networkOf({});
  const abort = new AbortController();
  const dial = dialUser(network, user("192.0.2.1", "10.1.1.1"), abort.signal);
  const failed = assertRejects(() => dial, Error, "given up");
  await time.pass(100);
  abort.abort(new Error("given up"));
  await failed;
  await time.pass(10_000);
  assertEquals(tried, ["192.0.2.1"]);
});

Deno.test("dialing: a user without an address is a TypeError", async () => {
  await assertRejects(() => dialUser(networkOf({}).network, user("nowhere")), TypeError);
});

const ANNOUNCED: readonly (readonly [
  what: string,
  listening: string | undefined,
  link: { readonly own: string; readonly server: string },
  addresses: readonly string[],
])[] = [
  [
    "all but loopback, containers and what the server sees",
    undefined,
    { own: "192.168.1.5", server: "192.168.1.1" },
    ["10.0.0.5", "2001:db8::5", "fe80::5", "fe80::6"],
  ],
  [
    "behind a NAT also the address in the own network, as many as a login takes",
    "::",
    { own: "192.168.1.5", server: "198.51.100.1" },
    ["192.168.1.5", "10.0.0.5", "2001:db8::5", "fe80::5"],
  ],
  [
    "at a server on this machine all of them that a login takes",
    undefined,
    { own: "127.0.0.1", server: "127.0.0.1" },
    ["192.168.1.5", "10.0.0.5", "2001:db8::5", "fe80::5"],
  ],
  [
    "no IPv6 where the client listens at IPv4 alone",
    "0.0.0.0",
    { own: "192.168.1.5", server: "192.168.1.1" },
    ["10.0.0.5"],
  ],
  [
    "of a client that listens at one address, that one",
    "10.0.0.5",
    { own: "192.168.1.5", server: "192.168.1.1" },
    ["10.0.0.5"],
  ],
  ["none of who listens at loopback", "127.0.0.1", { own: "127.0.0.1", server: "127.0.0.1" }, []],
  ["none of who listens at a name", "localhost", { own: "127.0.0.1", server: "127.0.0.1" }, []],
];

for (const [what, listening, link, addresses] of ANNOUNCED) {
  Deno.test(`own addresses: ${what}`, () => {
    assertEquals(announcedAddresses(INTERFACES, listening, link), addresses);
  });
}

Deno.test("own addresses: there are no more than a login takes", () => {
  const many = Array.from(
    { length: 40 },
    (_, at) => ({ name: "eth0", address: `192.0.2.${at + 1}` }),
  );
  const link = { own: "127.0.0.1", server: "127.0.0.1" };
  assertEquals(announcedAddresses(many, undefined, link).length, limits.furtherAddresses);
});
