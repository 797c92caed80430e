/** Somebody between two machines who holds back a single thing that the server says. */

import { requiringTest } from "../helpers/required.ts";
import { missingNamespaces, TwoMachines } from "./namespaces.ts";

requiringTest(
  "netns",
  missingNamespaces,
  "a change of the list that is held back on the way is noticed, and the list is right again",
  async () => {
    using machines = new TwoMachines();
    const { here, there } = machines;
    const data = await Deno.makeTempDir();
    try {
      const server = `${data}/server`;
      await Deno.mkdir(server);
      await using way = machines.run(here, "way", "tests/survival/proxy_machine.ts", server);
      const port = (await way.waitFor(/^listening /)).split(" ")[1];
      const client = (name: string) =>
        machines.run(there, name, "client/main.ts", "--plain", "--no-history", ...[
          "--name",
          name,
          "--server",
          `${here.address}:${port}`,
          "--data",
          `${data}/${name}`,
        ]);
      await using ada = client("ada");
      await ada.waitFor("logged-in\tada");
      await way.send("hold something back");
      await using bob = client("bob");
      await ada.waitFor(/^disconnected\twhat came is not what the server sent/);
      await ada.waitFor("logged-in\tada");
      await bob.waitFor("logged-in\tbob");
      await ada.send("/who");
      await ada.waitFor(/^user\t\d+\tbob\t/);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  },
);
