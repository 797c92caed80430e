/** Attacks from another machine, with real sockets: an honest user gets through meanwhile. */

import { assert, assertEquals } from "@std/assert";
import { TempFolder } from "../helpers/disk.ts";
import { requiringTest } from "../helpers/required.ts";
import { type Machine, missingNamespaces, TwoMachines } from "./namespaces.ts";

const MIB = 2 ** 20;
const FAR = { address: "10.78.0.1", server: "10.78.0.2" };

/** A third machine, which reaches `there` and nothing else. */
function connectFar(machines: TwoMachines): Machine {
  const far = machines.connectAnother("far");
  const { namespace } = machines.there;
  const run = (...args: string[]) => {
    const { success, stderr } = new Deno.Command("ip", { args }).outputSync();
    assert(success, new TextDecoder().decode(stderr));
  };
  run("-n", namespace, "address", "add", `${FAR.server}/24`, "dev", "far");
  run("-n", far.namespace, "route", "add", "10.77.0.0/24", "via", FAR.server);
  return far;
}

/** The memory of a server: its own, and the bytes that the system keeps because nobody takes them. */
function heldBytes(machines: TwoMachines, pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const resident = Number(/VmRSS:\s*(\d+) kB/.exec(status)?.[1]) * 1024;
  const [, ...sockets] = machines.command(machines.there, "cat", "/proc/net/tcp").trim().split(
    "\n",
  );
  return sockets.reduce((sum, socket) => {
    const [unsent = "0"] = socket.trim().split(/\s+/)[4]?.split(":") ?? [];
    return sum + parseInt(unsent, 16);
  }, resident);
}

requiringTest(
  "netns",
  missingNamespaces,
  "700 half-open calls a second from another machine keep nobody out who is 100 ms away",
  async () => {
    using folder = new TempFolder();
    using machines = new TwoMachines();
    const far = connectFar(machines);
    const { here, there } = machines;
    await Deno.mkdir(`${folder.path}/server`);
    await using server = machines.run(there, "server", "server/main.ts", ...[
      ...["--port", "0", "--data", `${folder.path}/server`, "--no-announce"],
    ]);
    const port = (await server.waitFor(/^listening on /)).split(":").at(-1) ?? "";
    await using ada = machines.run(there, "ada", "client/main.ts", "--plain", "--no-history", ...[
      ...["--name", "ada", "--server", `${FAR.server}:${port}`, "--data", `${folder.path}/ada`],
    ]);
    const listening = (await ada.waitFor(/^listening\t/)).split("\t")[1] ?? "";
    await ada.waitFor("logged-in\tada");
    await using attack = machines.run(here, "eve", "tests/survival/half_open_caller.ts", ...[
      ...[there.address, listening, "700"],
    ]);
    for (let second = 0; second < 3; second++) await attack.waitFor(/^opened /);
    for (const name of ["bob", "carol", "dan"]) {
      await using person = machines.run(far, name, "tests/survival/far_person.ts", ...[
        ...[FAR.server, port, name, "ada", `hello from ${name}`],
      ]);
      assertEquals(await person.waitFor(/^(delivered|failed)/), "delivered");
      await ada.waitFor(new RegExp(`^message\t${name}\thello from ${name}\t`));
    }
    const opened = await attack.waitFor(/^opened /);
    assert(Number(opened.split(" ")[1]) > 2_000, opened);
  },
);

requiringTest(
  "netns",
  missingNamespaces,
  "1,000 clients on another machine that take no fat table leave the server under 300 MiB in all",
  async () => {
    using folder = new TempFolder();
    using machines = new TwoMachines();
    const far = connectFar(machines);
    const { here, there } = machines;
    await Deno.mkdir(`${folder.path}/server`);
    await using server = machines.run(there, "server", "server/main.ts", ...[
      ...["--port", "0", "--max-rate", "0", "--data", `${folder.path}/server`, "--no-announce"],
    ]);
    const port = (await server.waitFor(/^listening on /)).split(":").at(-1) ?? "";
    await using takers = machines.run(here, "eve", "tests/survival/slow_takers.ts", ...[
      ...[there.address, port, "1000"],
    ]);
    let most = 0;
    for (let line = ""; line !== "all are in";) {
      line = await takers.waitFor(/^(in |all are in)/);
      most = Math.max(most, heldBytes(machines, server.pid));
    }
    await using bob = machines.run(far, "bob", "client/main.ts", "--plain", "--no-history", ...[
      ...["--name", "bob", "--server", `${FAR.server}:${port}`, "--data", `${folder.path}/bob`],
    ]);
    await bob.waitFor("logged-in\tbob");
    most = Math.max(most, heldBytes(machines, server.pid));
    assert(most < 300 * MIB, `${Math.round(most / MIB)} MiB`);
  },
);
