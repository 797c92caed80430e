/** A machine whose address changes while its user chats. */

import { requiringTest } from "../helpers/required.ts";
import { type Machine, missingNamespaces, TwoMachines } from "./namespaces.ts";

requiringTest(
  "netns",
  missingNamespaces,
  "a chat goes on when one side's address changes, both ways and within seconds",
  async () => {
    using machines = new TwoMachines();
    const { here, there } = machines;
    const data = await Deno.makeTempDir();
    const client = (machine: Machine, name: string, server: string) =>
      machines.run(machine, name, "client/main.ts", "--plain", "--no-history", ...[
        "--name",
        name,
        "--server",
        server,
        "--data",
        `${data}/${name}`,
      ]);
    try {
      await using server = machines.run(
        here,
        "server",
        "server/main.ts",
        ...["--port=0", "--data", `${data}/server`],
      );
      const port = (await server.waitFor(/^listening on /)).split(":").at(-1);
      await using ada = client(there, "ada", `${here.address}:${port}`);
      await ada.waitFor("logged-in\tada");
      await using bob = client(here, "bob", `127.0.0.1:${port}`);
      await bob.waitFor("logged-in\tbob");
      await bob.send("/talk ada");
      await ada.waitFor(/^chat-opened\tbob/);
      await bob.send("one");
      await ada.waitFor(/^message\tbob\tone/);
      await ada.send("/msg bob two");
      await bob.waitFor(/^message\tada\ttwo/);

      const address = (verb: string, address: string) =>
        machines.command(there, "ip", "address", verb, `${address}/24`, "dev", "cable");
      address("delete", there.address);
      address("add", "10.77.0.3");
      await bob.send("/msg ada three");
      await ada.waitFor(
        /^disconnected\tthis machine does not have the address 10\.77\.0\.2 any more/,
      );
      await ada.waitFor(/^message\tbob\tthree/);
      await ada.send("/msg bob four");
      await bob.waitFor(/^message\tada\tfour/);
      await bob.send("/msg ada five");
      await ada.waitFor(/^message\tbob\tfive/);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  },
);
