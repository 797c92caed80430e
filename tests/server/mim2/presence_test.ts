import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { encodeFrame, limits } from "../../../protocol/mod.ts";
import { Identity, Messenger } from "../../../client/core/mod.ts";
import { MimServer, type Network, type ServerOptions, systemNetwork } from "../../../server/mod.ts";
import { Clock, WallClock } from "../../helpers/time.ts";
import { FakeNetwork } from "../../../client/testing/fake_network.ts";
import { LogRecords } from "../../helpers/log_records.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";
import { Probed } from "../../helpers/fake_server.ts";
import { testKey } from "../../fixtures/keys.ts";
import { poll } from "../../helpers/wait.ts";
import { quietPort } from "../../helpers/programs.ts";
import { RawClient } from "../../helpers/raw_client.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { serverLimits } from "../../../server/limits.ts";

const ADA = testKey(1);
const EVE = testKey(2);
const LUNCH = { type: "status", availability: "away", status: "lunch" } as const;

function listen(folder: TempFolder, options: ServerOptions = {}): MimServer {
  return MimServer.listen({ hostname: "127.0.0.1", port: 0, data: folder.path, ...options });
}

Deno.test("a name belongs to the first key that takes it, in any spelling", async () => {
  await using log = await LogRecords.start();
  using folder = new TempFolder();
  {
    await using server = listen(folder);
    using _ada = await Mim2Client.login(server.port, "Ada", { key: ADA });
  }
  await using server = listen(folder);
  const refusal = await Mim2Client.refused(server.port, "aDA", { key: EVE });
  assertEquals(refusal?.code, 3);
  assertEquals([...server.stats.rejections], [["name-taken", 1]]);
  assertMatch(
    log.shown.at(-1) ?? "",
    /^info server: closed .*: name-taken: aDA belongs to another/,
  );
  using ada = await Mim2Client.login(server.port, "ADA", { key: ADA });
  assertEquals(ada.entry("ADA").certificate?.signature.length, 64);
});

Deno.test("a name that looks like two, or like no name, is let in without a certificate", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  using _ada = await Mim2Client.login(server.port, "ada", { key: ADA });
  for (const name of ["аda", "pаypаl", "bᴏb", "ad\u200ba"]) {
    using client = await Mim2Client.login(server.port, name);
    assertEquals(client.entry(name).certificate, undefined, name);
  }
});

Deno.test("what a client can do may change while it is online, and nothing else of its row does", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  using bob = await Mim2Client.login(server.port, "bob");
  using ada = await Mim2Client.login(server.port, "ada", { key: ADA });
  await bob.until(() => bob.entries("ada").length === 1, "ada");
  const before = bob.entry("ada");
  await ada.say({ type: "capabilities", capabilities: 35 });
  await bob.until(() => bob.entry("ada").capabilities === 35, "what ada can do");
  const { reachability } = bob.entry("ada");
  assertEquals(bob.entry("ada"), { ...before, capabilities: 35, reachability });
  await ada.say(LUNCH);
  await bob.until(() => bob.entry("ada").status === "lunch", "lunch");
  assertEquals(bob.entry("ada").capabilities, 35);
});

Deno.test("without a lobby nobody is in it, and clients are told so", async () => {
  using folder = new TempFolder();
  await using server = listen(folder, { lobby: false });
  using bob = await Mim2Client.login(server.port, "bob");
  using ada = await Mim2Client.login(server.port, "ada", { key: ADA });
  await ada.say({ type: "capabilities", capabilities: 35 });
  await bob.until(() => bob.entries("ada")[0]?.capabilities === 3, "all but the lobby");
  await using cyd = new Messenger({
    ...{ name: "cyd", server: { hostname: "127.0.0.1", port: server.port } },
    identity: Identity.generate(),
  });
  await cyd.login();
  await assertRejects(() => cyd.rooms.lobby?.join() ?? Promise.resolve(), Error, "has no lobby");
  assertEquals(cyd.rooms.all, []);
});

Deno.test("one key and name twice: both are let in, each with a session of its own", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  using one = await Mim2Client.login(server.port, "ada", { key: ADA });
  using two = await Mim2Client.login(server.port, "ada", { key: ADA });
  await one.until(() => one.entries("ada").length === 2, "both");
  two.close();
  await one.until(() => one.entries("ada").length === 1, "one to leave");
  assertEquals(one.entry("ada").session, one.session);
});

Deno.test("a classic client with a key's name is let in, and is seen not to be the owner", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  using ada = await Mim2Client.login(server.port, "ada", { key: ADA });
  using _classic = await RawClient.login(server.port, "ada");
  await ada.until(() => ada.entries("ada").length === 2, "both");
  const [own, other] = ada.entries("ada");
  assertEquals([own?.identity.length, own?.certificate?.signature.length], [32, 64]);
  assertEquals([other?.identity.length, other?.certificate], [0, undefined]);
  assertEquals([own?.isNameClaimed, other?.isNameClaimed], [undefined, true]);
  using _bob = await RawClient.login(server.port, "bob");
  await ada.until(() => ada.entries("bob").length === 1, "another name");
  assertEquals(ada.entry("bob").isNameClaimed, undefined);
});

Deno.test("with strictNames a classic client is refused a key's name, silently, and logged", async () => {
  await using log = await LogRecords.start();
  using folder = new TempFolder();
  await using server = listen(folder, { strictNames: true });
  (await Mim2Client.login(server.port, "ada", { key: ADA })).close();
  using classic = await RawClient.connect(server.port);
  await classic.send(new Uint8Array([0, 12, 0, 1, 0, 0, 0, 6, 0, 0x41, 0, 0x64, 0, 0x61])); // "Ada"
  await classic.ended;
  assertEquals(classic.updates, []);
  assertMatch(log.shown.at(-1) ?? "", /name-taken: Ada belongs to a key here$/);
  using _bob = await RawClient.login(server.port, "bob");
});

Deno.test("where the file of names fails, people are let in and nothing is certified", async () => {
  await using log = await LogRecords.start();
  using folder = new TempFolder();
  await using server = listen(folder, { strictNames: true });
  const db = new DatabaseSync(`${folder.path}/names.db`);
  db.exec("DROP TABLE claim");
  db.close();
  using ada = await Mim2Client.login(server.port, "ada", { key: ADA });
  const { identity, certificate } = ada.entry("ada");
  assertEquals([identity.length, certificate], [32, undefined]);
  using _bob = await RawClient.login(server.port, "bob");
  assertEquals(log.shown.length, 1);
  assertMatch(log.shown[0] ?? "", /^error server: cannot look up who owns a name: no such table/);
});

Deno.test("who comes while the file of names is locked is certified as soon as it is not", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  using bob = await Mim2Client.login(server.port, "bob");
  using db = new DatabaseSync(`${folder.path}/names.db`);
  db.exec("BEGIN IMMEDIATE");
  using ada = await Mim2Client.login(server.port, "ada", { key: ADA });
  await bob.until(() => bob.updates.includes("A ada"), "ada");
  assertEquals(bob.entry("ada").certificate, undefined);
  db.exec("ROLLBACK");
  for (const client of [ada, bob]) {
    await client.until(() => client.entry("ada").certificate !== undefined, "the certificate");
  }
});

Deno.test("a change of status is told to MIM/2 clients, and to later ones in the table", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  using bob = await Mim2Client.login(server.port, "bob");
  using ada = await Mim2Client.login(server.port, "ada", { key: ADA });
  await ada.say(LUNCH);
  await bob.until(() => bob.updates.includes("U ada"), "the change");
  const { availability, status, certificate } = bob.entry("ada");
  assertEquals([availability, status, certificate?.signature.length], ["away", "lunch", 64]);
  const change = bob.messages.find((message) => message.type === "change");
  const changed = Object.keys(change?.details ?? {}).filter((detail) => detail !== "reachability");
  assertEquals(changed.sort(), ["availability", "status"]); // the probe's result may be in it
  using late = await Mim2Client.login(server.port, "late");
  assertEquals(late.entry("ada").status, "lunch");
  assertEquals(late.all("complete")[0]?.rows, 3);
  ada.close();
  await late.until(() => late.entries("ada").length === 0, "the Delete");
});

Deno.test("a status is made harmless, and the same one again is no change", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  using ada = await Mim2Client.login(server.port, "ada", { status: "a\x1b[2Jb" });
  assertEquals(ada.entry("ada").status, "a␛[2Jb");
  await ada.say({ ...LUNCH, status: "x\u202ey" });
  await ada.until(() => ada.entry("ada").status === "x\uFFFDy", "the change");
  await ada.say({ ...LUNCH, status: "x\u202ey" });
  await ada.say(LUNCH);
  await ada.until(() => ada.entry("ada").status === "lunch", "the next change");
  const told = ada.messages.flatMap((message) =>
    message.type === "change" ? [message.details] : []
  );
  const statuses = told.map(({ status }) => status).filter((status) => status !== undefined);
  assertEquals(statuses, ["x\uFFFDy", "lunch"]);
});

Deno.test("many changes of status: the first are told at once, the last one in the end", async () => {
  using clock = new Clock();
  using folder = new TempFolder();
  await using server = listen(folder);
  using bob = await Mim2Client.login(server.port, "bob");
  using ada = await Mim2Client.login(server.port, "ada");
  const many = 40;
  for (let change = 1; change <= many; change++) await ada.say({ ...LUNCH, status: `${change}` });
  await ada.say({ type: "ping", token: 1 });
  await ada.until(() => ada.all("pong").length > 0, "all of them to be heard");
  clock.advance(1_000 / serverLimits.statusChangesPerSecond);
  await bob.until(() => bob.entry("ada").status === `${many}`, "the last one");
  const told = bob.updates.filter((update) => update === "U ada").length;
  assert(told <= serverLimits.statusBurst + 3, `told ${told} times`);
});

Deno.test("who says too much is closed, and told so", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  using bob = await Mim2Client.login(server.port, "bob");
  using eve = await Mim2Client.login(server.port, "eve");
  for (let sent = 0; sent < 100; sent++) await eve.say({ type: "pong", token: 1 }).catch(() => {});
  await eve.ended;
  assertEquals(eve.refusal?.code, 5);
  await bob.until(() => bob.entries("eve").length === 0, "the Delete");
});

Deno.test("a ping is answered, a message of an unknown type skipped, a broken one refused", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  using ada = await Mim2Client.login(server.port, "ada");
  await ada.encrypted(new Uint8Array([0x7a, 1]));
  await ada.say({ type: "ping", token: 77 });
  await ada.until(() => ada.all("pong").length > 0, "the pong");
  const [pong, ...others] = ada.all("pong");
  assertEquals([pong?.token, others], [77, []]);
  assert(Math.abs(Date.now() - (pong?.serverTime ?? 0)) < 60_000);
  await ada.encrypted(new Uint8Array([0x50, 1]));
  await ada.ended;
  assertEquals(ada.refusal?.code, 1);
  using eve = await Mim2Client.login(server.port, "eve");
  await eve.send(encodeFrame(new Uint8Array(40)));
  await eve.ended;
  assertEquals(eve.refusal?.code, 1, "what no key has encrypted");
});

Deno.test("who does not answer pings is dropped, who does stays", async () => {
  using clock = new Clock();
  await using log = await LogRecords.start();
  using folder = new TempFolder();
  await using server = listen(folder);
  using ada = await Mim2Client.login(server.port, "ada");
  using mute = await Mim2Client.login(server.port, "mute", { answers: false });
  for (let pings = 1; pings <= serverLimits.silentPings; pings++) {
    clock.advance(serverLimits.pingIntervalMs);
    await ada.until(() => ada.all("ping").length === pings, "a ping");
    await ada.say({ type: "ping", token: pings });
    await ada.until(() => ada.all("pong").length === pings, "that the answer was heard");
  }
  clock.advance(serverLimits.pingIntervalMs);
  await ada.until(() => ada.entries("mute").length === 0, "the Delete");
  await mute.ended;
  assert(mute.all("ping").length > 0);
  assertEquals(mute.refusal?.code, 9);
  assertEquals([...server.stats.rejections], [["no-answer", 1]]);
  assertMatch(
    log.shown.at(-1) ?? "",
    /\(mute\): no-answer: it did not answer pings; \d+ s of silence/,
  );
  assertEquals(ada.refusal, undefined);
  assert(ada.all("ping").length >= 2);
});

Deno.test("a classic user whose machine does not answer is marked until it does", async () => {
  using folder = new TempFolder();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let [answers, isGone] = [0, false];
  const { promise: isMarked, resolve: mark } = Promise.withResolvers<void>();
  const network: Network = {
    ...systemNetwork,
    async connect(to) {
      if (to.port !== listener.addr.port) return await systemNetwork.connect(to);
      if (isGone) {
        isGone = false;
        throw new Error("no route to that machine");
      }
      if (answers++ > 0) await isMarked;
      return await systemNetwork.connect(to);
    },
  };
  await using server = listen(folder, { network, classicDialIntervalMs: 100 });
  using ada = await Mim2Client.login(server.port, "ada");
  using _bob = await RawClient.login(server.port, "bob", listener.addr.port);
  await poll(() => answers > 0, "bob's machine to answer");
  isGone = true;
  await ada.until(() => ada.entry("bob").reachability === "unreachable", "the doubt");
  mark();
  await ada.until(() => ada.entry("bob").reachability === "unknown", "its end");
});

Deno.test("a server that did not run itself blames nobody for that silence", async () => {
  using clock = new Clock();
  using wall = new WallClock();
  await using log = await LogRecords.start();
  using folder = new TempFolder();
  await using server = listen(folder);
  using ada = await Mim2Client.login(server.port, "ada", { answers: false });
  using newcomer = await RawClient.connect(server.port);
  await poll(() => server.connectionCount === 2, "both to be there");
  // A suspended machine, or a stopped process: both clocks go on, and nothing else.
  clock.advance(3_600_000);
  wall.advance(3_600_000);
  await ada.until(() => ada.all("ping").length === 1, "a ping");
  await poll(() => log.lines.some((line) => /did not run for 36\d\d s/.test(line)), "the log");
  assertEquals([...server.stats.rejections], []);
  // From here on all is as ever.
  clock.advance(serverLimits.pingIntervalMs * serverLimits.silentPings + 1);
  await Promise.all([ada.ended, newcomer.ended]);
  const rejections = [...server.stats.rejections].sort();
  assertEquals(rejections, [["no-answer", 1], ["no-login", 1]]);
});

Deno.test("a request to be dialed back is passed on, with the session of who asks", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  using bob = await Mim2Client.login(server.port, "bob");
  using ada = await Mim2Client.login(server.port, "ada");
  using _classic = await RawClient.login(server.port, "classic");
  await ada.until(() => ada.entries("classic").length > 0, "the classic one");
  for (const session of [new Uint8Array(8), ada.entry("classic").session, bob.session]) {
    await ada.say({ type: "call-me", session });
  }
  await bob.until(() => bob.all("call-me").length > 0, "the request");
  assertEquals(bob.all("call-me"), [{ type: "call-me", session: ada.session }]);
});

Deno.test("requests to be dialed back are held to a rate", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  using bob = await Mim2Client.login(server.port, "bob");
  using eve = await Mim2Client.login(server.port, "eve");
  const asked = serverLimits.messageBurst - 5;
  for (let i = 0; i < asked; i++) await eve.say({ type: "call-me", session: bob.session });
  await eve.say({ type: "ping", token: 1 });
  await eve.until(() => eve.all("pong").length > 0, "the end");
  await bob.say({ type: "ping", token: 1 });
  await bob.until(() => bob.all("pong").length > 0, "all that was passed on");
  const passed = bob.all("call-me").length;
  assert(passed >= serverLimits.callMeBurst && passed < asked, `passed on ${passed}`);
});

Deno.test("a ghost that is reported goes within seconds, also when another reports it again", async () => {
  using clock = new Clock();
  using folder = new TempFolder();
  await using server = listen(folder);
  using ada = await Mim2Client.login(server.port, "ada");
  using bob = await Mim2Client.login(server.port, "bob");
  using ghost = await Mim2Client.login(server.port, "ghost", { answers: false });
  clock.advance(1);
  await ada.say({ type: "unreachable", session: ghost.session });
  await ghost.until(() => ghost.all("ping").length === 1, "the question whether it is there");
  clock.advance(limits.unreachableTimeoutMs / 2);
  await bob.say({ type: "unreachable", session: ghost.session });
  await bob.say({ type: "ping", token: 1 });
  await bob.until(() => bob.all("pong").length > 0, "that this was heard");
  clock.advance(limits.unreachableTimeoutMs / 2);
  await ada.until(() => ada.entries("ghost").length === 0, "the Delete");
  assertEquals(ghost.all("ping").length, 1);
});

Deno.test("the word of one alone drops nobody quickly", async () => {
  using clock = new Clock();
  using folder = new TempFolder();
  await using server = listen(folder);
  using ada = await Mim2Client.login(server.port, "ada");
  using slow = await Mim2Client.login(server.port, "slow", { answers: false });
  clock.advance(1);
  for (let lie = 0; lie < 3; lie++) await ada.say({ type: "unreachable", session: slow.session });
  await slow.until(() => slow.all("ping").length === 1, "the question whether it is there");
  clock.advance(serverLimits.singleReportTimeoutMs - 1_000);
  await ada.say({ type: "ping", token: 1 });
  await ada.until(() => ada.all("pong").length > 0, "an answer");
  await slow.say({ type: "pong", token: 0 });
  await slow.say({ type: "ping", token: 2 });
  await slow.until(() => slow.all("pong").length > 0, "that it is there");
  assertEquals(ada.entries("slow").length, 1);
});

Deno.test("lies about somebody who is there evict nobody, and cost a ping now and then", async () => {
  using clock = new Clock();
  using folder = new TempFolder();
  await using server = listen(folder);
  using ada = await Mim2Client.login(server.port, "ada");
  using liar = await Mim2Client.login(server.port, "liar");
  const lie = { type: "unreachable", session: ada.session } as const;
  const many = 30;
  for (let lies = 0; lies < many; lies++) {
    await liar.say(lie);
    await liar.say({ type: "ping", token: lies });
    await liar.until(() => liar.all("pong").length > lies, "an answer");
    await ada.say({ type: "ping", token: lies });
    await ada.until(() => ada.all("pong").length > lies, "that her answer was heard");
    clock.advance(250); // below the rate at which the liar itself would be dropped
  }
  assertEquals(ada.refusal, undefined);
  assertEquals(liar.entries("ada").length, 1);
  const most = Math.ceil(many * 250 / limits.unreachableTimeoutMs);
  const pings = ada.all("ping").length;
  assert(pings >= 1 && pings <= most, `${pings} pings`);
});

Deno.test("a MIM/2 client's listener is probed at its own address, a classic one's never", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  await using listener = new Probed();
  await using classic = new Probed();
  using ada = await Mim2Client.login(server.port, "ada", {
    port: listener.port,
    addresses: ["127.0.0.2"],
  });
  using _bob = await RawClient.login(server.port, "bob", classic.port);
  await ada.until(() => ada.entry("ada").reachability === "reachable", "the probe");
  assertEquals([listener.probes, classic.probes], [1, 0]);
  assertEquals(server.stats.probes, { reachable: 1, unreachable: 0 });
});

Deno.test("who logs in from a link-local address is not probed: nobody says on which link that is", async () => {
  using folder = new TempFolder();
  const link = new FakeNetwork();
  const [here, there] = [link.host("fe80::1"), link.host("fe80::7")];
  let dials = 0;
  const network: Network = {
    listen: (at) => here.listen(at),
    connect(to) {
      dials++;
      return here.connect(to);
    },
  };
  const at = { hostname: "fe80::1", port: 4242 };
  await using _server = MimServer.listen({ ...at, data: folder.path, network });
  await using ada = new Messenger({
    name: "ada",
    server: at,
    network: there,
    identity: Identity.fromBytes(ADA),
  });
  await ada.login();
  const own = [...ada.users].find(({ own }) => own);
  assertEquals([own?.address, own?.details?.reachability, dials], ["fe80::7", "unknown", 0]);
});

Deno.test("no port of the system is probed, nor this machine unless the server is for it alone", async () => {
  using folder = new TempFolder();
  const network = new FakeNetwork();
  let dials = 0;
  const here = network.host("192.0.2.1");
  const counting: Network = {
    listen: (at) => here.listen(at),
    connect(to) {
      dials++;
      return here.connect(to);
    },
  };
  await using server = MimServer.listen({ port: 0, data: folder.path, network: counting });
  const far = { network: network.host("192.0.2.7"), hostname: "192.0.2.1" };
  using ada = await Mim2Client.login(server.port, "ada", { ...far, port: 1_023 });
  using bob = await Mim2Client.login(server.port, "bob", { ...far, port: 1_024 });
  await bob.until(() => bob.entry("bob").reachability === "unreachable", "the probe of bob");
  assertEquals([ada.entry("ada").reachability, dials], ["unknown", 1]);
  using other = new TempFolder();
  await using open = MimServer.listen({ hostname: "0.0.0.0", port: 0, data: other.path });
  await using listener = new Probed();
  using eve = await Mim2Client.login(open.port, "eve", { port: listener.port });
  await eve.say({ type: "ping", token: 1 });
  await eve.until(() => eve.all("pong").length > 0, "an answer");
  assertEquals([listener.probes, open.stats.probes], [0, { reachable: 0, unreachable: 0 }]);
});

Deno.test("a port where nobody listens, or somebody else does, is not reachable", async () => {
  using folder = new TempFolder();
  await using server = listen(folder);
  await using other = await plainListener();
  const ports = [other.port, quietPort(), server.port];
  for (const port of ports) {
    using ada = await Mim2Client.login(server.port, "ada", { key: ADA, port });
    await ada.until(() => ada.entry("ada").reachability === "unreachable", "the probe");
  }
  assertEquals(server.stats.probes, { reachable: 0, unreachable: 3 });
});

Deno.test("a probe that hangs does not keep the server from stopping", async () => {
  using folder = new TempFolder();
  const server = listen(folder);
  await using silent = await plainListener(() => {});
  using ada = await Mim2Client.login(server.port, "ada", { port: silent.port });
  await poll(() => silent.open.length > 0, "the probe");
  await server.close();
  await ada.ended;
});

/** A listener that speaks no MIM: says something else to whoever comes, or nothing. */
// deno-lint-ignore require-await -- so that it can stand behind `await using`
async function plainListener(answer = (one: Deno.TcpConn) => void one.write(new Uint8Array(6))) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open: Deno.TcpConn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) {
      open.push(connection);
      answer(connection);
    }
  })();
  return {
    port: listener.addr.port,
    open,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      for (const connection of open) connection.close();
    },
  };
}
