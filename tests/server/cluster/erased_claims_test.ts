/** Somebody who erases all claims and bans in NATS at once, of which a watch is not told. */

import { assertEquals } from "@std/assert";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { encodeLogin, refusalCodes } from "../../../protocol/mod.ts";
import { testKey } from "../../fixtures/keys.ts";
import { BUCKET, hasReadAll, isReady, Nodes, refusalAt } from "../../helpers/cluster_nodes.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";
import { missingNats, NatsServer } from "../../helpers/nats_server.ts";
import { RawClient } from "../../helpers/raw_client.ts";
import { requiringTest } from "../../helpers/required.ts";
import { poll } from "../../helpers/wait.ts";

const [ADA, EVE, BOB] = [testKey(1), testKey(2), testKey(3)];
const STREAM = `KV_${BUCKET}`;

for (const how of ["purge", "delete"] as const) {
  requiringTest(
    "nats",
    missingNats,
    `cluster: after a ${how} of all claims and bans no name changes hands, and nobody is let in`,
    async () => {
      await using nats = await NatsServer.start();
      await using nodes = new Nodes();
      const cluster = { servers: [nats.address] };
      const start = async (folder?: TempFolder) => {
        const server = await nodes.start({ cluster }, folder);
        await isReady(server);
        return server;
      };
      const one = await start();
      // It knows the bucket, but not what comes now.
      const folder = new TempFolder();
      const before = await start(folder);
      await hasReadAll(folder);
      await before.close();
      await poll(() => one.stats.cluster?.nodes === 0, "nobody else to be asked");
      using _ada = await Mim2Client.login(one.port, "ada", { key: ADA });
      using bob = await Mim2Client.login(one.port, "bob", { key: BOB });
      assertEquals((await one.ban("names", "eve", true))?.reach, "cluster");
      const connection = await connect({ servers: nats.address });
      await using stack = new AsyncDisposableStack();
      stack.defer(() => connection.close());
      const { streams } = await jetstreamManager(connection);
      const count = async () => {
        try {
          return (await streams.info(STREAM)).state.messages;
        } catch {
          return -1;
        }
      };
      await poll(async () => await count() === 3, "two claims and a ban");

      await streams[how](STREAM);
      // At once, before it knows of any ban.
      const two = await nodes.start({ cluster }, folder);
      using eve = await RawClient.connect(two.port);
      await eve.send(encodeLogin({ name: "eve", port: 4000 }));
      await eve.ended;
      assertEquals(eve.updates, []);
      assertEquals(await refusalAt(two, "eve", testKey(4)), refusalCodes.banned);
      assertEquals(await refusalAt(two, "ada", EVE), refusalCodes["name taken"]);
      await poll(async () => await count() >= 3, "what was erased");
      // The owners keep their names, at both.
      bob.close();
      assertEquals(await refusalAt(two, "bob", BOB), undefined);
      assertEquals(await refusalAt(one, "ada", EVE), refusalCodes["name taken"]);

      // A server that nobody joins notices it, too.
      await streams[how](STREAM);
      await poll(async () => await count() >= 3, "what was erased");
      assertEquals(await refusalAt(one, "cat", testKey(5)), undefined);
    },
  );
}
