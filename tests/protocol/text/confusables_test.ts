import { assert, assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import fc from "fast-check";
import {
  checkUserName,
  confusableKey,
  describeUncertifiableName,
  FOLDING_VERSION,
  mistakableKey,
  nameKey,
} from "../../../protocol/mod.ts";
import * as table from "../../../protocol/text/confusable_table.ts";
import { anyText, test } from "../../fixtures/decoding.ts";
import { tableValues } from "./generate_confusable_table.ts";
import { ALLOWED_CHARACTERS, CONFUSABLES, skeletonOf } from "./unicode_data.ts";

/** Whether a key can own the name. */
function isClaimable(name: string): boolean {
  return checkUserName(name).ok && describeUncertifiableName(name) === undefined;
}

/** All characters that look the same, by what they look like. */
const LOOKS = Map.groupBy(
  new Set([...ALLOWED_CHARACTERS, ...CONFUSABLES.map(([, target]) => target)]),
  skeletonOf,
);

test("confusables: the table is what its generator makes of the data", () => {
  const { CONFUSABLE_FOLDS, ALLOWED, AMBIGUOUS, TWINS } = table;
  assertEquals({ CONFUSABLE_FOLDS, ALLOWED, AMBIGUOUS, TWINS }, tableValues());
  assertEquals(FOLDING_VERSION, table.FOLDING_VERSION);
  assertGreaterOrEqual(CONFUSABLES.length, 6_565);
});

test("confusables: every source that can be claimed folds as its target, or nobody can claim that", () => {
  const weak: string[] = [];
  let claimable = 0;
  for (const [source, target] of CONFUSABLES) {
    if (!isClaimable(source)) continue;
    claimable++;
    if (confusableKey(source) === confusableKey(target)) continue;
    if (mistakableKey(source) === mistakableKey(target)) weak.push(source);
    else assert(!isClaimable(target), `${source} and ${target}`);
  }
  assertGreaterOrEqual(claimable, 1_000);
  // Told apart, but warned about: 0 and O; 1, I and l; m and rn; and what is an I in capitals.
  const known = ["0", "1", "I", "m", "Ɩ", "Ι", "І", "Ɨ", "ы"];
  assertEquals(new Set(weak), new Set(known));
});

test("confusables: of two names of one letter that look the same at most one can be claimed", () => {
  for (const characters of LOOKS.values()) {
    const keys = characters.filter(isClaimable).map(mistakableKey);
    assertLess(new Set(keys).size, 2, characters.join(" "));
  }
});

test("confusables: no two names that look the same can both be claimed with different keys", () => {
  const letters = [...ALLOWED_CHARACTERS].filter((one) => /\p{L}/u.test(one));
  const doubled = letters.filter((one) => (LOOKS.get(skeletonOf(one))?.length ?? 0) > 1);
  for (const script of ["Latin", "Greek", "Cyrillic", "Armenian", "Arabic", "Hebrew", "Han"]) {
    const own = doubled.filter((one) => new RegExp(`\\p{Script=${script}}`, "u").test(one));
    if (own.length === 0) continue;
    const choice = fc.tuple(fc.constantFrom(...own), fc.nat());
    fc.assert(
      fc.property(fc.array(choice, { minLength: 1, maxLength: 5 }), (choices) => {
        const name = choices.map(([letter]) => letter).join("");
        const other = choices.map(([letter, which]) => {
          const twins = LOOKS.get(skeletonOf(letter)) ?? [];
          return twins[which % twins.length] ?? letter;
        }).join("");
        if (!isClaimable(name) || !isClaimable(other)) return;
        assertEquals(mistakableKey(name), mistakableKey(other), `${name} and ${other}`);
      }),
      { numRuns: 2_000 },
    );
  }
});

test("confusables: letter case, width, blanks and invisible characters make no difference", () => {
  const alike = [
    ["ada l.", "ADA  L.", "ＡＤＡ\u3000Ｌ．", "a\u00adda l.", " ada l. "],
    ["groß", "groẞ", "GROSS", "gross"],
    ["inci", "İnci", "INCI", "ıncı"],
    ["σίσυφος", "ΣΊΣΥΦΟΣ"],
    ["zoë", "ZOE\u0308", "zoё"],
    ["o'hara", "O’Hara", "O`HARA"],
  ];
  for (const names of alike) assertEquals(new Set(names.map(confusableKey)).size, 1, names[0]);
});

test("confusables: letters that look like others fold as those do", () => {
  const alike = [
    ["bob", "bᴏb", "b౦b", "bоb", "Вοb"],
    ["regina", "reɡina"],
    ["alice", "aliᴄe", "аӏісе".replace("ӏ", "l")],
    ["sam", "ꜱam", "ѕam"],
  ];
  for (const names of alike) assertEquals(new Set(names.map(confusableKey)).size, 1, names[0]);
});

test("confusables: 0 and O, 1, I and l, rn and m are told apart, but mistakable", () => {
  const pairs = [["bob", "b0b"], ["alice", "a1ice"], ["Ian", "lan"], ["tim", "tirn"], [
    "B0B",
    "BOB",
  ]];
  for (const [one = "", other = ""] of pairs) {
    assert(confusableKey(one) !== confusableKey(other), one);
    assertEquals(mistakableKey(one), mistakableKey(other));
  }
  assert(mistakableKey("ada") !== mistakableKey("bob"));
});

test("confusables: a key is its own key, and names with the same name key have the same", () => {
  for (const name of [...ALLOWED_CHARACTERS, ...CONFUSABLES.flat()]) {
    assertEquals(confusableKey(confusableKey(name)), confusableKey(name), name);
  }
  fc.assert(fc.property(anyText(12), (name) => {
    assertEquals(confusableKey(nameKey(name)), confusableKey(name));
  }));
});
