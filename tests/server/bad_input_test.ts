import { once } from "node:events";
import { connect } from "node:net";
import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import {
  encodeAdd,
  encodeFrame,
  encodeLogin,
  encodeWelcome,
  QDataStreamWriter,
} from "../../protocol/mod.ts";
import { MimServer } from "../../server/mod.ts";
import { FakeNetwork } from "../../client/testing/fake_network.ts";
import { LogRecords } from "../helpers/log_records.ts";
import { poll } from "../helpers/wait.ts";
import { RawClient } from "../helpers/raw_client.ts";
import { Wire } from "../helpers/peers.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 };
const login = encodeLogin({ name: "mallory", port: 4000 });

/** What a client may send, and the reason that is logged when it is closed for that. */
const REFUSED: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["a block longer than its limit", new Uint8Array([0x10, 0x01]), /block-too-long: .*4096.*4097/],
  [
    "a string that overruns its block",
    encodeFrame(new QDataStreamWriter().quint16(1).quint32(100).quint16(0x62).bytes()),
    /overrun: .*100 bytes of a QString, got 2/,
  ],
  [
    "an odd string length",
    encodeFrame(new QDataStreamWriter().quint16(1).quint32(3).quint32(0).bytes()),
    /odd-string: .*3 bytes/,
  ],
  [
    "a string of 4 GiB",
    encodeFrame(new QDataStreamWriter().quint16(1).quint32(0xffff_fffe).bytes()),
    /overrun/,
  ],
  ["an empty block", new Uint8Array([0, 0]), /overrun: .*2 bytes of a quint16, got 0/],
  [
    "an empty name",
    encodeLogin({ name: "", port: 1 }),
    /invalid-name: .*1 to 64 characters, got 0/,
  ],
  ["a long name", encodeLogin({ name: "x".repeat(65), port: 1 }), /invalid-name: .*got 65/],
  ["a control character", encodeLogin({ name: "a\x1b[2J", port: 1 }), /invalid-name: .*U\+001B/],
  ["a turned name", encodeLogin({ name: "a\u202eb", port: 1 }), /invalid-name: .*U\+202E/],
  ["bytes of HTTP", new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"), /block-too-long/],
];

for (const [what, bytes, reason] of REFUSED) {
  Deno.test(`${what} ends that connection with one log line, and nobody else notices`, async () => {
    await using log = await LogRecords.start();
    await using server = MimServer.listen(LOCAL);
    using ada = await RawClient.login(server.port, "ada");
    using mallory = await RawClient.connect(server.port);
    await mallory.send(bytes);
    await mallory.ended;
    assertEquals(mallory.updates, []);
    assertEquals(log.shown.length, 1, log.shown.join("\n"));
    assertMatch(log.shown[0] ?? "", /^info server: closed 127\.0\.0\.1:\d+: /);
    assertMatch(log.shown[0] ?? "", reason);
    using bob = await RawClient.login(server.port, "bob");
    await ada.until(() => ada.updates.length === 2, "the Add of bob");
    assertEquals(ada.updates, ["A ada", "A bob"]);
    assertEquals(bob.updates.toSorted(), ["A ada", "A bob"]);
  });
}

Deno.test("a second login ends the connection, and its entry leaves the table", async () => {
  await using log = await LogRecords.start();
  await using server = MimServer.listen(LOCAL);
  using ada = await RawClient.login(server.port, "ada");
  using mallory = await RawClient.login(server.port, "mallory");
  await mallory.send(login);
  await mallory.ended;
  await ada.until(() => ada.updates.includes("D mallory"), "the Delete");
  assertEquals(log.shown.length, 1);
  assertMatch(
    log.shown[0] ?? "",
    /^info server: closed 127\.0\.0\.1:\d+ \(mallory\): second-login: /,
  );
});

Deno.test("a connection that sends nothing, or a byte now and then, is closed in time", async () => {
  await using log = await LogRecords.start();
  await using server = MimServer.listen({ ...LOCAL, loginTimeoutMs: 1 });
  using silent = await RawClient.connect(server.port);
  using slow = await RawClient.connect(server.port);
  const drops = [...login];
  const dripping = setInterval(() => {
    slow.send(new Uint8Array(drops.splice(0, 1))).catch(() => {});
  }, 100);
  await Promise.all([silent.ended, slow.ended]);
  clearInterval(dripping);
  const closed = log.lines.filter((line) => line.endsWith(": no complete login within 0.001 s"));
  assertEquals([log.shown.length, closed.length], [1, 2]);
  assertEquals(server.connectionCount, 0);
});

Deno.test("a connection that is reset in the middle of a block is one line that says so", async () => {
  await using log = await LogRecords.start();
  await using server = MimServer.listen(LOCAL);
  using ada = await RawClient.login(server.port, "ada");
  const mallory = connect(server.port, "127.0.0.1");
  await once(mallory, "data"); // the welcome
  const port = mallory.localPort;
  mallory.write(login.subarray(0, 7), () => mallory.resetAndDestroy());
  await poll(() => server.connectionCount === 1, "the end of the connection");
  assertEquals(log.shown, [
    `info server: closed 127.0.0.1:${port}: truncated: ` +
    "expected a block of 20 bytes, got 5 and the end (Connection reset by peer)",
  ]);
  assertEquals(log.lines.filter((line) => !line.includes("login of")), log.shown);
  assertEquals([...server.stats.rejections], [["truncated", 1]]);
  assertEquals(ada.updates, ["A ada"]);
});

const WELCOME = encodeWelcome("Hello").length;
const ADD = encodeAdd({ name: "mallory", address: "2001:db8::1", port: 4000 }).length;
/** What is sent, how much comes for it, and who the log says it was. */
const WHOLE = {
  "before any byte": { bytes: [], answer: WELCOME, who: "" },
  "after the login": { bytes: [...login], answer: WELCOME + ADD, who: " (mallory)" },
};
for (const [when, { bytes, answer, who }] of Object.entries(WHOLE)) {
  for (const how of ["reset", "close"] as const) {
    Deno.test(`a ${how} ${when} is no news`, async () => {
      await using log = await LogRecords.start();
      const network = new FakeNetwork().host("2001:db8::1");
      await using server = MimServer.listen({ port: 0, network, welcome: "Hello" });
      await using mallory = await Wire.dial(network, "2001:db8::1", server.port);
      await mallory.say(bytes);
      await mallory.bytes(answer);
      mallory[how]();
      await poll(() => server.connectionCount === 0, "the end of the connection");
      assertEquals(log.shown, []);
      const why = how === "reset" ? "lost: Connection reset by peer" : "closed the connection";
      const { port } = mallory.connection.localAddr;
      const [line = ""] = log.lines.slice(-1);
      assertEquals(line, `debug server: end of [2001:db8::1]:${port}${who}: ${why}`);
      assertEquals([...server.stats.rejections], []);
    });
  }
}

Deno.test("a connection that ends at any byte of a login leaves no trace", async () => {
  await using log = await LogRecords.start();
  await using server = MimServer.listen(LOCAL);
  using ada = await RawClient.login(server.port, "ada");
  for (let length = 0; length < login.length; length++) {
    using mallory = await RawClient.connect(server.port);
    await mallory.send(login.subarray(0, length));
    await mallory.connection.closeWrite();
    await mallory.ended;
  }
  assertEquals(server.userCount, 1);
  assertEquals(ada.updates, ["A ada"]);
  // An end before the first byte is no news; all others are one line a minute.
  assertEquals([...server.stats.rejections], [["truncated", login.length - 1]]);
  assertEquals(log.shown.length, 1);
  assertMatch(log.shown[0] ?? "", /truncated/);
});

Deno.test("10,000 connections of random bytes: all closed, the table is right, nothing is left", async () => {
  await using log = await LogRecords.start();
  await using server = MimServer.listen(LOCAL);
  using ada = await RawClient.login(server.port, "ada");
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.uint8Array({ maxLength: 64 }).map((body) => encodeFrame(body)),
    fc.tuple(fc.nat(login.length), fc.nat(255)).map(([at, byte]) =>
      login.with(at % login.length, byte)
    ),
  );
  const samples = fc.sample(bytes, 10_000);
  const attack = async () => {
    for (let sample = samples.pop(); sample !== undefined; sample = samples.pop()) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
      try {
        await connection.write(sample);
        await connection.closeWrite();
        const buffer = new Uint8Array(4096);
        while (await connection.read(buffer) !== null);
      } catch {
        // A reset: the server had enough.
      }
      connection.close();
    }
  };
  await Promise.all(Array.from({ length: 16 }, attack));
  await poll(() => server.connectionCount === 1, "all connections to be gone");
  assertEquals(server.userCount, 1);
  using bob = await RawClient.login(server.port, "bob");
  assertEquals(bob.updates.toSorted(), ["A ada", "A bob"]);
  await ada.until(() => ada.updates.at(-1) === "A bob", "the Add of bob");
  const came = ada.updates.filter((update) => update.startsWith("A ")).length;
  const went = ada.updates.filter((update) => update.startsWith("D ")).length;
  assertEquals(came - went, 2);
  assert(log.shown.every((line) => /^info server: closed 127\.0\.0\.1:\d+( \(.*\))?: /.test(line)));
});
