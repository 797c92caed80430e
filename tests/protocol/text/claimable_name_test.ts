import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { describeUncertifiableName } from "../../../protocol/mod.ts";
import { test } from "../../fixtures/decoding.ts";
import { ALLOWED_CHARACTERS } from "./unicode_data.ts";

function reason(name: string): string {
  return describeUncertifiableName(name) ?? "none";
}

test("claimable names: names of all the world can be certified", () => {
  const names = [
    ...["ada", "Zoë", "J. R. O'Hara-Smith", "R2D2", "2026", "a_b", "Jürgen", "Łukasz", "Ðóra"],
    ...["Nguyễn", "Dvořák", "Иван", "Галина", "Гера", "Борис", "Вера", "Ελένη", "Άννα", "Νίκος"],
    ...["محمد", "محمد٣", "محمد3", "דוד", "大阪", "渡辺 Ken", "王小明 Ming", "김철수", "นิด"],
    ...["प्रिया", "हिन्दी२", "Հայկ", "თამარ", "İnci", "ada", "e\u0301mile"],
  ];
  for (const name of names) assertEquals(describeUncertifiableName(name), undefined, name);
});

test("claimable names: characters without the status Allowed are refused, and named", () => {
  const names = {
    "bᴏb": "U+1D0F",
    "b౦b": "U+0C66",
    "reɡina": "U+0261",
    "aliᴄe": "U+1D04",
    "ꜱam": "U+A731",
    "ａda": "U+FF41",
    "ada 😀": "U+1F600",
    "ada\u3000l": "U+3000",
    "Ἀθηνᾶ": "U+1F08",
  };
  for (const [name, code] of Object.entries(names)) assertStringIncludes(reason(name), code);
});

test("claimable names: of ASCII only letters, digits, spaces and .-'_: are allowed", () => {
  const allowed = Array.from({ length: 95 }, (_, at) => String.fromCharCode(0x20 + at))
    .filter((character) => describeUncertifiableName(`a${character}b`) === undefined);
  assertEquals(
    allowed.join(""),
    " '-.0123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
  );
  for (const name of ["bob (2)", "bob, ada", 'bob "b"']) assertMatch(reason(name), /U\+00/);
});

test("claimable names: every single letter is judged by its identifier status", () => {
  for (let code = 0x21; code <= 0x2_ffff; code++) {
    const character = String.fromCodePoint(code);
    if (!/^[\p{L}\p{Nd}]$/u.test(character) || character.normalize("NFC") !== character) continue;
    if (ALLOWED_CHARACTERS.has(character)) continue;
    assertStringIncludes(reason(`${character}a`), "got ", character);
  }
});

test("claimable names: letters and digits of several scripts are refused", () => {
  const names = ["аda", "Ivаn", "pаypаl", "αda", "Иvan", "ab٣", "a३", "Иван३", "ᎪᎠᎪ"];
  for (const name of names) assertMatch(reason(name), /^expected a name (in|of) letters/, name);
});

test("claimable names: digits of several kinds are refused", () => {
  assertMatch(reason("محمد٣3"), /digits of one kind/);
  assertMatch(reason("محمد٣۳"), /digits of one kind/);
});

test("claimable names: what is invisible, or only marks and dots, is refused", () => {
  for (const name of ["a\u200bda", "ad\u00ada", "ada\ufe0f", "\u202eada"]) {
    assertMatch(reason(name), /invisible/);
  }
  for (const name of ["...", "- -", "_", "'"]) assertMatch(reason(name), /letter or digit/);
});

test("claimable names: a name that looks Latin, and folds otherwise, is refused", () => {
  for (const name of ["Νίνα", "Υ", "Г", "Боб", "Ƒoo"]) {
    assertMatch(reason(name), /looks \w+$/, name);
  }
});

test("claimable names: what is wrong is named, letter and all", () => {
  const reasons = [
    "b\u1d0fb",
    "b\u043eb",
    "\u0432\u043eb",
    "ada\u200b",
    "ada \u202e",
    "a\u2603",
    "a\u0662",
  ];
  assertEquals(reasons.map((name) => describeUncertifiableName(name)?.replace(/.*, got /, "")), [
    '"ᴏ" (U+1D0F) in it',
    '"о" (U+043E) among others',
    '"b" (U+0062) among others',
    "the invisible U+200B in it",
    "the invisible U+202E in it",
    '"☃" (U+2603) in it',
    '"٢" (U+0662) among others',
  ]);
});
