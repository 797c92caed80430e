import { chatWith as chatNamed } from "../../fixtures/events.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { keyTag } from "../../../protocol/mod.ts";
import { IgnoreList } from "../../../client/core/calls/ignore_list.ts";
import { complete } from "../../../client/terminal/input/completion.ts";
import { testKey } from "../../fixtures/keys.ts";
import { type Chat, ClientError, type OnlineUser } from "../../../client/core/mod.ts";
import {
  assertNotSelf,
  formatQuery,
  isNameable,
  isReachable,
  isWith,
  matchExact,
  matchFolded,
  parseLeadingQuery,
  parseQuery,
  resolveOne,
  type UserCandidate,
} from "../../../client/app/user_query.ts";

type Place = Pick<UserCandidate, "name" | "address" | "port">;

const bob: UserCandidate = { name: "bob", address: "192.0.2.8", port: 4000 };
const otherBob: UserCandidate = { name: "bob", address: "192.0.2.9", port: 4000 };
const sameMachine: UserCandidate = { name: "bob", address: "192.0.2.9", port: 4001 };
const upper: UserCandidate = { name: "Bob", address: "192.0.2.10", port: 4000 };
const zoe: UserCandidate = { name: "Zoë L.", address: "2001:db8::7", port: 50_000 };
const all = [bob, otherBob, sameMachine, upper, zoe];

function notOnline(fn: () => unknown): string {
  const error = assertThrows(fn, ClientError);
  assertEquals(error.code, "not-online");
  return error.message;
}

Deno.test("who: a name, name@address or name@address:port", () => {
  assertEquals(matchExact("bob", all), [bob, otherBob, sameMachine]);
  assertEquals(matchExact("bob@192.0.2.9", all), [otherBob, sameMachine]);
  assertEquals(matchExact("bob@192.0.2.9:4001", all), [sameMachine]);
  assertEquals(matchExact("Zoë L.", all), [zoe]);
  assertEquals(matchExact("Zoë L.@2001:db8::7", all), [zoe]);
  assertEquals(matchExact("Zoë L.@[2001:db8::7]:50000", all), [zoe]);
});

Deno.test("who: nothing but the whole will do", () => {
  for (const who of ["", "bo", "bobby", "bob@", "bob@192.0.2", "@192.0.2.8", "bob@192.0.2.8:400"]) {
    assertEquals(matchExact(who, all), [], who);
    assertEquals(matchFolded(who, all), [], who);
  }
});

Deno.test("who: upper and lower case may be mixed up", () => {
  assertEquals(matchExact("BOB", all), []);
  assertEquals(matchFolded("BOB", all), [bob, otherBob, sameMachine, upper]);
  assertEquals(matchFolded("ZOË l.@2001:DB8::7", all), [zoe]);
});

Deno.test("who: a name that looks like one with an address", () => {
  const odd: UserCandidate = { name: "bob@192.0.2.8", address: "192.0.2.99", port: 1 };
  assertEquals(matchExact("bob@192.0.2.8", [bob, odd]), [bob, odd]);
  assertEquals(matchExact("bob@192.0.2.8@192.0.2.99", [bob, odd]), [odd]);
});

Deno.test("who: the one who is meant is found", () => {
  assertEquals(resolveOne("zoë l.", "online", all), zoe);
  assertEquals(resolveOne("bob@192.0.2.8", "online", all), bob);
});

Deno.test("who: as it is written comes before another case", () => {
  assertEquals(resolveOne("Bob", "online", all), upper);
  assertEquals(resolveOne("bob", "online", [upper, bob]), bob);
  assertEquals(resolveOne("BOB", "online", [upper]), upper);
});

function chatWith(peer: Place): Chat {
  return chatNamed(peer.name, { ...peer, direction: "incoming" });
}

function user(peer: Place, own = false): OnlineUser {
  return { ...peer, id: 1, own };
}

Deno.test("who: a chat stands for the user it is with", () => {
  const chat = chatWith(bob);
  assertEquals(isReachable([chat], [user(bob), user(zoe)]), [chat, user(zoe)]);
  const called = chatWith({ ...bob, port: 61_000 }); // the port that it called from
  assertEquals(isReachable([called], [user(bob)]), [called]);
  assertEquals(isReachable([{ ...chat, state: "closed" }], [user(bob)]), [user(bob)]);
});

Deno.test("who: a caller under a name that somebody else has makes it mean two", () => {
  const impostor = chatWith({ name: "bob", address: "203.0.113.66", port: 61_000 });
  const candidates = isReachable([impostor], [user(bob)]);
  assertEquals(candidates, [impostor, user(bob)]);
  assertEquals(
    notOnline(() => resolveOne("bob", "online", candidates)),
    "bob could mean bob@203.0.113.66:61000 (a chat), bob@192.0.2.8:4000; say which one",
  );
  assertEquals(resolveOne("bob@192.0.2.8", "online", candidates), user(bob));
});

Deno.test("who: a caller at an address with two of its name is neither", () => {
  const called = chatWith({ ...otherBob, port: 61_000 });
  const users = [user(otherBob), user(sameMachine)];
  assertEquals(isReachable([called], users), [called, ...users]);
});

Deno.test("who: nobody talks to oneself, but to a namesake", () => {
  const users = [user(bob, true), user(otherBob)];
  assertNotSelf("bob", users, [otherBob]);
  assertNotSelf("eve", users, []);
  assertEquals(notOnline(() => assertNotSelf("BOB", users, [])), "BOB is you");
  assertEquals(
    notOnline(() => assertNotSelf("bob@192.0.2.8", users, [])),
    '"bob@192.0.2.8" is you',
  );
});

Deno.test("who: nobody", () => {
  assertEquals(notOnline(() => resolveOne("eve", "online", all)), "eve is not online");
  assertEquals(
    notOnline(() => resolveOne("eve", "in a chat with you", [])),
    "eve is not in a chat with you",
  );
});

Deno.test("who: more than one is said, with a way to say which one", () => {
  assertEquals(
    notOnline(() => resolveOne("bob", "online", all)),
    "bob could mean bob@192.0.2.8:4000, bob@192.0.2.9:4000, bob@192.0.2.9:4001; say which one",
  );
  const many = Array.from({ length: 8 }, (_, index) => ({ ...bob, port: 4000 + index }));
  assertEquals(
    notOnline(() => resolveOne("bob", "online", many)),
    "bob could mean " + many.slice(0, 5).map(({ port }) => `bob@192.0.2.8:${port}`).join(", ") +
      ", and 3 more; say which one",
  );
});

Deno.test("who: a pinned name is whoever has that key, and no namesake", () => {
  const identity = testKey(1);
  const pins = [{ server: "s", name: "bob", identity, verified: false, since: 1 }];
  const keyed = (one: UserCandidate, identity: Uint8Array) => ({ ...one, details: { identity } });
  const owner = keyed(otherBob, identity);
  const later = keyed(sameMachine, identity);
  const chat = { ...chatWith(otherBob), identity };
  const classic = [bob, keyed(bob, new Uint8Array()), keyed(upper, testKey(2)), chatWith(bob)];
  for (const namesake of classic) {
    for (const who of ["bob", "BOB", "Bob"]) {
      assertEquals(resolveOne(who, "online", [namesake, owner], pins), owner);
      assertEquals(resolveOne(who, "online", [owner, namesake], pins), owner);
    }
  }
  assertEquals(resolveOne("bob", "online", [bob, owner, later], pins), later, "where it came last");
  assertEquals(resolveOne("bob", "online", [chat, bob, later], pins), chat, "a chat comes first");
  // Who is spelled out is meant, and not called in classic MIM all the same: that is the core's.
  assertEquals(resolveOne("bob@192.0.2.8", "online", [bob, owner], pins), bob);
  assert(
    notOnline(() => resolveOne("bob", "online", [bob, otherBob], pins)).includes("could mean"),
  );
});

Deno.test("who: several are told apart by their keys, and who has hung up; who is there twice is one", () => {
  const [one, other, none] = [testKey(1), testKey(2), new Uint8Array()].map((identity) => ({
    ...bob,
    details: { identity },
  })) as [UserCandidate, UserCandidate, UserCandidate];
  const tags = [1, 2].map((byte) => keyTag(testKey(byte)));
  assertEquals(
    notOnline(() => resolveOne("bob", "online", [one, other, none, otherBob])),
    `bob could mean bob@192.0.2.8:4000 (key ${tags[0]}), bob@192.0.2.8:4000 (key ${tags[1]}), ` +
      "bob@192.0.2.8:4000 (classic), bob@192.0.2.9:4000 (classic); say which one",
  );
  assertEquals(
    notOnline(() => resolveOne("bob", "waiting", [{ ...one, ended: true }, otherBob])),
    `bob could mean bob@192.0.2.8:4000 (key ${tags[0]}, has hung up), ` +
      "bob@192.0.2.9:4000 (classic); say which one",
  );
  assertEquals(resolveOne("bob", "online", [one, { ...one }]), one);
  assertEquals(resolveOne("bob", "online", [bob, { ...bob }]), bob);
});

Deno.test("who: each that is named can be said again to mean just that one", () => {
  for (const one of [bob, otherBob, sameMachine, upper]) {
    assertEquals(resolveOne(`${one.name}@${one.address}:${one.port}`, "online", all), one);
  }
});

Deno.test("first who: up to white space, or in quotes", () => {
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
    ['"Zoë L."@192.0.2.7:4000 hi', "Zoë L.@192.0.2.7:4000", "hi"],
  ];
  for (const [line, text, rest] of words) {
    const quoted = /^\s*"/.test(line) && !text.startsWith('"') && !line.includes('"@');
    assertEquals(parseLeadingQuery(line), { who: { text, quoted }, rest }, line);
  }
});

Deno.test("first who: any name can be said in quotes", () => {
  const name = fc.string({ unit: fc.constantFrom("a", " ", '"', "\\", "é"), minLength: 1 });
  fc.assert(fc.property(name, (name) => {
    const quoted = `"${name.replace(/["\\]/g, "\\$&")}"`;
    const who = { text: name, quoted: true };
    assertEquals(parseLeadingQuery(`${quoted} some text`), { who, rest: "some text" });
    assertEquals(parseQuery(quoted), who);
  }));
});

Deno.test("only who: all of the line, in quotes or not", () => {
  assertEquals(parseQuery("Zoë L."), { text: "Zoë L.", quoted: false });
  assertEquals(parseQuery('"7"'), { text: "7", quoted: true });
  assertEquals(parseQuery('"Zoë" L.'), { text: '"Zoë" L.', quoted: false });
});

Deno.test("who: a name that can't be shown as it is goes by what is shown", () => {
  const blank: UserCandidate = { name: "b\u2800b", address: "192.0.2.11", port: 4000 };
  const looksSo: UserCandidate = { name: "b\uFFFDb", address: "192.0.2.12", port: 4000 };
  for (const who of ["b\u2800b", "b\uFFFDb", "B\uFFFDB", "b\uFFFDb@192.0.2.11"]) {
    assertEquals(resolveOne(who, "online", [bob, blank]), blank);
  }
  assertEquals(
    notOnline(() => resolveOne("b\uFFFDb", "online", [blank, looksSo])).includes("could mean"),
    true,
  );
});

Deno.test("who: Tab completes also who waits for an answer, and each name once", () => {
  const [bob, eve] = ["bob", "bоb"].map((name) => ({ name, address: "192.0.2.1", port: 1 }));
  assert(bob !== undefined && eve !== undefined);
  assertEquals(isNameable([bob], [{ ...bob, port: 2 }, eve]), [bob, eve]);
});

Deno.test("who: every name is read back as it is written, with an address or without", () => {
  fc.assert(fc.property(
    fc.string({ unit: fc.constantFrom("a", "7", " ", '"', "\\", "@", "é"), minLength: 1 }),
    (raw) => {
      const name = raw.trim();
      fc.pre(name !== "");
      const one = { ...bob, name };
      for (const line of [formatQuery(name), `${formatQuery(name)} some text`]) {
        assertEquals(matchExact(parseLeadingQuery(line).who, [one, bob]), [one]);
      }
      const { who } = parseLeadingQuery(`${formatQuery(name, "192.0.2.8")} some text`);
      assertEquals(matchExact(who, [one, { ...one, address: "192.0.2.9" }]), [one]);
    },
  ));
});

Deno.test("who: in quotes a name is no address", () => {
  const odd: UserCandidate = { ...bob, name: "bob@192.0.2.8", address: "192.0.2.99" };
  assertEquals(matchExact({ text: "bob@192.0.2.8", quoted: true }, [bob, odd]), [odd]);
});

/** Names, and what people type for them. */
const SAME: readonly (readonly [string, string])[] = [
  ["Zoe\u0308", "Zo\u00eb"],
  ["Zo\u00eb", "Zoe\u0308"],
  ["Straße", "strasse"],
  ["STRASSE", "straße"],
  ["ｗｉｄｅ", "wide"],
  ["wide", "ｗｉｄｅ"],
  ["İlker", "ilker"],
  ["ilker", "İLKER"],
  ["ΣΊΣΥΦΟΣ", "σίσυφος"],
  ["ﬁona", "fiona"],
  ["ｶﾅ", "カナ"],
  ["Ada  L.", "ada l."],
];

for (const [name, typed] of SAME) {
  Deno.test(`WHO: ${JSON.stringify(name)} is meant by ${JSON.stringify(typed)}`, () => {
    const one = { name, address: "192.0.2.7", port: 4000 };
    const other = { ...one, name: "bob", port: 4001 };
    const query = { text: typed, quoted: false };
    assertEquals(resolveOne(query, "there", [other, one]), one);
    assertEquals(resolveOne({ text: typed, quoted: true }, "there", [other, one]), one);
    assertEquals(resolveOne(`${typed}@192.0.2.7:4000`, "there", [other, one]), one);
    const ignored = new IgnoreList([{ name: typed, since: 0, refused: 0 }]);
    assertEquals([ignored.has({ name, address: "" }), ignored.has({ name: "bob", address: "" })], [
      true,
      false,
    ]);
    const { candidates } = complete(`/talk ${typed.slice(0, 2)}`, 8, {
      people: [other, one],
      recent: [],
    });
    assertEquals(candidates.length, 1);
  });
}

Deno.test("WHO: a name in letters that look like those typed is another", () => {
  const cyrillic = { name: "b\u043eb", address: "192.0.2.7", port: 4000 };
  assertThrows(() => resolveOne("bob", "there", [cyrillic]), ClientError, "bob is not there");
});

Deno.test("WHO: an impostor's chat is not with the owner who logs in at the same address", () => {
  const at = { name: "bob", address: "192.0.2.7" };
  const [owner, impostor] = [testKey(1), testKey(2)];
  const user = (port: number, identity: Uint8Array) => ({ ...at, port, details: { identity } });
  for (const port of [4000, 5000]) {
    const chat = { ...at, port: 4000, identity: impostor };
    const bob = user(port, owner) as unknown as OnlineUser;
    assertEquals(isWith(chat, bob, [bob]), false);
    assertEquals(isWith({ ...at, port: 4000 }, bob, [bob]), false, "nor is a classic one");
    assertEquals(isWith({ ...chat, identity: owner }, bob, [bob]), true);
  }
});

Deno.test("WHO: a name that looks like an address, a number or a pattern is written in quotes", () => {
  for (const name of ["bob@192.0.2.8", "bob@[::1]:80", "@192.0.2.8", "eve@*", "7", '"x"']) {
    assertEquals(parseQuery(formatQuery(name)), { text: name, quoted: true });
  }
  for (const name of ["bob", "ada@home", 'o"neil', "eve*"]) assertEquals(formatQuery(name), name);
});
