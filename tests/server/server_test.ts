import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { encodeLogin } from "../../protocol/mod.ts";
import { MimServer } from "../../server/mod.ts";
import { LogRecords } from "../helpers/log_records.ts";
import { poll } from "../helpers/wait.ts";
import { RawClient } from "../helpers/raw_client.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 };

Deno.test("a newcomer is shown the welcome and the entire table, itself included", async () => {
  await using server = MimServer.listen({ ...LOCAL, welcome: "Hello\nyou" });
  using bob = await RawClient.login(server.port, "bob", 4001);
  using ada = await RawClient.login(server.port, "ada", 4002);
  assertEquals(ada.welcome, ["Hello", "you"]);
  assertEquals(ada.updates.toSorted(), ["A ada", "A bob"]);
  assertEquals(ada.entries.find(({ entry }) => entry.name === "bob")?.entry, {
    name: "bob",
    address: "127.0.0.1",
    port: 4001,
  });
  assertEquals(bob.updates[0], "A bob");
});

Deno.test("all others are told of a login and of a logout, each once", async () => {
  await using server = MimServer.listen(LOCAL);
  using bob = await RawClient.login(server.port, "bob");
  using carol = await RawClient.login(server.port, "carol");
  const ada = await RawClient.login(server.port, "ada");
  ada.close();
  for (const other of [bob, carol]) {
    await other.until(() => other.updates.includes("D ada"), "the Delete of ada");
    assertEquals(other.updates.filter((update) => update.endsWith(" ada")), ["A ada", "D ada"]);
  }
  assertEquals(server.userCount, 2);
});

Deno.test("namesakes at one address and port are entries of their own", async () => {
  await using server = MimServer.listen(LOCAL);
  using watcher = await RawClient.login(server.port, "watcher");
  const twins = await Promise.all([1, 2, 3].map(() => RawClient.login(server.port, "twin", 4000)));
  await watcher.until(() => watcher.updates.filter((u) => u === "A twin").length === 3, "three");
  twins[1]?.close();
  await watcher.until(() => watcher.updates.includes("D twin"), "one Delete");
  assertEquals(server.userCount, 3);
  using late = await RawClient.login(server.port, "late");
  assertEquals(late.updates.filter((update) => update === "A twin").length, 2);
  for (const twin of twins) twin.close();
});

Deno.test("a login of a name with blanks around it stands in the table without them", async () => {
  await using server = MimServer.listen(LOCAL);
  using ada = await RawClient.connect(server.port);
  await ada.send(encodeLogin({ name: "  ada ", port: 1 }));
  await ada.until(() => ada.updates.includes("A ada"), "the own entry");
});

Deno.test("many logins at once: everybody is told of everybody, once", async () => {
  await using server = MimServer.listen(LOCAL);
  const names = Array.from({ length: 60 }, (_, i) => `user${i}`);
  const clients = await Promise.all(names.map((name) => RawClient.login(server.port, name)));
  for (const client of clients) {
    await client.until(() => client.updates.length >= names.length, "all Adds");
    assertEquals(client.updates.toSorted(), names.map((name) => `A ${name}`).toSorted());
  }
  for (const client of clients.slice(1)) client.close();
  const [last] = clients;
  await last?.until(() => last.updates.length === 2 * names.length - 1, "all Deletes");
  last?.close();
  await poll(() => server.userCount === 0 && server.connectionCount === 0, "an empty server");
});

Deno.test("silence is broken by a Delete that names nobody", async () => {
  await using server = MimServer.listen({ ...LOCAL, keepAliveIntervalMs: 1 });
  using ada = await RawClient.login(server.port, "ada");
  await ada.until(() => ada.updates.includes("D "), "a keep-alive");
  assertEquals(ada.entries.at(-1), { type: "delete", entry: { name: "", address: "", port: 0 } });
  assertEquals(server.userCount, 1);
});

Deno.test("over the limit of users a login is refused and logged", async () => {
  await using log = await LogRecords.start();
  await using server = MimServer.listen({ ...LOCAL, maxUsers: 1 });
  using ada = await RawClient.login(server.port, "ada");
  using bob = await RawClient.connect(server.port);
  await bob.send(encodeLogin({ name: "bob", port: 1 }));
  await bob.ended;
  assertEquals(bob.updates, []);
  assertEquals(ada.updates, ["A ada"]);
  const { port } = bob.connection.localAddr;
  assertEquals(log.shown, [
    `info server: closed 127.0.0.1:${port}: server-full: 1 users are online`,
  ]);
});

Deno.test("closing the server closes every connection and frees the port", async () => {
  const server = MimServer.listen(LOCAL);
  using ada = await RawClient.login(server.port, "ada");
  using quiet = await RawClient.connect(server.port);
  await server.close();
  await Promise.all([ada.ended, quiet.ended]);
  assertEquals(server.connectionCount, 0);
  await assertRejects(
    () => Deno.connect({ hostname: "127.0.0.1", port: server.port }),
    Deno.errors.ConnectionRefused,
  );
  await server.close();
});

Deno.test("a port in use and an address of another machine are errors of their own kind", async () => {
  await using server = MimServer.listen(LOCAL);
  assertThrows(
    () => MimServer.listen({ hostname: "127.0.0.1", port: server.port }),
    Deno.errors.AddrInUse,
  );
  assertThrows(
    () => MimServer.listen({ hostname: "192.0.2.77", port: 0 }),
    Deno.errors.AddrNotAvailable,
  );
});

Deno.test("what is no port is an error that says what one is", () => {
  for (const port of [-1, 65_536, 1.5, NaN]) {
    const listen = () => MimServer.listen({ hostname: "127.0.0.1", port });
    assertThrows(listen, RangeError, `expected a port from 0 to 65535, got ${port}`);
  }
});

Deno.test("listening everywhere answers over IPv4, and over IPv6 where there is any", async () => {
  await using server = MimServer.listen({ port: 0 });
  using v4 = await RawClient.login(server.port, "four");
  assertEquals(
    v4.entries[0]?.entry.address,
    "127.0.0.1",
    "an IPv4-mapped address is written as IPv4",
  );
  if (server.hostname !== "::") return; // a machine without IPv6
  using v6 = await RawClient.connect({ hostname: "::1", port: server.port });
  await v6.send(encodeLogin({ name: "six", port: 1 }));
  await v4.until(() => v4.updates.includes("A six"), "the Add of six");
  assertEquals(v4.entries.find(({ entry }) => entry.name === "six")?.entry.address, "::1");
});
