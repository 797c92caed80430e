import { assertEquals } from "@std/assert";
import { ConfusableContacts, type Pin } from "../../../../client/core/mod.ts";
import { describeDoubt } from "../../../../client/app/mod.ts";
import { testKey } from "../../../fixtures/keys.ts";

const [BOBS, OTHER] = [testKey(1), testKey(2)];

function pin(name: string, identity: Uint8Array, verified = false): Pin {
  return { server: "s", name, identity, verified, since: 1 };
}

const bob = pin("bob", BOBS);
const CASES: readonly (readonly [
  what: string,
  pins: readonly Pin[],
  name: string,
  identity: Uint8Array | undefined,
  why: string | undefined,
])[] = [
  [
    "a digit for a letter",
    [bob],
    "b0b",
    OTHER,
    "only looks like bob, whom you know, and has another key",
  ],
  [
    "a digit for a letter, in classic MIM",
    [bob],
    "b0b",
    undefined,
    "only looks like bob, whom you know, and has no key",
  ],
  [
    "a digit for a letter, as a server says of classic clients",
    [bob],
    "b0b",
    new Uint8Array(),
    "only looks like bob, whom you know, and has no key",
  ],
  [
    "another case, too",
    [pin("Bob", BOBS)],
    "B0B",
    OTHER,
    "only looks like Bob, whom you know, and has another key",
  ],
  [
    "a capital i for an l",
    [pin("alice", BOBS)],
    "aIice",
    OTHER,
    "only looks like alice, whom you know, and has another key",
  ],
  [
    "two letters for one",
    [pin("maria", BOBS)],
    "rnaria",
    OTHER,
    "only looks like maria, whom you know, and has another key",
  ],
  ["the same name: the pin decides that", [bob], "bob", OTHER, undefined],
  ["the same name but for case", [bob], " Bob", undefined, undefined],
  ["a Cyrillic letter: the pin decides that, too", [bob], "bоb", OTHER, undefined],
  ["the same person's key", [bob], "b0b", BOBS, undefined],
  ["another name", [bob], "rob", OTHER, undefined],
  ["nobody known", [], "b0b", OTHER, undefined],
  [
    "known, and met later",
    [bob, pin("b0b", OTHER)],
    "b0b",
    OTHER,
    "only looks like bob, whom you know, and has another key",
  ],
  ["known, and met first", [bob, pin("b0b", OTHER)], "bob", BOBS, undefined],
  ["known, met later and compared", [bob, pin("b0b", OTHER, true)], "b0b", OTHER, undefined],
];

for (const [what, pins, name, identity, why] of CASES) {
  Deno.test(`look-alikes: ${what}: ${why === undefined ? "nothing to say" : "said so"}`, () => {
    const doubt = new ConfusableContacts(pins).doubtAbout({ name, identity });
    assertEquals(doubt && describeDoubt(doubt, "it"), why && `it ${why}`);
  });
}
