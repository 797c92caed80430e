/** A user with a key whose name ends like the tag of another key, as those are called whose names nothing confirms. */

import { assertEquals } from "@std/assert";
import { TableRows } from "../../../../client/core/presence/table_rows.ts";
import { identityOf, keyTag } from "../../../../protocol/mod.ts";
import { testKey } from "../../../fixtures/keys.ts";
import { row } from "../../../helpers/fake_server.ts";
import { Mim2Peer, Wire } from "../../../helpers/peers.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import { assertRefused } from "../../../helpers/test_user.ts";

const [OWN, OTHER] = [testKey(1), testKey(2)].map((key) => keyTag(identityOf(key)));

Deno.test("tagged names: no login with another key's tag leaves this machine, one with the own tag does", async () => {
  await using server = new TableServer();
  const user = server.offlineUser(`bob~${OTHER}`, { key: testKey(1) });
  await assertRefused("invalid-name", () => user.login());
  const own = await server.user(`bob~${OWN}`, { key: testKey(1) });
  assertEquals([...own.users].map(({ name }) => name), [`bob~${OWN}`]);
});

Deno.test("tagged names: in a table that has one, it ends with the tag of its own key", () => {
  const own = { name: "ada", address: "192.0.2.7", port: 50_000 };
  const rows = new TableRows("192.0.2.1", own, () => 1);
  const identity = identityOf(testKey(1));
  for (const [name, shown] of [[OTHER, `${OTHER}~${OWN}`], [OWN, OWN]]) {
    const [user] = rows.add(row({ name: `bob~${name}`, identity }));
    assertEquals(user.name, `bob~${shown}`);
  }
});

Deno.test("tagged names: a caller under one is nobody", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada", { key: testKey(3) });
  await using wire = await Wire.dial(server.network.host("198.18.9.9"), ada.address, ada.port);
  await Mim2Peer.call(wire, { name: `bob~${OTHER}`, key: testKey(1) });
  await wire.hung();
  assertEquals([ada.chats.all, ada.calls.pending], [[], []]);
});
