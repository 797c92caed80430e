/** One name with the addresses of two servers, of which one goes, hangs, or is cut off. */

import { assertEquals, assertMatch } from "@std/assert";
import type { TestProcess } from "../helpers/process.ts";
import { requiringTest } from "../helpers/required.ts";
import { type Machine, missingNamespaces, TwoMachines } from "./namespaces.ts";

/** Two machines with a server each, and a third one for which one name has the addresses of both. */
class SharedFolder extends TwoMachines {
  readonly other = this.connectAnother("second");
  /** A folder that all machines share. */
  readonly folder = Deno.makeTempDirSync();
  readonly #hosts = `/etc/netns/${this.there.namespace}`;

  constructor() {
    super();
    this.command(this.there, "ip", "address", "add", "10.78.0.2/24", "dev", "second");
    Deno.mkdirSync(this.#hosts, { recursive: true });
    const lines = `${this.here.address} mim.test\n${this.other.address} mim.test\n`;
    Deno.writeTextFileSync(`${this.#hosts}/hosts`, lines);
  }

  /** A server that shares the data folder. */
  serve(machine: Machine): TestProcess {
    const data = ["--data", `${this.folder}/data`, "--failover=2", "--no-announce"];
    return this.run(machine, machine.namespace, "server/main.ts", ...data);
  }

  /** A client that knows the name alone. */
  client(name: string): TestProcess {
    return this.run(this.there, name, "client/main.ts", "--plain", ...[
      `--name=${name}`,
      "--server=mim.test",
      "--no-history",
      `--data=${this.folder}/${name}`,
    ]);
  }

  /** Takes the network and the folder from a machine on which a server runs, or gives them back. */
  cut(machine: Machine, server: TestProcess, isCut: boolean): void {
    const cable = machine === this.here ? "cable" : "second";
    this.command(machine, "ip", "link", "set", cable, isCut ? "down" : "up");
    const data = `${this.folder}/data`;
    const [verb, ...args] = isCut ? ["mount", "-t", "tmpfs", "none", data] : ["umount", "-l", data];
    const inside = ["nsenter", `--mount=/proc/${server.pid}/ns/mnt`, verb, ...args];
    this.command(machine, ...inside.map(String));
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    Deno.removeSync(this.#hosts, { recursive: true });
    Deno.removeSync(this.folder, { recursive: true });
  }
}

requiringTest(
  "netns",
  missingNamespaces,
  "a name with two addresses: clients are at the other server seconds after theirs has gone",
  async () => {
    using machines = new TwoMachines();
    const { here, there } = machines;
    const other = machines.connectAnother("second");
    machines.command(there, "ip", "address", "add", "10.78.0.2/24", "dev", "second");
    const data = await Deno.makeTempDir();
    const hosts = `/etc/netns/${there.namespace}`;
    await Deno.mkdir(hosts, { recursive: true });
    await Deno.writeTextFile(
      `${hosts}/hosts`,
      `${here.address} mim.test\n${other.address} mim.test\n`,
    );
    // One key for both: they are one server to those who know it.
    await Deno.mkdir(`${data}/one`);
    await Deno.mkdir(`${data}/two`);
    await Deno.writeTextFile(`${data}/one/server.key`, `${"07".repeat(32)}\n`, { mode: 0o600 });
    await Deno.copyFile(`${data}/one/server.key`, `${data}/two/server.key`);
    try {
      const start = (machine: typeof here, name: string) =>
        machines.run(machine, name, "server/main.ts", "--data", `${data}/${name}`);
      await using one = start(here, "one");
      await using two = start(other, "two");
      for (const server of [one, two]) await server.waitFor(/^others join/);
      await using ada = machines.run(there, "ada", "client/main.ts", "--plain", ...[
        "--name=ada",
        "--server=mim.test",
        "--no-history",
        `--data=${data}/ada`,
      ]);
      const at = await ada.waitFor(/^connected\t/);
      await ada.waitFor("logged-in\tada");
      const isFirst = at.includes(here.address);
      (isFirst ? one : two).kill("SIGKILL");
      await ada.waitFor(/^disconnected\t/);
      await ada.waitFor(isFirst ? /^connected\t10\.78\.0\.1:/ : /^connected\t10\.77\.0\.1:/);
      await ada.waitFor("logged-in\tada");
    } finally {
      await Deno.remove(hosts, { recursive: true });
      await Deno.remove(data, { recursive: true });
    }
  },
);

requiringTest(
  "netns",
  missingNamespaces,
  "one folder and two machines: clients follow whoever serves, and there are no two halves",
  async () => {
    using machines = new SharedFolder();
    const { here, other } = machines;
    await using first = machines.serve(here);
    await first.waitFor(/^listening on /);
    await using second = machines.serve(other);
    await second.waitForError(/standing by/);
    await using ada = machines.client("ada");
    const isAt = async (client: TestProcess, { address }: Machine) => {
      await client.waitFor((line) => line.startsWith(`connected\t${address}:`));
      await client.waitFor(/^logged-in\t/);
    };
    await isAt(ada, here);

    // It is killed, and stands by when it comes back.
    first.kill("SIGKILL");
    await second.waitFor(/^listening on /);
    await isAt(ada, other);
    await using again = machines.serve(here);
    await again.waitForError(/standing by: .* holds the lease/);

    // The server hangs: its machine takes connections still, and nobody answers there.
    second.kill("SIGSTOP");
    await again.waitFor(/^listening on /);
    await using bob = machines.client("bob");
    await isAt(bob, here);
    second.kill("SIGCONT");
    await second.waitForError(/lost the lease/);
    await second.waitForError(/standing by/);
    await isAt(ada, here);

    // Its machine is cut off: from the clients, and from the folder, of which an empty place is left.
    machines.cut(here, again, true);
    await again.waitForError(/lost the lease/);
    await second.waitFor(/^listening on /);
    await ada.send("/away"); // it hears that nothing comes of it
    await isAt(ada, other);
    machines.cut(here, again, false);
    await again.waitForError(/standing by: .* holds the lease/);
    assertEquals(again.unread.filter((line) => line.startsWith("listening on ")), []);
    const key = await Deno.readTextFile(`${machines.folder}/data/server.key`);
    assertMatch(key, /^[0-9a-f]{64}\n$/);
  },
);
