import { assertEquals, assertRejects } from "@std/assert";
import { limits } from "../../../../protocol/mod.ts";
import { ATTEMPT_DELAY_MS, interleaved } from "../../../../server/platform/net/connect.ts";
import { dial, type Network } from "../../../../server/platform/net/network.ts";
import { FakeNetwork } from "../../../helpers/fake_network.ts";
import { FakeTime } from "../../../helpers/time.ts";

const NAME = "mim.example";
const PORT = 4242;
/** Machines that never answer. */
const SILENT = ["2001:db8::dead", "2001:db8::beef", "198.51.100.1"] as const;

/** A network with a machine that dials, and a note of all that it tries. */
function dialler(network: FakeNetwork): { from: Network; tried: string[] } {
  const host = network.host("198.18.0.7");
  const tried: string[] = [];
  const from: Network = {
    listen: (at) => host.listen(at),
    resolve: (name) => host.resolve(name),
    connect(to) {
      tried.push(to.hostname);
      return host.connect(to);
    },
  };
  return { from, tried };
}

/** A machine that listens. */
function listening(network: FakeNetwork, address: string) {
  return network.host(address).listen({ hostname: address, port: PORT });
}

Deno.test("happy eyeballs: the families in turn, IPv6 first, each address once", () => {
  assertEquals(
    interleaved(["192.0.2.1", "192.0.2.2", "2001:db8::1", "192.0.2.1", "192.0.2.3"]),
    ["2001:db8::1", "192.0.2.1", "192.0.2.2", "192.0.2.3"],
  );
  assertEquals(interleaved(["::2", "::1"]), ["::2", "::1"]);
  assertEquals(interleaved([]), []);
});

Deno.test("happy eyeballs: while one address is silent, the next is tried after 250 ms", async () => {
  using time = new FakeTime();
  const network = new FakeNetwork();
  using listener = disposable(listening(network, "198.18.0.1"));
  network.name(NAME, SILENT[0], "198.18.0.1", SILENT[1]);
  const { from, tried } = dialler(network);
  const dialling = dial(from, NAME, PORT);
  await time.pass(ATTEMPT_DELAY_MS - 1);
  assertEquals(tried, [SILENT[0]]);
  await time.pass(1);
  const connection = await dialling;
  assertEquals(connection.remoteAddr.hostname, "198.18.0.1");
  await time.pass(limits.dialTime);
  assertEquals(tried, [SILENT[0], "198.18.0.1"]); // and no third
  connection.close();
  (await listener.it.accept()).close();
  assertEquals(network.open, 1); // the listener
});

Deno.test("happy eyeballs: after an attempt that fails the next is made at once", async () => {
  using _time = new FakeTime(); // none passes
  const network = new FakeNetwork();
  network.host("2001:db8::1");
  using listener = disposable(listening(network, "198.18.0.1"));
  network.name(NAME, "198.18.0.1", "2001:db8::1");
  const { from, tried } = dialler(network);
  const connection = await dial(from, NAME, PORT);
  assertEquals(tried, ["2001:db8::1", "198.18.0.1"]);
  connection.close();
  (await listener.it.accept()).close();
});

Deno.test("happy eyeballs: who answers late is closed where another was faster", async () => {
  using time = new FakeTime();
  const network = new FakeNetwork();
  using first = disposable(listening(network, "2001:db8::1"));
  using second = disposable(listening(network, "198.18.0.1"));
  network.name(NAME, "2001:db8::1", "198.18.0.1");
  const host = network.host("198.18.0.7");
  const slow: Network = {
    listen: (at) => host.listen(at),
    resolve: (name) => host.resolve(name),
    async connect(to) {
      if (to.hostname === "2001:db8::1") await new Promise((done) => setTimeout(done, 300));
      return await host.connect({ ...to, signal: undefined }); // too late to be given up
    },
  };
  const dialling = dial(slow, NAME, PORT);
  await time.pass(ATTEMPT_DELAY_MS);
  const connection = await dialling;
  assertEquals(connection.remoteAddr.hostname, "198.18.0.1");
  await time.pass(50);
  const late = await first.it.accept();
  assertEquals(await late.read(new Uint8Array(1)), null);
  for (const end of [late, connection, await second.it.accept()]) end.close();
  assertEquals(network.open, 2); // the listeners
});

Deno.test("happy eyeballs: where all fail, the error is of the one that has answered", async () => {
  using time = new FakeTime();
  const network = new FakeNetwork();
  network.host("198.18.0.1"); // refuses
  network.name(NAME, ...SILENT, "198.18.0.1");
  const { from, tried } = dialler(network);
  const dialling = assertRejects(() => dial(from, NAME, PORT), Deno.errors.ConnectionRefused);
  await time.pass(limits.dialTime);
  await dialling;
  assertEquals(tried, [SILENT[0], SILENT[2], SILENT[1], "198.18.0.1"]);
});

Deno.test("happy eyeballs: the time of a dial holds for all addresses together", async () => {
  using time = new FakeTime();
  const network = new FakeNetwork();
  network.name(NAME, ...SILENT);
  const { from } = dialler(network);
  let ended = false;
  const dialling = assertRejects(() => dial(from, NAME, PORT), DOMException, "timed out")
    .finally(() => ended = true);
  await time.pass(limits.dialTime - 1);
  assertEquals(ended, false);
  await time.pass(1);
  await dialling;
});

Deno.test("happy eyeballs: a name that is never looked up takes no longer than a dial", async () => {
  using time = new FakeTime();
  const { from } = dialler(new FakeNetwork());
  const mute: Network = { ...from, resolve: () => new Promise(() => {}) };
  const dialling = assertRejects(() => dial(mute, NAME, PORT), DOMException, "timed out");
  await time.pass(limits.dialTime);
  await dialling;
});

Deno.test("happy eyeballs: whoever gives up is told that, and nothing more is tried", async () => {
  using time = new FakeTime();
  const network = new FakeNetwork();
  network.name(NAME, ...SILENT);
  const { from, tried } = dialler(network);
  const abort = new AbortController();
  const dialling = assertRejects(() => dial(from, NAME, PORT, abort.signal), Error, "given up");
  await time.pass(10);
  abort.abort(new Error("given up"));
  await dialling;
  await time.pass(limits.dialTime);
  assertEquals(tried, [SILENT[0]]);
});

/** A listener that is closed at the end of its scope. */
function disposable<It extends { close(): void }>(it: It): { it: It } & Disposable {
  return { it, [Symbol.dispose]: () => it.close() };
}
