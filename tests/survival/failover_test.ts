/** One name with the addresses of two servers, of which the first goes. */

import { requiringTest } from "../helpers/required.ts";
import { missingNamespaces, TwoMachines } from "./namespaces.ts";

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
