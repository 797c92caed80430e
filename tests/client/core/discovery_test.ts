/** Servers that DNS names: in their order, and whatever is wrong left out. */

import { assertEquals } from "@std/assert";
import { findByDns } from "../../../client/core/discovery/mod.ts";

const { signal } = new AbortController();

function record(target: string, port: number, priority = 0, weight = 0): Deno.SrvRecord {
  return { target, port, priority, weight };
}

Deno.test("DNS: the preferred server comes first", async () => {
  const records = [
    record("c.example.", 4242, 2),
    record("b.example", 4243),
    record("a", 4244, 0, 9),
  ];
  const found = await findByDns(signal, (name) => {
    assertEquals(name, "_mim._tcp");
    return Promise.resolve(records);
  });
  assertEquals(found, [
    { hostname: "a", port: 4244 },
    { hostname: "b.example", port: 4243 },
    { hostname: "c.example", port: 4242 },
  ]);
});

Deno.test("DNS: lies are bounded: no port of the system, no nonsense, and eight at most", async () => {
  const wrong = [
    record(".", 4242),
    record("a.example", 22),
    record("a.example", 0),
    record("a b", 4242),
    record("\x1b[2J.example", 4242),
    record("x".repeat(300), 4242),
  ];
  assertEquals(await findByDns(signal, () => Promise.resolve(wrong)), []);
  const many = Array.from({ length: 1000 }, (_, at) => record(`h${at}.example`, 4242));
  assertEquals((await findByDns(signal, () => Promise.resolve(many))).length, 8);
});

Deno.test("DNS: records in a circle are asked for once", async () => {
  let questions = 0;
  const found = await findByDns(signal, (name) => {
    questions++;
    return Promise.resolve([record(name, 4242)]);
  });
  assertEquals([found, questions], [[{ hostname: "_mim._tcp", port: 4242 }], 1]);
});

Deno.test("DNS: without records, or without an answer, nothing is found", async () => {
  assertEquals(await findByDns(signal, () => Promise.reject(new Deno.errors.NotFound())), []);
});
