/** A NATS server that lets a server in no more, and then again. */

import { assertEquals, assertRejects } from "@std/assert";
import { connectNats } from "../../../server/cluster/nats_transport.ts";
import { closeQuietly } from "../../../server/platform/net/network.ts";
import { testKey } from "../../fixtures/keys.ts";
import { Cable } from "../../helpers/cable.ts";
import { ClusterNodeProcess } from "../../helpers/cluster_node.ts";
import { SERVER_KEY } from "../../helpers/cluster_nodes.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";
import { missingNats, NatsServer } from "../../helpers/nats_server.ts";
import { requiringTest } from "../../helpers/required.ts";
import { poll } from "../../helpers/wait.ts";

/** Passes connections on to NATS, or refuses their logins and resets them, as NATS does. */
class Doorkeeper extends Cable {
  /** How many logins were refused. */
  refused = 0;
  #isRefusing = false;

  get address(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  refuse(): void {
    this.#isRefusing = true;
    this.reset();
  }

  allow(): void {
    this.#isRefusing = false;
  }

  protected override async serve(near: Deno.TcpConn, far: Deno.TcpConn): Promise<void> {
    if (!this.#isRefusing) return await super.serve(near, far);
    try {
      const info = new Uint8Array(65_536);
      const length = await far.read(info) ?? 0;
      await near.write(info.subarray(0, length));
      await near.read(new Uint8Array(10));
      await near.write(new TextEncoder().encode("-ERR 'Authorization Violation'\r\n"));
      this.refused++;
    } catch {
      // One of the two has gone.
    }
    closeQuietly(far);
    closeQuietly(near); // with bytes that were not read, which resets it
  }
}

requiringTest(
  "nats",
  missingNats,
  "cluster: a server that NATS lets in no more serves its users, and joins again once it may",
  async () => {
    await using nats = await NatsServer.start();
    await using door = new Doorkeeper(nats.port);
    await using node = await ClusterNodeProcess.start("one", SERVER_KEY, door.address);
    await node.joined();
    using ada = await Mim2Client.login(node.port, "ada", { key: testKey(1) });
    door.refuse();
    await poll(() => door.refused >= 5, "refused logins");
    await node.process.waitForError(/no connection to NATS \(.*Authorization Violation/i);
    using bob = await Mim2Client.login(node.port, "ada", { key: testKey(1) });
    assertEquals([ada.hasEnded, bob.hasEnded], [false, false]);
    door.allow();
    await node.joined();
    assertEquals(ada.hasEnded, false);
    using eve = await Mim2Client.login(node.port, "eve", { key: testKey(2) });
    assertEquals(eve.hasEnded, false);
  },
);

requiringTest(
  "nats",
  missingNats,
  "cluster: however often NATS refuses a login, no error of a socket is left over",
  async () => {
    await using nats = await NatsServer.start(
      'authorization: { users: [ { user: "one", password: "right" } ] }',
    );
    // With the library alone, one of a dozen ended the program.
    for (let count = 0; count < 300; count++) {
      const options = { servers: nats.address, user: "one", pass: "wrong", reconnect: false };
      await assertRejects(() => connectNats(options), Error, "Authorization Violation");
    }
  },
);
