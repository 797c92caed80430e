/** Servers with one table, as processes: what dies, stops, comes back, and lies. */

import { assert, assertEquals } from "@std/assert";
import { Kvm } from "@nats-io/kv";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { ClusterSealer } from "../../protocol/mod.ts";
import { claimKeyOf } from "../../server/cluster/claim_record.ts";
import { encodeClusterMessage } from "../../server/cluster/cluster_message.ts";
import { testKey } from "../fixtures/keys.ts";
import { Cable } from "../helpers/cable.ts";
import { ClusterNodeProcess } from "../helpers/cluster_node.ts";
import { BUCKET, SERVER_KEY } from "../helpers/cluster_nodes.ts";
import { Mim2Client } from "../helpers/mim2_client.ts";
import { missingNats, NatsServer } from "../helpers/nats_server.ts";
import { startClient } from "../helpers/programs.ts";
import { RawClient } from "../helpers/raw_client.ts";
import { requiringTest } from "../helpers/required.ts";
import { poll } from "../helpers/wait.ts";

/** The names in the table that somebody was told. */
function namesOf(client: Mim2Client): string[] {
  return [...client.table.values()].map(({ name }) => name).sort();
}

/** How many users of a name somebody was told of at once, at most. */
function mostAtOnce({ updates }: Mim2Client, name: string): number {
  let count = 0;
  return Math.max(...updates.map((update) => {
    if (update === `A ${name}`) count++;
    else if (update === `D ${name}`) count--;
    return count;
  }));
}

/** The logouts that somebody was told. */
function gone(client: Mim2Client): string[] {
  return client.updates.filter((update) => update.startsWith("D"));
}

function sees(client: Mim2Client, ...names: readonly string[]): Promise<void> {
  return client.until(() => namesOf(client).join() === names.toSorted().join(), names.join());
}

/** Publishes whatever somebody can who has no key of the servers. */
async function disturb(nats: NatsConnection, names: readonly string[]): Promise<void> {
  const node = crypto.getRandomValues(new Uint8Array(32));
  const forger = new ClusterSealer(testKey(8), node, "mim");
  const heard: { readonly subject: string; readonly data: Uint8Array }[] = [];
  const all = nats.subscribe("mim.mim.>", {
    callback: (_, { subject, data }) => void heard.push({ subject, data: data.slice() }),
  });
  await poll(() => heard.length >= 3, "beats of all servers");
  all.unsubscribe();
  const nodes = new Set(heard.map(({ data }) => data.subarray(0, 32).toHex()));
  for (const id of [...nodes, node.toHex()]) {
    for (const word of ["log", "beat", "bye", "snap", "rows", "to"]) {
      const subject = `mim.mim.${word}.${id}`;
      nats.publish(subject, new Uint8Array(0));
      nats.publish(subject, crypto.getRandomValues(new Uint8Array(500)));
      nats.publish(subject, forger.seal(subject, encodeClusterMessage({ type: "bye" })));
      for (const { data } of heard) nats.publish(subject, data); // again, and elsewhere
    }
  }
  const bucket = await new Kvm(nats).open(BUCKET);
  for (const name of names) {
    await bucket.put(claimKeyOf(name), crypto.getRandomValues(new Uint8Array(200)));
    await bucket.delete(claimKeyOf(name));
  }
  for (let times = 0; times < 3_000; times++) {
    nats.publish(`mim.mim.beat.${times}`, crypto.getRandomValues(new Uint8Array(100)));
  }
  await bucket.destroy();
  await nats.flush();
}

requiringTest(
  "nats",
  missingNats,
  "cluster: nothing that happens to a server hurts the others",
  async () => {
    await using nats = await NatsServer.start();
    await using cable = new Cable(nats.port);
    const [one, two, three, stranger] = await Promise.all([
      ClusterNodeProcess.start("one", SERVER_KEY, nats.address),
      ClusterNodeProcess.start("two", SERVER_KEY, nats.address),
      ClusterNodeProcess.start("three", SERVER_KEY, `nats://127.0.0.1:${cable.port}`),
      ClusterNodeProcess.startPlain("stranger", testKey(7), nats.address),
    ]);
    await using stack = new AsyncDisposableStack();
    for (const node of [one, two, three, stranger]) stack.use(node);
    await Promise.all([one, two, three, stranger].map((node) => node.joined()));
    const [ADA, EVE] = [testKey(1), testKey(2)];
    using ada = await Mim2Client.login(one.port, "ada", { key: ADA });
    using bob = await Mim2Client.login(two.port, "bob");
    using cat = await Mim2Client.login(three.port, "cat");
    using max = await Mim2Client.login(stranger.port, "max");
    const servers = `127.0.0.1:${two.port},127.0.0.1:${one.port}`;
    await using dan = startClient("dan", "--plain", "--name", "dan", "--server", servers);
    await dan.waitFor("logged-in\tdan");
    const everybody = ["ada", "bob", "cat", "dan"];
    for (const user of [ada, bob, cat]) await sees(user, ...everybody);

    // Two keys: each server is as if the other were not there, and both say so.
    await stranger.process.waitForError(/another server\.key/);
    await one.process.waitForError(/another server\.key/);
    assertEquals(namesOf(max), ["max"]);
    await stranger[Symbol.asyncDispose]();
    await max.ended; // the process that has NATS ends with the one that was started

    // Somebody without the key adds nobody, removes nobody, and takes no name.
    {
      const forger = await connect({ servers: nats.address });
      await disturb(forger, ["ada", "bob", "cat"]);
      await forger.close();
    }
    assertEquals((await Mim2Client.refused(two.port, "ada", { key: EVE }))?.code, 3);
    using eve = await Mim2Client.login(two.port, "eve", { key: EVE });
    for (const user of [ada, bob, cat]) await sees(user, ...everybody, "eve");
    assertEquals(gone(ada), []);

    // NATS goes, and comes back: nobody is offline, and what happened meanwhile is told.
    await nats.stop();
    await one.process.waitForError(/no connection to NATS/);
    assertEquals((await Mim2Client.refused(one.port, "zoe"))?.code, 10);
    using again = await Mim2Client.login(one.port, "ada", { key: ADA });
    using fox = await RawClient.login(two.port, "fox");
    eve.close();
    await nats.start();
    for (const user of [ada, bob, cat, again]) await sees(user, ...everybody, "ada", "fox");
    assertEquals(gone(cat), ["D eve"]);
    again.close();
    fox.close();
    for (const user of [ada, bob, cat]) await sees(user, ...everybody);

    // A server that is cut off, and one that stands still: their users go, and come back once.
    const before = gone(cat).length;
    cable.cut();
    two.process.kill("SIGSTOP");
    const start = performance.now();
    await sees(ada, "ada");
    assert(performance.now() - start < 30_000, "its users were there for too long");
    assertEquals(gone(cat).length, before); // it hears nobody, so nobody is gone
    two.process.kill("SIGCONT");
    cable.mend();
    for (const user of [ada, bob, cat]) await sees(user, ...everybody);
    assertEquals(ada.updates.filter((update) => update === "A cat").length, 2);

    // A server that is killed: its users go, or are at another one, and nobody notices more than that.
    const seen = gone(ada).length;
    two.process.kill("SIGKILL");
    await dan.waitFor(/^disconnected\t/);
    await dan.waitFor("logged-in\tdan");
    for (const user of [ada, cat]) await sees(user, "ada", "cat", "dan");
    assertEquals(gone(ada).slice(seen).sort(), ["D bob", "D dan"]);
    // The user who has moved was never there twice.
    for (const user of [ada, cat]) assertEquals(mostAtOnce(user, "dan"), 1);

    // A server that stops says goodbye.
    three.process.kill("SIGTERM");
    assertEquals(await three.process.exitCode(), 0);
    await one.process.waitForError(/is gone \(it stopped\)/);
    await sees(ada, "ada", "dan");
  },
);
