/** Comparing safety numbers is told on both sides, and proves nothing to the other one. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { MessageArchive, toClientEvent } from "../../../../client/app/mod.ts";
import { Profile } from "../../../../client/storage/mod.ts";
import { WindowState } from "../../../../client/window/state/mod.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { Mim2Peer, Wire } from "../../../helpers/peers.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import { poll } from "../../../helpers/wait.ts";
import { Screen } from "../../app/screen.ts";

const TIMEOUT = { timeoutMs: 60_000 };

Deno.test("verifying: both sides are told in the conversation, and only one is sure", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const screens = { ada: new Screen(ada), bob: new Screen(bob) };
  const archive = new MessageArchive(new Profile(undefined, {}, "a test"), () => {});
  const windows = [ada, bob].map((user) => new WindowState(user, archive));
  await ada.call(bob);
  const told = bob.waitFor("key-verified", TIMEOUT);
  await screens.ada.type("/verify bob");
  screens.ada.clear();
  await screens.ada.type("/verify bob yes");
  const event = await told;
  assertEquals([event.by, event.chat.name, event.chat.security], ["them", "ada", "new"]);
  assert(bob.trust.contacts.every(({ verified }) => !verified), "bob has compared nothing");
  assertEquals(bob.trust.securityOf(bob.sees(ada)), "new");
  const note = toClientEvent(event, "terminal");
  assert(note.type === "note" && note.about === event.chat);
  assertMatch(note.text, /^ada says that your safety numbers match; .*compare them yourself/);
  const notes = screens.ada.told();
  assertEquals(notes.length, 1, `${notes}`);
  assertMatch(`${notes}`, /^note: bob is verified by the key that you have compared/);
  assertEquals(screens.bob.told().length, 1);
  for (
    const [window, words] of [[windows[0], /^You have compared/], [
      windows[1],
      /says that/,
    ]] as const
  ) {
    const [head] = window?.snapshot.chats ?? [];
    assertEquals(head?.notice?.code, "note");
    assertMatch(head?.notice?.text ?? "", words);
    window?.close();
  }
});

Deno.test("verifying: a peer that says so again and again is heard once", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const wire = await Wire.dial(server.network.host("198.18.9.9"), ada.address, ada.port);
  const peer = await Mim2Peer.call(wire, { name: "bob", key: testKey(9) });
  const { caller } = await ada.saw("incoming-call");
  await caller.accept();
  const heard: string[] = [];
  ada.subscribe(({ type }) => void (type === "key-verified" && heard.push(type)));
  await peer.say(...Array.from({ length: 100 }, () => Uint8Array.of(0x56)));
  await peer.text("hello", 1);
  await ada.saw("message", { text: "hello" });
  assertEquals(heard.length, 1);
  assertEquals([ada.chats.all[0]?.security, ada.trust.contacts], ["unconfirmed", []]);
  wire.close();
});

Deno.test("verifying: with nobody there it is told to nobody, and counts all the same", async () => {
  await using server = new TableServer();
  const [ada, bob] = [await server.user("ada"), await server.user("bob")];
  const chat = await ada.call(bob);
  await chat.send("hello");
  await poll(() => ada.trust.contacts.length > 0, "a pin");
  await bob.quit();
  await ada.saw("chat-closed");
  ada.trust.safetyNumber("bob");
  await ada.trust.verify("bob");
  assertEquals(ada.trust.contacts.map(({ verified }) => verified), [true]);
});
