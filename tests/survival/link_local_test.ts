/** Two machines with nothing but a cable between them: no router has given them addresses. */

import { assertEquals } from "@std/assert";
import { requiringTest } from "../helpers/required.ts";
import { missingNamespaces, TwoMachines } from "./namespaces.ts";

requiringTest(
  "netns",
  missingNamespaces,
  "a peer's link-local address is dialed with the interface that it is behind",
  async () => {
    using machines = new TwoMachines();
    const { here, there } = machines;
    const program = "tests/survival/link_local_peer.ts";
    await using peer = machines.run(here, "peer", program);
    const [, port = "", address = ""] = (await peer.waitFor(/^listening /)).split(" ");
    await using dialler = machines.run(there, "dialler", program, port, address);
    assertEquals(await dialler.waitFor(/^connected /), `connected ${address}`);
  },
);
