/** Callers whom the user does not know: they are allowed, refused, or wait for the user. */

import { assert, assertEquals } from "@std/assert";
import { limits } from "../../../../protocol/mod.ts";
import { assertRefused, TestUser } from "../../../helpers/test_user.ts";
import { Clock } from "../../../helpers/time.ts";
import type { Wire } from "../../../helpers/peers.ts";
import { TestEnvironment } from "../../../helpers/test_environment.ts";
import { NASTY } from "../../../fixtures/events.ts";
import { clientLimits } from "../../../../client/core/limits.ts";
import { test } from "./call_stage.ts";

test("allow: a call becomes a chat at once", async ({ ada, call }) => {
  assertEquals(ada.calls.unknownCallers, "allow");
  await call("eve\nhello\n");
  await ada.saw("chat-opened", { name: "eve", by: "them" });
  await ada.saw("message", { text: "hello" });
});

test("refuse: unknown callers are rejected and counted, with an event now and then", async ({ ada, call }) => {
  using clock = new Clock();
  ada.calls.unknownCallers = "refuse";
  for (let calls = 0; calls < 20; calls++) await (await call(`eve ${calls}\n`)).hung();
  await ada.saw("calls-rejected", {
    text: /^A call from eve 0 \(198\.18\.\d+\.\d+\) was refused$/,
  });
  assertEquals(ada.events.unread, []);
  assertEquals(ada.calls.rejectedCount, 20);
  clock.advance(60_000);
  await (await call("eve 20\n")).hung();
  await ada.saw("calls-rejected", {
    text: /^A call from eve 20 .* \(and 19 more since the last notice\)$/,
  });
  assertEquals(ada.chats.all, []);
});

test("refuse: a peer who was called or answered is known, at that address only", async ({ env, at, ada, bob, call }) => {
  const [carol] = await env.online(at, "carol");
  await (await ada.call("bob")).close();
  await carol.call("ada");
  const { chat } = await ada.saw("chat-opened", { by: "them" });
  await chat.send("hello");
  await chat.close();
  ada.calls.unknownCallers = "refuse";
  ada.events.clear();
  await bob.call("ada");
  await ada.saw("chat-opened", { name: "bob", by: "them" });
  await carol.call("ada");
  await ada.saw("chat-opened", { name: "carol", by: "them" });
  for (const name of ["bob", "Bob"]) await (await call(`${name}\n`)).hung();
  assertEquals(ada.calls.rejectedCount, 2);
});

test("refuse: a caller who got no answer is still unknown", async ({ ada, bob }) => {
  const atBob = await bob.call("ada");
  await ada.saw("chat-opened", { by: "them" });
  await atBob.close();
  await ada.saw("chat-closed");
  ada.calls.unknownCallers = "refuse";
  await bob.call("ada");
  await bob.saw("chat-closed", { by: "them" });
  assertEquals(ada.calls.rejectedCount, 1);
});

Deno.test("call screener: isKnownCaller makes a caller known", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const { address, network } = env.machine();
  await using ada = new TestUser({
    name: "ada",
    server: at,
    listen: { hostname: address },
    network,
    isKnownCaller: (name) => name === "bob",
  });
  ada.calls.unknownCallers = "refuse";
  await ada.login();
  const [bob, eve] = await env.online(at, "bob", "eve");
  await bob.call("ada");
  await ada.saw("chat-opened", { name: "bob" });
  await eve.call("ada");
  await ada.saw("calls-rejected", { text: /^A call from eve / });
});

test("ask: a call waits; when accepted it becomes a chat with what was said", async ({ ada, bob }) => {
  ada.calls.unknownCallers = "ask";
  const atBob = await bob.call("ada");
  await atBob.send("hello\nare you there?");
  const { caller } = await ada.saw("incoming-call", {
    text: /^bob \(.*\/accept bob, or \/refuse bob$/,
  });
  assertEquals(ada.chats.all, []);
  assertEquals(ada.calls.pending, [caller]);
  assertEquals(ada.events.unread, []);
  const chat = await caller.accept();
  assertEquals(ada.calls.pending, []);
  await ada.saw("message", { text: "hello" });
  await ada.saw("message", { text: "are you there?" });
  await atBob.send("and on");
  await ada.saw("message", { text: "and on" });
  await chat.send("yes");
  await bob.saw("message", { text: "yes" });
  assertEquals(
    ada.events.all.map(({ event }) => event),
    ["incoming-call", "chat-opened", "message", "message", "message", "sent"],
  );
  await chat.close();
  await bob.call("ada"); // no stranger any more
  await ada.saw("chat-opened", { name: "bob", by: "them" });
});

test("ask: a line that comes at the moment of the answer is not lost", async ({ ada, call }) => {
  ada.calls.unknownCallers = "ask";
  const eve = await call("eve\n");
  const { caller } = await ada.saw("incoming-call");
  const saying = eve.say("one\n", "two\n");
  await caller.accept();
  await saying;
  await eve.say("three\n");
  for (const text of ["one", "two", "three"]) await ada.saw("message", { text });
  assertEquals(
    ada.events.all.filter(({ event }) => event === "message").map(({ text }) => text),
    ["one", "two", "three"],
  );
});

test("ask: calling a waiting caller accepts the call", async ({ ada, bob }) => {
  ada.calls.unknownCallers = "ask";
  await bob.call("ada");
  await ada.saw("incoming-call");
  const chat = await ada.call("bob");
  assertEquals(chat.direction, "incoming");
  await chat.send("hello");
  await bob.saw("message", { text: "hello" });
  assertEquals([ada.chats.all.length, bob.chats.all.length], [1, 1]);
});

test("ask: a rejected call is closed and can't be accepted", async ({ ada, call }) => {
  ada.calls.unknownCallers = "ask";
  const eve = await call("eve\nhello\n");
  const { caller } = await ada.saw("incoming-call");
  caller.reject();
  await eve.hung();
  await assertRefused("not-online", () => Promise.try(() => caller.accept()));
  await assertRefused("not-online", () => Promise.try(() => caller.reject()));
  assertEquals(ada.events.unread, []);
});

test(
  "ask: who waits too long is refused, who hangs up waits no more",
  async ({ ada, call }, time) => {
    ada.calls.unknownCallers = "ask";
    const eve = await call("eve\n");
    const mallory = await call("mallory\n");
    await ada.saw("incoming-call", { text: /^eve/ });
    await ada.saw("incoming-call", { text: /^mallory/ });
    mallory.close();
    await ada.saw("call-ended", { text: /^mallory \(.*\) is no longer waiting for you$/ });
    await time.pass(clientLimits.pendingCallTimeoutMs);
    await eve.hung();
    await ada.saw("call-ended", { text: /^eve \(.*\) waited too long; the call was refused$/ });
    assertEquals(ada.calls.pending, []);
  },
);

/** Ada's events of chats, in order, in short. */
function chatsOf(ada: TestUser): string[] {
  return ada.events.all.filter(({ event }) => !/^(incoming-call|call-ended|note)$/.test(event))
    .map(({ event, text, by }) => `${event} ${text ?? by}`);
}

test("ask: a caller who leaves lines and hangs up can still be accepted", async ({ ada, call }) => {
  ada.calls.unknownCallers = "ask";
  const eve = await call("eve\nhello\n");
  await ada.saw("incoming-call", { text: /wants to talk/ });
  await eve.say("call me\n");
  await eve.end();
  const { caller } = await ada.saw("incoming-call", {
    text:
      /^eve \(.*\) has hung up and left 2 lines: \/accept eve shows them, \/refuse eve discards them$/,
  });
  await eve.hung(); // nobody is kept waiting for an end
  assertEquals(ada.calls.pending, [caller]);
  assertEquals(ada.chats.all, []);
  const chat = await caller.accept();
  await ada.saw("chat-closed");
  assertEquals(chatsOf(ada), [
    "chat-opened them",
    "message hello",
    "message call me",
    "chat-closed them",
  ]);
  assertEquals([chat.state === "open", ada.calls.pending], [false, []]);
});

test("ask: lines left by a broken connection can be accepted too", async ({ ada, call }) => {
  ada.calls.unknownCallers = "ask";
  for (const [at, breaks] of [(wire: Wire) => wire.reset(), half].entries()) {
    const eve = await call(`eve ${at}\n`);
    const { caller } = await ada.saw("incoming-call");
    await eve.say("hello\n");
    await breaks(eve);
    await ada.saw("incoming-call", {
      text: /has hung up and left 1 line: .* shows it, .* discards it$/,
    });
    ada.events.clear();
    await caller.accept();
    await ada.saw("chat-closed", { by: "lost" });
    const told = chatsOf(ada).filter((line) => !line.startsWith("error"));
    assertEquals(told, ["chat-opened them", "message hello", "chat-closed lost"]);
  }

  async function half(wire: Wire): Promise<void> {
    await wire.say("no line e");
    await wire.end();
  }
});

test(
  "ask: what was left is dropped after the same time, or where it is refused",
  async ({ ada, call }, time) => {
    ada.calls.unknownCallers = "ask";
    for (const name of ["eve", "mallory"]) {
      const wire = await call(`${name}\nhello\n`);
      await wire.end();
      await ada.saw("incoming-call", { text: new RegExp(`^${name} .* has hung up`) });
    }
    const [eve, mallory] = ada.calls.pending;
    assert(eve !== undefined && mallory !== undefined);
    mallory.reject();
    await time.pass(clientLimits.pendingCallTimeoutMs - 1_000);
    assertEquals(ada.calls.pending, [eve]);
    await time.pass(1_000);
    await ada.saw("call-ended", { text: /^eve \(.*\) waited too long; the call was refused$/ });
    assertEquals(ada.calls.pending, []);
    assertEquals(chatsOf(ada), []);
  },
);

test("ask: a repeated call adds to the lines that were left, without another event", async ({ ada, call, env }) => {
  ada.calls.unknownCallers = "ask";
  const there = env.machine();
  for (const text of ["one", "two", "three"]) {
    const eve = await call(`eve\n${text}\n`, there);
    await eve.end();
    await eve.hung();
  }
  const silent = await call("eve\n", there);
  await silent.end();
  await silent.hung();
  const [eve] = ada.calls.pending;
  assert(eve !== undefined);
  await eve.accept();
  await ada.saw("chat-closed", { by: "them" });
  assertEquals(chatsOf(ada).slice(1, -1), ["message one", "message two", "message three"]);
  assertEquals(ada.events.all.filter(({ event }) => event === "incoming-call").length, 2);
});

test(
  "ask: calling again and again keeps no more than one call may",
  async ({ ada, call, env }, time) => {
    ada.calls.unknownCallers = "ask";
    const there = env.machine();
    const line = `${"y".repeat(1_000)}\n`;
    const wires: Wire[] = [];
    for (let calls = 0; calls < 40; calls++) {
      const wire = await call(`eve\n${line}`, there);
      wires.push(wire);
      await wire.end().catch(() => {}); // may be refused by now
      await time.pass(1);
    }
    const [eve] = ada.calls.pending;
    assert(eve !== undefined);
    await eve.accept();
    await ada.saw("chat-closed");
    const kept = chatsOf(ada).filter((told) => told.startsWith("message")).length;
    assert(kept >= 10 && kept <= 1 + clientLimits.pendingCallBytes / 1_000, `${kept} lines`);
    assertEquals(ada.calls.rejectedCount, wires.length - kept);
    for (const wire of wires) await wire.hung(); // who was not heard is not left to believe it
  },
);

test("ask: calling a caller who has hung up shows the lines and calls", async ({ ada, bob }) => {
  ada.calls.unknownCallers = "ask";
  const atBob = await bob.call("ada");
  await atBob.send("call me");
  await ada.saw("incoming-call");
  await atBob.close();
  await ada.saw("incoming-call", { text: /has hung up/ });
  const chat = await ada.call("bob");
  await ada.saw("message", { text: "call me" });
  await chat.send("here I am");
  await bob.saw("message", { text: "here I am" });
  assertEquals([chat.direction, chat.state === "open"], ["outgoing", true]);
  assertEquals(ada.chats.all, [chat]);
});

test("ask: a broken connection and an endless line end the wait", async ({ ada, call }) => {
  ada.calls.unknownCallers = "ask";
  const eve = await call("eve\n");
  await ada.saw("incoming-call");
  eve.reset();
  await ada.saw("call-ended", { text: /is no longer waiting/ });
  const long = await call("long\n");
  await ada.saw("incoming-call");
  await long.say("x".repeat(limits.lineBytes + 2)).catch(() => {});
  await long.hung();
  await ada.saw("call-ended", { text: /^long / });
});

test(
  "ask: who says much before the answer is not read on, and loses nothing",
  async ({ ada, call }, time) => {
    ada.calls.unknownCallers = "ask";
    const eve = await call("eve\n");
    const { caller } = await ada.saw("incoming-call");
    let said = false;
    const lines = 3_000;
    const text = "y".repeat(99);
    const saying = eve.say(`${text}\n`.repeat(lines), "the end\n").then(() => said = true);
    await time.pass(60_000);
    assert(!said, "Ada should have stopped reading");
    await caller.accept();
    await saying;
    await ada.saw("message", { text: "the end" });
    assertEquals(ada.events.all.filter((record) => record.text === text).length, lines);
  },
);

test("ask: empty lines before the answer count against the limit", async ({ ada, call }, time) => {
  ada.calls.unknownCallers = "ask";
  const eve = await call("eve\n");
  await ada.saw("incoming-call");
  let said = false;
  const saying = eve.say("\n".repeat(200_000)).then(() => said = true, () => {});
  await time.pass(1_000);
  assert(!said, "Ada should have stopped reading");
  eve.close();
  await saying;
});

test("ask: a caller who calls twice is one call with one event", async ({ ada, bob, call, env }) => {
  ada.calls.unknownCallers = "ask";
  const there = env.machine();
  const first = await call("eve\nfirst\n", there);
  await ada.saw("incoming-call");
  for (let calls = 0; calls < 20; calls++) await call("EVE\n", there);
  await call("eve\nlast\n", there);
  await first.hung();
  await bob.call("ada");
  await ada.saw("incoming-call", { text: /^bob/ });
  const [eve] = ada.calls.pending;
  assert(eve !== undefined);
  assertEquals(ada.calls.pending.length, 2);
  await eve.accept();
  await ada.saw("message", { text: "last" });
  assertEquals(ada.events.all.filter(({ event }) => event === "incoming-call").length, 2);
});

test("ask: an address that calls under ever new names is soon rejected", async ({ ada, call, env }) => {
  using clock = new Clock();
  ada.calls.unknownCallers = "ask";
  const there = env.machine();
  const wires: Wire[] = [];
  for (let calls = 0; calls < 50; calls++) {
    wires.push(await call(`eve ${calls}\n`, there));
    if (calls > 5) await wires[calls - 3]?.hung(); // the last are held, for they may say something
  }
  assertEquals(ada.calls.pending.length, 3);
  assertEquals(ada.calls.rejectedCount, 44);
  assertEquals(ada.events.all.length, 4); // three questions, and one line for all the others
  await call("bob\n"); // from elsewhere one is asked still
  await ada.saw("incoming-call", { text: /^bob/ });
  clock.advance(120_000);
  await call("eve\n", there);
  await ada.saw("incoming-call", { text: /^eve \(/ });
});

test("ask: a caller who says something replaces a silent one at the same address", async ({ ada, call, env }) => {
  using _ = new Clock();
  ada.calls.unknownCallers = "ask";
  const there = env.machine();
  const silent: Wire[] = [];
  for (let calls = 0; calls < 3; calls++) silent.push(await call(`silent ${calls}\n`, there));
  const eve = await call("eve\n", there);
  await ada.saw("incoming-call", { text: /^silent 2/ });
  assertEquals(ada.calls.pending.length, 3);
  await eve.say("it burns\n");
  await ada.saw("call-ended", { text: /^silent 0 .* too many callers are waiting$/ });
  const { caller } = await ada.saw("incoming-call", { text: /^eve/ });
  await silent[0]?.hung();
  await caller.accept();
  await ada.saw("message", { text: "it burns" });
  for (let calls = 0; calls < 30; calls++) {
    const wire = await call(`eve ${calls}\nhear me\n`, there);
    if (calls >= 2) await wire.hung();
  }
  assertEquals(ada.calls.pending.length, 2); // of those who spoke; eve is a chat
  assertEquals(ada.calls.rejectedCount, 28);
});

test("ask: calls from ever new addresses are rate-limited", async ({ ada, call }) => {
  using _ = new Clock();
  ada.calls.unknownCallers = "ask";
  const wires: Wire[] = [];
  for (let calls = 0; calls < 40; calls++) wires.push(await call(`eve ${calls}\n`));
  await wires.at(-1)?.hung();
  assertEquals(ada.calls.rejectedCount, 20);
  assertEquals(ada.calls.pending.length, clientLimits.pendingCalls);
  await wires[0]?.hung();
  await ada.saw("call-ended", { text: /^eve 0 .* was refused: too many callers are waiting$/ });
  const notes = ada.events.all.length;
  assertEquals(notes, 20 + (20 - clientLimits.pendingCalls) + 1);
});

test("ask: callers' names are harmless in the question", async ({ ada, call }, time) => {
  ada.calls.unknownCallers = "ask";
  for (const nasty of NASTY) await call(`${nasty.replace(/\n/g, " ")}\n`);
  await time.pass(1);
  assert(ada.calls.pending.length > NASTY.length / 4, `${ada.calls.pending.length} callers`);
});

test("ask: quitting rejects the calls that wait", async ({ ada, call }) => {
  ada.calls.unknownCallers = "ask";
  const eve = await call("eve\n");
  await ada.saw("incoming-call");
  await ada.quit();
  await eve.hung();
  assertEquals(ada.calls.pending, []);
});
