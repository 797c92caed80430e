/** Attacks that cost an attacker little: the honest user is served while they go on. */

import { assert, assertEquals } from "@std/assert";
import { encodeLinkPreamble } from "../../protocol/mod.ts";
import { MimServer } from "../../server/mod.ts";
import { serverLimits } from "../../server/limits.ts";
import { FakeNetwork } from "../../client/testing/fake_network.ts";
import { TempFolder } from "../helpers/disk.ts";
import { Mim2Client } from "../helpers/mim2_client.ts";
import { TestProcess } from "../helpers/process.ts";
import { RawClient } from "../helpers/raw_client.ts";
import { FAT_DETAILS, takeSlowly } from "../helpers/slow_taker.ts";
import { Clock } from "../helpers/time.ts";
import { poll } from "../helpers/wait.ts";

const SERVER = "192.0.2.1";
const MIB = 2 ** 20;
const MANY = 1_000;

function residentBytes(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/VmRSS:\s*(\d+) kB/.exec(status)?.[1]) * 1024;
}

Deno.test({
  name:
    "1,000 clients that take no fat table leave the server under 300 MiB, and others are served",
  ignore: Deno.build.os !== "linux",
  async fn() {
    using folder = new TempFolder();
    await using program = TestProcess.deno(
      "server/main.ts",
      ["--hostname", "127.0.0.1", "--port", "0", "--data", folder.path],
    );
    const line = await program.waitFor(/^listening on /);
    const port = Number(line.split(":").at(-1));
    const takers: Deno.TcpConn[] = [];
    let most = 0;
    const names = Array.from({ length: MANY }, (_, taker) => `taker${taker}`.padEnd(60, "x"));
    await Promise.all(Array.from({ length: 20 }, async () => {
      for (let name; (name = names.pop()) !== undefined;) {
        takers.push(await takeSlowly({ hostname: "127.0.0.1", port }, name));
        if (takers.length % 50 === 0) most = Math.max(most, residentBytes(program.pid));
      }
    }));
    using ada = await Mim2Client.login(port, "ada");
    assertEquals(ada.entry("ada").name, "ada");
    most = Math.max(most, residentBytes(program.pid));
    assert(most < 300 * MIB, `${Math.round(most / MIB)} MiB`);
    for (const taker of takers) taker.close();
  },
});

Deno.test("a client that takes none of the table is given up after five seconds", async () => {
  using clock = new Clock();
  using folder = new TempFolder();
  const narrow = new FakeNetwork({ capacity: 2_048 });
  const network = narrow.host(SERVER);
  await using server = MimServer.listen({ port: 0, network, data: folder.path });
  const at = { hostname: SERVER, network: narrow.host("192.0.2.7") };
  const crowd: Mim2Client[] = [];
  for (let client = 0; client < 8; client++) {
    crowd.push(await Mim2Client.login(server.port, `user${client}`, { ...at, ...FAT_DETAILS }));
  }
  const slow = await Mim2Client.connect(server.port, at);
  const login = await slow.loginOf("slow");
  slow.isDeaf = true;
  await slow.logIn(login);
  await poll(() => server.userCount === 9, "the login");
  await crowd[0]?.until(() => crowd[0]?.entries("slow").length === 1, "that the table is sent");
  clock.advance(serverLimits.tableStallMs - 1_000);
  await crowd[0]?.say({ type: "ping", token: 1 });
  await poll(() => crowd[0]?.all("pong").length === 1, "an answer");
  assertEquals(server.userCount, 9);
  clock.advance(1_000);
  await poll(() => server.userCount === 8, "the end of the slow one");
  assertEquals([...server.stats.rejections], [["too-slow", 1]]);
  for (const client of [...crowd, slow]) client.close();
});

Deno.test("a client that answers nothing is sent the beginning of a long table, and no more", async () => {
  using clock = new Clock();
  using folder = new TempFolder();
  const internet = new FakeNetwork();
  const network = internet.host(SERVER);
  await using server = MimServer.listen({ port: 0, network, data: folder.path });
  const at = { hostname: SERVER, network: internet.host("192.0.2.7") };
  const crowd: Mim2Client[] = [];
  for (let client = 0; client < 400; client++) {
    crowd.push(await Mim2Client.login(server.port, `user${client}`, { ...at, ...FAT_DETAILS }));
  }
  using mute = await Mim2Client.connect(server.port, { ...at, answers: false });
  await mute.logIn(await mute.loginOf("mute"));
  await mute.until(() => mute.all("ping").length === 1, "the question");
  const rows = mute.table.size;
  assert(rows > 100 && rows < 400, `${rows} rows`);
  using ada = await Mim2Client.login(server.port, "ada", at);
  assertEquals([ada.table.size, mute.table.size], [402, rows]);
  clock.advance(serverLimits.tableAnswerMs);
  await ada.until(() => ada.entries("mute").length === 0, "the end of the mute one");
  assertEquals(mute.all("complete"), []);
  for (const client of crowd) client.close();
});

Deno.test("1,000 changes of status from one network, told to 500 clients, cost a bounded number of bytes", async () => {
  using clock = new Clock();
  using folder = new TempFolder();
  const internet = new FakeNetwork();
  await using server = MimServer.listen({
    port: 0,
    maxRate: 0,
    network: internet.host(SERVER),
    data: folder.path,
  });
  const crowd: Mim2Client[] = [];
  const from = (host: string) => ({ network: internet.host(host), hostname: SERVER });
  using ada = await Mim2Client.login(server.port, "ada", from("198.51.100.7"));
  for (let client = 0; client < MANY / 2; client++) {
    const host = `192.0.2.${client % 250 + 2}`;
    crowd.push(await Mim2Client.login(server.port, `eve${client}`, from(host)));
  }
  const before = server.stats.bytesOut;
  for (const letter of ["x", "y"]) {
    clock.advance(1_000 / serverLimits.statusChangesPerSecond);
    const status = letter.repeat(250);
    await Promise.all(
      crowd.map((eve) => eve.say({ type: "status", availability: "away", status })),
    );
  }
  using bob = await Mim2Client.login(server.port, "bob", from("198.51.100.8"));
  await bob.say({ type: "status", availability: "busy", status: "honest" });
  await ada.until(
    () => ada.entries("bob")[0]?.status === "honest",
    "the status of another network",
  );
  // All of them told to all would be 1,000 times 500 changes of 250 bytes.
  const budget = serverLimits.broadcastBurstBytes +
    2 * serverLimits.broadcastBytesPerSecond / serverLimits.statusChangesPerSecond;
  const spent = server.stats.bytesOut - before;
  assert(spent < budget * 1.5, `${spent} bytes, with a budget of ${budget}`);
  for (const eve of crowd) eve.close();
});

Deno.test("1,024 idle connections of one address keep out nobody, not even at that address", async () => {
  using folder = new TempFolder();
  const internet = new FakeNetwork();
  const network = internet.host(SERVER);
  await using server = MimServer.listen({ port: 0, maxRate: 0, network, data: folder.path });
  const at = { hostname: SERVER, port: server.port, network: internet.host("192.0.2.7") };
  const idle = await Promise.all(
    Array.from({ length: serverLimits.connectionsPerAddress }, () => RawClient.connect(at)),
  );
  await poll(() => server.connectionCount === idle.length, "the idle ones");
  using ada = await Mim2Client.login(server.port, "ada", at);
  using bob = await Mim2Client.login(server.port, "bob", {
    ...at,
    network: internet.host("192.0.2.8"),
  });
  await ada.until(() => ada.entries("bob").length === 1, "the other");
  assertEquals(bob.refusal, undefined);
  assertEquals([...server.stats.rejections], [["too-many-connections", 1]]);
  for (const one of idle) one.close();
});

Deno.test("handshakes of a crowded network wait, and that of another has its turn", async () => {
  using folder = new TempFolder();
  const internet = new FakeNetwork();
  const network = internet.host(SERVER);
  await using server = MimServer.listen({ port: 0, maxRate: 0, network, data: folder.path });
  const flood: Promise<void>[] = [];
  const eve = { hostname: SERVER, port: server.port, network: internet.host("192.0.2.7") };
  const garbage = new Uint8Array([...encodeLinkPreamble(), 0, 48, ...new Uint8Array(48).fill(9)]);
  const crowd = await Promise.all(Array.from({ length: 500 }, () => RawClient.connect(eve)));
  for (const one of crowd) flood.push(one.send(garbage).catch(() => {}));
  using ada = await Mim2Client.login(server.port, "ada", {
    network: internet.host("198.51.100.7"),
    hostname: SERVER,
  });
  assertEquals(ada.entry("ada").name, "ada");
  await Promise.all(flood);
  await Promise.all(crowd.map(({ ended }) => ended));
  const { rejections } = server.stats;
  assert((rejections.get("too-fast") ?? 0) > 0, "some had to go");
  assertEquals((rejections.get("too-fast") ?? 0) + (rejections.get("not-authentic") ?? 0), 500);
});
