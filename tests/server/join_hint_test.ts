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

Deno.test("others join at a network card before a tunnel, whatever the tunnel is called", () => {
  const mac = "be:18:3e:f7:bc:a5";
  const none = "00:00:00:00:00:00";
  const card = { name: "wlp3s0", address: "192.0.2.7", mac };
  const bridge = { name: "docker0", address: "172.17.0.1", mac };
  const tunnels = ["tun0", "tap0", "wg0", "tailscale0", "ztabcdef01", "utun4", "ppp0", "nordlynx"];
  const found = tunnels.map((name) => {
    const tunnel = { name, address: "100.64.0.7", mac };
    return reachableAddress([LO, bridge, tunnel, card]) === card.address &&
      reachableAddress([LO, bridge, tunnel]) === tunnel.address;
  });
  assertEquals(found, tunnels.map(() => true));
  // A tunnel with a name of its own has no hardware address.
  const home = { name: "home-office", address: "10.9.0.2", mac: none };
  assertEquals(reachableAddress([LO, home, { ...card, address: "2001:db8::7" }]), "2001:db8::7");
  assertEquals(reachableAddress([LO, home, bridge]), home.address);
  const bridged = { name: "br0", address: "192.0.2.8", mac };
  assertEquals(reachableAddress([LO, home, bridged]), bridged.address);
  // A bridge may have nothing but virtual machines on it, and a tunnel a name of its own in front.
  assertEquals(reachableAddress([LO, bridged, card]), card.address);
  const outline = { name: "outline-tun0", address: "10.0.85.1", mac };
  assertEquals(reachableAddress([LO, outline, bridged]), bridged.address);
  assertEquals(reachableAddress([LO, outline, card]), card.address);
});

Deno.test("a server that takes IPv4 only is never joined with IPv6", () => {
  const interfaces = [LO, { name: "eth0", address: "2001:db8::7" }];
  assertEquals(joinAddress({ hostname: "0.0.0.0", port: 4242 }, interfaces), "localhost:4242");
  assertEquals(joinAddress({ hostname: "::", port: 4242 }, interfaces), "[2001:db8::7]:4242");
});

Deno.test("a server that was told how others join says that and nothing else", () => {
  const start = `others join with: npx -y deno@${Deno.version.deno} task client --server`;
  const lines = ["mim.example", "mim.example:7000", "2001:db8::7", "[2001:db8::7]:7000"]
    .map((advertise) => joinHint({ hostname: "127.0.0.1", port: 4242, advertise }, [LO]));
  assertEquals(lines, [
    `${start} mim.example:4242`,
    `${start} mim.example:7000`,
    `${start} [2001:db8::7]:4242`,
    `${start} [2001:db8::7]:7000`,
  ]);
});

Deno.test("a link-local address is printed with its interface", () => {
  const line = joinHint({ hostname: "fe80::7%eth0", port: 4242 }, [LO]);
  assertEquals(
    line.slice(line.indexOf("--server")),
    "--server [fe80::7%eth0]:4242  # elsewhere: with the name of the interface there",
  );
});

Deno.test("a server that listens everywhere is joined at a real address, never at 0.0.0.0", () => {
  const interfaces = [LO, { name: "eth0", address: "192.0.2.7" }];
  assertEquals(joinAddress({ hostname: "::", port: 4242 }, interfaces), "192.0.2.7:4242");
  assertEquals(joinAddress({ hostname: "0.0.0.0", port: 4243 }, interfaces), "192.0.2.7:4243");
  assertEquals(joinAddress({ hostname: "::", port: 4242 }, [LO]), "localhost:4242");
  assertEquals(joinAddress({ hostname: "::", port: 4242 }, undefined), "localhost:4242");
  assertEquals(
    joinAddress({ hostname: "198.51.100.1", port: 4242 }, interfaces),
    "198.51.100.1:4242",
  );
  assertEquals(joinAddress({ hostname: "::1", port: 4242 }, interfaces), "[::1]:4242");
});

Deno.test("the line to join with is a command that needs Node alone, and says where it doesn't work", () => {
  const start = `others join with: npx -y deno@${Deno.version.deno} task client --server`;
  const interfaces = [LO, { name: "eth0", address: "192.0.2.7" }];
  assertEquals(joinHint({ hostname: "::", port: 4242 }, interfaces), `${start} 192.0.2.7:4242`);
  assertEquals(
    joinHint({ hostname: "2001:db8::7", port: 4242 }, [LO]),
    `${start} [2001:db8::7]:4242`,
  );
  const publicKey = new Uint8Array(32);
  assertEquals(
    joinHint({ hostname: "::", port: 4242, publicKey }, interfaces),
    `${start} mim://192.0.2.7#${"A".repeat(43)}`,
    "a server with a key is joined with its link",
  );
  assertEquals(
    joinHint({ hostname: "127.0.0.1", port: 4242 }, interfaces),
    `${start} 127.0.0.1:4242  # on this machine only`,
  );
  assertEquals(
    joinHint({ hostname: "::", port: 4242 }, [LO]),
    `${start} localhost:4242  # on this machine only: it is in no network`,
  );
  assertEquals(
    joinHint({ hostname: "0.0.0.0", port: 4242 }, undefined),
    `${start} localhost:4242  # elsewhere: this machine's address, not localhost`,
  );
});
