import { assert, assertEquals, assertRejects } from "@std/assert";
import { encodeLogin } from "../../../protocol/mod.ts";
import { MimServer, type ServerOptions } from "../../../server/mod.ts";
import { serverLimits } from "../../../server/limits.ts";
import { testKey } from "../../fixtures/keys.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { LogRecords } from "../../helpers/log_records.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";
import { RawClient } from "../../helpers/raw_client.ts";
import { Clock } from "../../helpers/time.ts";
import { poll } from "../../helpers/wait.ts";
import { FATE_CHANNEL } from "./fate.ts";
import { quietPort } from "../../helpers/programs.ts";
import type { SessionOwner } from "../../../server/connections/mod.ts";
import { allocateShared, UpdateLog } from "../../../server/presence/mod.ts";
import { Greeting } from "../../../server/session/mod.ts";
import { WorkerPool } from "../../../server/workers/mod.ts";

const WORKERS = 2;
const MORTAL = new URL("./mortal_worker.ts", import.meta.url);
/** So many clients that each worker has some: a kernel picks one for each by the client's port. */
const MANY = 16;
/** An address of this machine that is not loopback. */
const own = Deno.networkInterfaces().find(({ family, address }) =>
  family === "IPv4" && !address.startsWith("127.")
)?.address;

async function started(folder: TempFolder, options: ServerOptions = {}): Promise<MimServer> {
  const at = { hostname: "127.0.0.1", port: 0 };
  const server = MimServer.listen({ ...at, data: folder.path, workers: WORKERS, ...options });
  await server.ready;
  return server;
}

function namesOf(client: Mim2Client): string {
  return [...client.table.values()].map(({ name }) => name).sort().join(" ");
}

/** The updates for a client from a login on. */
function since(updates: readonly string[], start: string): string[] {
  return updates.slice(updates.indexOf(start));
}

Deno.test("workers: all clients are told of all, in one order, in both dialects", async () => {
  using folder = new TempFolder();
  await using server = await started(folder);
  const classic: RawClient[] = [];
  const mim2: Mim2Client[] = [];
  for (let user = 0; user < MANY; user++) {
    classic.push(await RawClient.login(server.port, `c${user}`));
    mim2.push(await Mim2Client.login(server.port, `m${user}`));
  }
  for (const client of classic.splice(8)) client.close();
  for (const client of mim2.splice(8)) client.close();
  await poll(() => server.userCount === MANY, "half of them to leave");
  using last = await Mim2Client.login(server.port, "last");
  const all = [...classic.keys()].flatMap((user) => [`c${user}`, `m${user}`]);
  const expected = [...all, "last"].sort().join(" ");
  await poll(() => classic.every(({ names }) => names.join(" ") === expected), "classic lists");
  await poll(() => mim2.every((client) => namesOf(client) === expected), "lists in MIM/2");
  assertEquals(namesOf(last), expected);
  const told = since(classic[0]?.updates ?? [], "A c7");
  for (const { updates } of classic) assertEquals(since(updates, "A c7"), told);
  const toldInMim2 = since(mim2[0]?.updates ?? [], "A c8");
  for (const { updates } of mim2) assertEquals(since(updates, "A c8"), toldInMim2);
  const { users, mim2Users, connections, logins, logouts } = server.stats;
  assertEquals({ users, mim2Users, connections, logins, logouts }, {
    users: MANY + 1,
    mim2Users: 9,
    connections: MANY + 1,
    logins: 2 * MANY + 1,
    logouts: MANY,
  });
  await poll(() => server.stats.bytesOut > 0 && server.stats.slowestLag === 0, "one view");
  for (const client of [...classic, ...mim2]) client.close();
});

Deno.test("workers: a name, a limit of users and a welcome are those of all threads", async () => {
  using folder = new TempFolder();
  await using server = await started(folder, { maxUsers: 2, welcome: "before" });
  using ada = await Mim2Client.login(server.port, "ada", { key: testKey(1) });
  assertEquals(ada.welcome, ["before"]);
  for (let time = 0; time < MANY; time++) {
    const refusal = await Mim2Client.refused(server.port, "ADA", { key: testKey(2) });
    assertEquals(refusal?.code, 3);
  }
  using _bob = await RawClient.login(server.port, "bob");
  for (let time = 0; time < MANY; time++) {
    using eve = await RawClient.connect(server.port);
    await eve.send(encodeLogin({ name: "eve", port: 1 }));
    await eve.ended;
  }
  assertEquals(server.stats.rejections.get("name-taken"), MANY);
  assertEquals(server.stats.rejections.get("server-full"), MANY);
  server.change({ welcome: "after" });
  await poll(async () => {
    const shown = await Promise.all(Array.from({ length: MANY }, async () => {
      using client = await RawClient.connect(server.port);
      await client.until(() => client.welcome.length > 0, "a welcome");
      return client.welcome[0];
    }));
    return shown.every((line) => line === "after");
  }, "the new welcome everywhere");
});

Deno.test({
  name: "workers: limits of an address count the connections of all threads",
  ignore: own === undefined,
  async fn() {
    await using log = await LogRecords.start();
    using folder = new TempFolder();
    await using server = await started(folder, { hostname: own, maxPerAddress: 4 });
    const at = { hostname: own ?? "", port: server.port };
    const users = await Promise.all(
      Array.from({ length: 4 }, (_, user) => RawClient.login(at, `user${user}`)),
    );
    for (let time = 0; time < MANY; time++) {
      using over = await RawClient.connect(at);
      await over.send(encodeLogin({ name: "over", port: 1 })).catch(() => {});
      await over.ended;
    }
    assertEquals(server.userCount, 4);
    assertEquals(server.stats.rejections.get("too-many-connections"), MANY);
    users.pop()?.close();
    await poll(() => server.connectionCount === 3, "one to leave");
    using _again = await RawClient.login(at, "again");
    for (const user of users) user.close();
    assert(log.shown.some((line) => line.includes("too-many-connections")));
  },
});

Deno.test("workers: callbacks, status, pings and silence work from thread to thread", async () => {
  using folder = new TempFolder();
  await using server = await started(folder, { pingIntervalMs: 1_000 });
  const clients = await Promise.all(
    Array.from({ length: MANY }, (_, user) => Mim2Client.login(server.port, `user${user}`)),
  );
  const [ada, ...others] = clients;
  assert(ada !== undefined);
  await ada.say({ type: "status", availability: "away", status: "lunch" });
  for (const client of others) {
    await client.until(() => client.entries("user0")[0]?.status === "lunch", "the status");
    await ada.say({ type: "call-me", session: client.session });
    await client.until(() => client.all("call-me").length === 1, "to be asked to call back");
  }
  await ada.until(() => ada.all("ping").length > 0, "a ping");
  const [mute] = others;
  assert(mute !== undefined);
  mute.answers = false;
  await mute.ended;
  await ada.until(() => ada.entries("user1").length === 0, "the silent one to be gone");
  assertEquals(server.stats.rejections.get("no-answer"), 1);
  for (const client of clients) client.close();
});

Deno.test("workers: a new epoch reaches the clients of all threads, and newcomers begin in it", async () => {
  using clock = new Clock();
  using folder = new TempFolder();
  await using server = await started(folder, { pingIntervalMs: 60_000_000 });
  const clients = await Promise.all(
    Array.from({ length: MANY }, (_, user) => Mim2Client.login(server.port, `user${user}`)),
  );
  for (let epoch = 2; epoch < 4; epoch++) {
    clock.advance(serverLimits.epochMs);
    await poll(() => clients.every((client) => client.all("epoch").length === epoch - 1), "it");
    using late = await Mim2Client.login(server.port, `late${epoch}`);
    assertEquals(late.all("accepted")[0]?.epoch, epoch);
    for (const client of clients) {
      await client.until(() => client.entries(`late${epoch}`).length === 1, "the newcomer");
    }
  }
  clock.advance(10_000);
  await poll(() => clients.every(({ unsignedRecords }) => unsignedRecords === 0), "a signature");
  for (const client of clients) client.close();
});

Deno.test("workers: those that die are replaced, and their clients are gone until they come back", async () => {
  await using log = await LogRecords.start();
  using folder = new TempFolder();
  await using server = await started(folder, { workerModule: MORTAL });
  const users = await Promise.all(
    Array.from({ length: MANY }, (_, user) => Mim2Client.login(server.port, `user${user}`)),
  );
  tell("die");
  await poll(() => users.every(({ hasEnded }) => hasEnded), "their end");
  await poll(() => server.userCount === 0, "nobody online");
  assertEquals(log.shown.filter((line) => /a worker is replaced/.test(line)).length, WORKERS);
  const again = await Promise.all(Array.from(
    { length: MANY },
    (_, user) => loginAgain(server.port, `again${user}`),
  ));
  await poll(() => again.every(({ table }) => table.size === MANY), "all who came back");
  assertEquals(server.stats.logouts, MANY);
  for (const client of again) client.close();
});

Deno.test("workers: one that does not answer any more is replaced, and its clients are gone", async () => {
  await using log = await LogRecords.start();
  const opened: string[] = [];
  const ended: string[] = [];
  const owner: SessionOwner = {
    admit: () => undefined,
    onOpen: ({ address }) => void opened.push(address),
    onHandshake: () => {},
    onLogin: () => undefined,
    onMessage: () => {},
    onEnd: ({ address }) => void ended.push(address),
    onWritten: () => {},
    onAcceptFailure: () => {},
  };
  const port = quietPort();
  const pool = new WorkerPool({
    count: 1,
    module: MORTAL,
    hostname: "127.0.0.1",
    port,
    loginTimeoutMs: 60_000,
    onBytes: () => {},
    onBroadcast: () => {},
  });
  const classic = new UpdateLog(() => Infinity, allocateShared);
  pool.start(new Greeting("Hello", undefined), { classic, mim2: undefined }, owner);
  await pool.ready;
  using _client = await RawClient.connect(port);
  await poll(() => opened.length === 1, "the connection");
  tell("hang");
  // It says how it is doing once a second, until it has heard.
  for (let tick = 0; ended.length === 0; tick++) {
    pool.tick();
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert(tick < 200, "it is believed to answer");
  }
  assertEquals(ended, opened);
  assertEquals(log.shown.filter((line) => /it has not answered for/.test(line)).length, 1);
  await pool.close();
});

Deno.test("workers: a port in use is an error, at once, as without them", async () => {
  using folder = new TempFolder();
  await using server = await started(folder);
  using other = new TempFolder();
  await assertRejects(() => started(other, { port: server.port }), Deno.errors.AddrInUse);
  assertEquals(server.userCount, 0);
});

/** Logs in as soon as a worker listens again. */
async function loginAgain(port: number, name: string): Promise<Mim2Client> {
  let client: Mim2Client | undefined;
  await poll(async () => {
    client = await Mim2Client.login(port, name).catch(() => undefined);
    return client !== undefined;
  }, "a worker that listens");
  if (client === undefined) throw new Error("expected a client");
  return client;
}

/** Tells mortal workers what to do. */
function tell(fate: "die" | "hang"): void {
  const channel = new BroadcastChannel(FATE_CHANNEL);
  channel.postMessage(fate);
  channel.close();
}
