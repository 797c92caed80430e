import { writeAll } from "../../../server/platform/net/byte_stream.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { encodeAdd, encodeLogin, type HostPort } from "../../../protocol/mod.ts";
import { Registry } from "prom-client";
import { watchCluster } from "../../../server/metrics/cluster_metrics.ts";
import { Metrics } from "../../../server/metrics/mod.ts";
import { MimServer, type ServerOptions } from "../../../server/mod.ts";
import { Clock } from "../../helpers/time.ts";
import { FakeNetwork } from "../../../client/testing/fake_network.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";
import { poll } from "../../helpers/wait.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { RawClient } from "../../helpers/raw_client.ts";

const HOST = "192.0.2.1";
const SOMEWHERE = { hostname: "127.0.0.1", port: 0 };

/** A server in memory whose metrics are served. */
class Watched implements AsyncDisposable {
  readonly network: FakeNetwork;
  readonly server: MimServer;
  readonly #metrics = new Metrics("1.2.3");
  readonly #http: ReturnType<Metrics["serve"]>;
  /** How many broadcasts were measured. */
  measured = 0;

  constructor(options: ServerOptions = {}, network: FakeNetwork = new FakeNetwork()) {
    this.network = network;
    this.server = MimServer.listen({
      ...options,
      port: 0,
      network: network.host(HOST),
      onBroadcast: (time) => {
        this.measured++;
        this.#metrics.onBroadcast(time);
      },
    });
    this.#http = this.#metrics.serve(() => this.server.stats, SOMEWHERE);
  }

  get address() {
    return { hostname: HOST, port: this.server.port };
  }

  login(name: string, address = "192.0.2.7"): Promise<RawClient> {
    return RawClient.login(this.at(address), name);
  }

  /** Its place in the network of another machine. */
  at(address: string) {
    return { ...this.address, network: this.network.host(address) };
  }

  /** Sends some bytes and waits until the server has closed. */
  async send(bytes: Uint8Array): Promise<RawClient> {
    const user = await RawClient.connect(this.at("192.0.2.9"));
    await user.send(bytes);
    await user.ended;
    return user;
  }

  get(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.#http.addr.port}${path}`);
  }

  /** Lines of /metrics by what stands before the value. */
  async metrics(): Promise<Readonly<Record<string, number>>> {
    const lines = (await (await this.get("/metrics")).text()).split("\n");
    return Object.fromEntries(
      lines.filter((line) => /^\w/.test(line)).map((line) => {
        const [name = "", value] = line.split(/ (?=\S+$)/);
        return [name, Number(value)];
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.server.close(), this.#http.close()]);
  }
}

Deno.test("after logins, a logout and refusals every metric has its value", async () => {
  await using watched = new Watched({ maxUsers: 2, maxPerAddress: 2, loginTimeoutMs: 60_000 });
  using ada = await watched.login("ada");
  const bob = await watched.login("bob");
  const refused = [
    await watched.send(encodeLogin({ name: "carol", port: 1 })), // there are two already
    await watched.send(encodeLogin({ name: "", port: 1 })),
    await watched.send(new Uint8Array([0xff, 0xff])),
    await watched.send(new Uint8Array([0xff, 0xff])),
  ];
  using third = await RawClient.connect(watched.at("192.0.2.7"));
  await third.ended;
  bob[Symbol.dispose]();
  await ada.until(() => ada.names.length === 1, "the Delete of bob");
  using quiet = await RawClient.connect(watched.at("192.0.2.8"));
  const { server } = watched;
  const bytes = () => [ada, bob, quiet, ...refused].reduce((sum, user) => sum + user.bytes, 0);
  await poll(() => quiet.bytes > 0 && bytes() === server.stats.bytesOut, "all bytes to have come");

  for (let time = 0; time < 2; time++) { // asking changes nothing
    const { process_resident_memory_bytes: memory = 0, ...metrics } = await watched.metrics();
    assert(memory > 1_000_000);
    assertEquals(
      Object.fromEntries(
        Object.entries(metrics).filter(([name, value]) =>
          !/^(mim_broadcast_seconds|process_)/.test(name) &&
          (value > 0 || !name.startsWith("mim_rejections_total"))
        ),
      ),
      {
        mim_users: 1,
        mim_watching_users: 0,
        mim_connections: 2,
        mim_logins_total: 2,
        'mim_dialect_users{dialect="classic"}': 1,
        'mim_dialect_users{dialect="mim2"}': 0,
        'mim_dialect_logins_total{dialect="classic"}': 2,
        'mim_dialect_logins_total{dialect="mim2"}': 0,
        [`mim_build_info{version="1.2.3",deno="${Deno.version.deno}"}`]: 1,
        'mim_probes_total{result="reachable"}': 0,
        'mim_probes_total{result="unreachable"}': 0,
        mim_logouts_total: 1,
        mim_updates_total: 3,
        mim_accept_failures_total: 0,
        mim_sent_bytes_total: bytes(),
        mim_update_log_bytes: 65_536,
        mim_server_standby: 0,
        mim_slowest_lag_bytes: 0,
        mim_data_folder_usable: 1,
        'mim_rejections_total{reason="server-full"}': 1,
        'mim_rejections_total{reason="invalid-name"}': 1,
        'mim_rejections_total{reason="block-too-long"}': 2,
        'mim_rejections_total{reason="too-many-connections"}': 1,
      },
    );
  }
});

Deno.test("MIM/2 logins, names refused and probes are counted apart", async () => {
  using folder = new TempFolder();
  await using watched = new Watched({ data: folder.path });
  const { server, network, address } = watched;
  const at = (host: string) => ({ network: network.host(host), hostname: address.hostname });
  using _classic = await watched.login("bob");
  using ada = await Mim2Client.login(server.port, "ada", at("192.0.2.7"));
  await Mim2Client.refused(server.port, "ADA", at("192.0.2.8"));
  await ada.until(() => ada.entry("ada").reachability === "unreachable", "the probe");
  const metrics = await watched.metrics();
  const dialects = (name: string) =>
    ["classic", "mim2"].map((dialect) => metrics[`${name}{dialect="${dialect}"}`]);
  assertEquals([metrics.mim_users, ...dialects("mim_dialect_users")], [2, 1, 1]);
  assertEquals([metrics.mim_logins_total, ...dialects("mim_dialect_logins_total")], [2, 1, 1]);
  assertEquals(metrics['mim_rejections_total{reason="name-taken"}'], 1);
  assertEquals(metrics['mim_probes_total{result="unreachable"}'], 1);
});

Deno.test("the lag is that of the slowest client, in bytes of updates", async () => {
  await using watched = new Watched({}, new FakeNetwork({ capacity: 32 }));
  using ada = await watched.login("ada");
  const deaf = await watched.network.host("192.0.2.8").connect(watched.address);
  await writeAll(deaf, encodeLogin({ name: "deaf", port: 1 }));
  await ada.until(() => ada.names.length === 2, "the Add of deaf");
  using bob = await watched.login("bob");
  await ada.until(() => ada.names.length === 3, "the Add of bob");
  const lag = encodeAdd({ name: "bob", address: "192.0.2.7", port: 4000 }).length;
  await poll(() => watched.server.stats.slowestLag === lag, "only deaf to be behind");
  assertEquals((await watched.metrics()).mim_slowest_lag_bytes, lag);
  deaf.close();
  await bob.until(() => bob.names.length === 2, "the Delete of deaf");
  await poll(() => watched.server.stats.slowestLag === 0, "nobody to be behind");
  assertEquals((await watched.metrics()).mim_slowest_lag_bytes, 0);
});

Deno.test("how long telling everybody took is counted, in seconds", async () => {
  await using watched = new Watched();
  assertEquals((await watched.metrics()).mim_broadcast_seconds_count, 0);
  using ada = await watched.login("ada");
  for (let i = 0; i < 5; i++) {
    using _ = await watched.login(`user${i}`);
    await ada.until(() => ada.names.length === 2, "the Add");
  }
  await ada.until(() => ada.names.length === 1, "the Delete");
  const told = watched.measured;
  assert(told >= 1 && told <= 11, `${told} times`);
  const metrics = await watched.metrics();
  assertEquals(metrics.mim_broadcast_seconds_count, told);
  assertEquals(metrics['mim_broadcast_seconds_bucket{le="+Inf"}'], told);
  assertEquals(metrics['mim_broadcast_seconds_bucket{le="10"}'], told);
  assert(
    (metrics.mim_broadcast_seconds_sum ?? 0) > 0 && (metrics.mim_broadcast_seconds_sum ?? 0) < 10,
  );
});

Deno.test("a keep-alive is no change: it is sent, and not counted", async () => {
  await using watched = new Watched({ keepAliveIntervalMs: 100 });
  using ada = await watched.login("ada");
  const { bytes } = ada;
  await poll(() => ada.bytes > bytes, "a keep-alive");
  assertEquals(watched.server.stats.updates, 1);
});

Deno.test("one who never reads does not keep it from being counted how long the others take", async () => {
  using clock = new Clock();
  await using watched = new Watched({}, new FakeNetwork({ capacity: 200 }));
  using ada = await watched.login("ada");
  const deaf = await watched.network.host("192.0.2.8").connect(watched.address);
  await writeAll(deaf, encodeLogin({ name: "deaf", port: 1 }));
  await ada.until(() => ada.names.length === 2, "the Add of deaf");
  const counted = async () => {
    const told = watched.measured;
    for (let i = 0; i < 3; i++) {
      using _ = await watched.login(`user${i}`.padEnd(60, "r"));
      await ada.until(() => ada.names.length === 3, "the Add");
    }
    await ada.until(() => ada.names.length === 2, "the Delete");
    return watched.measured - told;
  };
  await counted(); // from here on deaf has no more room
  await poll(() => watched.server.stats.slowestLag > 0, "deaf to be behind");
  clock.advance(10_000);
  const told = watched.measured;
  await poll(() => watched.measured > told, "it to be waited for no longer");
  assert(await counted() > 0, "others are measured again");
  deaf.close();
});

Deno.test("times fall into their buckets", async () => {
  const metrics = new Metrics("1.2.3");
  await using server = MimServer.listen({ port: 0, network: new FakeNetwork().host(HOST) });
  const http = metrics.serve(() => server.stats, SOMEWHERE);
  for (const milliseconds of [0.5, 7, 7, 200, 60_000]) metrics.onBroadcast(milliseconds);
  const text = await (await fetch(`http://127.0.0.1:${http.addr.port}/metrics`)).text();
  for (
    const [le, count] of [["0.001", 1], ["0.005", 1], ["0.01", 3], ["0.25", 4], ["10", 4], [
      "+Inf",
      5,
    ]]
  ) {
    assert(text.includes(`mim_broadcast_seconds_bucket{le="${le}"} ${count}\n`), text);
  }
  assert(text.includes("mim_broadcast_seconds_sum 60.2145\n"), text);
  await http.close();
});

Deno.test("each metric says what it is, in the format that Prometheus reads", async () => {
  await using watched = new Watched();
  const response = await watched.get("/metrics");
  assertEquals(response.status, 200);
  assertMatch(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  for (const name of Object.keys(await watched.metrics())) {
    const family = name.replace(/\{.*/, "").replace(
      /(?<=mim_broadcast_seconds)_(bucket|sum|count)/,
      "",
    );
    assertMatch(text, new RegExp(`^# HELP ${family} \\S`, "m"));
    assertMatch(text, new RegExp(`^# TYPE ${family} (gauge|counter|histogram)$`, "m"));
  }
});

Deno.test("/healthz says ok, and other paths what there is", async () => {
  await using watched = new Watched();
  for (const path of ["/healthz", "/readyz"]) {
    const health = await watched.get(path);
    assertEquals([health.status, await health.text()], [200, "ok\n"]);
  }
  for (const path of ["/", "/metric", "/metrics/"]) {
    const other = await watched.get(path);
    assertEquals([other.status, await other.text()], [
      404,
      "No such page: see /metrics, /healthz and /readyz\n",
    ]);
  }
});

Deno.test("a port in use is an error of its own kind", async () => {
  await using server = MimServer.listen({ port: 0, network: new FakeNetwork().host(HOST) });
  const serve = (at: HostPort) => new Metrics("1.2.3").serve(() => server.stats, at);
  const http = serve(SOMEWHERE);
  assertThrows(() => serve(http.addr), Deno.errors.AddrInUse);
  await http.close();
});

Deno.test("the dashboard and the alert rules name only metrics that are served, and series are there from the start", async () => {
  await using watched = new Watched();
  const ofCluster = new Registry();
  watchCluster(ofCluster, () => undefined);
  const served = Object.keys(await watched.metrics()).map((name) => name.replace(/\{.*/, ""))
    .concat((await ofCluster.getMetricsAsJSON()).map(({ name }) => name));
  for (const file of ["grafana.json", "alerts.yml"]) {
    const text = await Deno.readTextFile(new URL(`../../../server/docs/${file}`, import.meta.url));
    if (file.endsWith("json")) JSON.parse(text);
    const named = new Set(text.match(/\b(?:mim|process)_[a-z_0-9]+/g));
    assert(named.size >= 5);
    for (const name of named) assert(served.includes(name), `${file}: ${name}`);
  }
  const all = Object.keys(await watched.metrics());
  for (const series of ["too-fast", "server-full", "name-taken", "truncated"]) {
    assert(all.includes(`mim_rejections_total{reason="${series}"}`), series);
  }
  assert(served.includes("process_cpu_seconds_total"));
});
