import { testKey } from "../fixtures/keys.ts";
import { Cable } from "../helpers/cable.ts";
import { ClusterNodeProcess } from "../helpers/cluster_node.ts";
import { Mim2Client } from "../helpers/mim2_client.ts";
import { missingNats, NatsServer } from "../helpers/nats_server.ts";
import { RawClient } from "../helpers/raw_client.ts";
import type { Section } from "./report.ts";
import { percentile, summarize } from "./statistics.ts";

const SERVER_KEY = testKey(9);
/** Changes one by one. */
const EVENTS = 200;
/** Users of each server beside those who look. */
const MAX_USERS = 200;
const PARTITION_MS = 60_000;
/** How long others may wait, in milliseconds: for a change, after a partition, and until a dead server's users go. */
const GOALS = { change: 50, partition: 2_000, death: 10_000 };

const now = (): number => performance.now();

/**
 * Three servers with one table: how soon changes are told, a partition of a minute, a restart of NATS, and a
 * server that is killed.
 *
 * @param users how many there are in all
 * @param outageMs how long NATS is gone
 */
export async function benchCluster(users: number, outageMs: number): Promise<Section> {
  if (missingNats !== undefined) throw new Error(missingNats);
  await using nats = await NatsServer.start();
  await using cable = new Cable(nats.port);
  const far = `nats://127.0.0.1:${cable.port}`;
  const nodes = await Promise.all([
    ClusterNodeProcess.start("one", SERVER_KEY, nats.address),
    ClusterNodeProcess.start("two", SERVER_KEY, nats.address),
    ClusterNodeProcess.start("three", SERVER_KEY, far),
  ]);
  await using stack = new AsyncDisposableStack();
  for (const node of nodes) stack.use(node);
  await Promise.all(nodes.map((node) => node.joined()));
  const [one, two, three] = nodes;
  const lookers = await Promise.all(
    [one, two, three].map((node, index) => Mim2Client.login(node?.port ?? 0, `looker ${index}`)),
  );
  const [near, second, away] = lookers;
  if (one === undefined || two === undefined || three === undefined) throw new Error("no servers");
  if (near === undefined || second === undefined || away === undefined) throw new Error("no users");
  const each = Math.min(MAX_USERS, Math.floor(users / nodes.length));
  const others: RawClient[] = [];
  for (let user = 0; user < each; user++) {
    for (const [index, node] of nodes.entries()) {
      others.push(await RawClient.login(node.port, `user ${index} ${user}`));
    }
  }
  const all = nodes.length * (each + 1);
  const see = (client: Mim2Client, count: number) =>
    client.until(() => client.table.size === count, `${count} users`);
  for (const looker of lookers) await see(looker, all);

  const changes: number[] = [];
  for (let event = 0; event < EVENTS; event++) {
    const start = now();
    const user = await RawClient.login(two.port, `event ${event}`);
    await near.until(() => near.entries(`event ${event}`).length === 1, "a login elsewhere");
    changes.push(now() - start);
    user.close();
    await near.until(() => near.entries(`event ${event}`).length === 0, "a logout elsewhere");
  }

  const cut = now();
  cable.cut();
  await see(near, 2 * (each + 1));
  const missed = now() - cut;
  others.push(await RawClient.login(three.port, "meanwhile"));
  await new Promise((resolve) => setTimeout(resolve, PARTITION_MS - missed));
  const mended = now();
  cable.mend();
  for (const looker of lookers) await see(looker, all + 1);
  const partition = now() - mended;

  await nats.stop();
  others.push(await RawClient.login(two.port, "without NATS"));
  const told = () => lookers.reduce((count, { updates }) => count + updates.length, 0);
  await second.until(() => second.entries("without NATS").length === 1, "a login here");
  const before = told();
  await new Promise((resolve) => setTimeout(resolve, outageMs));
  const changed = told() - before;
  const restarted = now();
  await nats.start();
  for (const looker of lookers) await see(looker, all + 2);
  const restart = now() - restarted;

  const killed = now();
  two.process.kill("SIGKILL");
  await see(near, 2 * (each + 1) + 1);
  const death = now() - killed;
  for (const client of [...others, ...lookers]) client.close();

  const once = (name: string, value: number, goal: number) =>
    ({ name, unit: "ms", better: "less", goal, ...summarize([value]) }) as const;
  return {
    title: `cluster: three servers with ${each + 1} users each, and NATS`,
    notes: ["logins are classic ones and include the time that they take"],
    figures: [
      once("one login told at another server, p50", percentile(changes, 0.5), GOALS.change),
      once("  p99", percentile(changes, 0.99), GOALS.change),
      once("users of a server that is cut off are gone", missed, GOALS.death),
      once("tables are the same after a partition of 60 s", partition, GOALS.partition),
      { ...once("changes told while NATS was gone", changed, 0), unit: "" },
      once("tables are the same after NATS has restarted", restart, GOALS.partition * 2),
      once("users of a server that was killed are gone", death, GOALS.death),
    ],
  };
}
