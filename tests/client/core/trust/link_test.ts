/** A server that a link names: its key is known from the first moment, and no other is taken. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { MemoryStore } from "../../../../client/core/mod.ts";
import { formatAddress, formatServerLink, parseServerAddress } from "../../../../protocol/mod.ts";
import { newIdentity } from "../../../fixtures/keys.ts";
import { logIn, Mim2Server, Visit } from "../../../helpers/fake_server.ts";
import { type Place, TestEnvironment } from "../../../helpers/test_environment.ts";
import { assertRefused } from "../../../helpers/test_user.ts";

const placeOf = ({ hostname, port }: Place) => formatAddress(hostname, port);
const otherKey = new Uint8Array(32).fill(7);

Deno.test("link: the server proves the key of the link, which is pinned", async () => {
  await using env = TestEnvironment.fake();
  const { server, at } = env.serve({ data: await Deno.makeTempDir() });
  const store = new MemoryStore();
  const link = { ...at, key: server.publicKey };
  const ada = env.user("ada", link, undefined, { identity: newIdentity(), store });
  await ada.login();
  assertEquals(await store.serverKey(placeOf(at)), server.publicKey);
  assertEquals(parseServerAddress(ada.serverLink ?? ""), link);
});

Deno.test("link: a server with another key gets nothing, and can't be accepted", async () => {
  await using env = TestEnvironment.fake();
  const mim2 = new Mim2Server();
  const at = env.listen((wire) => new Visit(wire, mim2).logIn().catch(() => {}));
  const store = new MemoryStore();
  const link = { ...at, key: otherKey };
  const ada = env.user("ada", link, undefined, { identity: newIdentity(), store });
  const { message } = await assertRefused("server-key-mismatch", () => ada.login());
  assertMatch(message, /not the one that the link names.*the key BwcHBwcH.*Nothing was sent to it/);
  assert(message.includes(formatServerLink(at, mim2.publicKey).split("#")[1] ?? "?"), message);
  assertEquals([ada.serverTrust.hasRejected, ada.serverTrust.hasRejectedClassic], [false, false]);
  assertEquals(await store.serverKey(placeOf(at)), undefined);
});

Deno.test("link: a classic server is none, though the user has allowed it before", async () => {
  await using env = TestEnvironment.fake();
  const at = env.listen((wire) => logIn(wire).catch(() => {}));
  const store = new MemoryStore();
  await store.pinServer(placeOf(at), new Uint8Array(0));
  const link = { ...at, key: otherKey };
  const ada = env.user("ada", link, undefined, { identity: newIdentity(), store });
  const { message } = await assertRefused("server-key-mismatch", () => ada.login());
  assertMatch(message, /the server proves none/);
});

Deno.test("link: it does not overrule the key that is pinned for the place", async () => {
  await using env = TestEnvironment.fake();
  const mim2 = new Mim2Server();
  const at = env.listen((wire) => new Visit(wire, mim2).logIn().catch(() => {}));
  const store = new MemoryStore();
  await store.pinServer(placeOf(at), otherKey);
  const link = { ...at, key: mim2.publicKey };
  const ada = env.user("ada", link, undefined, { identity: newIdentity(), store });
  const { message } = await assertRefused("server-key-mismatch", () => ada.login());
  assertMatch(message, /has changed/);
  assertEquals(ada.serverTrust.hasRejected, true);
});

Deno.test("link: without a key of one's own nothing is dialed", async () => {
  await using env = TestEnvironment.fake();
  let calls = 0;
  const at = env.listen(() => void calls++);
  const link = { ...at, key: otherKey };
  const ada = env.user("ada", link);
  await assertRefused("invalid-state", () => ada.login());
  assertEquals(calls, 0);
});

Deno.test("several servers: the first that answers is taken, again after a loss", async () => {
  await using env = TestEnvironment.fake();
  const gone = { hostname: env.machine().address, port: 4242 };
  const { server, at } = env.serve();
  const { at: third } = env.serve();
  const ada = env.user("ada", gone, undefined, { server: [gone, at, third], reconnect: true });
  await ada.login();
  await ada.saw("logged-in", {});
  assertEquals(placeOf(ada.server), placeOf(at));
  await server.close();
  await ada.saw("disconnected", {});
  await ada.saw("logged-in", {});
  assertEquals(placeOf(ada.server), placeOf(third));
});

Deno.test("several servers: if none answers, the error names all of them", async () => {
  await using env = TestEnvironment.fake();
  const [one, other] = [env.machine(), env.machine()]
    .map(({ address }) => ({ hostname: address, port: 4242 }));
  if (one === undefined || other === undefined) throw new TypeError("expected two machines");
  const ada = env.user("ada", one, undefined, { server: [one, other] });
  const { message } = await assertRefused("server-unreachable", () => ada.login());
  for (const { hostname } of [one, other]) assertMatch(message, new RegExp(hostname));
});
