/** Old and new clients at old and new servers, known and unknown: nobody is talked to with less. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { byeReasons } from "../../../../protocol/mod.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { poll } from "../../../helpers/wait.ts";
import { FakeTime } from "../../../helpers/time.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import type { TableUser } from "../../../helpers/table_user.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { block, Mim2Peer, Wire } from "../../../helpers/peers.ts";
import { clientLimits } from "../../../../client/core/limits.ts";

const OLD_OR_NEW = ["old", "new"] as const;

/** What is to become of a call: how sure it is, `held`, or the code of an error. */
function expected(caller: string, callee: string, pinned: boolean, server: string): string {
  if (caller === "old") return callee === "new" && pinned ? "held" : "classic";
  // An old server tells of no keys: whom it lists is called in classic, but not where a key is pinned.
  if (server === "old" || callee === "old") return pinned ? "peer-key-mismatch" : "classic";
  return pinned ? "pinned" : "new";
}

for (const server of OLD_OR_NEW) {
  for (const caller of OLD_OR_NEW) {
    for (const callee of OLD_OR_NEW) {
      for (const pinned of [false, true]) {
        const outcome = expected(caller, callee, pinned, server);
        const pins = pinned ? "pinned" : "not pinned";
        const title =
          `${caller} calls ${callee}, ${pins}, at a server that is ${server}: ${outcome}`;
        Deno.test(`downgrade: ${title}`, () => cell(server, caller, callee, pinned, outcome));
      }
    }
  }
}

async function cell(
  server: string,
  caller: string,
  callee: string,
  pinned: boolean,
  outcome: string,
): Promise<void> {
  await using table = new TableServer();
  const id = table.id;
  table.isMim2 = server === "new";
  const ada = await table.user("ada", caller === "old" ? { key: null } : {});
  const bob = await table.user("bob", callee === "old" ? { key: null } : {});
  if (pinned) {
    const common = { server: id, verified: false, since: 1 };
    await ada.store.keepPin({ ...common, name: "bob", identity: keyOf(bob) });
    await bob.store.keepPin({ ...common, name: "ada", identity: keyOf(ada) });
  }
  if (outcome === "peer-key-mismatch") {
    const error = await assertRefused(outcome, () => ada.call(bob));
    assertMatch(error.message, /nothing would be encrypted/);
    assertEquals([ada.chats.all, bob.events.all], [[], []], "nothing was dialed");
    return;
  }
  const chat = await ada.call(bob);
  if (outcome === "held") {
    const { caller } = await bob.saw("incoming-call");
    assertEquals(caller.doubt, { reason: "key-missing", contact: "ada" });
    assertEquals(bob.chats.all, []);
    return;
  }
  assertEquals(chat.security, outcome);
  const { chat: other } = await bob.saw("chat-opened", { name: "ada" });
  assertEquals(other.security, outcome);
  await chat.send("hello");
  await bob.saw("message", { text: "hello" });
}

/** A user's key, or the one that it had before it became a classic client. */
function keyOf({ identity }: TableUser): Uint8Array {
  return identity.length === 0 ? testKey(0x44) : identity;
}

/** Somebody who answers in another user's place: what it hears, once the call is over. */
function answering(
  server: TableServer,
  { address }: TableUser,
  answer: (wire: Wire) => Promise<unknown>,
): { readonly port: number; readonly unread: Promise<Uint8Array> } {
  const unread = Promise.withResolvers<Uint8Array>();
  const listener = server.network.host(address).listen({ hostname: address, port: 0 });
  const { port } = listener.addr;
  const work = async () => {
    await using wire = new Wire(await listener.accept());
    listener.close();
    await answer(wire).catch(() => {});
    await wire.hung();
    unread.resolve(wire.unread);
  };
  server.waitsFor(work());
  return { port, unread: unread.promise };
}

Deno.test("impostor answering: another key than the server says never learns who called", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  let hasLearned = false;
  const eve = answering(server, bob, async (wire) => {
    await Mim2Peer.answer(wire, { name: "bob", key: testKey(9) }); // rejects without a third message
    hasLearned = true;
  });
  await ada.isTold((user) => ({ ...user, port: eve.port }));
  const { message } = await assertRefused("peer-key-mismatch", () => ada.call(bob));
  assertMatch(message, /^bob did not answer: someone with another key did, and learned nothing/);
  assertEquals([(await eve.unread).length, hasLearned], [0, false]);
  await poll(() => ada.unreached.length > 0, "the server to be told that bob can't be reached");
  assertEquals(ada.unreached, [bob.session.toHex()]);
  assertEquals([ada.chats.all, ada.trust.contacts], [[], []]);
});

Deno.test("impostor answering: one who speaks classic MIM is sent no word of it", async () => {
  using time = new FakeTime();
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const eve = answering(server, bob, async (wire) => {
    await wire.say("hello, I am bob\n");
    await wire.bytes(6);
    await block(wire);
  });
  await ada.isTold((user) => ({ ...user, port: eve.port }));
  const row = ada.sees(bob);
  await server.close(); // so that nobody can be asked to call back
  const refused = assertRefused("peer-unreachable", () => ada.call(row));
  await time.pass(clientLimits.handshakeTimeoutMs);
  await refused;
  assertEquals((await eve.unread).length, 0);
});

Deno.test("a server that lies about a key: the pin stands, and nobody is dialed", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  await (await ada.call(bob)).close();
  await bob.saw("chat-closed");
  bob.events.clear();
  const eves = testKey(9);
  await ada.isTold((row) => ({ ...row, identity: eves }));
  const { message } = await assertRefused("peer-key-mismatch", () => ada.call(bob));
  assertMatch(message, /^bob has another key than before/);
  assertEquals(ada.trust.securityOf(ada.sees(bob)), "changed");
  assertEquals(bob.events.all, []);
});

Deno.test("a server that claims that a pinned peer is classic: not without the user's word", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  await (await ada.call(bob)).close();
  await (await bob.call(ada)).close();
  const none = new Uint8Array();
  await ada.isTold((row) => ({ ...row, identity: none }));
  await assertRefused("peer-key-mismatch", () => ada.call(bob));
  assertEquals(ada.trust.securityOf(ada.sees(bob)), "changed");
  await ada.trust.acceptKey("bob");
  const chat = await ada.call(bob);
  assertEquals(chat.security, "classic");
  await bob.saw("incoming-call");
  await chat.close();
  await assertRefused("peer-key-mismatch", () => ada.call(bob));
});

Deno.test("one classic chat is one: a call that waited is that, and so is none after the key is back", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  await (await ada.call(bob)).close();
  const none = new Uint8Array();
  const lies: TableUser["lie"] = (row) => ({ ...row, identity: none });
  await ada.isTold(lies);
  await using wire = await Wire.dial(server.network.host(bob.address), ada.address, ada.port);
  await wire.say("bob\nhello\n");
  await ada.saw("incoming-call");
  await ada.trust.acceptKey("bob");
  const chat = await ada.call(bob);
  assertEquals([chat.security, chat.direction], ["classic", "incoming"]);
  await chat.close();
  await assertRefused("peer-key-mismatch", () => ada.call(bob));

  await ada.trust.acceptKey("bob");
  await ada.isTold();
  await (await ada.call(bob)).close();
  await ada.isTold(lies);
  await assertRefused("peer-key-mismatch", () => ada.call(bob));
});

Deno.test("trust is of what is there: nobody's absence allows a classic chat, nor on another server", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  await (await ada.call(bob)).close();
  await bob.leave();
  const error = await assertRefused(
    "not-online",
    () => Promise.try(() => ada.trust.acceptKey("bob")),
  );
  assertMatch(error.message, /^bob is not online$/);
  const classic = await server.user("bob", { key: null });
  await assertRefused("peer-key-mismatch", () => ada.call(classic));

  await ada.trust.acceptKey("bob");
  const row = ada.sees(classic);
  await using other = new TableServer(0x77, server.network);
  other.expect(ada);
  await ada.switchServer(other.at);
  const common = { server: other.id, verified: false, since: 1 };
  await ada.store.keepPin({ ...common, name: "bob", identity: bob.identity });
  await assertRefused("peer-key-mismatch", () => ada.call(row));
  await other.close();
});

Deno.test("one classic chat is with who was there: not with who comes after", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  await (await ada.call(bob)).close();
  await bob.leave();
  const classic = await server.user("bob", { key: null });
  await ada.trust.acceptKey("bob");
  await classic.leave();
  const impostor = await server.user("bob", { key: null });
  await assertRefused("peer-key-mismatch", () => ada.call(impostor));
  assertEquals(impostor.events.all, []);
});

Deno.test("trust is of the key that was shown, not of one that came after it", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  await (await ada.call(bob)).close();
  await bob.leave();
  const shown = await server.user("bob", { key: testKey(0x55) });
  ada.trust.safetyNumber("bob");
  await shown.leave();
  const swapped = await server.user("bob", { key: testKey(0x66) });
  const error = await assertRefused(
    "invalid-state",
    () => Promise.try(() => ada.trust.acceptKey("bob")),
  );
  assertMatch(error.message, /^bob no longer has the key whose safety number was shown/);
  await assertRefused("peer-key-mismatch", () => ada.call(swapped));
  ada.trust.safetyNumber("bob");
  await swapped.leave();
  await server.user("bob", { key: null });
  await assertRefused("invalid-state", () => Promise.try(() => ada.trust.acceptKey("bob")));
});

Deno.test("the user takes a new key, by the name that has it", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  await (await ada.call(bob)).close();
  await bob.leave();
  const again = await server.user("bob", { key: testKey(0x55) });
  await assertRefused("peer-key-mismatch", () => ada.call(again));
  // The server says of two keys that they took the name at one time, so it confirms neither.
  await assertRefused("invalid-state", () => Promise.try(() => ada.trust.acceptKey("bob")));
  ada.trust.safetyNumber("bob");
  await ada.trust.acceptKey("bob");
  assertEquals((await ada.call(again)).security, "pinned");
  assertEquals(ada.trust.contacts.map(({ identity }) => identity.toHex()), [
    again.identity.toHex(),
  ]);
});

Deno.test("the user takes a new key: what is written in the chat of the old one waits for nobody", async () => {
  for (const decide of ["acceptKey", "verify"] as const) {
    await using server = new TableServer();
    const [ada, bob] = [await server.user("ada"), await server.user("bob")];
    const chat = await ada.call(bob);
    await bob.vanish();
    const again = await server.user("bob", { key: testKey(0x55) });
    ada.trust.safetyNumber("bob");
    ada.trust[decide]("bob");
    await ada.saw("chat-closed", { by: "lost" });
    assertEquals([chat.state === "open", chat.state === "queued", chat.security], [
      false,
      false,
      "changed",
    ]);
    await assertRefused("chat-closed", () => chat.send("to whom?"));
    assertEquals(ada.outbox, []);
    const other = await ada.call(again);
    await other.send("to you");
    await again.saw("message", { text: "to you" });
  }
});

const IMPOSTORS: readonly (readonly [
  what: string,
  name: string,
  key: number,
  why: RegExp,
  told: keyof typeof byeReasons,
])[] = [
  ["another key under a pinned name", "bob", 9, /another key than bob had before$/, "other key"],
  ["another key under a similar name", "BOB", 9, /another key than bob had before$/, "other key"],
  ["another key under a name in the table", "carol", 9, /knows carol by another key$/, "other key"],
  ["the key of another name in the table", "dora", 3, /knows its key as carol$/, "other name"],
  ["the key of another pinned name", "dora", 2, /its key is pinned as bob$/, "other name"],
];

for (const [what, name, key, why, told] of IMPOSTORS) {
  Deno.test(`impostor calling: ${what} is refused, told once, and let in nowhere`, async () => {
    await using server = new TableServer();
    const [ada, bob] = [await server.user("ada"), await server.user("bob")];
    await server.user("carol");
    await (await ada.call(bob)).close();
    await bob.leave();
    ada.events.clear();
    for (let times = 0; times < 5; times++) {
      const host = server.network.host("198.18.9.9");
      await using wire = await Wire.dial(host, ada.address, ada.port);
      const eve = await Mim2Peer.call(wire, { name, key: testKey(key) });
      await eve.text("it's me", 1).catch(() => {});
      assertEquals(await eve.hear(), { type: "bye", reason: byeReasons[told] });
      await wire.hung();
    }
    assertEquals(ada.events.all.map(({ event }) => event), ["error"]);
    const [error] = ada.events.all;
    assertMatch(String(error?.text), why);
    assertStringIncludes(String(error?.text), `it says that it is ${name}, `);
    assertEquals([ada.chats.all, ada.calls.pending], [[], []]);
  });
}

Deno.test("refused for a key or a name: who called is told, and what to do", async () => {
  const cases = [
    {
      name: "bob",
      key: 9,
      told: /^ada refused the call: bob goes with another key there$/,
    },
    {
      name: "rob",
      key: 2,
      told: /^ada refused the call: your key goes with another name there, not/,
    },
  ];
  for (const { name, key, told } of cases) {
    await using server = new TableServer();
    const [ada, bob] = [await server.user("ada"), await server.user("bob")];
    await (await ada.call(bob)).close();
    await bob.leave();
    const caller = await server.user(name, { key: testKey(key), isCertified: false });
    await caller.vanish();
    const chat = await caller.call(ada);
    const { text } = await caller.saw("error");
    assertMatch(text, told);
    await caller.saw("chat-closed", { by: "them" });
    assertEquals([chat.state === "open", chat.state === "queued"], [false, false]);
    assertEquals(ada.chats.all, []);
  }
});

const UNWANTED: readonly (readonly [
  what: string,
  key: number,
  refuse: (ada: TableUser, bob: TableUser) => Promise<unknown> | void,
])[] = [
  ["a stranger", 9, (ada) => void (ada.calls.unknownCallers = "refuse")],
  ["a stranger, with another key than before", 9, async (ada, bob) => {
    await (await ada.call(bob)).close();
    ada.calls.unknownCallers = "refuse";
  }],
  ["ignored", 9, (ada, { address }) => ada.calls.ignore({ name: "bob", address })],
  ["known, and ignored", 2, async (ada, bob) => {
    await (await ada.call(bob)).close();
    await ada.calls.ignore({ name: "bob", address: bob.address });
  }],
  ["ignored, with another key than before", 9, async (ada, bob) => {
    await (await ada.call(bob)).close();
    await ada.calls.ignore({ name: "bob", address: bob.address });
  }],
];

for (const [what, key, refuse] of UNWANTED) {
  Deno.test(`refused for being ${what}: told the same as everybody whom the user refuses`, async () => {
    await using server = new TableServer();
    const [ada, bob] = [await server.user("ada"), await server.user("bob")];
    await refuse(ada, bob);
    await bob.leave();
    await using wire = await Wire.dial(server.network.host(bob.address), ada.address, ada.port);
    const caller = await Mim2Peer.call(wire, { name: "bob", key: testKey(key) });
    assertEquals(await caller.hear(), { type: "bye", reason: byeReasons.closed });
    await wire.hung();
    assertEquals(wire.unread.length, 0);
  });
}

Deno.test("no room for another chat: who calls is told", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  ada.calls.unknownCallers = "allow-unconfirmed";
  await using wires = new AsyncDisposableStack();
  for (let number = 0; number < clientLimits.chats; number++) {
    // Each from a network of its own: one network may not have so many chats.
    const host = server.network.host(`203.${number >> 8}.${number & 255}.9`);
    const wire = wires.use(await Wire.dial(host, ada.address, ada.port));
    await wire.say(`caller ${number}\n`);
    await ada.saw("chat-opened", { name: `caller ${number}` });
  }
  await bob.call(ada);
  const { text } = await bob.saw("error");
  assertEquals(text, "ada refused the call: too many chats are open there");
  await bob.saw("chat-closed", { by: "them" });
});

Deno.test("called in classic MIM under a pinned name: held, whatever the policy, until accepted", async () => {
  for (const policy of ["allow", "ask", "refuse"] as const) {
    await using server = new TableServer();
    const [ada, bob] = [await server.user("ada"), await server.user("bob")];
    ada.calls.unknownCallers = policy;
    await (await ada.call(bob)).close();
    const host = server.network.host(bob.address);
    await using wire = await Wire.dial(host, ada.address, ada.port);
    await wire.say("Bob\nlet me in\n");
    const { caller } = await ada.saw("incoming-call");
    assertEquals(caller.name, "Bob");
    assert(caller.doubt !== undefined);
    assertEquals((await caller.accept()).security, "classic");
    await ada.saw("message", { name: "Bob", text: "let me in" });
  }
});

Deno.test("strangers with keys: asked for, refused, or known by their pin", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  ada.calls.unknownCallers = "ask";
  const chat = await bob.call(ada);
  await chat.send("may I?");
  const { caller } = await ada.saw("incoming-call");
  assertEquals([caller.name, caller.identity, caller.doubt], ["bob", bob.identity, undefined]);
  assertEquals(bob.outbox.length, 1, "what is held is not acknowledged");
  assertEquals((await caller.accept()).security, "new");
  await ada.saw("message", { text: "may I?" });
  await bob.saw("delivered", { text: "may I?" });
  await chat.close();
  await ada.saw("chat-closed");
  ada.calls.unknownCallers = "refuse";
  await bob.call(ada);
  assertEquals((await ada.saw("chat-opened", { by: "them" })).chat.security, "pinned");
  const eve = await server.user("eve");
  await eve.call(ada);
  await eve.saw("chat-closed", { by: "them" });
  assertEquals(ada.calls.rejectedCount, 1);
});

Deno.test("a look-alike of somebody known waits at the door: let in nowhere by its looks", async () => {
  for (const policy of ["allow", "allow-unconfirmed", "ask", "refuse"] as const) {
    for (const key of [testKey(9), null]) {
      await using server = new TableServer();
      const [ada, bob] = [await server.user("ada"), await server.user("bob")];
      await (await ada.call(bob)).close();
      ada.calls.unknownCallers = policy;
      const eve = await server.user("b0b", { isHidden: true, key });
      await eve.call(ada);
      if (policy === "refuse") {
        await eve.saw("chat-closed", { by: "them" });
        assertEquals([ada.calls.rejectedCount, ada.calls.pending], [1, []]);
        continue;
      }
      const { caller } = await ada.saw("incoming-call");
      const hasKey = key !== null;
      assertEquals(caller.doubt, { reason: "confusable", contact: "bob", hasKey });
      assertEquals(ada.chats.all, []);
      const chat = await caller.accept();
      assertEquals(chat.security, hasKey ? "new" : "classic");
      await chat.close();
      await eve.saw("chat-closed");
      await bob.call(ada);
      const { chat: real } = await ada.saw("chat-opened", { name: "bob", by: "them" });
      assertEquals(real.security, "pinned");
    }
  }
});

/** Names that look like bob's, from several scripts: one name with it. */
const SAME_LOOKS = ["bоb", "Вob", "bᴏb", "b౦b", "ｂｏｂ"];

Deno.test("a name in other letters that looks like a pinned one is that name: another key is refused", async () => {
  for (const name of SAME_LOOKS) {
    await using server = new TableServer();
    const [ada, bob] = [await server.user("ada"), await server.user("bob")];
    await (await ada.call(bob)).close();
    const eve = await server.user(name, { key: testKey(9) });
    await assertRefused("peer-key-mismatch", () => ada.call(eve));
    await eve.call(ada);
    assertMatch((await ada.saw("error")).text, /with another key than bob had before$/);
    await server.requestCallback(eve, ada);
    assertEquals([ada.chats.all.filter(({ state }) => state === "open"), ada.calls.pending], [
      [],
      [],
    ]);
  }
});

Deno.test("a look-alike that asks to be called back waits at the door all the same", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  await (await ada.call(bob)).close();
  const eve = await server.user("b0b", { key: testKey(9) });
  await server.requestCallback(eve, ada);
  const { caller } = await ada.saw("incoming-call");
  assertEquals(caller.doubt, { reason: "confusable", contact: "bob", hasKey: true });
});

Deno.test("ignored users with keys get through neither by call nor by being asked to call", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  await ada.calls.ignore({ name: "bob", address: bob.address });
  await bob.call(ada);
  await bob.saw("chat-closed", { by: "them" });
  await server.requestCallback(bob, ada);
  assertEquals([ada.chats.all, ada.events.all], [[], []]);
  assertEquals(ada.calls.ignored.map(({ refused }) => refused), [1]);
});

Deno.test("ignored users with another key than before get through with nothing, not even an error", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  await (await ada.call(bob)).close();
  await bob.leave();
  ada.events.clear();
  const eve = await server.user("bob", { key: testKey(9) });
  await ada.calls.ignore({ name: "bob", address: eve.address });
  await eve.call(ada);
  await eve.saw("chat-closed", { by: "them" });
  assertEquals(eve.events.all.map(({ event }) => event), ["chat-opened", "chat-closed"]);
  assertEquals([ada.chats.all, ada.events.all], [[], []]);
  assertEquals(ada.calls.ignored.map(({ refused }) => refused), [1]);
});

Deno.test("compared: the same number on both sides, and only the key that was compared", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const chat = await ada.call(bob);
  assertEquals(ada.trust.safetyNumber("bob"), bob.trust.safetyNumber("ada"));
  await ada.trust.verify("bob");
  assertEquals([chat.security, ada.trust.securityOf(ada.sees(bob))], [
    "verified",
    "verified",
  ]);
  assertEquals(ada.trust.contacts.map(({ verified }) => verified), [true]);
  await chat.close();
  assertEquals((await ada.call(bob)).security, "verified");
  const { chat: atBob } = await bob.saw("chat-opened", { by: "them" });
  assertEquals(bob.trust.securityOf(bob.sees(ada)), "new", "being called pins nobody");
  await atBob.send("hello");
  assertEquals(bob.trust.contacts.map(({ name }) => name), ["ada"], "answering does");
});
