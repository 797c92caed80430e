/** A server that says that another one goes on in its place: who follows, and where nobody goes. */

import { assertEquals } from "@std/assert";
import { movedTo } from "../../../../client/core/session/moved_to.ts";
import { MemoryStore } from "../../../../client/core/mod.ts";
import { formatAddress, formatServerLink, refusalCodes } from "../../../../protocol/mod.ts";
import { newIdentity } from "../../../fixtures/keys.ts";
import { type Place, TestEnvironment } from "../../../helpers/test_environment.ts";

const KEY = "A".repeat(43);
const NEAR = ["192.0.2.1", "2001:db8::1", ""];
const placeOf = ({ hostname, port }: Place) => formatAddress(hostname, port);

function target(text: string, code: number = refusalCodes.moved): string | undefined {
  const server = movedTo({ type: "rejected", code, text }, NEAR);
  return server && placeOf(server);
}

Deno.test("moved: only a link to an address of the own networks is followed", () => {
  assertEquals(target(`mim://192.0.2.9:7000#${KEY}`), "192.0.2.9:7000");
  assertEquals(target(`mim://[2001:db8::9]#${KEY}`), "[2001:db8::9]:4242");
  for (
    const text of [
      "",
      "192.0.2.9",
      "mim://192.0.2.9",
      `mim://192.0.2.9:22#${KEY}`,
      `mim://192.0.3.9#${KEY}`,
      `mim://127.0.0.1#${KEY}`,
      `mim://[2001:db8:1::9]#${KEY}`,
      `mim://mim.example#${KEY}`,
      `mim://192.0.2.9#${KEY}x`,
    ]
  ) {
    assertEquals(target(text), undefined, text);
  }
  assertEquals(target(`mim://192.0.2.9#${KEY}`, refusalCodes["shutting down"]), undefined);
  assertEquals(movedTo({ type: "closed" }, NEAR), undefined);
});

/** Two servers on one machine, and a user of the first who knows bob. */
async function twoServers(env: TestEnvironment) {
  const { address: hostname, network } = env.machine();
  const options = { hostname, network };
  const first = env.serve({ ...options, data: await Deno.makeTempDir() });
  const second = env.serve({ ...options, data: await Deno.makeTempDir() });
  const [one, other] = [{ hostname, port: first.at.port }, { hostname, port: second.at.port }];
  const store = new MemoryStore();
  const ada = env.user("ada", one, undefined, {
    identity: newIdentity(),
    store,
    reconnect: true,
  });
  await ada.login();
  await ada.saw("logged-in", {});
  const bob = { name: "bob", identity: new Uint8Array(32).fill(7), verified: true, since: 1 };
  await store.keepPin({ ...bob, server: ada.serverId ?? "" });
  const link = formatServerLink(other, second.server.publicKey ?? new Uint8Array());
  return { ada, store, bob, first: first.server, second: second.server, other, link };
}

Deno.test("moved: a client follows, and knows whom it knew", async () => {
  await using env = TestEnvironment.fake();
  const { ada, store, bob, first, second, other, link } = await twoServers(env);
  await first.close(link);
  await ada.saw("logged-in", {});
  assertEquals(placeOf(ada.server), placeOf(other));
  const server = second.publicKey?.toHex() ?? "";
  assertEquals(ada.serverId, server);
  assertEquals(await store.pin(server, "bob"), { ...bob, server });
});

Deno.test("moved: a server that does not have the key of the link gets nothing", async () => {
  await using env = TestEnvironment.fake();
  const { ada, first, second, other } = await twoServers(env);
  await first.close(formatServerLink(other, new Uint8Array(32).fill(9)));
  await ada.saw("error", { text: /not the one that the link names/ });
  assertEquals([ada.state, second.userCount], ["offline", 0]);
});
