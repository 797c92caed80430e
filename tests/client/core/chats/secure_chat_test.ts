/** Chats between users who have keys: what is said arrives, once, in order, and says that it has. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Chat, type Incoming, MemoryStore } from "../../../../client/core/mod.ts";
import { limits } from "../../../../protocol/mod.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { FakeTime } from "../../../helpers/time.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import type { TableUser } from "../../../helpers/table_user.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { Mim2Peer, Wire } from "../../../helpers/peers.ts";
import { poll } from "../../../helpers/wait.ts";
import { clientLimits } from "../../../../client/core/limits.ts";
import { DIAL_TIMEOUT_MS } from "../../../../server/platform/net/dial.ts";

/** All texts that somebody was told of, in order. */
function texts({ events }: TableUser, type: "message" | "sent" | "queued" | "delivered"): string[] {
  return events.all.flatMap(({ event, text }) => event === type ? [String(text)] : []);
}

/** A bare peer that calls somebody; known by its key, unless nobody knows it. */
async function peerOf(
  server: TableServer,
  user: TableUser,
  name = "peer",
  isKnown = true,
): Promise<Mim2Peer> {
  const host = server.network.host("198.18.9.9");
  const key = testKey(0x80 + name.length);
  if (isKnown) await server.pin(user, name, key);
  const wire = await Wire.dial(host, user.address, user.port);
  return await Mim2Peer.call(wire, { name, key });
}

Deno.test("secure chat: texts go both ways with their line breaks, and are acknowledged", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const atAda = await ada.call(bob);
  assertEquals([atAda.security, atAda.identity], ["new", bob.identity]);
  const { chat: atBob } = await bob.saw("chat-opened", { name: "ada", by: "them" });
  const message = await atAda.send("two\r\nlines\n");
  const { message: received } = await bob.saw("message", { name: "ada", text: "two\nlines" });
  assertEquals([received.time, received.id], [message.time, message.id]);
  assertEquals([received.state, received.chat, await received.cancel()], [
    "received",
    atBob,
    false,
  ]);
  for (const type of ["sent", "delivered"] as const) {
    const event = await ada.saw(type, { text: "two\nlines" });
    assert(event.message === message, "the same object each time");
  }
  await message.delivered;
  assertEquals([message.state, message.chat, await message.cancel()], ["delivered", atAda, false]);
  await atBob.send("hello");
  await ada.saw("message", { text: "hello" });
  await bob.saw("delivered", { text: "hello" });
  await assertRejects(() => atAda.send(" \n "), TypeError);
  assertEquals([ada.outbox, bob.outbox], [[], []]);
});

Deno.test("secure chat: a long text goes out in parts, each cut behind a line break", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const chat = await ada.call(bob);
  const lines = Array.from({ length: 9_000 }, (_, at) => `${at}: ümlaut 😀`);
  await chat.send(lines.join("\n"));
  const one = "😀".repeat(9_000); // without any line break
  await chat.send(one);
  await poll(() => ada.outbox.length === 0, "all acknowledged");
  const heard = texts(bob, "message");
  const utf8 = new TextEncoder();
  for (const text of heard) assert(utf8.encode(text).length <= limits.textBytes);
  const cut = heard.findIndex((text) => text.startsWith("😀"));
  assertEquals(heard.slice(0, cut).join("\n"), lines.join("\n"));
  assertEquals(heard.slice(cut).join(""), one);
});

Deno.test("secure chat: a message dated far ahead or long ago is shown and kept within what can be", async () => {
  await using server = new TableServer();
  const kept: Incoming[] = [];
  const store = new MemoryStore();
  const receive = store.receive.bind(store);
  store.receive = (message) => {
    kept.push(message);
    return receive(message);
  };
  const ada = await server.user("ada", { store });
  const peer = await peerOf(server, ada);
  const day = 86_400_000;
  const before = Date.now();
  const shown: number[] = [];
  for (const [at, sentAt] of [limits.timeMs, 0, before - 1_000].entries()) {
    await peer.say({ type: "text", id: new Uint8Array(8).fill(at), sentAt, text: `${at}` });
    shown.push((await ada.saw("message", { text: `${at}` })).message.time);
  }
  const times = kept.map(({ time }) => time);
  const ahead = (times[0] ?? 0) - 300_000;
  const ago = (times[1] ?? 0) + 90 * day;
  assert(ahead >= before && ahead <= Date.now(), "five minutes ahead");
  assert(ago >= before - 10_000 && ago <= Date.now(), "ninety days before the chat");
  assertEquals(times[2], before - 1_000);
  assertEquals(shown, times);
  peer.wire.close();
  await ada.saw("chat-closed");
});

Deno.test("secure chat: a close on purpose and a lost connection are different events", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const chat = await ada.call(bob);
  assertEquals(await chat.close(), true);
  await bob.saw("chat-closed", { by: "them" });
  const [closed] = bob.chats.all;
  assert(
    closed !== undefined && closed.state !== "queued",
    "she is online, and does not want to talk",
  );
  await assertRefused("chat-closed", () => closed.send("and another thing"));
  assertEquals(bob.outbox, []);
  for (const how of ["closes", "resets"]) {
    const peer = await peerOf(server, bob);
    await bob.saw("chat-opened", { name: "peer" });
    if (how === "closes") peer.wire.close();
    else peer.wire.reset();
    await bob.saw("chat-closed", { name: "peer", by: "lost" });
  }
  await assertRefused("chat-closed", () => chat.send("too late"));
});

Deno.test("secure chat: texts sent right before the close arrive", async () => {
  using _time = new FakeTime(); // stands still: a busy machine may take longer than a close lingers
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const chat = await ada.call(bob);
  const all = Array.from({ length: 300 }, (_, at) => `${at} ${"x".repeat(5_000)}`);
  for (const text of all) void chat.send(text);
  assertEquals(await chat.close(), true);
  assertEquals(texts(bob, "message"), all);
  assertEquals(ada.outbox, []);
});

Deno.test("secure chat: the end of typing is not lost while other bytes are unsent", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const chat = await ada.call(bob);
  const typing = () =>
    bob.events.all.flatMap(({ event, typing }) => event === "typing" ? [typing] : []);
  chat.setTyping(true);
  chat.setTyping(false); // what began it is not written yet
  await poll(() => typing().length === 2, "the end of it");
  assertEquals(typing(), ["yes", "no"]);
  const sending = chat.send("x".repeat(1_000_000));
  for (const isTyping of [true, false, true, false, true]) chat.setTyping(isTyping);
  await (await sending).delivered;
  chat.setTyping(true);
  await poll(() => typing().length > 2, "it to go on");
  assertEquals(typing().slice(2), ["yes"], "behind what waits only the latest counts");
});

Deno.test("secure chat: the peer sees when typing begins and ends", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const chat = await ada.call(bob);
  for (const typing of [true, true, false, true]) {
    chat.setTyping(typing);
    await poll(() => chat.bufferedAmount === 0, "it written");
  }
  await chat.send("done");
  await bob.saw("message", { text: "done" });
  chat.setTyping(true);
  await poll(() => bob.events.all.filter(({ event }) => event === "typing").length === 4, "4 told");
  const told = bob.events.all.flatMap(({ event, typing }) => event === "typing" ? [typing] : []);
  assertEquals(told, ["yes", "no", "yes", "yes"], "a message is the end of typing, too");
});

Deno.test("outbox: messages for a peer who is gone wait, and go out when that key is back", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const store = new MemoryStore();
  const bob = await server.user("bob", { store, key: testKey(7) });
  const chat = await ada.call(bob);
  await bob.saw("chat-opened", { by: "them" });
  await bob.leave();
  await ada.saw("chat-closed", { by: "them" });
  for (const text of ["one", "two", "three"]) await chat.send(text);
  assertEquals(texts(ada, "queued"), ["one", "two", "three"]);
  assertEquals(texts(ada, "sent"), []);
  await server.user("bob", { key: testKey(8) }); // a namesake is not meant
  const back = await server.user("bob", { store, key: testKey(7) });
  await poll(() => ada.outbox.length === 0, "all acknowledged");
  assertEquals(texts(back, "message"), ["one", "two", "three"]);
  assertEquals(texts(ada, "sent"), ["one", "two", "three"]);
  assertEquals(texts(ada, "delivered"), ["one", "two", "three"]);
  assertEquals(chat.state === "open", true, "the chat goes on");
});

Deno.test("outbox: a cancelled message is not sent", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const bob = await server.user("bob", { key: testKey(7) });
  const chat = await ada.call(bob);
  await bob.leave();
  await ada.saw("chat-closed");
  for (const text of ["one", "two", "three"]) await chat.send(text);
  const [, second] = ada.outbox;
  assertEquals([await second?.cancel(), await second?.cancel()], [true, false]);
  const { message, reason } = await ada.saw("failed");
  assertEquals([message.text, reason], ["two", "cancelled"]);
  const back = await server.user("bob", { key: testKey(7) });
  await poll(() => ada.outbox.length === 0, "all acknowledged");
  assertEquals(texts(back, "message"), ["one", "three"]);
});

Deno.test("outbox: it outlives the program, and takes messages for a contact who is offline", async () => {
  await using server = new TableServer();
  const store = new MemoryStore();
  const bob = await server.user("bob", { key: testKey(7) });
  const before = await server.user("ada", { store, key: testKey(6) });
  await before.call(bob);
  await (await bob.saw("chat-opened")).chat.send("hello"); // so that ada is known
  await before.saw("message", { text: "hello" });
  await before.leave();
  await bob.leave();
  const ada = await server.user("ada", { store, key: testKey(6) });
  const [pin] = ada.trust.contacts;
  assert(pin !== undefined);
  const chat = ada.chats.with(pin);
  assertEquals([chat.state === "open", chat.name, chat.security], [false, "bob", "pinned"]);
  await chat.send("are you there?");
  await ada.leave();
  const again = await server.user("ada", { store, key: testKey(6) });
  assertEquals(again.outbox.map(({ text }) => text), ["are you there?"]);
  const back = await server.user("bob", { key: testKey(7) });
  await back.saw("message", { text: "are you there?" });
  await again.saw("delivered");
});

Deno.test("outbox: without a server, a contact is dialed at the last known address", async () => {
  await using server = new TableServer();
  const store = new MemoryStore();
  const bob = await server.user("bob");
  const before = await server.user("ada", { store, key: testKey(6) });
  await before.call(bob);
  await (await bob.saw("chat-opened")).chat.send("hello"); // so that ada is known
  await before.saw("message", { text: "hello" });
  await before.leave();
  await server.close();
  const ada = server.offlineUser("ada", { store, key: testKey(6) });
  await ada.ready;
  const [pin] = ada.trust.contacts;
  assert(pin !== undefined);
  await ada.chats.with(pin).send("the server is gone, I am not");
  await bob.saw("message", { text: "the server is gone, I am not" });
});

Deno.test("outbox: the address that a peer called from is not stored as one to call", async () => {
  await using server = new TableServer();
  const store = new MemoryStore();
  const bob = await server.user("bob");
  const ada = await server.user("ada", { store });
  const called = await bob.call(ada);
  const { chat: answer } = await ada.saw("chat-opened", { by: "them" });
  assertEquals(ada.trust.contacts, [], "nobody is pinned by calling");
  await answer.send("hello");
  await bob.saw("message", { text: "hello" });
  await called.close();
  const again = await bob.call(ada);
  await ada.saw("chat-opened", { by: "them" });
  await again.close();
  const place = `${bob.address}:${bob.port}`; // as the table says
  assertEquals(ada.trust.contacts.map(({ address }) => address), [place]);
  await bob.vanish(); // so that no table says where it is
  const chat = await bob.call(ada);
  await ada.saw("chat-opened", { by: "them" });
  assertEquals(ada.trust.contacts.map(({ address }) => address), [place]);
  const stranger = await peerOf(server, ada, "peer", false);
  const strange = await (await ada.saw("incoming-call")).caller.accept();
  await strange.send("who are you?");
  assertEquals(
    ada.trust.contacts.length,
    1,
    "a stranger is pinned neither by calling nor by an answer",
  );
  ada.trust.safetyNumber("peer");
  await ada.trust.acceptKey("peer");
  await strange.send("I know you now");
  const pins = ada.trust.contacts.map(({ name, address }) => [name, address]);
  assertEquals(pins, [["bob", place], ["peer", undefined]]);
  stranger.wire.close();
  await chat.close();
});

Deno.test("outbox: of many who come online at once, only those with waiting messages are dialed", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const bob = await server.user("bob", { key: testKey(0xb0) });
  const chat = await ada.call(bob);
  await bob.leave();
  await ada.saw("chat-closed");
  await chat.send("hello");
  const others = await Promise.all(
    Array.from({ length: 50 }, (_, at) => server.user(`user${at}`)),
  );
  const back = await server.user("bob", { key: testKey(0xb0) });
  await back.saw("message", { text: "hello" });
  assertEquals(others.flatMap(({ events }) => events.all), []);
});

Deno.test("outbox: a message without an acknowledgement is sent again, with one event each", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const first = await peerOf(server, ada);
  const { chat } = await ada.saw("chat-opened");
  await chat.send("one");
  await chat.send("two");
  const one = await first.hearText();
  await first.say({ type: "received", id: one.id });
  await ada.saw("delivered", { text: "one" });
  first.wire.reset(); // the acknowledgement of the second is lost
  await ada.saw("chat-closed", { by: "lost" });
  await chat.send("three");
  const second = await peerOf(server, ada);
  const again = [await second.hearText(), await second.hearText()];
  assertEquals(again.map(({ text }) => text), ["two", "three"]);
  for (const { id } of again) await second.say({ type: "received", id }, { type: "received", id });
  await poll(() => ada.outbox.length === 0, "all acknowledged");
  assertEquals(texts(ada, "sent"), ["one", "two", "three"]);
  assertEquals(texts(ada, "delivered"), ["one", "two", "three"]);
  second.wire.close();
});

Deno.test("outbox: only the recipient can acknowledge a message", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const peer = await peerOf(server, ada);
  const { chat } = await ada.saw("chat-opened");
  await chat.send("for you");
  const { id } = await peer.hearText();
  const eve = await peerOf(server, ada, "another");
  await eve.say({ type: "received", id }, { type: "typing", typing: true });
  await poll(() => ada.chats.all.length === 2, "the other chat");
  await eve.text("done", 1);
  await ada.saw("message", { text: "done" });
  assertEquals(ada.outbox.length, 1);
  peer.wire.close();
  eve.wire.close();
});

Deno.test("received: a repeated message is acknowledged again, with one event", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const peer = await peerOf(server, ada);
  await peer.text("once", 1);
  await peer.text("once", 1);
  await peer.text("twice", 2);
  const id = (byte: number) => new Uint8Array(8).fill(byte);
  for (const byte of [1, 1, 2]) assertEquals(await peer.hear(), { type: "received", id: id(byte) });
  peer.wire.close();
  const again = await peerOf(server, ada);
  await again.text("once", 1);
  assertEquals(await again.hear(), { type: "received", id: id(1) });
  assertEquals(texts(ada, "message"), ["once", "twice"]);
  const other = await peerOf(server, ada, "another");
  await other.text("of another key", 1);
  again.wire.close();
  await ada.saw("message", { text: "of another key" });
  other.wire.close();
});

/** Keeps things when it is told to, or fails. */
class SlowStore extends MemoryStore {
  readonly waiting: (() => void)[] = [];
  /** How many have waited at a time, at most. */
  most = 0;
  failing = false;

  override async receive(message: Incoming): Promise<"inserted" | "duplicate"> {
    await new Promise<void>((resolve) => {
      this.most = Math.max(this.most, this.waiting.push(resolve));
    });
    if (this.failing) throw new Error("the disk is full");
    return await super.receive(message);
  }
}

Deno.test("received: a message is acknowledged only after it is stored", async () => {
  await using server = new TableServer();
  const store = new SlowStore();
  const ada = await server.user("ada", { store });
  const peer = await peerOf(server, ada);
  for (const id of [1, 2, 3]) await peer.text(`number ${id}`, id);
  await poll(() => store.waiting.length === 3, "three under way at once");
  assertEquals(texts(ada, "message"), []);
  for (const resolve of store.waiting.splice(0).reverse()) resolve();
  await poll(() => texts(ada, "message").length === 3, "three messages");
  assertEquals(texts(ada, "message"), ["number 1", "number 2", "number 3"]);
  for (const byte of [1, 2, 3]) {
    assertEquals(await peer.hear(), { type: "received", id: new Uint8Array(8).fill(byte) });
  }
  store.failing = true;
  await peer.text("lost", 4);
  await peer.text("lost", 5);
  await poll(() => store.waiting.length === 2, "two more");
  for (const resolve of store.waiting.splice(0)) resolve();
  await ada.saw("error", { text: /will come again: it can't be stored: the disk is full$/ });
  await peer.say({ type: "bye", reason: 0 });
  await ada.saw("chat-closed");
  await peer.wire.hung();
  assertEquals(peer.wire.unread.length, 0, "not acknowledged");
  peer.wire.close();
  assertEquals(texts(ada, "message").length, 3);
});

Deno.test("received: only a few messages wait for the store, however many come", async () => {
  await using server = new TableServer();
  const store = new SlowStore();
  const ada = await server.user("ada", { store });
  const peer = await peerOf(server, ada);
  const sending = (async () => {
    for (let id = 0; id < 5_000; id++) {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setUint32(0, id);
      await peer.say({ type: "text", id: bytes, sentAt: 1, text: "x".repeat(500) });
    }
  })();
  await poll(() => store.waiting.length >= 60, "many under way");
  const timer = setInterval(() => store.waiting.splice(0).forEach((resolve) => resolve()), 1);
  await sending;
  await poll(() => texts(ada, "message").length === 5_000, "all of them");
  assert(store.most <= 64, String(store.most));
  peer.wire.reset();
  await ada.saw("chat-closed");
  clearInterval(timer);
});

Deno.test("sent: a peer that does not read is handed little, and nothing is lost", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const peer = await peerOf(server, ada);
  const { chat } = await ada.saw("chat-opened");
  const all = Array.from({ length: 200 }, (_, at) => `${at} ${"x".repeat(10_000)}`);
  for (const text of all) void chat.send(text);
  assert(chat.bufferedAmount > 1_000_000);
  await poll(() => texts(ada, "sent").length > 0, "some written");
  assertEquals(ada.outbox.length, all.length);
  for (const text of all) {
    const message = await peer.hearText();
    assertEquals(message.text, text);
    await peer.say({ type: "received", id: message.id });
  }
  await poll(() => ada.outbox.length === 0, "all acknowledged");
  assertEquals(chat.bufferedAmount, 0);
  peer.wire.close();
});

Deno.test("sent: a message over the share of its recipient is refused whole", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const bob = await server.user("bob", { key: testKey(7) });
  const chat = await ada.call(bob);
  await bob.leave();
  await ada.saw("chat-closed");
  await chat.send("stays");
  const share = clientLimits.outboxMessagesPerRecipient;
  await assertRefused("send-failed", () => chat.send("x".repeat((share + 1) * limits.textBytes)));
  assertEquals(ada.outbox.map(({ text }) => text), ["stays"]);
});

Deno.test("callback: a peer who can't be dialed is reported, and asked to dial", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const hidden = bob.port;
  await ada.isTold((user) => user.name === "bob" ? { ...user, port: hidden + 1 } : user);
  bob.calls.unknownCallers = "refuse";
  await bob.store.keepPin({
    ...{ server: server.id, name: "ada", identity: ada.identity, verified: false, since: 1 },
  });
  const chat = await ada.call(bob);
  assertEquals([chat.direction, chat.state === "open"], ["outgoing", true]);
  assertEquals(ada.unreached, [bob.session.toHex()]);
  await bob.saw("chat-opened", { by: "them" });
  await chat.send("thank you");
  await bob.saw("message", { text: "thank you" });
});

Deno.test("callback: a peer whose calls are rejected is not dialed", async () => {
  using time = new FakeTime();
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  await ada.isTold((user) => user.name === "bob" ? { ...user, port: 9 } : user);
  bob.calls.unknownCallers = "refuse";
  const refused = assertRefused("peer-unreachable", () => ada.call(bob));
  await time.pass(DIAL_TIMEOUT_MS);
  await refused;
  assertEquals([bob.events.all, ada.events.all], [[], []]);
});

Deno.test("call: an aborted call fails at once and leaves nothing open", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const bob = await server.user("bob");
  await ada.isTold((user) => ({ ...user, address: "203.0.113.9" })); // where nothing ever answers
  const controller = new AbortController();
  const calling = ada.call(bob, controller);
  controller.abort(new Error("never mind"));
  await assertRejects(() => calling, Error, "never mind");
  assertEquals(ada.chats.all, []);
});

Deno.test("connections: a user's second run replaces the first, and two devices both stay", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const first = await server.user("bob", { key: testKey(7) });
  const chat: Chat = await ada.call(first);
  await first.vanish(); // and its machine says nothing any more
  const second = await server.user("bob", { key: testKey(7) });
  await second.call(ada);
  await ada.saw("chat-closed", { by: "lost" });
  assertEquals([chat.state === "open", ada.chats.all.length], [true, 1]);
  await chat.send("to the second");
  await second.saw("message", { text: "to the second" });
  const third = await server.user("bob", { key: testKey(7) });
  await third.call(ada);
  await poll(() => ada.chats.all.filter(({ state }) => state === "open").length === 2, "both");
});

Deno.test("connections: a peer who comes back under another name goes on in the same chat", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  for (
    const [index, end, caller] of [[7, "quit", "they"], [8, "vanish", "they"], [
      9,
      "quit",
      "I",
    ]] as const
  ) {
    const [name, newName, key] = [`tom${index}`, `thomas${index}`, testKey(0x70 + index)];
    const tom = await server.user(name, { key });
    const chat: Chat = await ada.call(tom);
    await chat.send("hello");
    await tom.saw("message", { text: "hello" });
    if (end === "quit") await tom.quit();
    await tom.vanish();
    await poll(() => [...ada.users].every((user) => user.name !== name), "the end");
    const thomas = await server.user(newName, { key });
    if (caller === "I") assertEquals(await ada.call(thomas), chat);
    else await thomas.call(ada);
    await poll(() => chat.name === newName && chat.state === "open", "the chat under the new name");
    assertEquals([ada.chats.all, chat.knownAs], [[chat], name]);
    await chat.send("is that you?");
    await thomas.saw("message", { text: "is that you?" });
    const pin = ada.trust.contacts.find((contact) => contact.name === name);
    assert(pin !== undefined);
    assertEquals(ada.chats.with(pin), chat); // by the earlier name, too
    await chat.close();
  }
});

Deno.test("connections: one key under two names is two chats, whoever calls", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const address = server.machine();
  const bob = await server.user("bob", { key: testKey(7), address });
  const rob = await server.user("rob", { key: testKey(7), address });
  const withBob = await ada.call(bob);
  await rob.call(ada);
  const { chat: withRob } = await ada.saw("chat-opened", { name: "rob" });
  assertEquals([await ada.call(bob), await ada.call(rob)], [withBob, withRob]);
  await withBob.send("to bob");
  await withRob.send("to rob");
  await bob.saw("message", { text: "to bob" });
  await rob.saw("message", { text: "to rob" });
  assertEquals([texts(bob, "message"), texts(rob, "message")], [["to bob"], ["to rob"]]);
});
