import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { addressBlock } from "../../../protocol/mod.ts";
import { SourceQueue } from "../../../server/admission/source_queue.ts";

Deno.test("one in turn for each source, each source in its own order", () => {
  const queue = new SourceQueue<string>(10);
  for (const item of ["e1", "e2", "e3", "a1", "b1", "a2"]) queue.add(item.charAt(0), item);
  const turns = Array.from({ length: 7 }, () => queue.take());
  assertEquals(turns, ["e1", "a1", "b1", "e2", "a2", "e3", undefined]);
});

Deno.test("for one more than there is room, the oldest of the fullest source goes", () => {
  const queue = new SourceQueue<string>(4);
  const gone = ["a1", "e1", "e2", "e3", "e4", "a2"].map((item) => queue.add(item.charAt(0), item));
  assertEquals(gone, [undefined, undefined, undefined, undefined, "e1", "e2"]);
  queue.delete("e", "e3");
  queue.delete("e", "e3");
  assertEquals([queue.size, queue.takeOldest("e"), queue.takeOldest("e")], [3, "e4", undefined]);
});

Deno.test("whoever asks once gets a turn soon, however many ask from elsewhere", () => {
  fc.assert(fc.property(fc.nat(300), fc.nat(5), (flood, sources) => {
    const queue = new SourceQueue<string>(64);
    queue.add("ada", "ada");
    for (let item = 0; item < flood; item++) queue.add(`eve${item % (sources + 1)}`, `${item}`);
    const turns = Array.from({ length: sources + 2 }, () => queue.take());
    assertEquals(turns.includes("ada"), true);
  }));
});

Deno.test("a source is the /24 of IPv4, and the /64 of IPv6", () => {
  const addresses = ["192.0.2.7", "192.0.2.8", "192.0.3.7", "2001:db8::1", "2001:db8:0:0:9::1"];
  assertEquals(addresses.map(addressBlock), [
    "192.0.2.0/24",
    "192.0.2.0/24",
    "192.0.3.0/24",
    "2001:db8:0:0::/64",
    "2001:db8:0:0::/64",
  ]);
});
