/** A contact's new key as people see it: told once, in the conversation, and with no alarm before. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { createRotation, encodeRotation } from "../../../protocol/mod.ts";
import { Identity, MemoryStore, type OnlineUser } from "../../../client/core/mod.ts";
import { ROTATION_GRACE_MS } from "../../../client/app/key_warnings.ts";
import { MessageArchive } from "../../../client/app/mod.ts";
import { randomMessageId } from "../../../client/core/message.ts";
import { Profile } from "../../../client/storage/mod.ts";
import { createTestNetwork, type TestNetwork } from "../../../client/testing/mod.ts";
import { WindowState } from "../../../client/window/state/mod.ts";
import type { Network } from "../../../server/mod.ts";
import { testKey } from "../../fixtures/keys.ts";
import { TableServer } from "../../helpers/table_server.ts";
import { FakeTime } from "../../helpers/time.ts";
import { poll } from "../../helpers/wait.ts";
import { Screen } from "./screen.ts";

const TIMEOUT = { timeoutMs: 60_000 };

/**
 * Bob, who knows ada, and what his faces show from the moment at which she logs in with a new key.
 *
 * @param queues whether her program has stored the rotation for him, so that it calls him by itself
 */
async function rotated(
  network: TestNetwork,
  queues: boolean,
  adasWay: (network: Network, bob: OnlineUser) => Network = (network) => network,
) {
  const store = new MemoryStore();
  const bob = await network.login("bob");
  const screen = new Screen(bob);
  const archive = new MessageArchive(new Profile(undefined, {}, "a test"), () => {});
  const window = new WindowState(bob, archive);
  const first = Identity.fromBytes(testKey(1));
  const before = await network.login("ada", { identity: first, store });
  await (await before.send("bob", "before")).delivered;
  await bob.send("ada", "you, too");
  await before.nextMessage();
  await poll(() => bob.trust.contacts.length > 0, "a pin");
  await before.quit();
  await poll(() => ![...bob.users].some(({ name }) => name === "ada"), "the end of her session");
  const rotation = createRotation(testKey(1), testKey(2), 1);
  const [server = ""] = await store.serversKnowing("bob");
  const key = await store.serverKey(server);
  const [pin] = await store.pins(key?.toHex() ?? "");
  assert(pin !== undefined);
  const message = { name: "bob", server, identity: pin.identity, text: "", time: 1 };
  const part = { ...message, id: randomMessageId(), rotation: encodeRotation(rotation) };
  if (queues) await store.queue([part]);
  screen.clear();
  const told = bob.waitFor("key-rotated", TIMEOUT);
  const identity = Identity.fromBytes(testKey(2), [rotation]);
  const own = bob.users.own;
  assert(own !== undefined);
  const way = adasWay(network.machine(), own);
  const ada = await network.login("ada", { identity, store, network: way });
  return { ada, bob, screen, window, told };
}

/** Bob has been told once, and of nothing worse. */
async function assertCalm(screen: Screen, window: WindowState): Promise<void> {
  await poll(() => window.snapshot.chats[0]?.notice?.code === "note", "the note in the window");
  const errors = screen.all.filter(({ event }) => event === "error");
  assertEquals(errors, []);
  const notes = screen.all.filter(({ event }) => event === "note").map(({ text }) => text);
  assertEquals(notes.length, 1);
  assertMatch(`${notes[0]}`, /^ada has a new key, signed by the old one; compare safety numbers/);
  const { chats, users } = window.snapshot;
  assertEquals(
    chats.map(({ name, security, trustOffer }) => [name, security, trustOffer]),
    [["ada", "pinned", undefined]],
  );
  assertEquals(chats[0]?.notice?.code, "note");
  assertMatch(chats[0]?.notice?.text ?? "", /^ada has a new key, signed by the old one/);
  assertEquals(users.find(({ name }) => name === "ada")?.security, "pinned");
  window.close();
}

Deno.test("a new key: whoever is called by it is told once, in the conversation, without an alarm", async () => {
  await using network = createTestNetwork();
  const { screen, window, told } = await rotated(network, true);
  assertEquals((await told).chat?.security, "pinned");
  await assertCalm(screen, window);
});

Deno.test("a new key: the same over a callback, if its owner can't dial", async () => {
  await using network = createTestNetwork();
  const { bob, ada, screen, window, told } = await rotated(
    network,
    true,
    (way, { address }) => ({
      ...way,
      listen: (options) => way.listen(options),
      connect: (options) =>
        options.hostname === address
          ? Promise.reject(new Deno.errors.ConnectionRefused("refused"))
          : way.connect(options),
    }),
  );
  await told;
  await assertCalm(screen, window);
  await (await bob.send("ada", "you again")).delivered;
  assertEquals((await ada.nextMessage()).text, "you again");
});

Deno.test("a new key: the same if its contact writes first", async () => {
  await using network = createTestNetwork();
  const { ada, screen, window, told } = await rotated(network, false);
  await screen.type("/msg ada hello");
  await told;
  assertEquals((await ada.nextMessage()).text, "hello");
  await assertCalm(screen, window);
});

Deno.test("a new key that nothing signs is an alarm, late if the server certifies it", async () => {
  using time = new FakeTime();
  await using server = new TableServer();
  const bob = server.offlineUser("bob");
  await server.pin(bob, "ada", testKey(1));
  await bob.login();
  const screen = new Screen(bob);
  const [contact] = bob.trust.contacts;
  assert(contact !== undefined);
  await bob.chats.with(contact).send("for later");
  await server.user("ada", { key: testKey(2) });
  const alarms = () => screen.all.filter(({ event }) => event === "error").map(({ text }) => text);
  assertEquals(alarms(), []);
  await time.pass(ROTATION_GRACE_MS);
  assertMatch(`${alarms()}`, /^ada is online with a different key than before/);
});
