/** Callers whom the user ignores. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { type IgnoreEntry, parseIgnored } from "../../../../client/core/mod.ts";
import { concat } from "@std/bytes/concat";
import { byeReasons, encodeFrame, encodePreamble } from "../../../../protocol/mod.ts";
import { assertRefused, TestUser } from "../../../helpers/test_user.ts";
import { Mim2Peer, Wire } from "../../../helpers/peers.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { type Machine, TestEnvironment } from "../../../helpers/test_environment.ts";
import { clientLimits } from "../../../../client/core/limits.ts";
import { test } from "./call_stage.ts";

const refused = (ada: TestUser) => ada.calls.ignored.map(({ refused }) => refused);

test("calls of ignored users are rejected and counted, without an event", async ({ env, ada, call }) => {
  const eve = env.machine();
  await ada.calls.ignore({ name: "eve", address: eve.address });
  for (let calls = 0; calls < 3; calls++) {
    const wire = await call("eve\nlet me in\n", eve);
    await wire.hung();
  }
  assertEquals(refused(ada), [3]);
  assertEquals(ada.events.all, []);
  assertEquals(ada.chats.all, []);
});

test("a name that differs only in case or spaces is ignored too", async ({ env, ada, call }) => {
  const there = env.machine();
  await ada.calls.ignore({ name: "Eve Smith", address: there.address });
  const alike = ["eve smith", "EVE  SMITH", "Eve\u200b Smith", "Ｅｖｅ Smith", "E\u00advE smith"];
  for (const name of alike) await (await call(`${name}\n`, there)).hung();
  assertEquals(refused(ada), [alike.length]);
  assertEquals(ada.events.all, []);
});

test("the same name at another address and another name at the same one get through", async ({ env, ada, call }) => {
  const there = env.machine();
  await ada.calls.ignore({ name: "eve", address: there.address });
  await call("eve\n");
  await ada.saw("chat-opened", { name: "eve" });
  await call("mallory\n", there);
  await ada.saw("chat-opened", { name: "mallory" });
  assertEquals(refused(ada), [0]);
});

test("a name without an address is ignored at every address", async ({ ada, call }) => {
  await ada.calls.ignore({ name: "eve" });
  await (await call("eve\n")).hung();
  await (await call("EVE\n")).hung();
  assertEquals(refused(ada), [2]);
  assertEquals(ada.events.all, []);
});

/** What callers say first, and whether they get an answer. */
const OPENINGS: readonly (string | Uint8Array)[] = [
  ...["", "eve\n", "eve\nhear me\n", "\n", "\xff\n", "n".repeat(70), "n".repeat(70_000)],
  encodePreamble("probe"),
  concat([encodePreamble("chat"), Uint8Array.of(0, 3, 1, 2, 3)]),
  concat([encodePreamble("chat"), encodeFrame(new Uint8Array(32).fill(9))]),
];

test(
  "a call from an ignored address looks like one that is refused, without an event",
  async ({ env, ada, call }, time) => {
    const [ignored, other] = [env.machine(), env.machine()];
    await ada.calls.ignore({ address: `::ffff:${ignored.address}` });
    ada.calls.unknownCallers = "refuse";
    /** What a caller hears, and after how many milliseconds the end comes. */
    const heard = async (opening: string | Uint8Array, machine: Machine) => {
      const wire = await call("", machine);
      await wire.say(opening).catch(() => {}); // it may be refused while it writes
      let ended = false;
      const ending = wire.hung().then(() => ended = true);
      let passed = 0;
      for (; !ended; passed += 1_000) await time.pass(1_000);
      await ending;
      return { passed, bytes: wire.unread.length };
    };
    for (const [at, opening] of OPENINGS.entries()) {
      assertEquals(await heard(opening, ignored), await heard(opening, other), `opening ${at}`);
    }
    assertEquals(refused(ada).length, 1);
    assert((refused(ada)[0] ?? 0) >= 5);
    const events = ada.events.all.map(({ text }) => String(text));
    assert(events.every((text) => !text.includes(ignored.address)), events.join("\n"));
  },
);

Deno.test("call screener: with a key, too, an ignored address is answered as one that is refused", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  ada.calls.unknownCallers = "refuse";
  await ada.calls.ignore({ address: "198.18.9.9" });
  for (const address of ["198.18.9.9", "198.18.8.8"]) {
    await using wire = await Wire.dial(server.network.host(address), ada.address, ada.port);
    const peer = await Mim2Peer.call(wire, { name: "eve", key: testKey(0x77) });
    assertEquals(await peer.hear(), { type: "bye", reason: byeReasons.closed });
    await wire.hung();
    assertEquals(wire.unread.length, 0);
  }
  assertEquals([refused(ada), ada.calls.rejectedCount], [[1], 1]);
});

test("no number of callers makes the ignore list grow", async ({ ada, call }) => {
  await ada.calls.ignore({ name: "eve" });
  for (let calls = 0; calls < 50; calls++) await (await call("eve\n")).hung();
  assertEquals(ada.calls.ignored.length, 1);
  assertEquals(refused(ada), [50]);
});

test("ignoring a user closes the chat, and drops what comes in it", async ({ ada, bob }) => {
  const chat = await bob.call("ada");
  await ada.saw("chat-opened", { name: "bob" });
  const { address } = ada.chats.all[0] ?? {};
  const ignoring = ada.calls.ignore({ name: "BOB", address });
  await ada.saw("chat-closed", { name: "bob", by: "me" });
  await bob.saw("chat-closed", { by: "them" });
  await ignoring;
  await assertRefused("chat-closed", () => chat.send("why?"));
  assertEquals(ada.events.all.filter(({ event }) => event === "message"), []);
});

test("ignoring a user leaves other chats open", async ({ env, at, ada, bob }) => {
  const [eve] = await env.online(at, "eve");
  const atAda = await ada.call("bob");
  await ada.call("eve");
  await ada.calls.ignore({ name: "eve" });
  await eve.saw("chat-closed", { by: "them" });
  await atAda.send("still here");
  await bob.saw("message", { text: "still here" });
});

test("an ignored user can't be called either", async ({ ada, bob }) => {
  await ada.calls.ignore({ name: "bob" });
  const { message } = await assertRefused("ignored", () => ada.call("bob"));
  assert(message.startsWith("bob at 198.18."), message);
  assertEquals(ada.calls.unignore({ name: "Bob" }).map(({ name }) => name), ["bob"]);
  assertEquals(ada.calls.ignored, []);
  await ada.call("bob");
  await bob.saw("chat-opened", { by: "them" });
});

test("ignoring a user gives up the call under way", async ({ ada }, time) => {
  const ghost = { name: "ghost", address: "198.51.100.9", port: 4000, id: 1, own: false };
  const calling = assertRefused("peer-unreachable", () => ada.call(ghost));
  await time.pass(1);
  await ada.calls.ignore({ address: ghost.address });
  await calling;
  assertEquals(ada.chats.all, []);
});

test("a table row without a valid address is unreachable, and nothing more", async ({ ada }) => {
  for (const address of ["", "no.such.host", "a:b c", "\x1b[2J"]) {
    const user = { name: "bob", address, port: 4000, id: 1, own: false };
    await assertRefused("peer-unreachable", () => ada.call(user));
    assertThrows(() => ada.calls.unignore({ address }), RangeError, "expected a name");
  }
  assertThrows(() => ada.calls.unignore({}), RangeError, "expected a name, an IP address or both");
});

Deno.test("ignore list: it is written as JSON and read back", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const [ada] = await env.online(at, "ada");
  await ada.calls.ignore({ name: "Zoë", address: "2001:DB8:0::7" });
  await ada.calls.ignore({ address: "127.0.0.9" });
  const kept = JSON.stringify(ada.calls.ignored);
  await using again = new TestUser({
    name: "ada",
    server: at,
    ignored: parseIgnored(JSON.parse(kept)),
  });
  assertEquals(JSON.stringify(again.calls.ignored), kept);
  assertEquals(again.calls.ignored.map(({ address }) => address), ["2001:db8::7", "127.0.0.1"]);
  assertEquals(again.calls.unignore({ address: "127.0.0.77" }).length, 1);
  assertEquals(again.calls.unignore({ name: "zoë", address: "2001:db8::7" }).length, 1);
});

Deno.test("ignore list: anything else in the file is an error", () => {
  const good: IgnoreEntry = { name: "eve", since: 0, refused: 0 };
  const bad = [
    {},
    null,
    "eve",
    [{}],
    [good, { ...good, name: 7 }],
    [{ ...good, address: "here" }],
    [{ ...good, refused: "many" }],
    Array(clientLimits.ignoredUsers + 1).fill(good),
  ];
  for (const data of bad) assertThrows(() => parseIgnored(data), SyntaxError, "expected");
  assertEquals(parseIgnored([good]), [good]);
});

Deno.test("ignore list: it has a limit", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const ada = env.user("ada", at);
  for (let at = 0; at < clientLimits.ignoredUsers; at++) {
    await ada.calls.ignore({ name: `eve ${at}` });
  }
  await ada.calls.ignore({ name: "eve 1" }); // is one already
  await assertRefused("invalid-state", () => ada.calls.ignore({ name: "one more" }));
});

test("ask: ignoring a waiting caller rejects the call", async ({ ada, call }) => {
  ada.calls.unknownCallers = "ask";
  const eve = await call("eve\n");
  await ada.saw("incoming-call");
  await ada.calls.ignore({ name: "eve" });
  await eve.hung();
  assertEquals(ada.calls.pending, []);
  assertEquals(refused(ada), [1]);
  assertEquals(ada.events.unread, []);
});
