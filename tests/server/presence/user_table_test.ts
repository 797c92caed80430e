import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { decodeUpdate, encodeAdd, FrameDecoder } from "../../../protocol/mod.ts";
import { OnlineTable } from "../../../server/presence/user_table.ts";

function namesIn(bytes: Uint8Array): string[] {
  return [...new FrameDecoder().push(bytes)].map((body) => decodeUpdate(body).entry.name);
}

function entry(name: string): Uint8Array {
  return encodeAdd({ name, address: "192.0.2.7", port: 4000 });
}

Deno.test("the table is an Add for each entry, in the order in which they came", () => {
  const table = new OnlineTable<{ id: number }>();
  const [first, second] = [{ id: 1 }, { id: 2 }];
  assertEquals(table.bytes().length, 0);
  table.add(first, entry("bob"));
  table.add(second, entry("ada"));
  assertEquals(namesIn(table.bytes()), ["bob", "ada"]);
  assertEquals(table.size, 2);
});

Deno.test("an owner's Delete takes back its own Add; without an entry there is none", () => {
  const table = new OnlineTable<{ id: number }>();
  const owner = { id: 1 };
  const add = entry("bob");
  table.add(owner, add);
  const gone = table.delete(owner);
  assertEquals(gone?.with(2, 0x41), add);
  assertEquals(gone?.[2], 0x44);
  assertEquals(table.delete(owner), undefined);
  assertEquals(table.bytes().length, 0);
});

Deno.test("what was handed out stays as it is, and serves every login until a logout", () => {
  const table = new OnlineTable<{ id: number }>();
  const owners = Array.from({ length: 100 }, (_, id) => ({ id }));
  const handedOut: { readonly bytes: Uint8Array; readonly copy: Uint8Array }[] = [];
  for (const owner of owners) {
    table.add(owner, entry(`user${owner.id}`));
    const bytes = table.bytes();
    handedOut.push({ bytes, copy: bytes.slice() });
  }
  for (const owner of owners.slice(10)) table.delete(owner);
  table.add({ id: 200 }, entry("late"));
  assertEquals(namesIn(table.bytes()).length, 11);
  for (const { bytes, copy } of handedOut) assertEquals(bytes, copy);
  assert(table.bytes().buffer === table.bytes().buffer);
});

Deno.test("a change stands behind the Adds until there are many; a table made anew has it in them", () => {
  const kinds = (bytes: Uint8Array) =>
    [...new FrameDecoder().push(bytes)].map((body) => String.fromCharCode(body[0] ?? 0)).join("");
  const change = (add: Uint8Array) => add.with(2, 0x55);
  const table = new OnlineTable<{ id: number }>();
  const owners = [1, 2, 3, 4].map((id) => ({ id }));
  for (const owner of owners) table.add(owner, entry(`user${owner.id}`));
  const before = table.bytes();
  const copy = before.slice();
  const [first] = owners;
  if (first === undefined) throw new Error("expected an owner");
  for (const [changes, now] of ["AAAAU", "AAAAUU", "AAAAUUU", "AAAA"].entries()) {
    const add = entry(`name${changes}`);
    table.change(first, add, change(add));
    assertEquals(kinds(table.bytes()), now);
  }
  assertEquals(namesIn(table.bytes())[0], "name3");
  assertEquals(before, copy);
  assertEquals(table.size, 4);
  assertEquals(table.delete(first)?.with(2, 0x41), entry("name3"));
});

Deno.test("any order of logins and logouts leaves the same names as a list would", () => {
  fc.assert(fc.property(fc.array(fc.nat(9), { maxLength: 60 }), (steps) => {
    const table = new OnlineTable<{ id: number }>();
    const owners = new Map<number, { id: number }>();
    for (const step of steps) {
      const owner = owners.get(step);
      if (owner !== undefined) {
        table.delete(owner);
        owners.delete(step);
      } else {
        const fresh = { id: step };
        owners.set(step, fresh);
        table.add(fresh, entry(`user${step}`));
      }
      assertEquals(namesIn(table.bytes()), [...owners.keys()].map((id) => `user${id}`));
    }
  }));
});
