/** Whoever is ignored by a key stays so under another name and at another address. */

import { assertEquals, assertThrows } from "@std/assert";
import { type IgnoreEntry, parseIgnored } from "../../../../client/core/mod.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import { assertRefused } from "../../../helpers/test_user.ts";

Deno.test("ignored by key: neither another name nor another address helps, and nobody else is meant", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const eve = await server.user("eve", { key: testKey(9) });
  await ada.calls.ignore({ name: "eve", address: eve.address, key: eve.identity.toHex() });
  await eve.leave();
  const again = await server.user("mallory", { key: testKey(9) });
  await again.call(ada);
  await again.saw("chat-closed", { by: "them" });
  await server.requestCallback(again, ada);
  await assertRefused("ignored", () => ada.call(again));
  assertEquals([ada.chats.all, ada.events.all], [[], []]);
  const bob = await server.user("bob");
  await bob.call(ada);
  await ada.saw("chat-opened", { name: "bob" });
  const [entry] = ada.calls.ignored;
  assertEquals(entry?.refused, 1);
  assertEquals(parseIgnored(JSON.parse(JSON.stringify([entry]))), [entry as IgnoreEntry]);
});

Deno.test("ignored by key: the entry goes with its name, and with its key", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const eve = await server.user("eve");
  const key = eve.identity.toHex();
  for (const target of [{ name: "eve" }, { key }]) {
    await ada.calls.ignore({ name: "eve", key });
    assertEquals(ada.calls.unignore(target).length, 1);
    await (await eve.call(ada)).close();
    await ada.saw("chat-opened", { name: "eve" });
  }
});

Deno.test("ignored by key: what is no key is refused", () => {
  const wrong = [{ key: "ab", since: 0, refused: 0 }];
  assertThrows(() => parseIgnored(wrong), SyntaxError, "expected an ignored user");
});
