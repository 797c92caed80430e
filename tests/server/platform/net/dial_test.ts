import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { describeConnectionError, describeListenError } from "../../../../client/core/errors.ts";
import {
  ATTEMPT_DELAY_MS,
  dial,
  DIAL_TIMEOUT_MS,
  dialFirst,
  interleaved,
  raceAddresses,
} from "../../../../server/platform/net/dial.ts";
import { type Network, systemNetwork } from "../../../../server/platform/net/network.ts";
import { FakeNetwork } from "../../../../client/testing/fake_network.ts";
import { FakeTime } from "../../../helpers/time.ts";

const PORT = 4242;
/** Machines that never answer. */
const SILENT = ["2001:db8::dead", "198.51.100.1", "2001:db8::beef"] as const;

/** A network with a machine that dials, and a record of all that it tries. */
function dialer(network: FakeNetwork): { from: Network; tried: string[] } {
  const host = network.host("198.18.0.7");
  const tried: string[] = [];
  const from: Network = {
    listen: (at) => host.listen(at),
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
  const { from, tried } = dialer(network);
  const dialing = dialFirst(from, [SILENT[0], "198.18.0.1", SILENT[1]], PORT);
  await time.pass(ATTEMPT_DELAY_MS - 1);
  assertEquals(tried, [SILENT[0]]);
  await time.pass(1);
  const connection = await dialing;
  assertEquals(connection.remoteAddr.hostname, "198.18.0.1");
  await time.pass(DIAL_TIMEOUT_MS);
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
  const { from, tried } = dialer(network);
  const connection = await dialFirst(from, ["2001:db8::1", "198.18.0.1"], PORT);
  assertEquals(tried, ["2001:db8::1", "198.18.0.1"]);
  connection.close();
  (await listener.it.accept()).close();
});

Deno.test("happy eyeballs: an address that answers after another did is closed again", async () => {
  using time = new FakeTime();
  const network = new FakeNetwork();
  using first = disposable(listening(network, "2001:db8::1"));
  using second = disposable(listening(network, "198.18.0.1"));
  const host = network.host("198.18.0.7");
  const slow: Network = {
    listen: (at) => host.listen(at),
    async connect(to) {
      if (to.hostname === "2001:db8::1") await new Promise((done) => setTimeout(done, 300));
      return await host.connect({ ...to, signal: undefined }); // too late to be given up
    },
  };
  const dialing = dialFirst(slow, ["2001:db8::1", "198.18.0.1"], PORT);
  await time.pass(ATTEMPT_DELAY_MS);
  const connection = await dialing;
  assertEquals(connection.remoteAddr.hostname, "198.18.0.1");
  await time.pass(50);
  const late = await first.it.accept();
  assertEquals(await late.read(new Uint8Array(1)), null);
  for (const end of [late, connection, await second.it.accept()]) end.close();
  assertEquals(network.open, 2); // the listeners
});

Deno.test("happy eyeballs: if all fail, the error is that of the address that answered", async () => {
  using time = new FakeTime();
  const network = new FakeNetwork();
  network.host("198.18.0.1"); // refuses
  const { from, tried } = dialer(network);
  const dialing = assertRejects(
    () => dialFirst(from, [...SILENT, "198.18.0.1"], PORT),
    Deno.errors.ConnectionRefused,
  );
  await time.pass(DIAL_TIMEOUT_MS);
  await dialing;
  assertEquals(tried, [...SILENT, "198.18.0.1"]);
});

Deno.test("happy eyeballs: the time of a dial holds for all addresses together", async () => {
  using time = new FakeTime();
  const { from } = dialer(new FakeNetwork());
  let ended = false;
  const dialing = assertRejects(() => dialFirst(from, SILENT, PORT), DOMException, "timed out")
    .finally(() => ended = true);
  await time.pass(DIAL_TIMEOUT_MS - 1);
  assertEquals(ended, false);
  await time.pass(1);
  await dialing;
});

Deno.test("happy eyeballs: a caller that gives up gets its reason, and nothing more is tried", async () => {
  using time = new FakeTime();
  const { from, tried } = dialer(new FakeNetwork());
  const abort = new AbortController();
  const dialing = assertRejects(
    () => dialFirst(from, SILENT, PORT, abort.signal),
    Error,
    "given up",
  );
  await time.pass(10);
  abort.abort(new Error("given up"));
  await dialing;
  await time.pass(DIAL_TIMEOUT_MS);
  assertEquals(tried, [SILENT[0]]);
});

Deno.test("dial: the network looks up a host name, and takes no longer than a dial may", async () => {
  using time = new FakeTime();
  const { from, tried } = dialer(new FakeNetwork());
  const slow: Network = {
    ...from,
    connect: ({ hostname, signal }) => {
      tried.push(hostname);
      return new Promise((_, reject) =>
        signal?.addEventListener("abort", () => reject(signal.reason))
      );
    },
  };
  const dialing = assertRejects(() => dial(slow, "mim.example", PORT), DOMException, "timed out");
  await time.pass(DIAL_TIMEOUT_MS);
  await dialing;
  assertEquals(tried, ["mim.example"]);
});

Deno.test("dial: the machine's network finds a name's address that listens", async () => {
  using listener = disposable(systemNetwork.listen({ hostname: "127.0.0.1", port: 0 }));
  const connection = await dial(systemNetwork, "localhost", listener.it.addr.port);
  assertEquals(connection.remoteAddr.hostname, "127.0.0.1");
  connection.close();
  (await listener.it.accept()).close();
});

/** A listener that is closed at the end of its scope. */
function disposable<It extends { close(): void }>(it: It): { it: It } & Disposable {
  return { it, [Symbol.dispose]: () => it.close() };
}

Deno.test("network: an address of an interface that there is not says so", async () => {
  const missing = /^this machine has no network interface "nope", or it is down$/;
  for (const hostname of ["fe80::1%nope", "::1%nope"]) {
    const dialed = await assertRejects(
      () => systemNetwork.connect({ hostname, port: 4242 }),
      Error,
    );
    assertMatch(describeConnectionError(dialed), missing);
    const listening = assertThrows(() => systemNetwork.listen({ hostname, port: 0 }), Error);
    assertMatch(describeListenError(listening), missing);
  }
});

Deno.test("dialing: a connection that is made just as all of it is called off is closed", async () => {
  using time = new FakeTime();
  const [one, other] = [Promise.withResolvers<never>(), Promise.withResolvers<void>()];
  const abort = new AbortController();
  let isClosed = false;
  const made = { close: () => void (isClosed = true) };
  const attempts = new Map([
    ["one", one.promise],
    ["other", other.promise.then(() => made)],
  ]);
  const racing = raceAddresses(
    ["one", "other"],
    (address) => attempts.get(address) ?? one.promise,
    abort.signal,
  );
  await time.pass(ATTEMPT_DELAY_MS);
  abort.abort();
  one.reject(new Error("called off"));
  await assertRejects(() => racing, Error, "called off");
  other.resolve();
  await time.pass(0);
  assertEquals(isClosed, true);
});
