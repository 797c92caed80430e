import { assertEquals } from "@std/assert";
import { joinAddress, joinHint, reachableAddress } from "../../server/join_hint.ts";

const LO = { name: "lo", address: "127.0.0.1" };

Deno.test("others join at an address that they can reach", () => {
  const interfaces = [
    LO,
    { name: "docker0", address: "172.17.0.1" },
    { name: "eth0", address: "fe80::1" },
    { name: "eth0", address: "2001:db8::7" },
    { name: "eth0", address: "192.0.2.7" },
    { name: "eth1", address: "169.254.1.2" },
  ];
  assertEquals(reachableAddress(interfaces), "192.0.2.7");
  assertEquals(reachableAddress(interfaces.slice(0, 4)), "2001:db8::7");
  assertEquals(reachableAddress(interfaces.slice(0, 3)), "172.17.0.1");
  assertEquals(reachableAddress([LO, { name: "lo", address: "::1" }]), undefined);
});

Deno.test("a server that listens everywhere is joined at a real address, never at 0.0.0.0", () => {
  const interfaces = [LO, { name: "eth0", address: "192.0.2.7" }];
  assertEquals(joinAddress("::", 4242, interfaces), "192.0.2.7:4242");
  assertEquals(joinAddress("0.0.0.0", 4243, interfaces), "192.0.2.7:4243");
  assertEquals(joinAddress("::", 4242, [LO]), "localhost:4242");
  assertEquals(joinAddress("::", 4242, undefined), "localhost:4242");
  assertEquals(joinAddress("198.51.100.1", 4242, interfaces), "198.51.100.1:4242");
  assertEquals(joinAddress("::1", 4242, interfaces), "[::1]:4242");
});

Deno.test("the line to join with is a command that needs Node alone, and says where it doesn't work", () => {
  const start = `others join with: npx -y deno@${Deno.version.deno} task client --server`;
  const interfaces = [LO, { name: "eth0", address: "192.0.2.7" }];
  assertEquals(joinHint("::", 4242, interfaces), `${start} 192.0.2.7:4242`);
  assertEquals(joinHint("2001:db8::7", 4242, [LO]), `${start} [2001:db8::7]:4242`);
  assertEquals(
    joinHint("127.0.0.1", 4242, interfaces),
    `${start} 127.0.0.1:4242  # on this machine only`,
  );
  assertEquals(
    joinHint("::", 4242, [LO]),
    `${start} localhost:4242  # on this machine only: it is in no network`,
  );
  assertEquals(
    joinHint("0.0.0.0", 4242, undefined),
    `${start} localhost:4242  # elsewhere: this machine's address, not localhost`,
  );
});
