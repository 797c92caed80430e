import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import fc from "fast-check";
import { decodeUpdate, encodeAdd, FrameDecoder } from "../../../protocol/mod.ts";
import { OnlineTable } from "../../../server/presence/user_table.ts";

function namesIn(bytes: Uint8Array): string[] {
  return [...new FrameDecoder().push(bytes)].map((body) => decodeUpdate(body).entry.name);
}

function bytesOf(table: Pick<OnlineTable<{ id: number }>, "segments">): Uint8Array {
  return concat(table.segments());
}

function entry(name: string): Uint8Array {
  return encodeAdd({ name, address: "192.0.2.7", port: 4000 });
}

Deno.test("the table is an Add for each entry, in the order in which they came", () => {
  const table = new OnlineTable<{ id: number }>();
  const [first, second] = [{ id: 1 }, { id: 2 }];
  assertEquals(bytesOf(table).length, 0);
  table.add(first, entry("bob"));
  table.add(second, entry("ada"));
  assertEquals(namesIn(bytesOf(table)), ["bob", "ada"]);
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
  assertEquals(bytesOf(table).length, 0);
});

Deno.test("what was handed out stays as it is, and serves every login until a logout", () => {
  const table = new OnlineTable<{ id: number }>();
  const owners = Array.from({ length: 100 }, (_, id) => ({ id }));
  const handedOut: { readonly bytes: Uint8Array; readonly copy: Uint8Array }[] = [];
  for (const owner of owners) {
    table.add(owner, entry(`user${owner.id}`));
    for (const bytes of table.segments()) handedOut.push({ bytes, copy: bytes.slice() });
  }
  for (const owner of owners.slice(10)) table.delete(owner);
  table.add({ id: 200 }, entry("late"));
  assertEquals(namesIn(bytesOf(table)).length, 11);
  for (const { bytes, copy } of handedOut) assertEquals(bytes, copy);
  assert(table.segments()[0]?.buffer === table.segments()[0]?.buffer);
});

Deno.test("a logout changes a small part of a large table, and many leave no crumbs", () => {
  const table = new OnlineTable<{ id: number }>();
  const owners = Array.from({ length: 10_000 }, (_, id) => ({ id }));
  for (const owner of owners) table.add(owner, entry(`user${owner.id}`));
  const before = table.segments();
  table.delete(owners[5_000] ?? { id: 0 });
  const after = table.segments();
  assertEquals(after.filter((bytes, at) => bytes.buffer !== before[at]?.buffer).length, 1);
  for (const [at, owner] of owners.entries()) if (at % 10 > 0) table.delete(owner);
  const left = owners.filter((_, at) => at % 10 === 0 && at !== 5_000).map(({ id }) => `user${id}`);
  assertEquals(namesIn(bytesOf(table)), left);
  assert(table.segments().length <= 2);
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
      assertEquals(namesIn(bytesOf(table)), [...owners.keys()].map((id) => `user${id}`));
    }
  }));
});
