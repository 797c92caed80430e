/** Servers that share one table through a real NATS server. */

import { assertEquals, assertMatch } from "@std/assert";
import { Kvm } from "@nats-io/kv";
import { createUser } from "@nats-io/nkeys";
import { connect } from "@nats-io/transport-node";
import { identityOf, refusalCodes } from "../../../protocol/mod.ts";
import { claimKeyOf, decodeClaimRecord } from "../../../server/cluster/claim_record.ts";
import { Screen } from "../../client/app/screen.ts";
import { newIdentity, testKey } from "../../fixtures/keys.ts";
import { ClusterNodeProcess } from "../../helpers/cluster_node.ts";
import {
  BUCKET,
  hasReadAll,
  isReady,
  Nodes,
  refusalAt,
  SERVER_KEY,
} from "../../helpers/cluster_nodes.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { LogRecords } from "../../helpers/log_records.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";
import { missingNats, NatsServer } from "../../helpers/nats_server.ts";
import { RawClient } from "../../helpers/raw_client.ts";
import { requiringTest } from "../../helpers/required.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { poll } from "../../helpers/wait.ts";

const [ADA, EVE] = [testKey(1), testKey(2)];
const CERTIFICATES = new URL("../../fixtures/nats/", import.meta.url).pathname;

requiringTest("nats", missingNats, "cluster: users of all servers are in one table", async () => {
  await using nats = await NatsServer.start();
  await using nodes = new Nodes();
  const cluster = { servers: [nats.address] };
  const [one, two] = [await nodes.start({ cluster, workers: 2 }), await nodes.start({ cluster })];
  await Promise.all([isReady(one), isReady(two)]);
  using ada = await Mim2Client.login(one.port, "ada", { key: ADA });
  using bob = await RawClient.login(two.port, "bob");
  using eve = await Mim2Client.login(two.port, "eve", { key: EVE });
  await ada.until(() => ada.table.size === 3, "everybody");
  await eve.until(() => eve.table.size === 3, "everybody");
  await bob.until(() => bob.names.length === 3, "everybody");
  assertEquals([one.userCount, two.userCount], [3, 3]);
  assertEquals([one.stats.users, two.stats.users], [1, 2]);
  // Only changes are reported.
  await eve.say({ type: "status", availability: "away", status: "lunch" });
  await ada.until(() => ada.entry("eve").status === "lunch", "a status");
  assertEquals(ada.updates.filter((update) => update === "A eve").length, 1);
  // What a probe has found may come before that, or with it.
  assertEquals(ada.changes("status", "lunch").length, 1);
  // A callback goes to the other server, and is told behind the row of who asks.
  using zoe = await Mim2Client.login(one.port, "zoe", { capabilities: 1 });
  await zoe.say({ type: "call-me", session: eve.session });
  await eve.until(() => eve.all("call-me").length > 0, "a callback");
  assertEquals(eve.all("call-me")[0]?.session, zoe.session);
  assertEquals(eve.entry("zoe").session, zoe.session);
  // Logged in again elsewhere, the session before ends.
  using again = await Mim2Client.login(two.port, "ada", {
    key: ADA,
    previousSession: ada.session,
  });
  await ada.ended;
  await again.until(() => again.entries("ada").length === 1, "one session of ada");
  // The operator of one server can disconnect the users of all.
  assertEquals(two.users().map(({ name }) => name).sort(), ["ada", "bob", "eve", "zoe"]);
  assertEquals(two.kick(({ name }) => name === "zoe"), 1);
  await zoe.ended;
  assertEquals(zoe.refusal?.code, 14);
  bob.close();
  await again.until(() => again.entries("bob").length === 0, "bob's logout");
});

requiringTest("nats", missingNats, "cluster: a name is claimed once", async () => {
  await using nats = await NatsServer.start();
  await using nodes = new Nodes();
  const cluster = { servers: [nats.address] };
  const [one, two] = [await nodes.start({ cluster }), await nodes.start({ cluster })];
  await Promise.all([isReady(one), isReady(two)]);
  const answers = await Promise.all([one, two].map(async ({ port }, index) => {
    const key = [ADA, EVE][index];
    using client = await Mim2Client.connect(port, { key });
    await client.logIn(await client.loginOf("max"));
    await client.until(() => client.hasEnded || client.all("complete").length > 0, "an answer");
    return client.refusal?.code;
  }));
  assertEquals(answers.toSorted(), [3, undefined]);
  await poll(() => [one, two].every((server) => server.users().length === 0), "max's logout");
  // Without NATS it stays so, and names that are new wait.
  await nats.stop();
  await poll(() => !one.stats.cluster?.canClaim && !two.stats.cluster?.canClaim, "no connection");
  const [mine, other] = answers[0] === undefined ? [ADA, EVE] : [EVE, ADA];
  for (const { port } of [one, two]) {
    assertEquals((await Mim2Client.refused(port, "max", { key: other }))?.code, 3);
    assertEquals((await Mim2Client.refused(port, "zed", { key: other }))?.code, 10);
    using max = await Mim2Client.login(port, "max", { key: mine });
    assertEquals(max.entry("max").certificate === undefined, false);
  }
  await nats.start();
  await Promise.all([isReady(one), isReady(two)]);
  using _ = await Mim2Client.login(one.port, "zed", { key: other });
});

requiringTest(
  "nats",
  missingNats,
  "cluster: a ban holds at all servers, also at one that was down, and with NATS gone",
  async () => {
    await using log = await LogRecords.start();
    await using nats = await NatsServer.start();
    await using nodes = new Nodes();
    const cluster = { servers: [nats.address] };
    const identity = newIdentity();
    const admins = [identity.publicKey.toHex()];
    const folder = new TempFolder();
    const [one, two] = [
      await nodes.start({ cluster, access: { admins } }),
      await nodes.start({ cluster }, folder),
    ];
    await Promise.all([isReady(one), isReady(two)]);
    await using env = TestEnvironment.real();
    const ada = env.user("ada", one, undefined, { identity });
    await ada.login();
    using eve = await Mim2Client.login(two.port, "eve", { key: EVE });
    await ada.saw("online", { name: "eve" });
    const screen = new Screen(ada);
    await screen.type("/ban eve");
    assertMatch(
      screen.told()[0] ?? "",
      /^note: Banned eve \(.*\) at all servers of the cluster; 1 session has ended; /,
    );
    await eve.ended;
    assertEquals(eve.refusal?.code, refusalCodes.banned);
    for (const server of [one, two]) {
      assertEquals(await refusalAt(server, "eve", EVE), refusalCodes.banned);
    }

    // A server that is down meanwhile learns both: who is banned, and who is not any more.
    await two.close();
    const hex = identityOf(EVE).toHex();
    assertEquals(await one.ban("keys", hex, false), { ended: 0, reach: "cluster" });
    assertEquals(await one.ban("keys", hex, false), undefined);
    assertEquals(await one.ban("names", "Mallory", true), { ended: 0, reach: "cluster" });
    const back = await nodes.start({ cluster }, folder);
    await poll(
      async () => await refusalAt(back, "eve", EVE) === undefined,
      "that the ban was lifted",
    );
    assertEquals(await refusalAt(back, "mallory"), refusalCodes.banned);

    // Without NATS, a ban holds where it was ordered, and those that a server knows hold from its start.
    await nats.stop();
    await poll(() => one.stats.cluster?.canClaim === false, "no NATS");
    assertEquals(await one.ban("networks", "192.0.2.0/24", true), {
      ended: 0,
      reach: "cluster-later",
    });
    assertEquals(await one.ban("names", "zed", true), { ended: 0, reach: "cluster-later" });
    assertEquals(await refusalAt(one, "zed"), refusalCodes.banned);
    await screen.type("/ban yak");
    assertMatch(
      screen.told()[0] ?? "",
      /^note: Banned the name yak at this server, and at the others /,
    );
    await back.close();
    const again = await nodes.start({ cluster }, folder);
    assertEquals(await refusalAt(again, "mallory"), refusalCodes.banned);
    await nats.start();
    await poll(
      async () => await refusalAt(again, "zed") === refusalCodes.banned,
      "that the ban has come",
    );
    await poll(
      () =>
        log.shown.some((line) => line.includes("all servers can know that the name zed is banned")),
      "a log line",
    );
  },
);

requiringTest(
  "nats",
  missingNats,
  "cluster: a claim that is erased in NATS is written back",
  async () => {
    await using nats = await NatsServer.start();
    await using nodes = new Nodes();
    const cluster = { servers: [nats.address] };
    const folder = new TempFolder();
    const one = await nodes.start({ cluster }, folder);
    await isReady(one);
    const max = await Mim2Client.login(one.port, "max", { key: ADA });
    max.close();
    const connection = await connect({ servers: nats.address });
    await using stack = new AsyncDisposableStack();
    stack.defer(() => connection.close());
    const bucket = await new Kvm(connection).open(BUCKET);
    const key = claimKeyOf("max");
    const isThere = async () =>
      decodeClaimRecord((await bucket.get(key))?.value ?? new Uint8Array(0));
    await poll(async () => await isThere() !== undefined, "a claim");
    await hasReadAll(folder);
    await bucket.put(key, new Uint8Array(7));
    await poll(async () => await isThere() !== undefined, "the claim once more");
    // A name of which no server has a copy goes to nobody.
    await one.close();
    for (const erase of [() => bucket.delete(key), () => bucket.purge(key)]) {
      await erase();
      const two = await nodes.start({ cluster });
      await isReady(two);
      assertEquals(await refusalAt(two, "max", EVE), refusalCodes["try later"]);
      await two.close();
    }
  },
);

requiringTest("nats", missingNats, "cluster: NATS may want TLS and credentials", async () => {
  using folder = new TempFolder();
  const [user, other] = [createUser(), createUser()];
  const [good, bad] = [`${folder.path}/good.seed`, `${folder.path}/bad.seed`];
  await Deno.writeFile(good, user.getSeed(), { mode: 0o600 });
  await Deno.writeFile(bad, other.getSeed(), { mode: 0o600 });
  await using nats = await NatsServer.start(`
    tls: { cert_file: "${CERTIFICATES}server.pem", key_file: "${CERTIFICATES}server.key" }
    authorization: { users: [ { nkey: "${user.getPublicKey()}" } ] }
  `);
  await using plain = await NatsServer.start();
  const trusted = { DENO_CERT: `${CERTIFICATES}ca.pem` };
  const start = (name: string, file: string, env: Record<string, string>, at = nats.address) =>
    ClusterNodeProcess.start(
      name,
      SERVER_KEY,
      at,
      ["--cluster-credentials", file, "--cluster-tls"],
      env,
    );
  const nodes = await Promise.all([
    start("one", good, trusted),
    start("false", bad, trusted),
    start("untrusting", good, {}),
    start("untrusted", good, trusted, plain.address),
  ]);
  const [one, falsely, untrusting, untrusted] = nodes;
  try {
    await one.joined();
    await falsely.process.waitForError(/no connection to NATS \(.*Authorization Violation/i);
    await untrusting.process.waitForError(/no connection to NATS \(.*certificate/i);
    await untrusted.process.waitForError(/no connection to NATS \(.*tls/i);
    // Whoever can't join serves all the same.
    using ada = await RawClient.login(falsely.port, "ada");
    await ada.until(() => ada.names.includes("ada"), "a login");
  } finally {
    for (const node of nodes) await node[Symbol.asyncDispose]();
  }
});
