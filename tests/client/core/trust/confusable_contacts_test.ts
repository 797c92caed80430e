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
    "a Cyrillic letter",
    [bob],
    "bоb",
    OTHER,
    "only looks like bob, whom you know, and has another key",
  ],
  [
    "a Cyrillic letter, in classic MIM",
    [bob],
    "bоb",
    undefined,
    "only looks like bob, whom you know, and has no key",
  ],
  [
    "a Cyrillic letter, as a server says of classic clients",
    [bob],
    "bоb",
    new Uint8Array(),
    "only looks like bob, whom you know, and has no key",
  ],
  [
    "another case, too",
    [pin("Bob", BOBS)],
    "BОB",
    OTHER,
    "only looks like Bob, whom you know, and has another key",
  ],
  [
    "letters that fold to two",
    [pin("Straße", BOBS)],
    "strasse",
    OTHER,
    "only looks like Straße, whom you know, and has another key",
  ],
  ["the same name: the pin decides that", [bob], "bob", OTHER, undefined],
  ["the same name but for case", [bob], " Bob", undefined, undefined],
  ["the same person's key", [bob], "bоb", BOBS, undefined],
  ["another name", [bob], "rob", OTHER, undefined],
  ["nobody known", [], "bоb", OTHER, undefined],
  [
    "known, and met later",
    [bob, pin("bоb", OTHER)],
    "bоb",
    OTHER,
    "only looks like bob, whom you know, and has another key",
  ],
  ["known, and met first", [bob, pin("bоb", OTHER)], "bob", BOBS, undefined],
  ["known, met later and compared", [bob, pin("bоb", OTHER, true)], "bоb", OTHER, undefined],
];

for (const [what, pins, name, identity, why] of CASES) {
  Deno.test(`look-alikes: ${what}: ${why === undefined ? "nothing to say" : "said so"}`, () => {
    const doubt = new ConfusableContacts(pins).doubtAbout({ name, identity });
    assertEquals(doubt && describeDoubt(doubt, "it"), why && `it ${why}`);
  });
}
