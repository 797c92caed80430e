/** Servers that tell the local network of themselves, on two machines with a cable between them. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { TestProcess } from "../helpers/process.ts";
import { poll } from "../helpers/wait.ts";
import { requiringTest } from "../helpers/required.ts";
import { MulticastMachines } from "./multicast_machines.ts";
import { type Machine, missingNamespaces } from "./namespaces.ts";

const KEY = /^[0-9a-f]{64}$/;

function test(sentence: string, body: (machines: MulticastMachines) => Promise<void>): void {
  requiringTest("netns", missingNamespaces, `announced: ${sentence}`, async () => {
    using machines = new MulticastMachines();
    await body(machines);
  });
}

/** The servers that a machine finds, once they are so many: on a busy machine a search ends too early. */
async function foundInTime(
  machines: MulticastMachines,
  machine: Machine,
  least = 1,
): Promise<string[][]> {
  let found: string[][] = [];
  await poll(
    async () => (found = await machines.found(machine)).length >= least,
    "servers to be found",
  );
  return found;
}

test("a server is found with title, key and addresses, and no more once it has stopped", async (machines) => {
  const { here, there } = machines;
  {
    await using server = machines.serve(here, "server", "--title", "The lab. Room 2");
    await server.waitFor(/^listening on /);
    const [first, ...others] = await foundInTime(machines, there);
    assertEquals(others, []);
    const [title, key = "", port, ...addresses] = first ?? [];
    assertEquals([title, port, addresses[0]], ["The lab. Room 2", "4555", here.address]);
    assertMatch(key, KEY);
  }
  assertEquals(await machines.found(there), []);
});

test("two servers of one title are both found", async (machines) => {
  const { here, there } = machines;
  await using one = machines.serve(here, "one", "--title", "Lab");
  await using other = machines.serve(there, "other", "--title", "Lab");
  await Promise.all([one.waitFor(/^listening on /), other.waitFor(/^listening on /)]);
  const found = await foundInTime(machines, there, 2);
  assertEquals(found.map(([title]) => title), ["Lab", "Lab"]);
});

test("not with --no-announce, and not on loopback", async (machines) => {
  const { here, there } = machines;
  await using silent = machines.serve(here, "silent", "--no-announce");
  await using local = machines.serve(there, "local", "--hostname", "127.0.0.1");
  await Promise.all([silent.waitFor(/^listening on /), local.waitFor(/^listening on /)]);
  assertEquals(await machines.found(there), []);
});

test("a thousand false ones are a few hints, on the own network only", async (machines) => {
  const { here, there } = machines;
  await using liar = machines.run(here, "liar", "tests/survival/false_announcements.ts");
  await liar.waitFor("ready");
  const found = await foundInTime(machines, there);
  assert(found.length > 0 && found.length <= 64, `${found.length}`);
  for (const [title, key, port, ...addresses] of found) {
    assert(title !== "elsewhere");
    assertEquals([key, port, ...addresses], ["no key", "4242", "10.77.0.66"]);
  }
});

test("a thousand false ones do not hide one that is there", async (machines) => {
  const { here, there } = machines;
  await using liar = machines.run(here, "liar", "tests/survival/false_announcements.ts");
  await liar.waitFor("ready");
  const address = "10.77.0.9";
  machines.command(there, "ip", "address", "add", `${address}/24`, "dev", "cable");
  await using server = machines.serve(there, "server", "--title", "The lab", "--hostname", address);
  await server.waitFor(/^listening on /);
  await poll(
    async () => (await machines.found(there)).some(([title]) => title === "The lab"),
    "the lab to be found",
  );
});

test("an address that has gone is taken back", async (machines) => {
  const { here, there } = machines;
  const address = (verb: string) =>
    machines.command(here, "ip", "address", verb, "10.77.0.9/24", "dev", "cable");
  address("add");
  await using listener = machines.run(there, "listener", "tests/survival/record_listener.ts");
  await listener.waitFor("ready");
  await using server = machines.serve(here, "server");
  await server.waitFor(/^listening on /);
  await listener.waitFor("A 120 10.77.0.9");
  address("delete");
  await listener.waitFor("A 0 10.77.0.9");
});

/** Avahi has a D-Bus of its own in a folder of its own. */
const AVAHI = `
mount -t tmpfs none /run && mkdir -p /run/dbus /run/avahi-daemon
dbus-daemon --system --nopidfile --fork
avahi-daemon --no-drop-root --no-chroot --daemonize
until avahi-browse -t -p _none._tcp; do sleep 0.1; done
exec avahi-browse -r -p -k _mim._tcp
`;

function hasAvahi(): boolean {
  return ["/usr/sbin/avahi-daemon", "/usr/bin/avahi-browse"].every((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

requiringTest(
  "avahi",
  missingNamespaces ?? (hasAvahi() ? undefined : "this needs avahi-daemon and avahi-utils"),
  "announced: Avahi finds a server and sees it go, and does not keep MIM from finding it",
  async () => {
    using machines = new MulticastMachines();
    const { here, there } = machines;
    await using server = machines.serve(here, "server", "--title", "Übungsraum");
    await server.waitFor(/^listening on /);
    const args = [
      "netns",
      "exec",
      there.namespace,
      "unshare",
      "-m",
      "--pid",
      "--fork",
      "--kill-child",
      "sh",
      "-c",
      AVAHI,
    ];
    await using avahi = new TestProcess({ name: "avahi", command: "ip", args });
    const fields = (await avahi.waitFor(/^=;cable;IPv4;/)).split(";");
    assertEquals(fields[3], "\\195\\156bungsraum");
    assertEquals(fields.slice(7, 9), [here.address, "4555"]);
    assertMatch(fields[9] ?? "", /^"k=[\w-]{43}" "t=\\195\\156bungsraum" "v=2"$/);
    const found = await foundInTime(machines, there);
    assertEquals(found.map(([title]) => title), ["Übungsraum"]);
    server.kill("SIGTERM");
    assertEquals(await server.exitCode(), 0);
    await avahi.waitFor(/^-;cable;IPv4;/);
  },
);
