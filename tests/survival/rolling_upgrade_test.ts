/** Servers of a cluster that are restarted one after the other, while people chat. */

import { assertEquals } from "@std/assert";
import { refusalCodes } from "../../protocol/mod.ts";
import { testKey } from "../fixtures/keys.ts";
import { ClusterNodeProcess } from "../helpers/cluster_node.ts";
import { refusalAt, SERVER_KEY } from "../helpers/cluster_nodes.ts";
import { Mim2Client } from "../helpers/mim2_client.ts";
import { missingNats, NatsServer } from "../helpers/nats_server.ts";
import { startClient } from "../helpers/programs.ts";
import { requiringTest } from "../helpers/required.ts";
import { poll } from "../helpers/wait.ts";

const KEY = testKey(3);

/** An operator's command; resolves to what it says. */
async function operate(...args: readonly string[]): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", "server/main.ts", ...args],
    env: { NO_COLOR: "1" },
  }).output();
  return new TextDecoder().decode(stdout);
}

requiringTest(
  "nats",
  missingNats,
  "cluster: servers are restarted one after the other, and no chat and no ban is lost",
  async () => {
    await using nats = await NatsServer.start();
    await using stack = new AsyncDisposableStack();
    const [one, two] = await Promise.all(
      ["one", "two"].map(async (name) =>
        stack.use(await ClusterNodeProcess.start(name, SERVER_KEY, nats.address))
      ),
    );
    if (one === undefined || two === undefined) throw new Error("expected two servers");
    await Promise.all([one.joined(), two.joined()]);
    const servers = `127.0.0.1:${one.port},127.0.0.1:${two.port}`;
    const client = (name: string) =>
      stack.use(startClient(name, "--plain", "--name", name, "--server", servers));
    const [ada, bob] = [client("ada"), client("bob")];
    await Promise.all([ada.waitFor("logged-in\tada"), bob.waitFor("logged-in\tbob")]);
    await ada.waitFor(/^online\tbob/);
    await ada.send("/talk bob");
    await bob.waitFor(/^chat-opened\tada/);
    await ada.waitFor(/^chat-opened\tbob/);
    await poll(
      async () => await refusalAt(one, "looker", KEY) === undefined,
      "names to be claimed",
    );
    assertEquals(
      await operate("ban", "mallory", "--data", one.data),
      "banned the name mallory, disconnected 0, in the whole cluster\n",
    );

    let count = 0;
    const talk = async () => {
      await ada.send(`/msg bob from ada ${++count}`);
      await bob.waitFor(`message\tada\tfrom ada ${count}`);
      await bob.send(`/msg ada from bob ${count}`);
      await ada.waitFor(`message\tbob\tfrom bob ${count}`);
    };
    await talk();
    for (const node of [one, two, one]) {
      const restarted = node.restart();
      await talk();
      await restarted;
      // Everybody is there again, once, whichever server tells.
      for (const { port } of [one, two]) {
        using looker = await Mim2Client.login(port, "looker", { key: KEY });
        await looker.until(
          () =>
            [...looker.table.values()].map(({ name }) => name).sort().join() === "ada,bob,looker",
          "everybody",
        );
        assertEquals(await refusalAt({ port }, "mallory"), refusalCodes.banned);
      }
      await talk();
    }
    const closed = [...ada.unread, ...bob.unread].filter((line) => line.startsWith("chat-closed"));
    assertEquals(closed, []);
  },
);
