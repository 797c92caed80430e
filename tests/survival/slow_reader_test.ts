import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodeLogin, limits } from "../../protocol/mod.ts";
import { MimServer } from "../../server/mod.ts";
import { Clock } from "../helpers/time.ts";
import { FakeNetwork } from "../../client/testing/fake_network.ts";
import { LogRecords } from "../helpers/log_records.ts";
import { poll } from "../helpers/wait.ts";
import { RawClient } from "../helpers/raw_client.ts";
import { serverLimits } from "../../server/limits.ts";

/** As long as names may be: they fill the log. */
const PASSER_BY = encodeLogin({ name: "n".repeat(limits.nameUnits), port: 1 });
/** How many pass by at once. */
const CROWD = 500;

Deno.test("a client that never reads is dropped, and the others are told all", async () => {
  await using log = await LogRecords.start();
  const host = new FakeNetwork({ capacity: 4096 }).host("192.0.2.1");
  await using server = MimServer.listen({ port: 0, network: host });
  const at = { hostname: "127.0.0.1", port: server.port };
  const deaf = await host.connect(at);
  await deaf.write(encodeLogin({ name: "deaf", port: 1 }));
  await poll(() => server.userCount === 1, "the login");
  using ada = await RawClient.login({ ...at, network: host }, "ada");
  using bob = await RawClient.login({ ...at, network: host }, "bob");

  let passed = 0;
  let lag = 0;
  while (server.stats.rejections.size === 0) {
    assert(passed < 50_000, "expected it to be dropped by now");
    const crowd = await Promise.all(Array.from({ length: CROWD }, async () => {
      const connection = await host.connect(at);
      await connection.write(PASSER_BY);
      return connection;
    }));
    passed += CROWD;
    await poll(() => server.stats.logins === 3 + passed, "the crowd's logins");
    for (const connection of crowd) connection.reset();
    await poll(() => server.connectionCount <= 3, "the crowd to be gone");
    if (server.userCount === 3) lag = server.stats.slowestLag;
  }

  assert(lag > serverLimits.updateLagBytes / 2, `dropped at a lag of ${lag}`);
  assertEquals([...server.stats.rejections], [["too-slow", 1]]);
  assertEquals(log.shown.length, 1);
  assertMatch(
    log.shown[0] ?? "",
    /^info server: closed 127\.0\.0\.1:\d+ \(deaf\): too-slow: \d{7} bytes behind$/,
  );
  // The logins of three and of all who passed, and the logouts of one and of those.
  await ada.until(() => ada.updates.length === 3 + 1 + 2 * passed, "all updates, each once");
  await bob.until(() => bob.names.length === 2, "all updates");
  assertEquals(ada.names, ["ada", "bob"]);
  assertEquals(bob.names, ["ada", "bob"]);
  await poll(() => server.stats.slowestLag === 0, "nobody to be behind");
  const { users, connections, logins, logouts } = server.stats;
  assertEquals({ users, connections, logins, logouts }, {
    users: 2,
    connections: 2,
    logins: 3 + passed,
    logouts: 1 + passed,
  });
  deaf.close();
});

Deno.test("who logs in and does not take the table in time is dropped: tables are held for nobody", async () => {
  using clock = new Clock();
  await using log = await LogRecords.start();
  const host = new FakeNetwork({ capacity: 200 }).host("192.0.2.1");
  await using server = MimServer.listen({ port: 0, network: host, loginTimeoutMs: 1_500 });
  const at = { hostname: "127.0.0.1", port: server.port };
  using ada = await RawClient.login({ ...at, network: host }, "a".repeat(60));
  using bob = await RawClient.login({ ...at, network: host }, "b".repeat(60));
  const deaf = await host.connect(at);
  await deaf.write(encodeLogin({ name: "deaf", port: 1 }));
  await ada.until(() => ada.names.length === 3, "the Add");
  clock.advance(1_500);
  await ada.until(() => ada.names.length === 2, "the Delete");
  await bob.until(() => bob.names.length === 2, "the Delete");
  assertEquals([...server.stats.rejections], [["too-slow", 1]]);
  assertMatch(log.shown[0] ?? "", /\(deaf\): too-slow: did not read the table within 1\.5 s$/);
  assert(!ada.hasEnded && !bob.hasEnded);
  deaf.close();
});
