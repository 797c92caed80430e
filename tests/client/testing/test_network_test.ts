import { assertEquals, assertRejects } from "@std/assert";
import { createTestNetwork } from "../../../client/testing/mod.ts";

Deno.test("test users chat with encryption on a network in memory", async () => {
  await using network = createTestNetwork();
  const [ada, bob] = [await network.login("ada"), await network.login("bob")];
  const sent = await ada.send("bob", "one");
  await ada.send("bob", "two");
  await sent.delivered;
  assertEquals((await bob.nextMessage()).text, "one");
  assertEquals((await bob.nextMessage()).text, "two");
  assertEquals(bob.received.map(({ chat }) => chat?.security), ["new", "new"]);
  await assertRejects(() => bob.nextMessage({ timeoutMs: 1 }), DOMException, "in time");
});

Deno.test("test users chat in classic MIM if the network is to be classic", async () => {
  await using network = createTestNetwork({ classic: true });
  const [ada, bob] = [await network.login("ada"), await network.login("bob")];
  await ada.send("bob", "hello");
  assertEquals((await bob.nextMessage()).chat?.security, "classic");
});
