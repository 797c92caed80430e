/** Peers that say what no peer should: the client survives, and its other chats go on. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { setImmediate } from "node:timers";
import fc from "fast-check";
import { ChatDecoder, limits } from "../../../../protocol/mod.ts";
import { decode, hex, join, utf8 } from "../../../fixtures/decoding.ts";
import { assertRefused, type TestUser } from "../../../helpers/test_user.ts";
import { Clock, FakeTime } from "../../../helpers/time.ts";
import { watchHarm } from "../../../fixtures/harmless.ts";
import { inTime } from "../../../helpers/wait.ts";
import { delayedNetwork } from "../../../helpers/faults.ts";
import type { Wire } from "../../../helpers/peers.ts";
import { type Machine, TestEnvironment } from "../../../helpers/test_environment.ts";
import { NASTY } from "../../../fixtures/events.ts";
import { otherProtocol } from "../../../../client/core/peer/other_protocol.ts";
import { clientLimits } from "../../../../client/core/limits.ts";

interface Stage {
  readonly env: TestEnvironment;
  readonly ada: TestUser;
  /** A bare connection to Ada. */
  readonly call: (from?: Machine) => Promise<Wire>;
  /** Asserts that Ada and Bob still talk, and that Ada is still online. */
  readonly goesOn: () => Promise<void>;
}

/** Ada, online and in a chat with Bob; all that she tells must be harmless. */
async function onStage(env: TestEnvironment): Promise<Stage> {
  const { server, at } = env.serve();
  const [ada, bob] = await env.online(at, "ada", "bob");
  const assertNoHarm = watchHarm(ada);
  const { port } = await ada.saw("listening");
  const hostname = [...ada.users][0]?.address ?? "";
  const atAda = await ada.call("bob");
  const { chat: atBob } = await bob.saw("chat-opened");
  ada.events.clear();
  let times = 0;
  return {
    env,
    ada,
    call: (from) => env.dial({ hostname, port }, from),
    async goesOn() {
      assertNoHarm();
      const text = `still here ${++times}`;
      await atAda.send(text);
      await bob.saw("message", { name: "ada", text });
      await atBob.send(text);
      await ada.saw("message", { name: "bob", text });
      assertEquals(ada.state, "online");
      assertEquals(server.userCount, 2);
    },
  };
}

function test(sentence: string, body: (stage: Stage, time: FakeTime) => Promise<void>): void {
  Deno.test(`bad peer: ${sentence}`, async () => {
    using time = new FakeTime();
    await using env = TestEnvironment.fake();
    const stage = await onStage(env);
    await body(stage, time);
    await stage.goesOn();
  });
}

/** So many callers at once are heard, whoever they are. */
const CROWD = 160;

/** First lines for which a call comes to nothing: Ada is told why, and hangs up. */
const NAMES: readonly (readonly [what: string, bytes: string | Uint8Array, why: string])[] = [
  ["no name", "\n", "expected a name of 1 to 64 characters, got 0"],
  ["a name of white space", " \t \r\n", "expected a name of 1 to 64 characters, got 0"],
  [
    "a name that is too long",
    `${"n".repeat(65)}\n`,
    "expected a name of 1 to 64 characters, got 65",
  ],
  ["a name that never ends", "n".repeat(70_000), "expected a line of at most 65536 bytes"],
  [
    "the byte 0xFF of another dialect",
    hex("ff 4d 49 4d 32 0a"),
    "it speaks another dialect than classic MIM",
  ],
];

for (const [what, bytes, why] of NAMES) {
  test(`${what} is an error that says so`, async ({ ada, call }) => {
    const eve = await call();
    await eve.say(bytes).catch(() => {}); // Ada may hang up before she has heard it all
    await eve.hung();
    const { text } = await ada.saw("error");
    assertMatch(text, /^a call from 198\.18\.\d+\.\d+ failed: /);
    assert(text.includes(why), text);
    assertEquals(ada.events.unread, []);
  });
}

test("half a name and the end is a failed call", async ({ ada, call }) => {
  const eve = await call();
  await eve.say("eve");
  await eve.end();
  await eve.hung();
  await ada.saw("error", { text: /failed: expected a line's end, got 3 bytes and the end$/ });
});

test("half a name and a broken connection is a failed call", async ({ ada, call }) => {
  const eve = await call();
  await eve.say("eve");
  eve.reset();
  await ada.saw("error", { text: /failed: Connection reset by peer$/ });
});

test("a connection without a byte causes no event", async ({ ada, call }) => {
  for (let times = 0; times < 100; times++) {
    const eve = await call();
    await eve.end();
    await eve.hung();
  }
  assertEquals(ada.events.all, []);
});

test("failed calls cause an event now and then", async ({ ada, call }) => {
  const fail = async () => {
    const eve = await call();
    await eve.say("\n").catch(() => {});
    await eve.hung();
  };
  for (let times = 0; times < 20; times++) await fail();
  await ada.saw("error", { text: /failed: expected a name of 1 to 64 characters, got 0$/ });
  assertEquals(ada.events.unread, []);
  using _ = leapingClock();
  await fail();
  await ada.saw("error", { text: /got 0 \(and 19 more since the last time\)$/ });
});

test("silent callers keep nobody out: the oldest is dropped", async ({ ada, call }, time) => {
  const silent = [];
  for (let times = 0; times < 2 * clientLimits.unidentifiedPeers; times++) {
    silent.push(await call());
  }
  {
    using _ = leapingClock(); // each has waited for long
    await time.pass(1_000);
    await silent[0]?.hung();
    const bob = await call();
    await bob.say("bob\n");
    await time.pass(1_000);
    await ada.saw("chat-opened", { name: "bob", by: "them" });
  }
  await ada.saw("error", { text: /failed: no name, and others came$/ });
});

Deno.test("bad peer: many callers at once all get through if they tell their names", async () => {
  using _clock = new Clock(); // stands still: a busy machine takes no caller's time away
  await using env = TestEnvironment.real();
  const { at } = env.serve();
  const [ada] = await env.online(at, "ada");
  const { port } = await ada.saw("listening");
  const callers = Array.from(
    { length: CROWD },
    (_, index) => `m${index}`,
  );
  await Promise.all(callers.map(async (name) => {
    const wire = await env.dial({ hostname: "127.0.0.1", port });
    await wire.say(`${name}\nhello\n`);
  }));
  for (const name of callers) await ada.saw("message", { name, text: "hello" });
  assertEquals(ada.events.all.filter(({ event }) => event === "error"), []);
});

Deno.test("bad peer: many callers all get through on a machine that is too busy to read", async () => {
  await using env = TestEnvironment.fake();
  const { at } = env.serve();
  const machine = env.machine();
  const network = delayedNetwork(machine.network, () => 2);
  const ada = env.user("ada", at, { ...machine, network });
  await ada.login();
  const { port } = await ada.saw("listening");
  using _ = leapingClock();
  const callers = Array.from(
    { length: CROWD },
    (_, index) => `m${index}`,
  );
  await Promise.all(callers.map(async (name) => {
    const wire = await env.dial({ hostname: machine.address, port });
    await wire.say(`${name}\nhello\n`);
  }));
  for (const name of callers) await ada.saw("message", { name, text: "hello" });
  assertEquals(ada.events.all.filter(({ event }) => event === "error"), []);
});

const OTHER_PROTOCOLS: readonly (readonly [string, string])[] = [
  ["HTTP", "GET / HTTP/1.0\r\n\r\n"],
  ["HTTP", "GET / HTTP/1.1\r\nHost: ada\r\n\r\n"],
  ["HTTP", "GET /\r\n"],
  ["HTTP", "OPTIONS * HTTP/1.1\r\n\r\n"],
  ["HTTP", "CONNECT mim.example:443 HTTP/1.1\r\n\r\n"],
  ["HTTP", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["SSH", "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"],
  ["RTSP or SIP", "OPTIONS sip:nm SIP/2.0\r\nVia: x\r\n\r\n"],
  ["SMTP", "EHLO mail.example\r\n"],
  ["IRC", "NICK bob\r\nUSER bob 0 * :bob\r\n"],
  ["XML", "<?xml version='1.0'?><stream:stream>\n"],
  ["JSON", '{"jsonrpc":"2.0","method":"x"}\n'],
  ["Redis", "*1\r\n$4\r\nPING\r\n"],
  ["another protocol", "\x16\x03\x01\x02\x00\n"],
  ["another protocol", "\x03\x00\x00\x13\x0e\xe0\n"],
  ["another protocol", "\x01default\n"],
  ["another protocol", "help\r\n\r\n"],
  ["another protocol", "stats\r\n"],
  ["another protocol", "DIST00000001ARGC00000005\n"],
  ["SMTP", "EHLO\r\n"],
  ["FTP", "USER anonymous\r\nPASS x\r\n"],
  ["IMAP", "a001 CAPABILITY\r\n"],
  ["POP3", "CAPA\r\n"],
];

test("a PROXY header of the second version is nobody", async ({ ada, call }) => {
  const visitor = await call();
  await visitor.say("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c").catch(() => {});
  await visitor.hung();
  assertEquals(ada.chats.all.map(({ name }) => name), ["bob"]);
});

for (const [protocol, bytes] of OTHER_PROTOCOLS) {
  test(`bytes of ${protocol} are nobody: ${JSON.stringify(bytes)}`, async ({ ada, call }) => {
    for (let times = 0; times < 3; times++) {
      const visitor = await call();
      await visitor.say(bytes).catch(() => {});
      await visitor.hung();
    }
    await ada.saw("error", { text: /^a call from \S+ failed: it speaks .*, not MIM$/ });
    assertEquals(ada.events.unread, []);
    assertEquals(ada.chats.all.map(({ name }) => name), ["bob"]);
    using _ = leapingClock();
    for (const name of ["NICK CAVE", "GET LUCKY", "USER 7", "ADA LOVELACE", "JSON {7}"]) {
      const person = await call();
      await person.say(`${name}\n`);
      await ada.saw("chat-opened", { name, by: "them" });
    }
  });
}

test("one source and reason cause one event a minute", async ({ ada, env, call }) => {
  const [one, other] = [env.machine(), env.machine()];
  const look = async (from: typeof one, text: string) => {
    const visitor = await call(from);
    await visitor.say(text).catch(() => {});
    await visitor.hung();
  };
  using clock = new Clock();
  const HTTP = "GET / HTTP/1.0\r\n\r\n";
  await look(one, HTTP);
  await ada.saw("error", { text: /HTTP, not MIM$/ });
  for (let times = 0; times < 4; times++) {
    clock.advance(11_000);
    await look(one, HTTP);
  }
  assertEquals(ada.events.unread, []);
  await look(other, HTTP);
  await ada.saw("error", { text: /HTTP, not MIM \(and 4 more since the last time\)$/ });
  clock.advance(11_000);
  await look(one, "SSH-2.0-x\r\n");
  await ada.saw("error", { text: /SSH, not MIM$/ });
  clock.advance(11_000);
  await look(one, HTTP);
  await ada.saw("error", { text: /HTTP, not MIM$/ });
});

test("a caller without a name is dropped in time", async ({ ada, call }, time) => {
  const silent = await call();
  const slow = await call();
  await time.pass(clientLimits.handshakeTimeoutMs - 1);
  await slow.say("eve");
  assertEquals(ada.events.all, []);
  await time.pass(1);
  await silent.hung();
  await slow.hung();
  await ada.saw("error", { text: /failed: no name within 10 s$/ });
  assertEquals(ada.events.unread, []); // the other is told of with the next
});

test("a caller who tells its name just in time gets through", async ({ ada, call }, time) => {
  const slow = await call();
  await time.pass(clientLimits.handshakeTimeoutMs - 1);
  await slow.say("eve\n");
  await ada.saw("chat-opened", { name: "eve" });
  await time.pass(60_000);
  await slow.say("hello\n");
  await ada.saw("message", { name: "eve", text: "hello" });
});

test("callers who leave make room for others", async ({ ada, call }) => {
  for (let calls = 0; calls < clientLimits.chats + 10; calls++) {
    const passer = await call();
    await passer.say(`passer ${calls}\n`);
    await ada.saw("chat-opened", { name: `passer ${calls}` });
    passer.close();
    await ada.saw("chat-closed", { name: `passer ${calls}` });
  }
  assert(ada.chats.all.length <= clientLimits.chats);
  const eve = await call();
  await eve.say("eve\nhello\n");
  await ada.saw("message", { name: "eve", text: "hello" });
});

test("the number of open chats is limited", async ({ ada, call }) => {
  const open: Wire[] = [];
  for (let calls = 1; calls < clientLimits.chats; calls++) {
    const peer = await call();
    await peer.say(`peer ${calls}\n`);
    open.push(peer);
  }
  await ada.saw("chat-opened", { name: `peer ${clientLimits.chats - 1}` });
  const eve = await call();
  await eve.say("eve\n");
  await eve.hung();
  open[0]?.close();
  await ada.saw("chat-closed", { name: "peer 1" });
  const next = await call();
  await next.say("next\n");
  await ada.saw("chat-opened", { name: "next" });
});

test("a line over the limit ends the chat with an error", async ({ ada, call }) => {
  const eve = await call();
  await eve.say("eve\nhello\n");
  await eve.say("x".repeat(limits.lineBytes + 2)).catch(() => {});
  await ada.saw("message", { name: "eve", text: "hello" });
  await ada.saw("error", {
    text:
      "the chat with eve cannot go on: expected a line of at most 65536 bytes, got a longer one",
  });
  const { chat } = await ada.saw("chat-closed", { name: "eve", by: "lost" });
  await eve.hung();
  await assertRefused("chat-closed", () => chat.send("hello?"));
});

test("a line at the limit arrives", async ({ ada, call }) => {
  const eve = await call();
  await eve.say("eve\n", "x".repeat(limits.lineBytes), "\r\n");
  const { message } = await ada.saw("message", { name: "eve" });
  assertEquals(message.text.length, limits.lineBytes);
});

test("what is not UTF-8 is read as Windows-1252", async ({ ada, call }) => {
  const eve = await call();
  await eve.say([0x5a, 0x6f, 0xeb, 0x0a]); // Zoë
  await ada.saw("chat-opened", { name: "Zoë" });
  await eve.say([0x80, 0x20, 0x93, 0x68, 0x69, 0x94, 0x0a, 0xc3, 0xa9, 0x0a, 0xff, 0xfe, 0x0a]);
  await ada.saw("message", { text: "€ “hi”" });
  await ada.saw("message", { text: "é" });
  await ada.saw("message", { text: "ÿþ" });
});

test("a connection that breaks in the middle of a line loses only that line", async ({ ada, call }) => {
  const eve = await call();
  await eve.say("eve\none\ntwo\nthr");
  eve.reset();
  await ada.saw("message", { text: "one" });
  await ada.saw("message", { text: "two" });
  await ada.saw("chat-closed", { name: "eve", by: "lost" });
  assertEquals(ada.events.unread.filter(({ event }) => event === "message"), []);
});

test("a close in the middle of a line is an error", async ({ ada, call }) => {
  const eve = await call();
  await eve.say("eve\none\ntwo");
  eve.close();
  await ada.saw("message", { text: "one" });
  await ada.saw("error", {
    text: "the chat with eve cannot go on: expected a line's end, got 3 bytes and the end",
  });
  await ada.saw("chat-closed", { name: "eve", by: "lost" });
});

test("a connection that breaks while sending ends only that chat", async ({ ada, call }) => {
  const eve = await call();
  await eve.say("eve\n");
  const { chat } = await ada.saw("chat-opened", { name: "eve" });
  const sending = assertRefused(
    "chat-closed",
    () => chat.send("y".repeat(60_000) + "\n" + "z".repeat(60_000)),
  );
  await eve.bytes(1);
  eve.reset();
  await sending;
  await ada.saw("chat-closed", { name: "eve", by: "lost" });
  assertEquals(chat.bufferedAmount, 0);
});

test("names and texts of any kind are harmless to show", async ({ ada, call }) => {
  for (const nasty of NASTY) {
    const name = nasty.replaceAll("\n", " ").trim().slice(0, 60);
    const eve = await call();
    await eve.say(`${name}\n${nasty}\n`);
    const { chat } = await ada.saw("chat-opened", { by: "them" });
    assertEquals(chat.name, name.toWellFormed());
    for (const text of nasty.toWellFormed().split("\n")) {
      await ada.saw("message", { text: text.replace(/\r$/, "") });
    }
    await chat.send(nasty);
    eve.close();
    await ada.saw("chat-closed", { name: chat.name });
    await chat.close();
  }
});

test("a caller may have the name of another user, or the own name", async ({ ada, call }) => {
  for (const name of ["ada", "bob", "server", "1"]) {
    const eve = await call();
    await eve.say(`${name}\n`);
    const { chat } = await ada.saw("chat-opened", { name, by: "them" });
    assertMatch(chat.address, /^198\.18\.\d+\.\d+$/);
    eve.close();
    await ada.saw("chat-closed", { name });
  }
});

test("a flood of lines does not delay other chats", async (stage) => {
  const eve = await stage.call();
  await eve.say("eve\n");
  const flood = eve.say("flood\n".repeat(50_000));
  await stage.goesOn();
  await flood;
  eve.close();
  await stage.ada.saw("chat-closed", { name: "eve", by: "them" });
});

test("a hundred at once, each in its own way", async ({ ada, call }) => {
  const wires: Wire[] = [];
  for (let calls = 0; calls < 100; calls++) {
    const wire = await call();
    await wire.say(`peer ${calls}\n`);
    wires.push(wire);
    await ada.saw("chat-opened", { name: `peer ${calls}` });
  }
  for (const [index, wire] of wires.entries()) {
    if (index % 4 === 0) await wire.say("bye\n");
    if (index % 4 === 1) wire.reset();
    else if (index % 4 === 2) await wire.say("hal").then(() => wire.close());
    else wire.close();
  }
  for (const index of wires.keys()) {
    const by = index % 4 === 1 || index % 4 === 2 ? "lost" : "them";
    await ada.saw("chat-closed", { name: `peer ${index}`, by });
  }
});

/** Bytes of a peer that has been tampered with, or that never was one. */
function anySpeech(): fc.Arbitrary<Uint8Array> {
  const part = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }).map((text) => utf8(`${text}\n`)),
    fc.uint8Array({ maxLength: 40 }),
    fc.constant(utf8("eve\n")),
    fc.constantFrom(...NASTY).map((text) => utf8(text)),
    fc.constant(hex("ff 4d 49 4d 32 0a")),
  );
  return fc.array(part, { maxLength: 6 }).map((parts) => join(...parts));
}

/** A clock in whose eyes each look at it is a minute after the last. */
function leapingClock(): Disposable {
  const now = performance.now;
  let minutes = 0;
  performance.now = () => ++minutes * 60_000;
  return { [Symbol.dispose]: () => void (performance.now = now) };
}

test("any bytes are read as the decoder reads them, and their end is an event", async ({ ada, call }) => {
  using _ = leapingClock();
  const told = (type: string) => ada.events.all.filter(({ event }) => event === type);
  await fc.assert(
    fc.asyncProperty(anySpeech(), fc.boolean(), async (bytes, inOrder) => {
      ada.events.clear();
      const { messages, code } = decode(new ChatDecoder("caller"), [bytes]);
      const [first] = messages;
      fc.pre(first?.type !== "name" || otherProtocol(first.name) === undefined);
      const lost = !inOrder && (code === undefined || code === "truncated");
      const eve = await call();
      await eve.say(bytes).catch(() => {}); // Ada may have hung up
      if (inOrder) await eve.end().catch(() => {});
      else eve.reset();
      const [name, ...texts] = messages;
      if (name?.type === "name") {
        const by = code === undefined && inOrder ? "them" : "lost";
        const { chat } = await ada.saw("chat-closed", { name: name.name, by });
        assertEquals<unknown>(
          told("message").map(({ text }) => text),
          texts.map((message) => message.type === "text" && message.text),
        );
        await chat.close();
      } else if (code !== undefined || lost) {
        await ada.saw("error", {
          text: /^a call from [\d.]+ failed: (expected|it speaks|Connection reset)/,
        });
      }
      if (inOrder) await eve.hung();
      assertEquals(told("chat-opened").length, name === undefined ? 0 : 1);
      const broken = code !== undefined && !lost;
      assertEquals(told("error").length, broken || (lost && name === undefined) ? 1 : 0);
    }),
    { numRuns: 500 },
  );
});

test("a peer that floods leaves time for everything else", async ({ ada, call }) => {
  const lines = 2_000;
  const eve = await call();
  let turns = 0;
  let heard = 0;
  const all = Promise.withResolvers<void>();
  const unsubscribe = ada.subscribe((event) => {
    if (event.type === "message" && ++heard === lines) all.resolve();
  });
  const turn = () => {
    turns++;
    if (heard < lines) setImmediate(turn);
  };
  setImmediate(turn);
  await eve.say("eve\n" + "x\n".repeat(lines));
  await inTime(all.promise, "all lines");
  unsubscribe();
  assert(turns > lines / 64, `${turns} turns`);
});
