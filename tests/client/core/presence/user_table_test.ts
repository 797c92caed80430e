import { assert, assertEquals, assertThrows } from "@std/assert";
import { UserTable } from "../../../../client/core/presence/user_table.ts";
import { ProtocolError } from "../../../../protocol/mod.ts";
import type { OnlineUser } from "../../../../client/core/online_user.ts";
import { clientLimits } from "../../../../client/core/limits.ts";

const OWN = { name: "ada", port: 50_000, address: "192.0.2.7" };
const ada = { name: "ada", address: "192.0.2.7", port: 50_000 };
const bob = { name: "bob", address: "192.0.2.8", port: 4000 };

function listAt(serverAddress = "192.0.2.1"): UserTable {
  return new UserTable(serverAddress, OWN);
}

function seen(list: UserTable): string[] {
  return list.users.map(({ name, address, port, own }) =>
    `${name} ${address} ${port}${own ? " own" : ""}`
  );
}

Deno.test("online list: an Add is in it, a Delete takes it out", () => {
  const list = listAt();
  assertEquals<OnlineUser>(list.add(bob), { ...bob, own: false });
  assertEquals<OnlineUser>(list.add(ada), { ...ada, own: true });
  assertEquals(seen(list), ["bob 192.0.2.8 4000", "ada 192.0.2.7 50000 own"]);
  assertEquals(list.users.length, 2);
  assertEquals<OnlineUser | undefined>(list.delete(bob), { ...bob, own: false });
  assertEquals(seen(list), ["ada 192.0.2.7 50000 own"]);
  assertEquals(list.users.length, 1);
});

Deno.test("online list: a Delete of who is not in it, or of nobody, changes nothing", () => {
  const list = listAt();
  list.add(bob);
  assertEquals(list.delete({ name: "", address: "", port: 0 }), undefined);
  assertEquals(list.delete({ ...bob, port: 4001 }), undefined);
  assertEquals(list.delete({ ...bob, address: "192.0.2.9" }), undefined);
  assertEquals(list.delete({ ...bob, name: "Bob" }), undefined);
  assertEquals(list.users.length, 1);
});

Deno.test("online list: the same entry may be in it many times; a Delete takes just one", () => {
  const list = listAt();
  for (let times = 0; times < 3; times++) list.add(bob);
  for (let left = 2; left >= 0; left--) {
    assert(list.delete(bob) !== undefined);
    assertEquals(list.users.length, left);
  }
  assertEquals(list.delete(bob), undefined);
});

Deno.test("online list: everybody is listed in the order of coming, namesakes too", () => {
  const list = listAt();
  const eve = { ...bob, name: "eve" };
  for (const entry of [bob, eve, bob, ada, bob]) list.add(entry);
  assertEquals(list.users.map(({ name }) => name), ["bob", "eve", "bob", "ada", "bob"]);
  list.delete(bob);
  assertEquals(list.users.map(({ name }) => name), ["bob", "eve", "bob", "ada"]);
});

Deno.test("online list: fields that run into each other are no match", () => {
  const list = listAt();
  list.add({ name: "1 b", address: "a", port: 1 });
  assertEquals(list.delete({ name: "b", address: "a 1", port: 1 }), undefined);
  assertEquals(list.delete({ name: "b", address: "1 a", port: 1 }), undefined);
  assertEquals(list.users.length, 1);
});

Deno.test("online list: the own entry is the one with the own name, port and address", () => {
  const list = listAt();
  assertEquals(list.add({ ...ada, port: 4000 }).own, false);
  assertEquals(list.add({ ...ada, name: "Ada" }).own, false);
  assertEquals(list.add(ada).own, true);
  assertEquals(list.add(ada).own, false);
  assertEquals(seen(list).filter((user) => user.endsWith(" own")), ["ada 192.0.2.7 50000 own"]);
});

Deno.test("online list: where the server sees another address, the first such entry is the own", () => {
  const list = listAt();
  list.add({ ...ada, address: "203.0.113.1" });
  list.add({ ...ada, address: "203.0.113.2" });
  assertEquals(seen(list), ["ada 203.0.113.1 50000 own", "ada 203.0.113.2 50000"]);
});

Deno.test("online list: a namesake at the same port elsewhere gives way to the own entry", () => {
  const list = listAt();
  list.add({ ...ada, address: "192.0.2.9" });
  list.add(ada);
  list.add({ ...ada, address: "192.0.2.10" });
  assertEquals(seen(list), [
    "ada 192.0.2.9 50000",
    "ada 192.0.2.7 50000 own",
    "ada 192.0.2.10 50000",
  ]);
});

Deno.test("online list: while the same entry is there twice, the own one stays", () => {
  const list = listAt();
  list.add(ada);
  list.add(ada);
  assertEquals(list.delete(ada)?.own, false);
  assertEquals(list.delete(ada)?.own, true);
  assertEquals(list.users.length, 0);
});

Deno.test("online list: loopback means the server's machine, seen from another", () => {
  const list = listAt("192.0.2.1");
  for (const address of ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"]) {
    const entry = { name: "eve", address, port: 4000 };
    assertEquals<OnlineUser>(list.add(entry), { ...entry, address: "192.0.2.1", own: false });
    assertEquals(list.delete(entry)?.address, "192.0.2.1");
  }
  assertEquals(list.users.length, 0);
});

Deno.test("online list: loopback stays as it is on the server's own machine", () => {
  for (const server of ["127.0.0.1", "::1"]) {
    const list = listAt(server);
    assertEquals(list.add({ ...bob, address: "127.0.0.1" }).address, "127.0.0.1");
    assertEquals(list.add({ ...bob, address: "192.0.2.8" }).address, "192.0.2.8");
  }
});

Deno.test("online list: who dials its own machine by another address is there too", () => {
  const list = listAt(ada.address);
  assertEquals(list.add({ ...bob, address: "127.0.0.1" }).address, "127.0.0.1");
});

Deno.test("online list: more users than the limit are not believed", () => {
  const list = listAt();
  for (let users = 0; users < clientLimits.onlineUsers; users++) list.add(bob);
  const error = assertThrows(() => list.add(bob), ProtocolError, "at most 200000 users, got more");
  assertEquals(error.code, "table-too-large");
});

Deno.test("online list: more characters than the limit are not believed", () => {
  const list = listAt();
  const entry = { name: "n".repeat(32_000), address: "a".repeat(768), port: 1 };
  for (let units = 0; units + 32_768 <= clientLimits.onlineUnits; units += 32_768) list.add(entry);
  const message = "at most 16777216 characters of names and addresses, got more";
  assertEquals(assertThrows(() => list.add(entry), ProtocolError, message).code, "table-too-large");
});

Deno.test("online list: what has gone counts no more", () => {
  const list = listAt();
  const entry = { name: "n".repeat(32_000), address: "a".repeat(768), port: 1 };
  for (let units = 0; units < 2 * clientLimits.onlineUnits; units += 32_768) {
    list.add(entry);
    list.delete(entry);
  }
  assertEquals(list.users.length, 0);
});
