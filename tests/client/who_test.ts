import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ClientError } from "../../client/core/mod.ts";
import { calledAbout, calledSo, type Candidate, firstWord, theOne } from "../../client/who.ts";

const bob: Candidate = { name: "bob", address: "192.0.2.8", port: 4000 };
const otherBob: Candidate = { name: "bob", address: "192.0.2.9", port: 4000 };
const sameMachine: Candidate = { name: "bob", address: "192.0.2.9", port: 4001 };
const upper: Candidate = { name: "Bob", address: "192.0.2.10", port: 4000 };
const zoe: Candidate = { name: "Zoë L.", address: "2001:db8::7", port: 50_000 };
const all = [bob, otherBob, sameMachine, upper, zoe];

function notOnline(fn: () => unknown): string {
  const error = assertThrows(fn, ClientError);
  assertEquals(error.code, "not-online");
  return error.message;
}

Deno.test("who: a name, name@address or name@address:port", () => {
  assertEquals(calledSo("bob", all), [bob, otherBob, sameMachine]);
  assertEquals(calledSo("bob@192.0.2.9", all), [otherBob, sameMachine]);
  assertEquals(calledSo("bob@192.0.2.9:4001", all), [sameMachine]);
  assertEquals(calledSo("Zoë L.", all), [zoe]);
  assertEquals(calledSo("Zoë L.@2001:db8::7", all), [zoe]);
  assertEquals(calledSo("Zoë L.@[2001:db8::7]:50000", all), [zoe]);
});

Deno.test("who: nothing but the whole will do", () => {
  for (const who of ["", "bo", "bobby", "bob@", "bob@192.0.2", "@192.0.2.8", "bob@192.0.2.8:400"]) {
    assertEquals(calledSo(who, all), [], who);
    assertEquals(calledAbout(who, all), [], who);
  }
});

Deno.test("who: upper and lower case may be mixed up", () => {
  assertEquals(calledSo("BOB", all), []);
  assertEquals(calledAbout("BOB", all), [bob, otherBob, sameMachine, upper]);
  assertEquals(calledAbout("ZOË l.@2001:DB8::7", all), [zoe]);
});

Deno.test("who: a name that looks like one with an address", () => {
  const odd: Candidate = { name: "bob@192.0.2.8", address: "192.0.2.99", port: 1 };
  assertEquals(calledSo("bob@192.0.2.8", [bob, odd]), [bob, odd]);
  assertEquals(calledSo("bob@192.0.2.8@192.0.2.99", [bob, odd]), [odd]);
});

Deno.test("who: the one who is meant is found", () => {
  assertEquals(theOne("zoë l.", "online", all), zoe);
  assertEquals(theOne("bob@192.0.2.8", "online", all), bob);
});

Deno.test("who: as it is written comes before another case, in any list", () => {
  assertEquals(theOne("Bob", "online", all), upper);
  assertEquals(theOne("Bob", "online", [bob], [upper]), upper);
  assertEquals(theOne("bob", "online", [upper], [bob]), bob);
});

Deno.test("who: the first list comes before the second", () => {
  assertEquals(theOne("bob", "online", [bob], [otherBob]), bob);
  assertEquals(theOne("bob", "online", [], [otherBob]), otherBob);
  assertEquals(theOne("BOB", "online", [upper], [bob]), upper);
});

Deno.test("who: nobody", () => {
  assertEquals(notOnline(() => theOne("eve", "online", all)), "eve is not online");
  assertEquals(
    notOnline(() => theOne("eve", "in a chat with you")),
    "eve is not in a chat with you",
  );
});

Deno.test("who: more than one is said, with a way to say which", () => {
  assertEquals(
    notOnline(() => theOne("bob", "online", all)),
    "bob may mean bob@192.0.2.8:4000, bob@192.0.2.9:4000, bob@192.0.2.9:4001; say which",
  );
  const many = Array.from({ length: 8 }, (_, index) => ({ ...bob, port: 4000 + index }));
  assertEquals(
    notOnline(() => theOne("bob", "online", many)),
    "bob may mean " + many.slice(0, 5).map(({ port }) => `bob@192.0.2.8:${port}`).join(", ") +
      ", and 3 more; say which",
  );
});

Deno.test("who: each that is named can be said again to mean just that one", () => {
  for (const one of [bob, otherBob, sameMachine, upper]) {
    assertEquals(theOne(`${one.name}@${one.address}:${one.port}`, "online", all), one);
  }
});

Deno.test("first word: up to white space, or in quotes", () => {
  const words: readonly (readonly [line: string, word: string, rest: string])[] = [
    ["", "", ""],
    ["bob", "bob", ""],
    ["  bob  ", "bob", ""],
    ["bob hello there", "bob", "hello there"],
    ["bob\t\thello", "bob", "hello"],
    ['"Zoë L." hello', "Zoë L.", "hello"],
    ['"Zoë L."', "Zoë L.", ""],
    ['"" hello', "", "hello"],
    [String.raw`"a \"quoted\" \\ one" x`, String.raw`a "quoted" \ one`, "x"],
    ['"never closed', '"never', "closed"],
    ['"bob"x y', '"bob"x', "y"],
    ['bob "as it is"', "bob", '"as it is"'],
    ['o"neil x', 'o"neil', "x"],
  ];
  for (const [line, word, rest] of words) assertEquals(firstWord(line), { word, rest }, line);
});

Deno.test("first word: any name can be said in quotes", () => {
  const name = fc.string({ unit: fc.constantFrom("a", " ", '"', "\\", "é"), minLength: 1 });
  fc.assert(fc.property(name, (name) => {
    const quoted = `"${name.replace(/["\\]/g, "\\$&")}"`;
    assertEquals(firstWord(`${quoted} some text`), { word: name, rest: "some text" });
  }));
});
