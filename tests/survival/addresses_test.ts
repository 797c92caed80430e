/** What addresses mean on machines with more than one network, or an unusual one. */

import { assertEquals, assertMatch } from "@std/assert";
import { requiringTest } from "../helpers/required.ts";
import { missingNamespaces, TwoMachines } from "./namespaces.ts";

function machinesTest(name: string, test: (machines: TwoMachines) => Promise<void>): void {
  requiringTest("netns", missingNamespaces, name, async () => {
    using machines = new TwoMachines();
    await test(machines);
  });
}

machinesTest(
  "a server that prints a line to join is reached with it, also if IPv6 sockets take no IPv4",
  async (machines) => {
    const { here, there } = machines;
    const data = await Deno.makeTempDir();
    machines.command(here, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/bindv6only");
    machines.command(here, "ip", "tuntap", "add", "tun0", "mode", "tun");
    machines.command(here, "ip", "address", "add", "10.9.0.1/24", "dev", "tun0");
    try {
      await using server = machines.run(
        here,
        "server",
        "server/main.ts",
        "--port=0",
        "--data",
        data,
      );
      const listening = await server.waitFor(/^listening on /);
      const joining = await server.waitFor(/^others join with: /);
      const address = joining.split(" ").at(-1) ?? "";
      const place = `${here.address}:${listening.split(":").at(-1)}`;
      assertMatch(address, new RegExp(`^mim://${place.replaceAll(".", "\\.")}#[\\w-]{43}$`));
      await using client = machines.run(
        there,
        "client",
        "client/main.ts",
        ...["who", "--name=ada", "--plain", "--server", address, "--data", `${data}/client`],
      );
      await client.waitFor("users\t1");
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  },
);

machinesTest(
  "a port that another program has for IPv4 is in use, though IPv6 has it free",
  async (machines) => {
    const { here } = machines;
    machines.command(here, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/bindv6only");
    await using first = machines.run(here, "first", "tests/survival/dialer.ts", "0");
    const [, port = ""] = (await first.waitFor(/^listening /)).split(" ");
    await using server = machines.run(here, "server", "server/main.ts", "--port", port);
    assertMatch(await server.waitForError(/Cannot listen/), /it is in use/);
  },
);

machinesTest(
  "a server's link-local address needs no interface, unless two links have a machine with it",
  async (machines) => {
    const { here, there } = machines;
    const other = machines.connectAnother("second");
    for (const [machine, cable] of [[here, "cable"], [other, "second"]] as const) {
      machines.command(machine, "ip", "address", "add", "fe80::7/64", "dev", cable, "nodad");
    }
    for (const cable of ["cable", "second"]) {
      machines.command(there, "ip", "address", "add", "fe80::8/64", "dev", cable, "nodad");
    }
    const program = "tests/survival/dialer.ts";
    await using one = machines.run(here, "one", program, "4242");
    await one.waitFor("listening 4242");
    await using first = machines.run(there, "first", program, "fe80::7", "4242");
    assertEquals(await first.waitFor(/^(connected|failed)/), "connected fe80::7");

    await using another = machines.run(other, "another", program, "4242");
    await another.waitFor("listening 4242");
    await using second = machines.run(there, "second", program, "fe80::7", "4242");
    assertMatch(
      await second.waitFor(/^(connected|failed)/),
      /^failed several networks have a machine with that address; name the interface, as in fe80::7%(cable|second)$/,
    );
    await another.waitFor("accepted");
    await using third = machines.run(there, "third", program, "fe80::7%second", "4242");
    assertEquals(await third.waitFor(/^(connected|failed)/), "connected fe80::7");
    await another.waitFor("accepted");
  },
);

machinesTest(
  "a server that listens at a link-local address prints it with its interface",
  async (machines) => {
    const { here } = machines;
    machines.command(here, "ip", "address", "add", "fe80::7/64", "dev", "cable", "nodad");
    for (const hostname of ["fe80::7%cable", "fe80::7"]) {
      const data = await Deno.makeTempDir();
      try {
        const args = ["--port=0", "--data", data, "--hostname", hostname];
        await using server = machines.run(here, "server", "server/main.ts", ...args);
        assertMatch(await server.waitFor(/^listening on /), /\[fe80::7%cable\]:\d+$/);
        assertMatch(
          await server.waitFor(/^others join/),
          /--server mim:\/\/\[fe80::7%cable\]:\d+#[\w-]{43} /,
        );
      } finally {
        await Deno.remove(data, { recursive: true });
      }
    }
  },
);

machinesTest(
  "a name server that does not answer is not a host name that does not exist",
  async (machines) => {
    const folder = `/etc/netns/${machines.there.namespace}`;
    await Deno.mkdir(folder, { recursive: true });
    try {
      // One that nobody is at, and one that never answers: a packet to it gets lost.
      for (const nameServer of ["10.99.0.1", machines.here.address]) {
        machines.command(machines.here, "ip", "route", "replace", "blackhole", "10.77.0.2/32");
        await Deno.writeTextFile(
          `${folder}/resolv.conf`,
          `nameserver ${nameServer}\noptions timeout:20\n`,
        );
        await using dialer = machines.run(
          machines.there,
          "dialer",
          "tests/survival/dialer.ts",
          "mim.example",
          "4242",
        );
        assertEquals(
          await dialer.waitFor(/^(connected|failed)/),
          "failed the name server does not answer",
        );
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
