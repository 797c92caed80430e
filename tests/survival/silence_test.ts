/** Connections that never log in. What memory they leave behind: memory_test.ts. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { MimServer, type Network, systemNetwork } from "../../server/mod.ts";
import { Clock } from "../helpers/time.ts";
import { FakeNetwork } from "../../client/testing/fake_network.ts";
import { LogRecords } from "../helpers/log_records.ts";
import { poll } from "../helpers/wait.ts";
import { Crowd } from "./crowd.ts";
import { RawClient } from "../helpers/raw_client.ts";

const MANY = 1_000;
/** Milliseconds between two bytes of those who send one now and then. */
const DRIP = 200;
const PLACES: readonly (readonly [string, Network, string])[] = [
  ["the real network", systemNetwork, "127.0.0.1"],
  ["memory", new FakeNetwork().host("192.0.2.1"), "127.0.0.1"],
];

for (const [place, network, hostname] of PLACES) {
  Deno.test(`1,000 connections that send nothing, or a byte now and then, are closed (${place})`, async () => {
    using clock = new Clock();
    await using log = await LogRecords.start();
    await using server = MimServer.listen({ hostname, port: 0, network, loginTimeoutMs: 2_000 });
    const at = { hostname, port: server.port };
    using ada = await RawClient.login({ ...at, network: network }, "ada");
    using crowd = await Crowd.come(network, at, MANY, DRIP);
    const closed = () => server.stats.rejections.get("no-login") ?? 0;
    await poll(() => server.connectionCount + closed() === 1 + MANY, "all to be taken");

    using bob = await RawClient.login({ ...at, network: network }, "bob");
    assertEquals(bob.names, ["ada", "bob"], "who logs in meanwhile is served");
    clock.advance(2_000);
    await crowd.gone();

    const { users, connections, logins, logouts } = server.stats;
    assertEquals([users, connections, logins, logouts], [2, 2, 2, 0]);
    assertEquals([...server.stats.rejections], [["no-login", MANY]]);
    // An operator sees the first, and a minute later how many followed.
    const line =
      /^(info|debug) server: closed 127\.0\.0\.1:\d+: no-login: no complete login within 2 s$/;
    assertEquals(log.lines.filter((logged) => line.test(logged)).length, MANY);
    assertEquals(log.shown.length, 1);
    assertMatch(log.shown[0] ?? "", line);
    clock.advance(60_000);
    await poll(() => log.shown.length > 1, "the sum");
    const sum = `info server: rejected ${MANY - 1} more from 127.0.0.1 in that minute: no-login`;
    assertEquals(log.shown.slice(1), [sum]);
    assertEquals(ada.names, ["ada", "bob"]);
    assert(!ada.hasEnded && !bob.hasEnded);
  });
}

Deno.test("connections of one address that never logged in make room for one that does, and are closed", async () => {
  using clock = new Clock();
  await using log = await LogRecords.start();
  const internet = new FakeNetwork();
  const host = internet.host("192.0.2.1");
  const far = internet.host("192.0.2.7");
  const options = { port: 0, network: host, loginTimeoutMs: 1_000, maxPerAddress: 100 };
  await using server = MimServer.listen(options);
  const at = { hostname: "192.0.2.1", port: server.port };
  using crowd = await Crowd.come(far, at, 100, DRIP);
  await poll(() => server.connectionCount === 100, "all to be taken");
  using ada = await RawClient.login({ ...at, network: far }, "ada");
  assertEquals(ada.names, ["ada"]);
  clock.advance(1_000);
  await crowd.gone();
  using bob = await RawClient.login({ ...at, network: far }, "bob");
  assertEquals(bob.names, ["ada", "bob"]);
  assertEquals(Object.fromEntries(server.stats.rejections), {
    "too-many-connections": 1,
    "no-login": 99,
  });
  assertMatch(
    log.shown[0] ?? "",
    /^info server: closed 192\.0\.2\.7:\d+: too-many-connections: over 100 at once$/,
  );
  assertEquals(log.shown.length, 2);
});
