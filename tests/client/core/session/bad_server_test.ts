/** Servers that say what no server should: the client survives, and says why it gave up. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import type { Chat } from "../../../../client/core/mod.ts";
import {
  deleteOfAdd,
  encodeAdd,
  encodeFrame,
  type PresenceEntry,
  ServerDecoder,
} from "../../../../protocol/mod.ts";
import { decode, hex, join, utf8 } from "../../../fixtures/decoding.ts";
import { assertRefused, type TestUser } from "../../../helpers/test_user.ts";
import { watchHarm } from "../../../fixtures/harmless.ts";
import { logIn } from "../../../helpers/fake_server.ts";
import { type Place, TestEnvironment } from "../../../helpers/test_environment.ts";
import { NASTY } from "../../../fixtures/events.ts";
import { clientLimits } from "../../../../client/core/limits.ts";

const bob: PresenceEntry = { name: "bob", address: "192.0.2.9", port: 4000 };

/** Ada and Bob in a chat that needs no server; all that Ada tells must be harmless. */
async function talking(env: TestEnvironment): Promise<{
  readonly ada: TestUser;
  readonly goesOn: () => Promise<void>;
}> {
  const { server, at } = env.serve();
  const [ada, bob] = await env.online(at, "ada", "bob");
  const assertNoHarm = watchHarm(ada);
  const atAda: Chat = await ada.call("bob");
  const { chat: atBob } = await bob.saw("chat-opened");
  await server.close();
  await ada.saw("disconnected");
  let times = 0;
  return {
    ada,
    async goesOn() {
      assertNoHarm();
      const text = `still here ${++times}`;
      await atAda.send(text);
      await bob.saw("message", { name: "ada", text });
      await atBob.send(text);
      await ada.saw("message", { name: "bob", text });
    },
  };
}

/** A server that says something to each client, and nothing more until the client hangs up. */
function serverSaying(env: TestEnvironment, ...parts: readonly (string | Uint8Array)[]): Place {
  return env.listen(async (wire) => {
    await wire.say(...parts);
    await wire.hung();
  });
}

/** The same, and then it closes its end. */
function serverEndingWith(env: TestEnvironment, ...parts: readonly (string | Uint8Array)[]): Place {
  return env.listen(async (wire) => {
    await wire.say(...parts);
    await wire.end();
    await wire.hung();
  });
}

/** A server that logs clients in, says something and waits for the client to hang up. */
function serverAdding(env: TestEnvironment, ...parts: readonly Uint8Array[]): Place {
  return env.listen(async (wire) => {
    await logIn(wire, ...parts);
    await wire.hung();
  });
}

const NOT_MIM = "the server sent what is not MIM";

/** What is wrong at once, so that the client hangs up. */
const WELCOMES: readonly (readonly [what: string, bytes: string | Uint8Array, why: string])[] = [
  ["a welcome of too many lines", "line\n".repeat(65), "expected a welcome of at most 64 lines"],
  ["a welcome of too many bytes", "x".repeat(8193), "expected a welcome of at most 8192 bytes"],
  ["endless lines", `${"y".repeat(200)}\n`.repeat(1000), "expected a welcome of at most"],
  [
    "a block of no known type",
    hex("0001 55"),
    "expected an update of type 65 (A) or 68 (D), got 85",
  ],
  ["an empty block", hex("0000"), "expected 1 bytes of a quint8, got 0"],
  ["a block with nothing but its type", hex("0001 41"), "expected 4 bytes of a quint32, got 0"],
  [
    "a name of an odd length",
    hex("0008 41 00000003 616263"),
    "expected a QString of an even length",
  ],
  ["a name that runs over its block", hex("0007 41 7ffffffe 0062"), "expected 2147483646 bytes"],
  [
    "an Add without a port",
    hex("0009 41 00000000 00000000"),
    "expected 2 bytes of a quint16, got 0",
  ],
];

for (const [what, bytes, why] of WELCOMES) {
  Deno.test(`bad server: ${what} instead of a welcome is refused at once`, async () => {
    await using env = TestEnvironment.fake();
    const { ada, goesOn } = await talking(env);
    const at = serverSaying(env, bytes);
    const { message } = await assertRefused("protocol-error", () => ada.login("ada", at));
    assert(message.includes(NOT_MIM), message);
    assert(message.includes(why), message);
    assertEquals(ada.state, "offline");
    await goesOn();
  });

  if (typeof bytes === "string") continue;

  Deno.test(`bad server: ${what} after the login ends the connection`, async () => {
    await using env = TestEnvironment.fake();
    const { ada, goesOn } = await talking(env);
    const at = serverAdding(env, encodeAdd(bob), bytes);
    await ada.login("ada", at);
    await ada.saw("online", { name: "bob" });
    const { reason } = await ada.saw("disconnected");
    assert(reason.includes(NOT_MIM), reason);
    assert(reason.includes(why), reason);
    assertEquals(ada.state, "offline");
    await goesOn();
  });
}

/** What is wrong once the server has closed. */
const ENDS: readonly (readonly [what: string, bytes: string | Uint8Array, why: RegExp])[] = [
  ["nothing", "", /expected the welcome's closing empty line, got the end/],
  ["half a welcome", "Welcome\nto", /expected the welcome's closing empty line, got the end/],
  ["a whole welcome", "Welcome\n\n", /the server closed the connection/],
  ["half a block's size", hex("00"), /expected a block's size of 2 bytes, got 1 and the end/],
  ["half a block", hex("0023 41 0000"), /expected a block of 35 bytes, got 3 and the end/],
  [
    "HTTP",
    "HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n<html>",
    /expected a block of 15464 bytes/,
  ],
  ["TLS", hex("15 0303 0002 02 46"), /closing empty line/],
  ["SSH", "SSH-2.0-OpenSSH_9.2\r\n", /closing empty line/],
];

for (const [what, bytes, why] of ENDS) {
  Deno.test(`bad server: ${what} and then the end is no login`, async () => {
    await using env = TestEnvironment.fake();
    const { ada, goesOn } = await talking(env);
    const at = serverEndingWith(env, bytes);
    const refusal = what === "a whole welcome" ? "server-refused" : "protocol-error";
    const { message } = await assertRefused(refusal, () => ada.login("ada", at));
    assertMatch(message, why);
    await goesOn();
  });
}

Deno.test("bad server: a close in the middle of a block is said as that", async () => {
  await using env = TestEnvironment.fake();
  const { ada, goesOn } = await talking(env);
  const at = env.listen(async (wire) => {
    await logIn(wire, encodeAdd(bob).subarray(0, 20));
    await wire.end();
  });
  await ada.login("ada", at);
  await ada.saw("disconnected", { reason: /expected a block of 35 bytes, got 18 and the end/ });
  await goesOn();
});

Deno.test("bad server: a connection that breaks is lost, before the login and after", async () => {
  await using env = TestEnvironment.fake();
  const { ada, goesOn } = await talking(env);
  const breaking = env.listen(async (wire) => {
    await wire.say("Welcome\n");
    await ada.saw("welcome", { text: "Welcome" });
    wire.reset();
  });
  const { message } = await assertRefused("server-refused", () => ada.login("ada", breaking));
  assertMatch(message, /the connection to the server was lost \(Connection reset by peer\)$/);

  const later = env.listen(async (wire) => {
    await logIn(wire);
    await ada.saw("logged-in");
    wire.reset();
  });
  ada.events.clear();
  await ada.login("ada", later);
  await ada.saw("disconnected", { reason: /was lost \(Connection reset by peer\)$/ });
  await goesOn();
});

Deno.test("bad server: a table that is too large is not kept", async () => {
  await using env = TestEnvironment.fake();
  const { ada, goesOn } = await talking(env);
  const long = encodeAdd({ ...bob, name: "n".repeat(32_000) });
  const at = env.listen(async (wire) => {
    await logIn(wire);
    for (let units = 0; units <= clientLimits.onlineUnits; units += 32_000) await wire.say(long);
    await wire.hung();
  });
  await ada.login("ada", at);
  await ada.saw("disconnected", { reason: /not MIM \(expected a table of at most/ });
  assert(ada.users.size < 1000);
  await goesOn();
});

Deno.test("bad server: names and welcomes of any kind are harmless to show", async () => {
  await using env = TestEnvironment.fake();
  const { ada, goesOn } = await talking(env);
  for (const text of NASTY) {
    const welcome = text.replaceAll("\n", " ").trimStart().slice(0, 8000);
    const entry = { ...bob, name: text };
    const at = env.listen(async (wire) => {
      await wire.say(welcome === "" ? "" : `x ${welcome}\n`);
      await logIn(wire, encodeAdd(entry), encodeAdd({ ...bob, address: text }));
      await wire.say(deleteOfAdd(encodeAdd(entry)));
      await wire.hung();
    });
    await ada.login("ada", at);
    await ada.saw("online", { name: text });
    await ada.saw("online", { name: "bob" });
    await ada.saw("offline", { name: text });
    ada.logout();
  }
  await goesOn();
});

Deno.test("bad server: addresses that are no machine's are never dialed, and that is all", async () => {
  await using env = TestEnvironment.fake();
  const { ada, goesOn } = await talking(env);
  const addresses = [
    ...["", " ", "localhost", "evil.example", "127.1", "0x7f.1", "2130706433", "192.0.2.999"],
    ...["0.0.0.0", "::", "224.0.0.1", "ff02::1", "\x1b[2J", "-rf", "a/b", "\0"],
  ];
  const adds = addresses.map((address) => encodeAdd({ ...bob, name: "x", address }));
  await ada.login("ada", serverAdding(env, ...adds, ...adds.map(deleteOfAdd)));
  for (const address of addresses) {
    const { user } = await ada.saw("online", { name: "x" });
    assertEquals(user.address, address);
    const { message } = await assertRefused("peer-unreachable", () => ada.call(user));
    assertStringIncludes(message, `the server gives no IP address of a machine, but "`);
  }
  for (const _ of addresses) await ada.saw("offline", { name: "x" });
  ada.logout();
  await goesOn();
});

Deno.test("bad server: Deletes of nobody, of somebody else, and of oneself change little", async () => {
  await using env = TestEnvironment.fake();
  const { ada, goesOn } = await talking(env);
  const nobody = deleteOfAdd(encodeAdd({ name: "", address: "", port: 0 }));
  const stranger = deleteOfAdd(encodeAdd(bob));
  await ada.login("ada", serverAdding(env, nobody, stranger, encodeAdd(bob)));
  await ada.saw("online", { name: "bob" });
  assertEquals([...ada.users].map(({ name }) => name), ["ada", "bob"]);
  assertEquals(ada.events.unread.filter(({ event }) => event === "offline"), []);
  ada.logout();

  const at = env.listen(async (wire) => {
    await logIn(wire);
    const { user } = await ada.saw("online", { name: "ada" });
    await wire.say(deleteOfAdd(encodeAdd(user)), encodeAdd(bob));
    await wire.hung();
  });
  ada.events.clear();
  await ada.login("ada", at);
  await ada.saw("offline", { name: "ada" });
  await ada.saw("online", { name: "bob" });
  assertEquals(ada.state, "online");
  await goesOn();
});

/** Bytes of a server that has been tampered with, or that never was one. */
function anySpeech(): fc.Arbitrary<Uint8Array> {
  const entry = fc.record({
    name: fc.string({ unit: "binary", maxLength: 8 }),
    address: fc.constantFrom("192.0.2.9", "127.0.0.1", "", "::1"),
    port: fc.nat(0xffff),
  });
  const update = entry.map(encodeAdd);
  const part = fc.oneof(
    update,
    update.map(deleteOfAdd),
    fc.uint8Array({ maxLength: 40 }),
    fc.uint8Array({ maxLength: 20 }).map(encodeFrame),
    fc.constant(utf8("Welcome\n")),
    fc.constant(utf8("\n")),
  );
  return fc.array(part, { maxLength: 6 }).map((parts) => join(...parts));
}

/** Why a client stops listening to a server that says this and closes. */
function whyItEnds(code: string | undefined): RegExp {
  return code === undefined
    ? /the server closed the connection$/
    : /the server sent what is not MIM \(expected .*\)$/;
}

Deno.test("bad server: any bytes instead of a welcome end in a refusal that says why", async () => {
  await using env = TestEnvironment.fake();
  const { ada, goesOn } = await talking(env);
  await fc.assert(
    fc.asyncProperty(anySpeech(), async (bytes) => {
      const { messages, code } = decode(new ServerDecoder(), [bytes]);
      ada.events.clear();
      const at = serverEndingWith(env, bytes);
      const refusal = code === undefined ? "server-refused" : "protocol-error";
      const { message } = await assertRefused(refusal, () => ada.login("ada", at));
      assertMatch(message, whyItEnds(code));
      assertEquals(ada.state, "offline");
      const lines = messages.filter(({ type }) => type === "welcome");
      assertEquals(ada.events.all.filter(({ event }) => event === "welcome").length, lines.length);
    }),
    { numRuns: 500 },
  );
  await goesOn();
});

Deno.test("bad server: any bytes after the login mean what the decoder says", async () => {
  await using env = TestEnvironment.fake();
  const { ada, goesOn } = await talking(env);
  await fc.assert(
    fc.asyncProperty(anySpeech(), async (bytes) => {
      const { messages, code } = decode(new ServerDecoder(), [utf8("\n"), bytes]);
      const at = env.listen(async (wire) => {
        await logIn(wire, bytes);
        await wire.end();
      });
      ada.events.clear();
      await ada.login("ada", at);
      await ada.saw("disconnected", { reason: whyItEnds(code) });
      assertEquals(ada.state, "offline");
      const adds = messages.filter(({ type }) => type === "add");
      const told = ada.events.all.filter(({ event }) => event === "online");
      assertEquals(told.length, adds.length + 1);
    }),
    { numRuns: 500 },
  );
  await goesOn();
});
