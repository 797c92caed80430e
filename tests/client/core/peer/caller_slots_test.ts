import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { CallerSlots } from "../../../../client/core/peer/caller_slots.ts";

Deno.test("caller slots: the oldest of the fullest block makes room, at its fullest address", () => {
  const slots = new CallerSlots<string>(6);
  slots.add("honest", "192.0.2.1");
  slots.add("neighbor", "198.51.100.1");
  for (const name of ["a", "b", "c"]) slots.add(name, "198.51.100.66");
  slots.add("other", "2001:db8::1");
  assertEquals(slots.add("d", "198.51.100.66"), "a");
  assertEquals(slots.add("e", "203.0.113.1"), "b");
  assertEquals(slots.add("f", "2001:db8::2"), "c", "the neighbor has only one");
  assertEquals([...slots.callers], ["honest", "neighbor", "other", "d", "e", "f"]);
});

Deno.test("caller slots: whoever would make room next crowds others out, once half are taken", () => {
  const slots = new CallerSlots<number>(40);
  for (let n = 0; n < 19; n++) slots.add(n, "198.51.100.66");
  assert(!slots.isCrowding("198.51.100.66"), "there is room enough");
  slots.add(19, "192.0.2.1");
  assert(slots.isCrowding("198.51.100.66"));
  slots.add(20, "198.51.100.7");
  for (const address of ["192.0.2.1", "198.51.100.7", "203.0.113.1"]) {
    assert(!slots.isCrowding(address), address);
  }
  const spread = new CallerSlots<number>(40);
  for (let n = 0; n < 30; n++) spread.add(n, `203.0.${n}.1`);
  assert(!spread.isCrowding("203.0.1.1"), "nobody has more than others");
});

Deno.test("caller slots: any calls that come and go leave the counts right", () => {
  const anyAddress = fc.tuple(fc.nat(3), fc.nat(3)).map(([block, host]) =>
    `192.0.${block}.${host}`
  );
  const anyStep = fc.tuple(fc.boolean(), anyAddress);
  fc.assert(fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
    const slots = new CallerSlots<number>(8);
    const open: number[] = [];
    for (const [number, [leaves, address]] of steps.entries()) {
      const first = open[0];
      if (leaves && first !== undefined) {
        slots.delete(first);
        open.shift();
      } else {
        const evicted = slots.add(number, address);
        if (evicted !== undefined) open.splice(open.indexOf(evicted), 1);
        open.push(number);
      }
      assertEquals([...slots.callers], open);
      assert(open.length <= 8);
    }
    for (const each of open) slots.delete(each);
    assertEquals(slots.add(-1, "192.0.0.1"), undefined);
    assertEquals([...slots.callers], [-1]);
  }));
});
