import { assertEquals } from "@std/assert";
import { encodePreamble, limits } from "../../../protocol/mod.ts";
import { ReachabilityProber } from "../../../server/mim2/reachability.ts";
import { FakeNetwork } from "../../../client/testing/fake_network.ts";
import { FakeTime } from "../../helpers/time.ts";
import { poll } from "../../helpers/wait.ts";
import { serverLimits } from "../../../server/limits.ts";

const CLIENT = "192.0.2.7";
const PROBE = encodePreamble("probe");

/** A prober, what it dials, and what it finds. */
function setUp() {
  const network = new FakeNetwork();
  const host = network.host("192.0.2.1");
  const found: [name: string, isReachable: boolean][] = [];
  const load = { isBusy: false };
  const prober = new ReachabilityProber<{ name: string }>(
    host,
    () => load.isBusy,
    ({ name }, isReachable) => void found.push([name, isReachable]),
  );
  return { network, client: network.host(CLIENT), prober, found, load };
}

Deno.test("a listener is reachable that gives back a probe, in pieces too", async () => {
  const { client, prober, found } = setUp();
  const listener = client.listen({ hostname: "::", port: 4000 });
  prober.probe({ name: "ada" }, CLIENT, 4000);
  const connection = await listener.accept();
  const buffer = new Uint8Array(64);
  assertEquals(await connection.read(buffer), PROBE.length);
  assertEquals(buffer.subarray(0, PROBE.length), PROBE);
  await connection.write(PROBE.subarray(0, 2));
  await connection.write(PROBE.subarray(2));
  await poll(() => found.length === 1, "the outcome");
  assertEquals(found, [["ada", true]]);
  assertEquals(await connection.read(buffer), null);
  await prober.close();
});

Deno.test("nobody there, another answer, an early end, no answer: not reachable", async () => {
  const { client, prober, found } = setUp();
  using time = new FakeTime();
  const other = client.listen({ hostname: "::", port: 1 });
  const short = client.listen({ hostname: "::", port: 2 });
  client.listen({ hostname: "::", port: 3 });
  const cases = { refused: 9, none: 0, other: 1, short: 2, silent: 3 };
  for (const [name, port] of Object.entries(cases)) prober.probe({ name }, CLIENT, port);
  prober.probe({ name: "nowhere" }, "192.0.2.99", 1);
  await (await other.accept()).write(new Uint8Array(6));
  const early = await short.accept();
  await early.write(PROBE.subarray(0, 5));
  await early.closeWrite();
  await time.pass(limits.probeTimeoutMs);
  assertEquals(
    found.map(([name, isReachable]) => `${name} ${isReachable}`).sort(),
    [...Object.keys(cases), "nowhere"].map((name) => `${name} false`).sort(),
  );
  await prober.close();
});

Deno.test("few are probed at once, the others in their turn, and those who left not at all", async () => {
  const { prober, found } = setUp();
  using time = new FakeTime();
  const who = Array.from({ length: serverLimits.probes * 2 }, (_, at) => ({ name: `${at}` }));
  for (const one of who) prober.probe(one, "192.0.2.99", 1);
  for (const gone of who.slice(-3)) prober.forget(gone);
  await time.pass(limits.probeTimeoutMs);
  assertEquals(found.length, serverLimits.probes);
  await time.pass(limits.probeTimeoutMs);
  assertEquals(found.length, serverLimits.probes * 2 - 3);
  await prober.close();
});

Deno.test("in a storm a few are probed at each tick, all others once it is over", async () => {
  const { prober, found, load } = setUp();
  using time = new FakeTime();
  load.isBusy = true;
  const who = Array.from({ length: serverLimits.probes * 4 }, (_, at) => ({ name: `${at}` }));
  for (const one of who) prober.probe(one, "192.0.2.99", 1);
  await time.pass(limits.probeTimeoutMs);
  assertEquals(found.length, 0);
  prober.tick();
  await time.pass(limits.probeTimeoutMs * 2);
  assertEquals(found.length, serverLimits.probes);
  load.isBusy = false;
  prober.tick();
  await time.pass(limits.probeTimeoutMs * 3);
  assertEquals(found.length, who.length);
  await prober.close();
});

Deno.test("closed, it tells nothing more and probes nobody", async () => {
  const { network, client, prober, found } = setUp();
  const listener = client.listen({ hostname: "::", port: 4000 });
  prober.probe({ name: "ada" }, CLIENT, 4000);
  const connection = await listener.accept();
  await prober.close();
  prober.probe({ name: "bob" }, CLIENT, 4000);
  connection.close();
  listener.close();
  assertEquals(found, []);
  assertEquals(network.open, 0);
});
