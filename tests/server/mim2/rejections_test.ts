/** What MIM/2 clients are told before they are closed, and classic ones are not. */

import { assertEquals } from "@std/assert";
import { encodeLogin } from "../../../protocol/mod.ts";
import { MimServer, type ServerOptions } from "../../../server/mod.ts";
import { Clock, FakeTime } from "../../helpers/time.ts";
import { FakeNetwork } from "../../../client/testing/fake_network.ts";
import { LogRecords } from "../../helpers/log_records.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";
import { testKey } from "../../fixtures/keys.ts";
import { poll } from "../../helpers/wait.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { Wire } from "../../helpers/peers.ts";
import { serverLimits } from "../../../server/limits.ts";

const SERVER = "192.0.2.1";

/** A server in memory, and somebody who dials it from another machine. */
class TestEnvironment implements AsyncDisposable {
  readonly network = new FakeNetwork();
  readonly folder = new TempFolder();
  readonly server: MimServer;
  readonly from = { network: this.network.host("192.0.2.7"), hostname: SERVER };

  constructor(options: ServerOptions = {}) {
    const network = this.network.host(SERVER);
    this.server = MimServer.listen({ port: 0, network, data: this.folder.path, ...options });
  }

  get port(): number {
    return this.server.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
    this.folder[Symbol.dispose]();
  }
}

Deno.test("over the limits per address a MIM/2 client is told so, with codes 4 and 5", async () => {
  await using log = await LogRecords.start();
  const limited = [[{ maxPerAddress: 1 }, 4], [{ maxRate: 1 }, 5]] as const;
  for (const [options, code] of limited) {
    await using env = new TestEnvironment(options);
    using _ada = await Mim2Client.login(env.port, "ada", env.from);
    const refusal = await Mim2Client.refused(env.port, "bob", env.from);
    assertEquals(refusal?.code, code, refusal?.text);
    assertEquals([env.server.userCount, env.server.connectionCount], [1, 1]);
  }
  assertEquals(log.shown.length, 2, log.shown.join("\n"));
});

Deno.test("over the limits per address a classic client is closed without a word", async () => {
  await using env = new TestEnvironment({ maxPerAddress: 1 });
  using _ada = await Mim2Client.login(env.port, "ada", env.from);
  await using bob = await Wire.dial(env.from.network, SERVER, env.port);
  while (await bob.line() !== "");
  await bob.say(encodeLogin({ name: "bob", port: 1 }));
  await bob.hung();
  assertEquals(bob.unread.length, 0);
});

Deno.test("those who are told wait for a moment, and are few: a flood is closed at once", async () => {
  using clock = new Clock();
  await using env = new TestEnvironment({ maxPerAddress: 1 });
  using _ada = await Mim2Client.login(env.port, "ada", env.from);
  const flood = await Promise.all(
    Array.from({ length: 100 }, () => Wire.dial(env.from.network, SERVER, env.port)),
  );
  const over = Promise.all(flood.map((wire) => wire.hung()));
  const welcomed = () => flood.filter((wire) => wire.unread.length > 0).length;
  await poll(
    () => welcomed() === serverLimits.rejectedConnections,
    "as many welcomes as there may be",
  );
  clock.advance(serverLimits.rejectionTimeoutMs);
  await over;
  assertEquals(welcomed(), serverLimits.rejectedConnections);
  for (const wire of flood) wire.close();
  // And there is room again.
  assertEquals((await Mim2Client.refused(env.port, "bob", env.from))?.code, 4);
});

Deno.test("a server that stops waits for nobody who does not read", async () => {
  const narrow = new FakeNetwork({ capacity: 512 });
  using folder = new TempFolder();
  const server = MimServer.listen({ port: 0, network: narrow.host(SERVER), data: folder.path });
  const from = { network: narrow.host("192.0.2.9"), hostname: SERVER };
  using ada = await Mim2Client.login(server.port, "ada", from);
  const deaf = await Mim2Client.login(server.port, "deaf", { ...from, key: testKey(3) });
  deaf.isDeaf = true;
  for (let change = 0; change < 4; change++) {
    await ada.say({ type: "status", availability: "away", status: `${change}`.repeat(200) });
  }
  await ada.until(() => ada.entry("ada").status.startsWith("3"), "the changes");
  using time = new FakeTime();
  const closing = server.close();
  await time.pass(serverLimits.farewellTimeoutMs);
  await closing;
  await ada.ended;
  assertEquals(ada.refusal?.code, 7);
  deaf.close();
});
