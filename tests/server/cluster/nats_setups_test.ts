/** Setups of NATS: users with credentials, and three servers of it. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connect, credsAuthenticator } from "@nats-io/transport-node";
import { refusalCodes } from "../../../protocol/mod.ts";
import { NatsRecords } from "../../../server/cluster/nats_records.ts";
import { testKey } from "../../fixtures/keys.ts";
import { BUCKET, hasReadAll, isReady, Nodes, refusalAt } from "../../helpers/cluster_nodes.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { LogRecords } from "../../helpers/log_records.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";
import { NatsOperator } from "../../helpers/nats_operator.ts";
import { missingNats, NatsServer } from "../../helpers/nats_server.ts";
import { quietPort } from "../../helpers/programs.ts";
import { requiringTest } from "../../helpers/required.ts";
import { poll } from "../../helpers/wait.ts";

const [ADA, BOB] = [testKey(1), testKey(2)];

/** All that a server needs, as docs/operating.md lists it. */
async function subjectsInDocs(): Promise<string[]> {
  const path = new URL("../../../server/docs/operating.md", import.meta.url);
  const text = await Deno.readTextFile(path);
  const [, list = ""] = /allow the server to publish and subscribe to (.*?) With `/.exec(text) ??
    [];
  const subjects = Array.from(list.matchAll(/`([^`]+)`/g), ([, subject = ""]) => subject);
  assert(subjects.length >= 4, list);
  return subjects.map((subject) =>
    subject.replace("mim_NAME_claims_CHAIN", BUCKET).replace("NAME", "mim")
  );
}

requiringTest(
  "nats",
  missingNats,
  "cluster: a file of .creds that allows what the docs list, and no other, opens NATS",
  async () => {
    await using log = await LogRecords.start();
    using folder = new TempFolder();
    const operator = new NatsOperator();
    const write = async (name: string, text: string) => {
      await Deno.writeTextFile(`${folder.path}/${name}`, text, { mode: 0o600 });
      return `${folder.path}/${name}`;
    };
    const good = await write("good.creds", operator.credentials(await subjectsInDocs()));
    const strange = await write("strange.creds", new NatsOperator().credentials([">"]));
    await using nats = await NatsServer.start(operator.config);
    await using nodes = new Nodes();
    const start = (credentials: string) =>
      nodes.start({ cluster: { servers: [nats.address], credentials } });
    const [one, two] = [await start(good), await start(good)];
    await Promise.all([isReady(one), isReady(two)]);
    using ada = await Mim2Client.login(one.port, "ada", { key: ADA });
    using bob = await Mim2Client.login(two.port, "bob", { key: BOB });
    await ada.until(() => ada.entries("bob").length === 1, "bob");
    await bob.until(() => bob.entries("ada").length === 1, "ada");
    assertEquals((await one.ban("names", "eve", true))?.reach, "cluster");
    await start(strange);
    await poll(
      () => log.shown.some((line) => /no connection to NATS \(.*Authorization/i.test(line)),
      "a log line",
    );
    assert(!log.shown.some((line) => /Permissions Violation/i.test(line)), log.shown.join("\n"));
  },
);

requiringTest(
  "nats",
  missingNats,
  "cluster: of three NATS servers one is killed, and nobody is offline",
  async () => {
    const ports = [quietPort(), quietPort(), quietPort()];
    const routes = ports.map((port) => `"nats-route://127.0.0.1:${port}"`).join();
    await using stack = new AsyncDisposableStack();
    const start = async (port: number) =>
      stack.use(
        await NatsServer.start(`
          server_name: "n${port}"
          cluster: { name: "three", listen: "127.0.0.1:${port}", routes: [${routes}] }
        `),
      );
    const engines = await Promise.all(ports.map(start));
    const servers = engines.map(({ address }) => address);
    const connection = await connect({ servers });
    stack.defer(() => connection.close());
    // As if there had been one server of NATS once.
    await poll(
      () => new Kvm(connection).create(BUCKET, { replicas: 1 }).then(() => true, () => false),
      "JetStream",
    );
    await using nodes = new Nodes();
    const [one, two] = [
      await nodes.start({ cluster: { servers } }),
      await nodes.start({ cluster: { servers: servers.toReversed() } }),
    ];
    await Promise.all([isReady(one), isReady(two)]);
    using ada = await Mim2Client.login(one.port, "ada", { key: ADA });
    using bob = await Mim2Client.login(two.port, "bob", { key: BOB });
    await ada.until(() => ada.entries("bob").length === 1, "bob");
    await bob.until(() => bob.entries("ada").length === 1, "ada");
    const { streams } = await jetstreamManager(connection);
    const copies = async () => (await streams.info(`KV_${BUCKET}`)).config.num_replicas;
    await poll(async () => await copies() === 3, "three copies of each claim");

    await engines[0]?.stop();
    // New names can be claimed as soon as the other two agree on who leads.
    await poll(async () => await refusalAt(one, "cat", testKey(3)) === undefined, "a new name");
    await poll(async () => await refusalAt(two, "dan", testKey(4)) === undefined, "a new name");
    using _ = await Mim2Client.login(two.port, "eve", { key: testKey(5) });
    await ada.until(() => ada.entries("eve").length === 1, "eve");
    for (const user of [ada, bob]) {
      const gone = user.updates.filter((update) => /^D (ada|bob)/.test(update));
      assertEquals(gone, []);
    }
  },
);

requiringTest(
  "nats",
  missingNats,
  "cluster: one NATS server alone has one copy of each claim, and still has it after a restart",
  async () => {
    await using nats = await NatsServer.start();
    const connection = await connect({ servers: nats.address });
    await using stack = new AsyncDisposableStack();
    stack.defer(() => connection.close());
    const { streams } = await jetstreamManager(connection);
    await using nodes = new Nodes();
    const cluster = { servers: [nats.address] };
    const one = await nodes.start({ cluster });
    await isReady(one);
    using _ = await Mim2Client.login(one.port, "ada", { key: ADA });
    const state = async () => {
      const { config, state, created } = await streams.info(`KV_${BUCKET}`);
      return { copies: config.num_replicas, values: state.messages, created };
    };
    const before = await state();
    // A server that comes later, and finds it, changes nothing; one that finds more copies than there can be does.
    for (const copies of [1, 3]) {
      if (copies > 1) {
        await streams.update(`KV_${BUCKET}`, { num_replicas: copies }).catch(() => {});
      }
      await isReady(await nodes.start({ cluster }));
      assertEquals(await state(), { ...before, copies: 1, values: 1 });
    }
    await nats.stop();
    await nats.start();
    await isReady(one);
    await poll(() => state().then(() => true, () => false), "the stream");
    assertEquals(await state(), { ...before, copies: 1, values: 1 });
  },
);

requiringTest(
  "nats",
  missingNats,
  "cluster: a permission that is missing is named, and no lost connection; a stop logs no error",
  async () => {
    await using log = await LogRecords.start();
    using folder = new TempFolder();
    const operator = new NatsOperator();
    const all = await subjectsInDocs();
    const lacking = async (name: string, prefix: string) => {
      const subjects = all.filter((subject) => !subject.startsWith(prefix));
      assertEquals(subjects.length, all.length - 1);
      await Deno.writeTextFile(`${folder.path}/${name}`, operator.credentials(subjects), {
        mode: 0o600,
      });
      return `${folder.path}/${name}`;
    };
    await using nats = await NatsServer.start(operator.config);
    await using nodes = new Nodes();
    const start = (credentials: string, folder?: TempFolder) =>
      nodes.start({ cluster: { servers: [nats.address], credentials } }, folder);
    const one = await start(await lacking("claims.creds", "$KV"));
    await isReady(one);
    assertEquals(await refusalAt(one, "ada", ADA), refusalCodes["try later"]);
    await poll(() => one.stats.cluster?.canClaim === false, "that no claim can be settled");
    assertEquals(one.stats.cluster?.isConnected, true);
    const says = (text: string) => log.shown.filter((line) => line.includes(text)).length;
    assertEquals(says(`does not allow this server to publish to $KV.${BUCKET}.>`), 1);
    const data = new TempFolder();
    const two = await start(await lacking("table.creds", "mim."), data);
    await isReady(two);
    await poll(() => says("subscribe to mim.mim.log.*") === 1, "the subscription that is missing");
    await poll(() => says("publish to mim.mim.beat.*") === 1, "the subject that is missing");
    assertEquals(two.stats.cluster?.isConnected, true);
    await hasReadAll(data);
    const count = log.shown.length;
    await Promise.all([one.close(), two.close()]);
    const last = log.shown.slice(count).filter((line) =>
      /can't be claimed|no connection/.test(line)
    );
    assertEquals([last, says("no connection to NATS")], [[], 0]);
  },
);

requiringTest(
  "nats",
  missingNats,
  "cluster: with what the docs list all of a large bucket is read, and without a part of that it is said",
  async () => {
    const operator = new NatsOperator();
    await using nats = await NatsServer.start(operator.config);
    await using stack = new AsyncDisposableStack();
    const open = async (subjects: readonly string[]) => {
      const authenticator = credsAuthenticator(
        new TextEncoder().encode(operator.credentials(subjects)),
      );
      const connection = await connect({ servers: nats.address, authenticator });
      stack.defer(() => connection.close());
      return await NatsRecords.open(connection, BUCKET);
    };
    // Until it is answered, NATS sends 2 MB of them and no more.
    const count = 40;
    const writer = await open([">"]);
    for (let at = 0; at < count; at++) await writer.create(`name.${at}`, new Uint8Array(100_000));
    const all = await subjectsInDocs();
    const end = new AbortController();
    const complete = Promise.withResolvers<void>();
    const watching = (await open(all)).watch(() => {}, () => {}, complete.resolve, end.signal);
    await Promise.race([complete.promise, watching]);
    end.abort();
    await watching;

    const lacking = await open(all.filter((subject) => !subject.startsWith("$JS.FC")));
    let isOver = false;
    const failing = assertRejects(
      () => lacking.watch(() => {}, () => {}, () => {}, new AbortController().signal),
      Error,
      "publish to $JS.FC.>",
    ).finally(() => isOver = true);
    while (!isOver) await lacking.check(1_000);
    await failing;
  },
);
