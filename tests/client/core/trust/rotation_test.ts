/** A contact's new key: who follows it, and who does not. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  byeReasons,
  createRotation,
  encodeRotation,
  encodeRotationMessage,
  identityOf,
  type KeyRotation,
} from "../../../../protocol/mod.ts";
import { Identity, MemoryStore, type Messenger, type Store } from "../../../../client/core/mod.ts";
import { toClientEvent } from "../../../../client/app/mod.ts";
import {
  createTestNetwork,
  type TestNetwork,
  type TestUser,
} from "../../../../client/testing/mod.ts";
import { randomMessageId } from "../../../../client/core/message.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { Mim2Peer, Wire } from "../../../helpers/peers.ts";
import { poll } from "../../../helpers/wait.ts";

const TIMEOUT = { timeoutMs: 60_000 };

/** Two people who have talked, and the first one's store: she has logged out since. */
async function acquainted(network: TestNetwork): Promise<{ bob: TestUser; store: Store }> {
  const store = new MemoryStore();
  const identity = Identity.fromBytes(testKey(1));
  const bob = await network.login("bob");
  const ada = await network.login("ada", { identity, store });
  await (await ada.send("bob", "before")).delivered;
  await bob.nextMessage();
  await bob.send("ada", "you, too");
  await ada.nextMessage();
  await pinned(bob);
  bob.trust.safetyNumber("ada");
  await bob.trust.verify("ada");
  await ada.quit();
  await poll(() => ![...bob.users].some(({ name }) => name === "ada"), "the end of her session");
  return { bob, store };
}

async function pinned({ trust }: Messenger): Promise<void> {
  await poll(() => trust.contacts.length > 0, "a pin");
}

/** Queues rotations to bob, as a client does when its user has made a new key. */
async function queue(store: Store, rotations: readonly KeyRotation[]): Promise<void> {
  const server = "any";
  const [bob] = await bobIn(store);
  assert(bob !== undefined);
  for (const rotation of rotations) {
    const common = { name: "bob", server, identity: bob, text: "", time: rotation.rotatedAt };
    await store.queue([{ ...common, id: randomMessageId(), rotation: encodeRotation(rotation) }]);
  }
}

/** Calls under the contact's name with a key, and shows rotations, then says something. */
async function callAs(
  network: TestNetwork,
  callee: Messenger,
  key: Uint8Array,
  rotations: readonly KeyRotation[],
): Promise<void> {
  const own = [...callee.users].find((user) => user.own);
  assert(own !== undefined);
  using wire = await Wire.dial(network.machine(), own.address, own.port);
  const peer = await Mim2Peer.call(wire, { name: "ada", key });
  const id = new Uint8Array(8);
  await peer.say(...rotations.map((rotation) => encodeRotationMessage({ id, rotation })));
  await peer.text("it is me", 1);
  assertEquals(await peer.hear(), { type: "bye", reason: byeReasons["other key"] });
}

async function bobIn(store: Store): Promise<Uint8Array[]> {
  const [server] = await store.serversKnowing("bob");
  const key = await store.serverKey(server ?? "");
  return (await store.pins(key?.toHex() ?? "")).map(({ identity }) => identity);
}

for (const steps of [1, 2]) {
  Deno.test(`rotation: a contact follows ${steps}, unverified, in the same chat, and both are told`, async () => {
    await using network = createTestNetwork();
    const { bob, store } = await acquainted(network);
    const keys = Array.from({ length: steps + 1 }, (_, index) => testKey(index + 1));
    const rotations = keys.slice(1).map((key, index) =>
      createRotation(keys[index] ?? key, key, index)
    );
    await queue(store, rotations);
    const [chat] = bob.chats.all;
    await chat?.send("for later"); // it waits for the old key
    const identity = Identity.fromBytes(keys[steps] ?? testKey(9), rotations);
    const told = bob.waitFor("key-rotated", TIMEOUT);
    const ada = await network.login("ada", { identity, store });
    const [atBob, atAda] = await Promise.all([told, ada.waitFor("key-rotated", TIMEOUT)]);
    assertEquals([atBob.by, atBob.name, atAda.by, atAda.name], ["them", "ada", "me", "bob"]);
    const note = toClientEvent(atBob, "terminal");
    assert(note.type === "note");
    assertStringIncludes(note.text, "ada has a new key, signed by the old one; compare safety");
    assertStringIncludes(note.text, "invite ada again");
    assertEquals(
      bob.trust.contacts.map(({ name, identity, verified }) => [name, identity.toHex(), verified]),
      [
        ["ada", identity.publicKey.toHex(), false],
      ],
    );
    assertEquals((await ada.nextMessage()).text, "for later");
    assertEquals(bob.chats.all.map(({ name, security }) => [name, security]), [["ada", "pinned"]]);
    await (await ada.send("bob", "after")).delivered;
    assertEquals((await bob.nextMessage()).text, "after");
    assertEquals([await store.outbox(), ada.outbox], [[], []]);
  });
}

Deno.test("rotation: a contact who calls learns of it before saying who calls", async () => {
  await using network = createTestNetwork();
  const { bob } = await acquainted(network);
  const rotations = [createRotation(testKey(1), testKey(2), 1)];
  const identity = Identity.fromBytes(testKey(2), rotations);
  const ada = await network.login("ada", { identity });
  const told = bob.waitFor("key-rotated", TIMEOUT);
  await (await bob.send("ada", "hello")).delivered;
  const { name, by, chat } = await told;
  assertEquals([name, by, chat?.security], ["ada", "them", "pinned"]);
  assertEquals((await ada.nextMessage()).text, "hello");
  assertEquals(bob.trust.contacts.map(({ verified }) => verified), [false]);
});

Deno.test("rotation: a caller shows it to someone to whom nothing was ever written", async () => {
  await using network = createTestNetwork();
  const store = new MemoryStore();
  const ada = await network.login("ada");
  const bob = await network.login("bob", { identity: Identity.fromBytes(testKey(1)), store });
  await (await ada.send("bob", "are you there?")).delivered;
  await bob.nextMessage();
  await pinned(ada);
  ada.trust.safetyNumber("bob");
  await ada.trust.verify("bob");
  await bob.quit();
  await poll(() => ![...ada.users].some(({ name }) => name === "bob"), "the end of his session");
  const rotations = [
    createRotation(testKey(1), testKey(2), 1),
    createRotation(testKey(2), testKey(3), 2),
  ];
  const identity = Identity.fromBytes(testKey(3), rotations);
  const told = ada.waitFor("key-rotated", TIMEOUT);
  const again = await network.login("bob", { identity, store });
  await (await again.send("ada", "here I am")).delivered;
  const { name, by, chat } = await told;
  assertEquals([name, by, chat?.security], ["bob", "them", "pinned"]);
  assertEquals((await ada.nextMessage()).text, "here I am");
  // Someone who knows only the new key learns nothing else by it, and asks nobody.
  const eve = await network.login("eve");
  await (await again.send("eve", "hello")).delivered;
  assertEquals((await eve.nextMessage()).text, "hello");
  assertEquals(eve.chats.all.length, 1);
});

const refusals: [string, (key: Uint8Array) => readonly KeyRotation[]][] = [
  [
    "forged",
    (key) => [{ ...createRotation(testKey(1), key, 1), oldSignature: new Uint8Array(64) }],
  ],
  ["one of another key", (key) => [createRotation(testKey(7), key, 1)]],
  ["one to another key", () => [createRotation(testKey(1), testKey(8), 1)]],
  ["none", () => []],
];
for (const [what, make] of refusals) {
  Deno.test(`rotation: a caller with another key under a pinned name who shows ${what} is refused`, async () => {
    await using network = createTestNetwork();
    const { bob } = await acquainted(network);
    const before = bob.trust.contacts;
    const eve = testKey(5);
    const failed = bob.waitFor("error", TIMEOUT);
    const events: string[] = [];
    bob.subscribe(({ type }) => void events.push(type));
    await callAs(network, bob, eve, make(eve));
    assertEquals((await failed).error.code, "call-failed");
    assertEquals(bob.trust.contacts, before);
    assertEquals(events.includes("key-rotated"), false);
    assertEquals(bob.chats.all.filter(({ state }) => state === "open"), []);
  });
}

Deno.test("rotation: an ignored contact's new key is not followed", async () => {
  await using network = createTestNetwork();
  const { bob } = await acquainted(network);
  const old = bob.trust.contacts[0]?.identity;
  await bob.calls.ignore({ name: "somebody", key: old?.toHex() ?? "" });
  const failed = bob.waitFor("error", TIMEOUT);
  await callAs(network, bob, testKey(2), [createRotation(testKey(1), testKey(2), 1)]);
  assertEquals((await failed).error.code, "call-failed");
  assertEquals(bob.trust.contacts.map(({ identity }) => identity.toHex()), [
    identityOf(testKey(1)).toHex(),
  ]);
});

Deno.test("rotation: replayed by whoever has the old key, it brings that one not back", async () => {
  await using network = createTestNetwork();
  const { bob, store } = await acquainted(network);
  const rotation = createRotation(testKey(1), testKey(2), 1);
  await queue(store, [rotation]);
  const identity = Identity.fromBytes(testKey(2), [rotation]);
  const told = bob.waitFor("key-rotated", TIMEOUT);
  const ada = await network.login("ada", { identity, store });
  await told;
  await ada.quit();
  const failed = bob.waitFor("error", TIMEOUT);
  await callAs(network, bob, testKey(1), [rotation]);
  assertEquals((await failed).error.code, "call-failed");
  assertEquals(bob.trust.contacts.map(({ identity }) => identity.toHex()), [
    identityOf(testKey(2)).toHex(),
  ]);
});
