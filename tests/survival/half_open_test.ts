/** A machine that is gone without a word: only who writes to it ever learns. */

import { assertEquals, assertMatch } from "@std/assert";
import { delay } from "@std/async/delay";
import { requiringTest } from "../helpers/required.ts";
import { missingNamespaces, TwoMachines } from "./namespaces.ts";

requiringTest(
  "netns",
  missingNamespaces,
  "a dead machine's user is deleted once TCP gives up, which takes the keep-alive to notice",
  async () => {
    using machines = new TwoMachines();
    const { here, there } = machines;
    await using server = machines.run(here, "server", "tests/survival/half_open_server.ts", "1000");
    const [, ...ports] = (await server.waitFor(/^listening /)).split(" ");
    await server.waitFor("quiet add watcher 127.0.0.1");
    await server.waitFor("alive add watcher 127.0.0.1");
    await using client = machines.run(
      there,
      "client",
      "tests/survival/half_open_client.ts",
      here.address,
      ...ports,
    );
    await client.waitFor("online");
    await client.waitFor("online");
    await server.waitFor(`quiet add dead ${there.address}`);
    await server.waitFor(`alive add dead ${there.address}`);

    await machines.unplug();
    await server.waitFor(/^alive delete$/, "a keep-alive");
    await server.waitFor(`alive delete dead ${there.address}`);
    assertMatch(
      await server.waitForError(/end of 10\.77\.0\.2/),
      / debug server: end of 10\.77\.0\.2:\d+ \(dead\): lost: .*(timed out|No route to host|unreachable)/,
    );
    await server.send("stats");
    assertEquals(
      await server.waitFor(/^stats /),
      "stats quiet 2 users 2 connections 0 logouts, alive 1 users 1 connections 1 logouts",
    );
  },
);

requiringTest(
  "netns",
  missingNamespaces,
  "a dead machine's user is deleted sooner, once its listener has not answered three dials",
  async () => {
    using machines = new TwoMachines();
    const { here, there } = machines;
    const [program, asking] = [
      "tests/survival/half_open_server.ts",
      "tests/survival/half_open_client.ts",
    ];
    await using server = machines.run(here, "server", program, "600000", "2000");
    const [, quiet = ""] = (await server.waitFor(/^listening /)).split(" ");
    await server.waitFor("quiet add watcher 127.0.0.1");
    await using dead = machines.run(there, "client", asking, here.address, quiet);
    await dead.waitFor("online");
    await server.waitFor(`quiet add dead ${there.address}`);
    await delay(3_000); // it is dialed, and answers
    await machines.unplug();
    await server.waitFor(`quiet delete dead ${there.address}`);
    assertMatch(
      await server.waitForError(/end of 10\.77\.0\.2|closed 10\.77\.0\.2/),
      /its machine has not answered 3 dials within \d+ s/,
    );
  },
);
