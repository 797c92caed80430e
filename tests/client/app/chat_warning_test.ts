/** What a user is warned of as a chat opens: who is known by a key elsewhere, where nothing is proven. */

import { assertEquals } from "@std/assert";
import { MemoryStore, THIS_MACHINE } from "../../../client/core/mod.ts";
import { testIdentity, testKey } from "../../fixtures/keys.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { allowClassic, TestEnvironment } from "../../helpers/test_environment.ts";
import { pinOf } from "../storage/contacts/temp_store.ts";
import { Screen } from "./screen.ts";

const PLACES = [
  ["lab:4242", "lab:4242"],
  [THIS_MACHINE, "a server on this machine"],
  ["dd".repeat(32), "another server"],
] as const;

for (const [place, words] of PLACES) {
  Deno.test(`careful: a name that is known at ${words} is not proven at a classic server`, async () => {
    await using env = TestEnvironment.fake();
    const { at } = env.serve();
    const store = new MemoryStore();
    if (place === "lab:4242") store.pinServer(place, testKey(0xee));
    const server = place === "lab:4242" ? testKey(0xee).toHex() : place;
    await store.keepPin(pinOf("bob", { server }));
    await allowClassic(store, at);
    const [bob] = await env.online(at, "Bob");
    const ada = env.user("ada", at, undefined, { identity: testIdentity(1), store });
    const screen = new Screen(ada);
    await ada.login();
    await ada.saw("online", { name: "Bob" });
    screen.clear();
    await screen.type("/talk Bob");
    assertEquals(screen.told(), [
      `note: Careful: Bob has a key at ${words}, but this server speaks only classic MIM, ` +
      "so nobody can tell whether this is the same Bob",
    ]);
    await screen.type("one", "two");
    await bob.saw("message", { text: "two" });
    assertEquals(screen.told(), [], "once, not for each message");
    await screen.type("/close");
    await bob.call("ada");
    await ada.saw("chat-opened", { by: "them" });
    assertEquals(screen.told().length, 1, "who calls is nobody surer");
  });
}

Deno.test("careful: nothing is said of who is known nowhere, or where a server knows keys", async () => {
  using folder = new TempFolder();
  await using env = TestEnvironment.fake();
  const store = new MemoryStore();
  await store.keepPin(pinOf("bob", { server: "dd".repeat(32) }));
  for (const [options, name] of [[{}, "carol"], [{ data: folder.path }, "bob"]] as const) {
    const { at } = env.serve(options);
    if (!("data" in options)) await allowClassic(store, at);
    const [peer] = await env.online(at, name);
    const ada = env.user("ada", at, undefined, { identity: testIdentity(1), store });
    const screen = new Screen(ada);
    await ada.login();
    await ada.saw("online", { name });
    await screen.type(`/talk ${name}`, "hello");
    await peer.saw("message", { text: "hello" });
    assertEquals(screen.told(), []);
    await ada.quit();
  }
});
