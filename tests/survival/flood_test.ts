/** One address that connects as fast as it can. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodeLogin } from "../../protocol/mod.ts";
import { MimServer, type Network, type SocketAddress } from "../../server/mod.ts";
import { FakeNetwork } from "../../client/testing/fake_network.ts";
import { LogRecords } from "../helpers/log_records.ts";
import { poll } from "../helpers/wait.ts";
import { RawClient } from "../helpers/raw_client.ts";
import { serverLimits } from "../../server/limits.ts";

const SERVER = "192.0.2.1";
const FLOOD = 3_000;

/** A clock that is put on: rates are counted by the minute. */
class Clock implements Disposable {
  readonly #real = performance.now;
  #ahead = 0;

  constructor() {
    performance.now = () => this.#real.call(performance) + this.#ahead;
  }

  advance(milliseconds: number): void {
    this.#ahead += milliseconds;
  }

  [Symbol.dispose](): void {
    performance.now = this.#real;
  }
}

/** Logs in and out again, sixteen at a time, without waiting for any answer. */
async function flood(network: Network, at: SocketAddress, many: number): Promise<void> {
  let left = many;
  await Promise.all(Array.from({ length: 16 }, async () => {
    while (left-- > 0) {
      const connection = await network.connect(at);
      await connection.write(encodeLogin({ name: "mallory", port: 1 })).catch(() => {});
      // It waits for the welcome, the table or the end, so that the login has been read.
      await connection.read(new Uint8Array(1)).catch(() => {});
      connection.close();
    }
  }));
}

Deno.test("logins and logouts as fast as one address can are held to 600 a minute", async () => {
  using clock = new Clock();
  await using log = await LogRecords.start();
  const internet = new FakeNetwork();
  await using server = MimServer.listen({ port: 0, network: internet.host(SERVER) });
  const at = { hostname: SERVER, port: server.port };
  const mallory = internet.host("192.0.2.7");
  using ada = await RawClient.login({ ...at, network: internet.host("192.0.2.8") }, "ada");

  const flooding = flood(mallory, at, FLOOD);
  const others: RawClient[] = [];
  for (let i = 0; i < 50; i++) {
    others.push(
      await RawClient.login({ ...at, network: internet.host(`192.0.2.${100 + i}`) }, `user${i}`),
    );
  }
  await flooding;
  await poll(() => server.connectionCount === 51, "the flood to be gone");
  for (const other of [ada, ...others]) {
    await other.until(() => other.names.length === 51, "the table as it is");
    assert(!other.hasEnded);
    assert(!other.names.includes("mallory"));
  }
  const tooFast = FLOOD - serverLimits.connectionsPerMinute;
  assertEquals([...server.stats.rejections], [["too-fast", tooFast]]);
  assert(server.stats.logins <= 51 + serverLimits.connectionsPerMinute);
  assertEquals(server.stats.logins - server.stats.logouts, 51);
  const line = "rejected 192.0.2.7: too-fast: over 600 new connections a minute";
  const lines = (level: string) =>
    log.lines.map((line) => line.replace(/:\d+:/, ":")).filter((each) =>
      each === `${level} server: ${line}`
    );
  assertEquals([lines("info").length, lines("debug").length], [1, tooFast - 1]);
  assertEquals(log.shown.length, 1);

  clock.advance(60_000);
  const sum = `info server: rejected ${tooFast - 1} more from 192.0.2.7 in that minute: too-fast`;
  await poll(() => log.shown.includes(sum), "the sum of the minute");
  using late = await RawClient.login({ ...at, network: mallory }, "sorry");
  assertEquals(late.names.length, 52, "a minute later it is served again");
  await flood(mallory, at, serverLimits.connectionsPerMinute);
  assertEquals([lines("info").length, log.shown.length], [2, 3], "two lines a minute");
  assertEquals([...server.stats.rejections], [["too-fast", tooFast + 1]]);
  for (const other of others) other[Symbol.dispose]();
});

Deno.test("one address has 1,024 connections at once, others have theirs", async () => {
  await using log = await LogRecords.start();
  const internet = new FakeNetwork();
  await using server = MimServer.listen({ port: 0, maxRate: 0, network: internet.host(SERVER) });
  const at = { hostname: SERVER, port: server.port };
  const mallory = internet.host("192.0.2.7");
  const most = serverLimits.connectionsPerAddress;
  const crowd = await Promise.all(
    Array.from({ length: most + 100 }, () => RawClient.connect({ ...at, network: mallory })),
  );
  await poll(() => crowd.filter(({ hasEnded }) => hasEnded).length === 100, "100 refusals");
  assertEquals(server.connectionCount, most);
  assertEquals([...server.stats.rejections], [["too-many-connections", 100]]);
  assertEquals(log.shown.length, 1);
  assertMatch(
    log.shown[0] ?? "",
    /^info server: closed 192\.0\.2\.7:\d+: too-many-connections: over 1024 at once$/,
  );

  using ada = await RawClient.login({ ...at, network: internet.host("192.0.2.8") }, "ada");
  assertEquals(ada.names, ["ada"]);
  crowd.find(({ hasEnded }) => !hasEnded)?.[Symbol.dispose]();
  await poll(() => server.connectionCount === most, "the end of one");
  using bob = await RawClient.login({ ...at, network: mallory }, "bob");
  assertEquals(bob.names, ["ada", "bob"], "as soon as one is gone, another is taken");
  for (const user of crowd) user[Symbol.dispose]();
  await poll(() => server.connectionCount === 2, "the end of the crowd");
});
