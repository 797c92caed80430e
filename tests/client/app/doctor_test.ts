import { recordEvents } from "../../helpers/test_user.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { diagnoseHere, doctor } from "../../../client/app/doctor.ts";
import { deleteOfAdd, encodeAdd } from "../../../protocol/mod.ts";
import { FakeTime } from "../../helpers/time.ts";
import { logIn, Mim2Server } from "../../helpers/fake_server.ts";
import { newIdentity } from "../../fixtures/keys.ts";
import { TempFolder } from "../../helpers/disk.ts";
import type { TestUser } from "../../helpers/test_user.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";

/** What the doctor says of a user, and the exit code. */
async function examined(user: TestUser): Promise<{ code: number; said: string[] }> {
  const recorder = recordEvents("the doctor's");
  const code = await doctor(user, recorder.add);
  return { code, said: recorder.all.map(({ event, text }) => `${event} ${text}`) };
}

Deno.test("doctor: at a MIM/2 server that reaches everybody all is well", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at, server } = env.serve({ data: folder.path });
  const bob = env.user("bob", at, undefined, { identity: newIdentity() });
  await bob.login();
  const carol = env.user("carol", at);
  await carol.login();
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  const { code, said } = await examined(ada);
  assertEquals(code, 0, said.join("\n"));
  assertMatch(said[0] ?? "", /^note Server: .* answers, and speaks MIM\/2, with the key /);
  assertMatch(said[2] ?? "", /^note Seen from outside: .*; the server has dialed you there$/);
  assertEquals(said.slice(3), [
    "note Clock: as the server's",
    "note Users: 2 of 2 can be dialed",
    "note All is well here",
  ]);
  assertEquals(server.stats.users, 3);
  // Nobody was bothered.
  for (const user of [bob, carol]) {
    const bothered = user.events.all.filter(({ event }) => /chat|error|note/.test(event));
    assertEquals(bothered, []);
  }
});

Deno.test("doctor: behind a refused port it says so, and what to do", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at } = env.serve({ data: folder.path });
  const machine = env.machine();
  const { network } = machine;
  // What a firewall does: the listener is there, and nobody else gets to it.
  const walled = {
    ...{ connect: network.connect.bind(network) },
    listen: ({ port }: { port: number }) => network.listen({ hostname: "127.0.0.1", port }),
  };
  const ada = env.user("ada", at, { ...machine, network: walled }, {
    identity: newIdentity(),
    listen: {},
  });
  const { code, said } = await examined(ada);
  assertEquals(code, 5, said.join("\n"));
  const error = said.findIndex((line) => line.startsWith("error "));
  assertMatch(said[error] ?? "", /^error The server can't dial you at .*: a firewall or a router/);
  const port = /answers/.exec(said[1] ?? "") && /port (\d+)/.exec(said[1] ?? "")?.[1];
  assertEquals(said.some((line) => line.includes(`${port}`) && line.startsWith("note ")), true);
});

Deno.test("doctor: at a classic server it says what can't be known there", async () => {
  await using env = TestEnvironment.fake();
  const gone = { name: "gone", address: env.machine().address, port: 4000 };
  const at = env.listen((wire) => logIn(wire, encodeAdd(gone)));
  const { code, said } = await examined(env.user("ada", at));
  assertEquals(code, 5);
  assertMatch(said[0] ?? "", /speaks classic MIM: it proves nothing/);
  assertEquals(said.slice(3), [
    "note Users: 0 of 1 can be dialed",
    `note User gone at ${gone.address}:4000 can't be dialed: nothing listens there`,
    "error gone can't be dialed from here: a firewall, here or there, or another network is in the way",
  ]);

  const alone = env.listen((wire) => logIn(wire, encodeAdd(gone), deleteOfAdd(encodeAdd(gone))));
  const well = await examined(env.user("ada", alone));
  assertEquals(well.code, 0);
  assertMatch(well.said.at(-1) ?? "", /^note All is well here; whether others can call you is not/);
});

Deno.test("doctor: a server that is not there, refuses, or has changed", async () => {
  await using env = TestEnvironment.fake();
  const { address: hostname } = env.machine();
  const nobody = await examined(env.user("ada", { hostname, port: 4242 }));
  assertEquals(nobody.code, 3);
  assertEquals(nobody.said, [
    `note Server: ${hostname}:4242 was not reached`,
    "note Own listener: there is none",
    `error Cannot reach the server at ${hostname}:4242: nothing listens there; check that a server ` +
    "runs there, or name another with --server HOST[:PORT]",
  ]);

  using folder = new TempFolder();
  const { at } = env.serve({ data: folder.path });
  const bob = env.user("bob", at, undefined, { identity: newIdentity() });
  await bob.login();
  const other = await examined(env.user("bob", at, undefined, { identity: newIdentity() }));
  assertEquals(other.code, 4);
  assertMatch(
    other.said.at(-1) ?? "",
    /`mim key import FILE` here\), or choose another name, with --name NAME$/,
  );
});

Deno.test("doctor: who was reached by dialing back is not said to be out of reach", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at } = env.serve({ data: folder.path });
  const hidden = { identity: newIdentity(), listen: { hostname: "127.0.0.1" } };
  const bob = env.user("bob", at, undefined, hidden);
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  for (const user of [bob, ada]) await user.login();
  const recorder = recordEvents("ada's");
  await diagnoseHere(ada, recorder.add);
  await recorder.saw("error", { text: /^bob can't be dialed from here: / });
  await ada.call("bob");
  await diagnoseHere(ada, recorder.add);
  await recorder.saw("note", {
    text:
      /^User bob at .* can't be dialed: .*; a chat is open all the same, since it has dialed you$/,
  });
  await recorder.saw("note", {
    text: /^All is well here, but 1 of 1 users can't be dialed \(a chat/,
  });
});

Deno.test("doctor: the clock is measured anew, whatever it was at the login", async () => {
  await using env = TestEnvironment.fake();
  let aheadMs = 0;
  const at = new Mim2Server().listen(env, async (visit) => {
    await visit.welcome();
    const own = { ...visit.own, reachability: "reachable" } as const; // nothing to wait for
    await visit.say(visit.accepted(), { type: "add", entry: own }, { type: "complete", rows: 1 });
    for (let said = await visit.hear(); said !== undefined; said = await visit.hear()) {
      if (said.type !== "ping") continue;
      await visit.say({ type: "pong", token: said.token, serverTime: Date.now() - aheadMs });
    }
  });
  const ada = env.user("ada", at, undefined, { identity: newIdentity() });
  await ada.login();
  for (aheadMs of [0, 3_600_000, -3_600_000]) {
    const { clockAheadMs = Infinity } = await ada.examine();
    assert(Math.abs(clockAheadMs - aheadMs) < 60_000, `${clockAheadMs}`);
  }
});

Deno.test("doctor: beside an open client with a fixed port that client is examined", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at } = env.serve({ data: folder.path });
  const machine = env.machine();
  const identity = newIdentity();
  const open = env.user("ada", at, machine, { identity, listen: { port: 7000 } });
  const listen = { port: 7000, mayMove: true };
  const looking = env.user("ada", at, machine, { identity, listen });
  const alone = await examined(looking);
  assertEquals(alone.code, 0, alone.said.join("\n"));
  await looking.quit();

  await open.login();
  const beside = await examined(env.user("ada", at, machine, { identity, listen }));
  assertEquals(beside.code, 0, beside.said.join("\n"));
  assertEquals(
    beside.said[1],
    "note Own listener: port 7000 of every address is that of a MIM client that runs here, which answers",
  );
  assertMatch(beside.said[2] ?? "", /^note Seen from outside: .*:7000; the server has dialed you/);
  await open.quit();

  const other = machine.network.listen({ hostname: "::", port: 7000 });
  other.accept().then((connection) => connection.close(), () => {});
  const taken = await examined(env.user("ada", at, machine, { identity, listen }));
  other.close();
  assertEquals(taken.code, 2, taken.said.join("\n"));
  assertEquals(
    taken.said.find((line) => line.startsWith("error")),
    "error Another program listens at port 7000, so nobody can call you there: end that one, or " +
      "choose another port with --listen, or in the config file",
  );
});

Deno.test("doctor: without a key a MIM/2 server is said to be one", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const { at } = env.serve({ data: folder.path });
  const { said } = await examined(env.user("ada", at));
  assertMatch(said[0] ?? "", /speaks MIM\/2 with those who have a key, and classic MIM with you$/);
});

Deno.test("doctor: while chatting it looks, and changes nothing", async () => {
  using time = new FakeTime();
  await using env = TestEnvironment.fake();
  const { at, server } = env.serve();
  const [ada, bob] = await env.online(at, "ada", "bob");
  await ada.call("bob");
  const recorder = recordEvents("ada's");
  await diagnoseHere(ada, recorder.add);
  await recorder.saw("note", { text: "Users: 1 of 1 can be dialed" });
  assertEquals([ada.state, ada.chats.all.length, bob.chats.all.length], ["online", 1, 1]);
  await server.close();
  await ada.saw("disconnected");
  await diagnoseHere(ada, recorder.add);
  await recorder.saw("error", {
    text: /^Cannot reach the server at .*; check that .* \/server HOST/,
  });
  assertEquals(ada.chats.all[0]?.state === "open", true);
  await time.pass(0);
});

Deno.test("doctor: a server that can't be reached is dialed once, and a proxy is mentioned", async () => {
  await using env = TestEnvironment.fake();
  const machine = env.machine();
  let dials = 0;
  const network = {
    listen: (at: { hostname: string; port: number }) => machine.network.listen(at),
    connect() {
      dials++;
      return Promise.reject(new Error("failed to lookup address information: Try again"));
    },
  };
  const server = { hostname: "mim.example", port: 4242 };
  const ada = env.user("ada", server, { ...machine, network });
  const before = Deno.env.get("HTTPS_PROXY");
  Deno.env.set("HTTPS_PROXY", "http://proxy.example:3128");
  try {
    const { code, said } = await examined(ada);
    assertEquals([code, dials], [3, 1]);
    const text = said.join("\n");
    assertMatch(text, /error .*the name server does not answer/);
    assertMatch(text, /note A proxy is set \(HTTPS_PROXY\)/);
  } finally {
    if (before === undefined) Deno.env.delete("HTTPS_PROXY");
    else Deno.env.set("HTTPS_PROXY", before);
  }
});
