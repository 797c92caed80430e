/** Connections that never log in. What memory they cost is measured by the benchmarks. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodeLogin } from "../../protocol/mod.ts";
import { MimServer, type Network, type SocketAddress, systemNetwork } from "../../server/mod.ts";
import { FakeNetwork } from "../helpers/fake_network.ts";
import { LogRecords } from "../helpers/log_records.ts";
import { poll } from "../helpers/poll.ts";
import { User, writeAll } from "./user.ts";

const MANY = 1_000;
/** Milliseconds between two bytes of those who send one now and then. */
const DRIP = 200;
/** Too long to come to its end in time, however late the server looks. */
const login = encodeLogin({ name: "n".repeat(64), port: 1 });

/** Connections of which every second one sends a byte of a login now and then. */
class Crowd implements Disposable {
  readonly users: readonly User[];
  readonly #dripping: ReturnType<typeof setInterval>;

  static async come(network: Network, at: SocketAddress, many: number): Promise<Crowd> {
    return new Crowd(
      await Promise.all(Array.from({ length: many }, () => User.connect(network, at))),
    );
  }

  private constructor(users: readonly User[]) {
    this.users = users;
    let next = 0;
    this.#dripping = setInterval(() => {
      const byte = login.subarray(next, ++next);
      for (const { connection, open } of users.filter((_, i) => i % 2 === 0)) {
        if (open) writeAll(connection, byte).catch(() => {});
      }
    }, DRIP);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#dripping);
    for (const user of this.users) user[Symbol.dispose]();
  }
}

const PLACES: readonly (readonly [string, Network, string])[] = [
  ["the real network", systemNetwork, "127.0.0.1"],
  ["memory", new FakeNetwork().host("192.0.2.1"), "127.0.0.1"],
];

for (const [place, network, hostname] of PLACES) {
  Deno.test(`1,000 connections that send nothing, or a byte now and then, are closed (${place})`, async () => {
    await using log = await LogRecords.start();
    await using server = MimServer.listen({ hostname, port: 0, network, loginTime: 2_000 });
    const at = { hostname, port: server.port };
    using ada = await User.login(network, at, "ada");
    using crowd = await Crowd.come(network, at, MANY);
    const closed = () => server.stats.refusals.get("no-login") ?? 0;
    await poll(() => server.connectionCount + closed() === 1 + MANY, "all to be taken");

    using bob = await User.login(network, at, "bob");
    assertEquals(bob.names, ["ada", "bob"], "who logs in meanwhile is served");
    await Promise.all(crowd.users.map(({ ended }) => ended));

    const { users, connections, logins, logouts } = server.stats;
    assertEquals([users, connections, logins, logouts], [2, 2, 2, 0]);
    assertEquals([...server.stats.refusals], [["no-login", MANY]]);
    assertEquals(log.shown.length, MANY);
    const line = /^info server: closed 127\.0\.0\.1:\d+: no-login: nothing complete within 2 s$/;
    assert(log.shown.every((shown) => line.test(shown)), log.shown[0]);
    assertEquals(ada.names, ["ada", "bob"]);
    assert(ada.open && bob.open);
  });
}

Deno.test("an address whose connections never logged in may connect again once they are closed", async () => {
  await using log = await LogRecords.start();
  const internet = new FakeNetwork();
  const host = internet.host("192.0.2.1");
  const far = internet.host("192.0.2.7");
  const options = { port: 0, network: host, loginTime: 1_000, maxPerAddress: 100 };
  await using server = MimServer.listen(options);
  const at = { hostname: "192.0.2.1", port: server.port };
  using crowd = await Crowd.come(far, at, 100);
  using refused = await User.connect(far, at);
  await refused.ended;
  await Promise.all(crowd.users.map(({ ended }) => ended));
  using ada = await User.login(far, at, "ada");
  assertEquals(ada.names, ["ada"]);
  assertEquals(Object.fromEntries(server.stats.refusals), {
    "too-many-connections": 1,
    "no-login": 100,
  });
  assertMatch(
    log.shown[0] ?? "",
    /^info server: refused 192\.0\.2\.7:\d+: too-many-connections: over 100 at once$/,
  );
  assertEquals(log.shown.length, 101);
});
