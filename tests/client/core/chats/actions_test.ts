/** Two people's actions on earlier messages: each arrives once, and the same holds on both sides. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { ClientError, MemoryStore } from "../../../../client/core/mod.ts";
import { identityOf } from "../../../../protocol/mod.ts";
import { FakeTime } from "../../../helpers/time.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { Mim2Peer, Wire } from "../../../helpers/peers.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import type { TableUser } from "../../../helpers/table_user.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { poll } from "../../../helpers/wait.ts";

const ACTIONS = 1;
const SEEN = 8;
const PEER = { name: "peer", key: testKey(0x84) };

/** The records of edits, deletes and reactions, in order. */
function changes({ events }: TableUser): unknown[] {
  return events.all.flatMap(({ event, who, text, on }) =>
    event === "edited" || event === "deleted" || event === "reacted"
      ? [[event, who, text, ...on === undefined ? [] : [on]]]
      : []
  );
}

/** A bare peer that calls somebody who knows its key. */
async function peerOf(
  server: TableServer,
  user: TableUser,
  capabilities = ACTIONS,
): Promise<Mim2Peer> {
  await server.pin(user, PEER.name, PEER.key);
  const wire = await Wire.dial(server.network.host("198.18.9.9"), user.address, user.port);
  return await Mim2Peer.call(wire, { ...PEER, capabilities });
}

/** An action of a bare peer on a message of its own, whose id is eight times a byte. */
function actionOf(
  id: number,
  action: "edit" | "delete" | "react" | "unreact",
  body: string,
  target: number,
  sentAt = Date.now(),
) {
  const bytes = (byte: number) => new Uint8Array(8).fill(byte);
  const on = { whose: "sender", id: bytes(target) } as const;
  return { type: "action", id: bytes(id), sentAt, action, target: on, body } as const;
}

Deno.test("actions: an edit, a delete and reactions arrive, and both sides are told", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const atAda = await ada.call(bob);
  const message = await atAda.send("lunch at noon?");
  const { message: received, chat: atBob } = await bob.saw("message", { text: "lunch at noon?" });
  assertEquals([atAda.can("actions"), atBob.can("actions"), atBob.can("seen")], [
    true,
    true,
    false,
  ]);
  const edit = await atAda.edit(message, "lunch at one?");
  assertEquals([edit.action, edit.text], [
    { type: "edit", target: { id: message.id, direction: "outgoing" } },
    "lunch at one?",
  ]);
  const edited = await bob.saw("edited", { name: "ada", who: "ada", text: "lunch at one?" });
  assertEquals([edited.target, edited.before, edited.by, edited.chat], [
    { id: received.id, direction: "incoming" },
    "lunch at noon?",
    "them",
    atBob,
  ]);
  await edit.delivered;
  await (await atBob.react(received, "👍")).delivered;
  await ada.saw("reacted", { who: "bob", text: "👍", on: "yes" });
  await (await atBob.unreact(received, "👍")).delivered;
  await (await atAda.delete(message)).delivered;
  await bob.saw("deleted", { who: "ada", text: "lunch at one?" });
  const all = [
    ["edited", "ada", "lunch at one?"],
    ["reacted", "bob", "👍", "yes"],
    ["reacted", "bob", "👍", "no"],
    ["deleted", "ada", "lunch at one?"],
  ];
  assertEquals([changes(ada), changes(bob)], [all, all]);
  await (await atAda.edit(message, "no, now")).delivered;
  await (await atBob.react(received, "🎉")).delivered;
  assertEquals([changes(ada), changes(bob)], [all, all], "deleted stays deleted");
  assertEquals([ada.outbox, bob.outbox], [[], []]);
  for (const { event } of ada.events.all) {
    assert(!["queued", "failed"].includes(event), "nothing had to wait");
  }
  assertEquals(ada.events.all.filter(({ event }) => event === "sent").length, 1);
  assertEquals(ada.events.all.filter(({ event }) => event === "delivered").length, 1);
});

Deno.test("actions: of several in the same millisecond the last one holds", async () => {
  using _time = new FakeTime();
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const chat = await ada.call(bob);
  const message = await chat.send("0");
  for (let count = 1; count <= 8; count++) await (await chat.edit(message, `${count}`)).delivered;
  assertEquals(changes(bob).length, 8);
});

Deno.test("actions: a reply names what it answers, on both sides", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const atAda = await ada.call(bob);
  const question = await atAda.send("coffee?");
  const { message, chat: atBob } = await bob.saw("message");
  const answer = await atBob.send("yes", { reply: message });
  assertEquals(answer.reply?.id, question.id);
  const { message: heard } = await ada.saw("message", { text: "yes" });
  assertEquals(heard.reply, { id: question.id, direction: "outgoing" });
  await atAda.send("great", { reply: heard });
  assertEquals((await bob.saw("message", { text: "great" })).message.reply, {
    id: answer.id,
    direction: "outgoing",
  });
});

Deno.test("actions: what can't be done is refused before anything goes out", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const classic = await server.user("carol", { key: null });
  const chat = await ada.call(bob);
  const own = await chat.send("hello");
  const theirs = { id: "0102030405060708", direction: "incoming" } as const;
  await assertRejects(() => chat.edit(own, " \n"), TypeError, "white space");
  const tooLong = async (doing: () => Promise<unknown>) => {
    const { details } = await assertRejects(doing, ClientError<"send-failed">);
    return details;
  };
  assertEquals(await tooLong(() => chat.edit(own, "ä".repeat(8_193))), {
    reason: "too-long",
    length: 16_386,
    limit: 16_384,
  });
  await assertRejects(() => chat.edit(theirs, "x"), TypeError, "the user's own");
  await assertRejects(() => chat.delete(theirs), TypeError, "the user's own");
  await assertRejects(() => chat.react(own, ""), TypeError, "white space");
  assertEquals(await tooLong(() => chat.react(own, "👍".repeat(9))), {
    reason: "too-long",
    length: 36,
    limit: 32,
  });
  const atCarol = await ada.call(classic);
  const line = await atCarol.send("hello");
  const error = await assertRefused("send-failed", () => atCarol.edit(line, "x"));
  assertEquals(error.details, { reason: "no-actions", name: "carol" });
  assertEquals([atCarol.can("actions"), changes(ada)], [false, []]);
  await chat.close();
  await assertRefused("chat-closed", () => chat.edit(own, "x"));
});

Deno.test("actions: nobody edits or deletes a message of somebody else's", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const peer = await peerOf(server, ada);
  const { chat } = await ada.saw("chat-opened");
  const own = await chat.send("mine");
  const { id } = await peer.hearText();
  const target = { whose: "reader", id } as const;
  await peer.say(
    { ...actionOf(1, "edit", "yours", 0), target },
    { ...actionOf(2, "delete", "", 0), target },
    { ...actionOf(3, "react", "!", 0), target },
  );
  for (const id of [1, 2, 3]) {
    assertEquals(await peer.hear(), { type: "received", id: new Uint8Array(8).fill(id) });
  }
  assertEquals(changes(ada), [["reacted", "peer", "!", "yes"]]);
  assertEquals(own.text, "mine");
  peer.wire.close();
  await ada.saw("chat-closed");
});

Deno.test("actions: in whatever order edits come, and however often, the latest holds", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const peer = await peerOf(server, ada);
  await peer.say(actionOf(4, "edit", "before it came", 1, 2_000_000_000_000));
  await peer.say(actionOf(9, "react", "👍", 1));
  await peer.text("first", 1);
  await ada.saw("message", { text: "first" });
  await ada.saw("edited", { text: "before it came" });
  await ada.saw("reacted", { text: "👍" });
  await peer.say(
    actionOf(5, "edit", "older", 1, 1),
    actionOf(4, "edit", "before it came", 1, 2_000_000_000_000),
    actionOf(6, "edit", "same time, greater id", 1, 2_000_000_000_000),
    actionOf(3, "edit", "same time, smaller id", 1, 2_000_000_000_000),
    actionOf(7, "edit", "not here", 2),
    actionOf(8, "delete", "", 1),
    actionOf(8, "delete", "", 1),
  );
  await ada.saw("deleted", { text: "same time, greater id" });
  await peer.text("second", 2);
  await ada.saw("edited", { text: "not here" });
  assertEquals(changes(ada), [
    ["edited", "peer", "before it came"],
    ["reacted", "peer", "👍", "yes"],
    ["edited", "peer", "same time, greater id"],
    ["deleted", "peer", "same time, greater id"],
    ["edited", "peer", "not here"],
  ]);
  peer.wire.close();
  await ada.saw("chat-closed");
});

Deno.test("actions: 256 of a key are kept for messages that are not here, of which the oldest go", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const peer = await peerOf(server, ada);
  const id = (number: number) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setUint32(0, number);
    return bytes;
  };
  const reply = async (number: number) => {
    await peer.say({ type: "text", id: id(number), sentAt: 1, text: `text ${number}` });
    await ada.saw("message", { text: `text ${number}` });
  };
  for (let number = 0; number < 258; number++) {
    const target = { whose: "sender", id: id(number) } as const;
    await peer.say({ ...actionOf(0, "edit", `${number}`, 0), id: id(1_000 + number), target });
    assertEquals(await peer.hear(), { type: "received", id: id(1_000 + number) });
  }
  for (const number of [0, 1, 2, 257]) await reply(number);
  await ada.saw("edited", { text: "257" });
  assertEquals(changes(ada), [["edited", "peer", "2"], ["edited", "peer", "257"]]);
  peer.wire.close();
  await ada.saw("chat-closed");
});

Deno.test("actions: a text that was never handed over is changed or taken out in the outbox", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob", { key: testKey(7) })];
  const chat = await ada.call(bob);
  await (await chat.send("first")).delivered;
  await bob.leave();
  await ada.saw("chat-closed");
  const [kept, gone, other] = [
    await chat.send("kept"),
    await chat.send("gone"),
    await chat.send("x"),
  ];
  assertEquals((await chat.edit(kept, "changed\n")).state, "delivered", "there is nothing to tell");
  assertEquals((await chat.delete(gone)).state, "delivered");
  await chat.react(other, "👍");
  assertEquals([kept.text, gone.state], ["changed", "failed"]);
  assertEquals(ada.outbox.map(({ text }) => text), ["changed", "x", "👍"]);
  assertEquals((await ada.store.outbox()).map(({ text }) => text), ["changed", "x", "👍"]);
  await assertRefused("send-failed", () => gone.delivered);
  const again = await server.user("bob", { key: testKey(7) });
  await again.saw("message", { text: "changed" });
  await again.saw("reacted", { text: "👍" });
  assertEquals(changes(again), [["reacted", "ada", "👍", "yes"]], "nothing was said of the rest");
  assertEquals(again.events.all.some(({ text }) => text === "gone" || text === "kept"), false);
  assertEquals(changes(ada), [
    ["edited", "ada", "changed"],
    ["deleted", "ada", "gone"],
    ["reacted", "ada", "👍", "yes"],
  ]);
});

Deno.test("actions: what waits of an earlier run may have arrived: it is changed, and told", async () => {
  await using server = new TableServer();
  const store = new MemoryStore();
  const bob = identityOf(testKey(7));
  const text = { name: "bob", server: server.id, identity: bob, time: 1 };
  const ids = ["0000000000000001", "0000000000000002"] as const;
  await store.queue(ids.map((id) => ({ ...text, id, text: `secret ${id}` })));
  await store.keepPin({ server: server.id, name: "bob", identity: bob, verified: false, since: 1 });
  const ada = await server.user("ada", { store });
  const [pin] = await store.pins(server.id);
  assert(pin !== undefined);
  const chat = ada.chats.with(pin);
  await chat.edit({ id: ids[0], direction: "outgoing" }, "public");
  await chat.delete({ id: ids[1], direction: "outgoing" });
  assertEquals(ada.outbox.map(({ text, action }) => [text, action?.type]), [
    ["public", undefined],
    ["public", "edit"],
    ["", "delete"],
  ]);
  const at = await server.user("bob", { key: testKey(7) });
  await poll(() => ada.outbox.length === 0, "all delivered");
  const heard = at.events.all.map(({ event, text }) => [event, text]);
  assertEquals(heard.filter(([event]) => event !== "chat-opened"), [
    ["message", "public"],
    ["edited", "public"],
  ]);
});

Deno.test("actions: of a text in several parts the last is edited and the others deleted", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const chat = await ada.call(bob);
  const message = await chat.send(["a", "b", "c"].map((each) => each.repeat(16_384)).join(""));
  await message.delivered;
  await (await chat.edit(message, "short")).delivered;
  const what = changes(bob).map((each) => (each as string[]).map((part) => part.slice(0, 5)));
  assertEquals(what, [
    ["delet", "ada", "aaaaa"],
    ["delet", "ada", "bbbbb"],
    ["edite", "ada", "short"],
  ]);
  const other = await chat.send("d".repeat(20_000));
  await other.delivered;
  await (await chat.delete(other)).delivered;
  assertEquals(changes(bob).length, 5);
});

Deno.test("seen: told where both have switched it on, the newest once, and again to nobody", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  assertEquals(ada.sharesSeen, false);
  ada.sharesSeen = bob.sharesSeen = true;
  const atAda = await ada.call(bob);
  const first = await atAda.send("one");
  const second = await atAda.send("two");
  const { chat: atBob } = await bob.saw("message", { text: "two" });
  atBob.markSeen();
  atBob.markSeen();
  assertEquals((await ada.saw("seen", { name: "bob" })).id, second.id);
  bob.sharesSeen = false;
  await (await atAda.send("three")).delivered;
  atBob.markSeen();
  await atBob.send("here");
  await ada.saw("message", { text: "here" });
  assertEquals(ada.events.all.filter(({ event }) => event === "seen").length, 1);
  assert(first.id !== second.id);
});

Deno.test("seen: nothing is said to, or taken from, whoever has it switched off", async () => {
  for (const [own, theirs] of [[true, 0], [false, SEEN]] as const) {
    await using server = new TableServer();
    const ada = await server.user("ada");
    ada.sharesSeen = own;
    const peer = await peerOf(server, ada, ACTIONS | theirs);
    await peer.text("hello", 1);
    const { chat } = await ada.saw("message");
    assertEquals((await peer.hear())?.type, "received");
    chat.markSeen();
    await chat.send("answer");
    const next = await peer.hear();
    assert(next?.type === "text", "nothing came before it");
    await peer.say({ type: "seen", id: next.id });
    await peer.text("behind it", 2);
    await ada.saw("message", { text: "behind it" });
    assertEquals(ada.events.all.filter(({ event }) => event === "seen"), []);
    peer.wire.close();
    await ada.saw("chat-closed");
  }
});

Deno.test("seen: unknown and older messages are no news", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  ada.sharesSeen = true;
  const peer = await peerOf(server, ada, ACTIONS | SEEN);
  const { chat } = await ada.saw("chat-opened");
  const [one, two] = [await chat.send("one"), await chat.send("two")];
  await peer.say({ type: "seen", id: new Uint8Array(8) });
  for (const { id } of [two, one, two]) {
    await peer.say({ type: "seen", id: Uint8Array.fromHex(id) });
  }
  await peer.text("behind it", 2);
  await ada.saw("message", { text: "behind it" });
  const seen = ada.events.all.filter(({ event }) => event === "seen");
  assertEquals(seen.map(({ id }) => id), [two.id]);
  peer.wire.close();
  await ada.saw("chat-closed");
});
