/** Chats between users who have keys: what is said arrives, once, in order, and says that it has. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Chat, type Incoming, MemoryStore } from "../../../../client/core/mod.ts";
import { limits } from "../../../../protocol/mod.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { FakeTime } from "../../../helpers/time.ts";
import { KeyedTown, type KeyedUser } from "../../../helpers/keyed_user.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { Mim2Peer, Wire } from "../../../helpers/peers.ts";
import { poll } from "../../../helpers/wait.ts";
import { clientLimits } from "../../../../client/core/limits.ts";
import { DIAL_TIMEOUT_MS } from "../../../../server/platform/net/dial.ts";

/** All texts that somebody was told of, in order. */
function texts({ events }: KeyedUser, type: "message" | "sent" | "queued" | "delivered"): string[] {
  return events.all.flatMap(({ event, text }) => event === type ? [String(text)] : []);
}

/** A bare peer that calls somebody. */
async function peerOf(town: KeyedTown, user: KeyedUser, name = "peer"): Promise<Mim2Peer> {
  const host = town.network.host("198.18.9.9");
  const wire = await Wire.dial(host, user.address, user.port);
  return await Mim2Peer.call(wire, { name, key: testKey(0x80 + name.length) });
}

Deno.test("secure chat: texts go both ways with their line breaks, and are acknowledged", async () => {
  await using town = new KeyedTown();
  const [ada, bob] = [town.user("ada"), town.user("bob")];
  const atAda = await ada.call(bob);
  assertEquals([atAda.security, atAda.identity], ["new", bob.identity]);
  const { chat: atBob } = await bob.saw("chat-opened", { name: "ada", by: "them" });
  const message = await atAda.send("two\r\nlines\n");
  const { message: received } = await bob.saw("message", { name: "ada", text: "two\nlines" });
  assertEquals([received.at, received.id], [message.at, message.id]);
  assertEquals([received.state, received.chat, received.cancel()], ["received", atBob, false]);
  for (const type of ["sent", "delivered"] as const) {
    const event = await ada.saw(type, { text: "two\nlines" });
    assert(event.message === message, "the same object each time");
  }
  await message.delivered;
  assertEquals([message.state, message.chat, message.cancel()], ["delivered", atAda, false]);
  await atBob.send("hello");
  await ada.saw("message", { text: "hello" });
  await bob.saw("delivered", { text: "hello" });
  await assertRejects(() => atAda.send(" \n "), TypeError);
  assertEquals([ada.chats.outbox.all, bob.chats.outbox.all], [[], []]);
});

Deno.test("secure chat: a long text goes out in parts, each cut behind a line break", async () => {
  await using town = new KeyedTown();
  const [ada, bob] = [town.user("ada"), town.user("bob")];
  const chat = await ada.call(bob);
  const lines = Array.from({ length: 9_000 }, (_, at) => `${at}: ümlaut 😀`);
  await chat.send(lines.join("\n"));
  const one = "😀".repeat(9_000); // without any line break
  await chat.send(one);
  await poll(() => ada.chats.outbox.all.length === 0, "all acknowledged");
  const heard = texts(bob, "message");
  const utf8 = new TextEncoder();
  for (const text of heard) assert(utf8.encode(text).length <= limits.textBytes);
  const cut = heard.findIndex((text) => text.startsWith("😀"));
  assertEquals(heard.slice(0, cut).join("\n"), lines.join("\n"));
  assertEquals(heard.slice(cut).join(""), one);
});

Deno.test("secure chat: a close on purpose and a lost connection are different events", async () => {
  await using town = new KeyedTown();
  const [ada, bob] = [town.user("ada"), town.user("bob")];
  const chat = await ada.call(bob);
  assertEquals(await chat.close(), true);
  await bob.saw("chat-closed", { by: "them" });
  const closed = bob.chats.all[0];
  assert(
    closed !== undefined && closed.state !== "queued",
    "she is online, and does not want to talk",
  );
  await assertRefused("chat-closed", () => closed.send("and another thing"));
  assertEquals(bob.chats.outbox.all, []);
  for (const how of ["closes", "resets"]) {
    const peer = await peerOf(town, bob);
    await bob.saw("chat-opened", { name: "peer" });
    if (how === "closes") peer.wire.close();
    else peer.wire.reset();
    await bob.saw("chat-closed", { name: "peer", by: "lost" });
  }
  await assertRefused("chat-closed", () => chat.send("too late"));
});

Deno.test("secure chat: texts sent right before the close arrive", async () => {
  await using town = new KeyedTown();
  const [ada, bob] = [town.user("ada"), town.user("bob")];
  const chat = await ada.call(bob);
  const all = Array.from({ length: 300 }, (_, at) => `${at} ${"x".repeat(5_000)}`);
  for (const text of all) void chat.send(text);
  assertEquals(await chat.close(), true);
  assertEquals(texts(bob, "message"), all);
  assertEquals(ada.chats.outbox.all, []);
});

Deno.test("secure chat: the peer sees when typing begins and ends", async () => {
  await using town = new KeyedTown();
  const [ada, bob] = [town.user("ada"), town.user("bob")];
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
  await using town = new KeyedTown();
  const ada = town.user("ada");
  const store = new MemoryStore();
  const bob = town.user("bob", { store, key: testKey(7) });
  const chat = await ada.call(bob);
  await bob.leave();
  await ada.saw("chat-closed", { by: "them" });
  for (const text of ["one", "two", "three"]) await chat.send(text);
  assertEquals(texts(ada, "queued"), ["one", "two", "three"]);
  assertEquals(texts(ada, "sent"), []);
  town.user("bob", { key: testKey(8) }); // a namesake is not meant
  const back = town.user("bob", { store, key: testKey(7) });
  await poll(() => ada.chats.outbox.all.length === 0, "all acknowledged");
  assertEquals(texts(back, "message"), ["one", "two", "three"]);
  assertEquals(texts(ada, "sent"), ["one", "two", "three"]);
  assertEquals(texts(ada, "delivered"), ["one", "two", "three"]);
  assertEquals(chat.state === "open", true, "the chat goes on");
});

Deno.test("outbox: a cancelled message is not sent", async () => {
  await using town = new KeyedTown();
  const ada = town.user("ada");
  const bob = town.user("bob", { key: testKey(7) });
  const chat = await ada.call(bob);
  await bob.leave();
  await ada.saw("chat-closed");
  for (const text of ["one", "two", "three"]) await chat.send(text);
  const [, second] = ada.chats.outbox.all;
  assertEquals(ada.chats.outbox.cancel(second?.id ?? ""), true);
  assertEquals(ada.chats.outbox.cancel(second?.id ?? ""), false);
  const { message, reason } = await ada.saw("failed");
  assertEquals([message.text, reason], ["two", "cancelled"]);
  const back = town.user("bob", { key: testKey(7) });
  await poll(() => ada.chats.outbox.all.length === 0, "all acknowledged");
  assertEquals(texts(back, "message"), ["one", "three"]);
});

Deno.test("outbox: it outlives the program, and takes messages for a contact who is offline", async () => {
  await using town = new KeyedTown();
  const store = new MemoryStore();
  const bob = town.user("bob", { key: testKey(7) });
  const before = town.user("ada", { store, key: testKey(6) });
  await before.call(bob);
  await before.leave();
  await bob.leave();
  const ada = town.user("ada", { store, key: testKey(6) });
  const [pin] = ada.chats.pins.all;
  assert(pin !== undefined);
  const chat = ada.chats.with(pin);
  assertEquals([chat.state === "open", chat.name, chat.security], [false, "bob", "pinned"]);
  await chat.send("are you there?");
  await ada.leave();
  const again = town.user("ada", { store, key: testKey(6) });
  assertEquals(again.chats.outbox.all.map(({ text }) => text), ["are you there?"]);
  const back = town.user("bob", { key: testKey(7) });
  await back.saw("message", { text: "are you there?" });
  await again.saw("delivered");
});

Deno.test("outbox: without a server, a contact is dialed at the last known address", async () => {
  await using town = new KeyedTown();
  const store = new MemoryStore();
  const bob = town.user("bob");
  const before = town.user("ada", { store, key: testKey(6) });
  await before.call(bob);
  await before.leave();
  town.online = false;
  town.users.splice(0);
  const ada = town.stranger("ada", { store, key: testKey(6) });
  const [pin] = ada.chats.pins.all;
  assert(pin !== undefined);
  await ada.chats.with(pin).send("the server is gone, I am not");
  await bob.saw("message", { text: "the server is gone, I am not" });
});

Deno.test("outbox: the address that a peer called from is not stored as one to call", async () => {
  await using town = new KeyedTown();
  const store = new MemoryStore();
  const bob = town.user("bob");
  const ada = town.user("ada", { store });
  const called = await bob.call(ada);
  await ada.saw("chat-opened", { by: "them" });
  await called.close();
  const place = `${bob.address}:${bob.port}`; // as the table says
  assertEquals(ada.chats.pins.all.map(({ address }) => address), [place]);
  bob.vanish(); // so that no table says where it is
  const chat = await bob.call(ada);
  await ada.saw("chat-opened", { by: "them" });
  assertEquals(ada.chats.pins.all.map(({ address }) => address), [place]);
  const stranger = await peerOf(town, ada);
  const { chat: strange } = await ada.saw("chat-opened", { name: "peer" });
  assertEquals(ada.chats.pins.all.length, 1, "a stranger is not pinned by calling");
  await strange.send("who are you?");
  const pins = ada.chats.pins.all.map(({ name, address }) => [name, address]);
  assertEquals(pins, [["bob", place], ["peer", undefined]]);
  stranger.wire.close();
  await chat.close();
});

Deno.test("outbox: of many who come online at once, only those with waiting messages are dialed", async () => {
  await using town = new KeyedTown();
  const ada = town.user("ada");
  const bob = town.user("bob", { key: testKey(0xb0) });
  const chat = await ada.call(bob);
  await bob.leave();
  await ada.saw("chat-closed");
  await chat.send("hello");
  const others = Array.from({ length: 50 }, (_, at) => town.user(`user${at}`));
  const back = town.user("bob", { key: testKey(0xb0) });
  await back.saw("message", { text: "hello" });
  assertEquals(others.flatMap(({ events }) => events.all), []);
});

Deno.test("outbox: a message without an acknowledgement is sent again, with one event each", async () => {
  await using town = new KeyedTown();
  const ada = town.user("ada");
  const first = await peerOf(town, ada);
  const { chat } = await ada.saw("chat-opened");
  await chat.send("one");
  await chat.send("two");
  const one = await first.hearText();
  await first.say({ type: "received", id: one.id });
  await ada.saw("delivered", { text: "one" });
  first.wire.reset(); // the acknowledgement of the second is lost
  await ada.saw("chat-closed", { by: "lost" });
  await chat.send("three");
  const second = await peerOf(town, ada);
  const again = [await second.hearText(), await second.hearText()];
  assertEquals(again.map(({ text }) => text), ["two", "three"]);
  for (const { id } of again) await second.say({ type: "received", id }, { type: "received", id });
  await poll(() => ada.chats.outbox.all.length === 0, "all acknowledged");
  assertEquals(texts(ada, "sent"), ["one", "two", "three"]);
  assertEquals(texts(ada, "delivered"), ["one", "two", "three"]);
  second.wire.close();
});

Deno.test("outbox: only the recipient can acknowledge a message", async () => {
  await using town = new KeyedTown();
  const ada = town.user("ada");
  const peer = await peerOf(town, ada);
  const { chat } = await ada.saw("chat-opened");
  await chat.send("for you");
  const { id } = await peer.hearText();
  const eve = await peerOf(town, ada, "another");
  await eve.say({ type: "received", id }, { type: "typing", typing: true });
  await poll(() => ada.chats.all.length === 2, "the other chat");
  await eve.text("done", 1);
  await ada.saw("message", { text: "done" });
  assertEquals(ada.chats.outbox.all.length, 1);
  peer.wire.close();
  eve.wire.close();
});

Deno.test("received: a repeated message is acknowledged again, with one event", async () => {
  await using town = new KeyedTown();
  const ada = town.user("ada");
  const peer = await peerOf(town, ada);
  await peer.text("once", 1);
  await peer.text("once", 1);
  await peer.text("twice", 2);
  const id = (byte: number) => new Uint8Array(8).fill(byte);
  for (const byte of [1, 1, 2]) assertEquals(await peer.hear(), { type: "received", id: id(byte) });
  peer.wire.close();
  const again = await peerOf(town, ada);
  await again.text("once", 1);
  assertEquals(await again.hear(), { type: "received", id: id(1) });
  assertEquals(texts(ada, "message"), ["once", "twice"]);
  const other = await peerOf(town, ada, "another");
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

  override async receive(message: Incoming): Promise<"new" | "again"> {
    await new Promise<void>((resolve) => {
      this.most = Math.max(this.most, this.waiting.push(resolve));
    });
    if (this.failing) throw new Error("the disk is full");
    return await super.receive(message);
  }
}

Deno.test("received: a message is acknowledged only after it is stored", async () => {
  await using town = new KeyedTown();
  const store = new SlowStore();
  const ada = town.user("ada", { store });
  const peer = await peerOf(town, ada);
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
  await using town = new KeyedTown();
  const store = new SlowStore();
  const ada = town.user("ada", { store });
  const peer = await peerOf(town, ada);
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
  await using town = new KeyedTown();
  const ada = town.user("ada");
  const peer = await peerOf(town, ada);
  const { chat } = await ada.saw("chat-opened");
  const all = Array.from({ length: 200 }, (_, at) => `${at} ${"x".repeat(10_000)}`);
  for (const text of all) void chat.send(text);
  assert(chat.bufferedAmount > 1_000_000);
  await poll(() => texts(ada, "sent").length > 0, "some written");
  assertEquals(ada.chats.outbox.all.length, all.length);
  for (const text of all) {
    const message = await peer.hearText();
    assertEquals(message.text, text);
    await peer.say({ type: "received", id: message.id });
  }
  await poll(() => ada.chats.outbox.all.length === 0, "all acknowledged");
  assertEquals(chat.bufferedAmount, 0);
  peer.wire.close();
});

Deno.test("sent: a message over the limit of the outbox is refused whole", async () => {
  await using town = new KeyedTown();
  const ada = town.user("ada");
  const bob = town.user("bob", { key: testKey(7) });
  const chat = await ada.call(bob);
  await bob.leave();
  await ada.saw("chat-closed");
  for (let count = 0; count < clientLimits.outboxMessages; count++) await chat.send("x");
  await assertRefused("send-failed", () => chat.send("one too many"));
  assertEquals(ada.chats.outbox.all.length, clientLimits.outboxMessages);
});

Deno.test("callback: a peer who can't be dialed is reported, and asked to dial", async () => {
  await using town = new KeyedTown();
  const [ada, bob] = [town.user("ada"), town.user("bob")];
  const hidden = bob.port;
  ada.lies = (user) => user.name === "bob" ? { ...user, port: hidden + 1 } : user;
  bob.gate.unknownCallers = "refuse";
  bob.store.keepPin({
    ...{ server: town.id ?? "", name: "ada", identity: ada.identity, verified: false, since: 1 },
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
  await using town = new KeyedTown();
  const [ada, bob] = [town.user("ada"), town.user("bob")];
  ada.lies = (user) => user.name === "bob" ? { ...user, port: 9 } : user;
  bob.gate.unknownCallers = "refuse";
  const refused = assertRefused("peer-unreachable", () => ada.call(bob));
  await time.pass(DIAL_TIMEOUT_MS);
  await refused;
  assertEquals([bob.events.all, ada.events.all], [[], []]);
});

Deno.test("call: an aborted call fails at once and leaves nothing open", async () => {
  await using town = new KeyedTown();
  const ada = town.user("ada");
  const bob = town.user("bob");
  ada.lies = (user) => ({ ...user, address: "203.0.113.9" }); // where nothing ever answers
  const controller = new AbortController();
  const calling = ada.chats.call(ada.sees(bob), controller);
  controller.abort(new Error("never mind"));
  await assertRejects(() => calling, Error, "never mind");
  assertEquals(ada.chats.all, []);
});

Deno.test("connections: a user's second run replaces the first, and two devices both stay", async () => {
  await using town = new KeyedTown();
  const ada = town.user("ada");
  const first = town.user("bob", { key: testKey(7) });
  const chat: Chat = await ada.call(first);
  first.vanish(); // and its machine says nothing any more
  const second = town.user("bob", { key: testKey(7) });
  await second.call(ada);
  await ada.saw("chat-closed", { by: "lost" });
  assertEquals([chat.state === "open", ada.chats.all.length], [true, 1]);
  await chat.send("to the second");
  await second.saw("message", { text: "to the second" });
  const third = town.user("bob", { key: testKey(7) });
  await third.call(ada);
  await poll(() => ada.chats.all.filter(({ state }) => state === "open").length === 2, "both");
});

Deno.test("connections: one key under two names is two chats, whoever calls", async () => {
  await using town = new KeyedTown();
  const ada = town.user("ada");
  const address = town.machine();
  const [bob, rob] = ["bob", "rob"].map((name) => town.user(name, { key: testKey(7), address }));
  assert(bob && rob);
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
