import { assertEquals } from "@std/assert";
import { newHome } from "../helpers/programs.ts";
import { requiringTest } from "../helpers/required.ts";
import { type Machine, missingNamespaces, TwoMachines } from "../survival/namespaces.ts";

// Clients without `--server` host at port 4242: on machines of their own, for here it may be taken.
requiringTest(
  "netns",
  missingNamespaces,
  "when the client that hosts leaves, another on its machine takes over, and the rest find it",
  async () => {
    using machines = new TwoMachines();
    // The same user's clients: the server has the same key in each, by which others know it.
    const data = newHome();
    const client = (machine: Machine, name: string, ...args: string[]) =>
      machines.run(machine, name, "client/main.ts", "--name", name, ...args);
    await using ada = client(machines.here, "ada", "--data", data);
    await ada.waitFor(/^hosting\t/);
    await ada.waitFor("logged-in\tada");
    await using bob = client(machines.here, "bob", "--data", data);
    await using eve = client(machines.here, "eve", "--data", data);
    await using zoe = client(
      machines.there,
      "zoe",
      ...["--data", newHome(), "--server", machines.here.address],
    );
    for (const [user, name] of [[bob, "bob"], [eve, "eve"], [zoe, "zoe"]] as const) {
      await user.waitFor(`logged-in\t${name}`);
    }
    await zoe.waitFor(/^online\teve\t/);
    await zoe.send("/talk eve");
    await eve.waitFor(/^chat-opened\tzoe\t/);
    await ada.send("/quit");
    assertEquals(await ada.exitCode(), 0);
    const hosts = Promise.any([bob, eve].map((user) => user.waitFor(/^hosting\t/)));
    for (const [user, name] of [[bob, "bob"], [eve, "eve"], [zoe, "zoe"]] as const) {
      await user.waitFor(/^disconnected\t/);
      await user.waitFor(`logged-in\t${name}`);
    }
    await hosts;
    await zoe.send("still here");
    await eve.waitFor("message\tzoe\tstill here");
    const list = ["--data", newHome(), "--server", machines.here.address, "--name", "max", "who"];
    await using max = machines.run(machines.there, "max", "client/main.ts", ...list);
    for (const name of ["bob", "echo", "eve", "max", "zoe"]) {
      await max.waitFor(new RegExp(`^user\t\\d+\t${name}\t`));
    }
    await max.waitFor("users\t5");
  },
);
