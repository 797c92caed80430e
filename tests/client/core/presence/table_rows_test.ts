import { assert, assertEquals, assertThrows } from "@std/assert";
import { TableRows } from "../../../../client/core/presence/table_rows.ts";
import { ProtocolError } from "../../../../protocol/mod.ts";
import type { OnlineUser } from "../../../../client/core/online_user.ts";
import { clientLimits } from "../../../../client/core/limits.ts";
import { row } from "../../../helpers/fake_server.ts";

const OWN = { name: "ada", port: 50_000, address: "192.0.2.7" };
const ada = { name: "ada", address: "192.0.2.7", port: 50_000 };
const bob = { name: "bob", address: "192.0.2.8", port: 4000 };

function rowsAt(serverAddress = "192.0.2.1"): TableRows {
  let id = 0;
  return new TableRows(serverAddress, OWN, () => ++id);
}

function seen(list: TableRows): string[] {
  return [...list].map(({ name, address, port, own }) =>
    `${name} ${address} ${port}${own ? " own" : ""}`
  );
}

Deno.test("table rows: an Add is in it, a Delete takes it out", () => {
  const list = rowsAt();
  assertEquals<OnlineUser>(list.add(bob)[0], { ...bob, id: 1, own: false });
  assertEquals<OnlineUser>(list.add(ada)[0], { ...ada, id: 2, own: true });
  assertEquals(seen(list), ["bob 192.0.2.8 4000", "ada 192.0.2.7 50000 own"]);
  assertEquals(list.size, 2);
  assertEquals<OnlineUser | undefined>(list.delete(bob), { ...bob, id: 1, own: false });
  assertEquals(seen(list), ["ada 192.0.2.7 50000 own"]);
  assertEquals(list.size, 1);
});

Deno.test("table rows: a Delete of who is not in it, or of nobody, changes nothing", () => {
  const list = rowsAt();
  list.add(bob);
  assertEquals(list.delete({ name: "", address: "", port: 0 }), undefined);
  assertEquals(list.delete({ ...bob, port: 4001 }), undefined);
  assertEquals(list.delete({ ...bob, address: "192.0.2.9" }), undefined);
  assertEquals(list.delete({ ...bob, name: "Bob" }), undefined);
  assertEquals(list.size, 1);
});

Deno.test("table rows: the same entry may be in it many times; a Delete takes just one", () => {
  const list = rowsAt();
  for (let times = 0; times < 3; times++) list.add(bob);
  for (let left = 2; left >= 0; left--) {
    assert(list.delete(bob) !== undefined);
    assertEquals(list.size, left);
  }
  assertEquals(list.delete(bob), undefined);
});

Deno.test("table rows: everybody is listed in the order of coming, namesakes too", () => {
  const list = rowsAt();
  const eve = { ...bob, name: "eve" };
  for (const entry of [bob, eve, bob, ada, bob]) list.add(entry);
  assertEquals([...list].map(({ name }) => name), ["bob", "eve", "bob", "ada", "bob"]);
  list.delete(bob);
  assertEquals([...list].map(({ name }) => name), ["bob", "eve", "bob", "ada"]);
});

Deno.test("table rows: fields that run into each other are no match", () => {
  const list = rowsAt();
  list.add({ name: "1 b", address: "a", port: 1 });
  assertEquals(list.delete({ name: "b", address: "a 1", port: 1 }), undefined);
  assertEquals(list.delete({ name: "b", address: "1 a", port: 1 }), undefined);
  assertEquals(list.size, 1);
});

Deno.test("table rows: the own entry is the one with the own name, port and address", () => {
  const list = rowsAt();
  assertEquals(list.add({ ...ada, port: 4000 })[0].own, false);
  assertEquals(list.add({ ...ada, name: "Ada" })[0].own, false);
  assertEquals(list.add(ada)[0].own, true);
  assertEquals(list.add(ada)[0].own, false);
  assertEquals(seen(list).filter((user) => user.endsWith(" own")), ["ada 192.0.2.7 50000 own"]);
});

Deno.test("table rows: where the server sees another address, the first such entry is the own", () => {
  const list = rowsAt();
  list.add({ ...ada, address: "203.0.113.1" });
  list.add({ ...ada, address: "203.0.113.2" });
  assertEquals(seen(list), ["ada 203.0.113.1 50000 own", "ada 203.0.113.2 50000"]);
});

Deno.test("table rows: a namesake at the same port elsewhere gives way to the own entry", () => {
  const list = rowsAt();
  list.add({ ...ada, address: "192.0.2.9" });
  list.add(ada);
  list.add({ ...ada, address: "192.0.2.10" });
  assertEquals(seen(list), [
    "ada 192.0.2.9 50000",
    "ada 192.0.2.7 50000 own",
    "ada 192.0.2.10 50000",
  ]);
});

Deno.test("table rows: while the same entry is there twice, the own one stays", () => {
  const list = rowsAt();
  list.add(ada);
  list.add(ada);
  assertEquals(list.delete(ada)?.own, false);
  assertEquals(list.delete(ada)?.own, true);
  assertEquals(list.size, 0);
});

Deno.test("table rows: loopback means the server's machine, seen from another", () => {
  const list = rowsAt("192.0.2.1");
  for (const address of ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"]) {
    const entry = { name: "eve", address, port: 4000 };
    assertEquals(list.add(entry)[0].address, "192.0.2.1");
    assertEquals(list.delete(entry)?.address, "192.0.2.1");
  }
  assertEquals(list.size, 0);
});

Deno.test("table rows: loopback stays as it is on the server's own machine", () => {
  for (const server of ["127.0.0.1", "::1"]) {
    const list = rowsAt(server);
    assertEquals(list.add({ ...bob, address: "127.0.0.1" })[0].address, "127.0.0.1");
    assertEquals(list.add({ ...bob, address: "192.0.2.8" })[0].address, "192.0.2.8");
  }
});

Deno.test("table rows: who dials its own machine by another address is there too", () => {
  const list = rowsAt(ada.address);
  assertEquals(list.add({ ...bob, address: "127.0.0.1" })[0].address, "127.0.0.1");
});

Deno.test("table rows: more users than the limit are not believed", () => {
  const list = rowsAt();
  for (let users = 0; users < clientLimits.onlineUsers; users++) list.add(bob);
  const error = assertThrows(() => list.add(bob), ProtocolError, "at most 200000 users, got more");
  assertEquals(error.code, "table-too-large");
});

Deno.test("table rows: more characters than the limit are not believed", () => {
  const list = rowsAt();
  const entry = { name: "n".repeat(32_000), address: "a".repeat(768), port: 1 };
  for (let units = 0; units + 32_768 <= clientLimits.onlineUnits; units += 32_768) list.add(entry);
  const message = "at most 16777216 characters of names and addresses, got more";
  assertEquals(assertThrows(() => list.add(entry), ProtocolError, message).code, "table-too-large");
});

Deno.test("table rows: rows that take more memory than the limit are not believed", () => {
  const list = rowsAt();
  const addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"];
  const rows = Math.floor(clientLimits.onlineBytes / 2_000);
  assert(rows < clientLimits.onlineUsers);
  const add = (number: number) => {
    const session = new Uint8Array(8);
    new DataView(session.buffer).setUint32(0, number);
    list.add(row({ name: "eve", session, identity: new Uint8Array(32), addresses }));
  };
  const message = "at most 268435456 bytes of memory, got more";
  const error = assertThrows(
    () => {
      for (let number = 0; number < rows; number++) add(number);
    },
    ProtocolError,
    message,
  );
  assertEquals(error.code, "table-too-large");
  for (const { details } of [...list]) if (details !== undefined) list.delete(details.session);
  add(0);
});

Deno.test("table rows: what has gone counts no more", () => {
  const list = rowsAt();
  const entry = { name: "n".repeat(32_000), address: "a".repeat(768), port: 1 };
  for (let units = 0; units < 2 * clientLimits.onlineUnits; units += 32_768) {
    list.add(entry);
    list.delete(entry);
  }
  assertEquals(list.size, 0);
});
