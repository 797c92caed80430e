import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { checkUserName } from "../../../protocol/mod.ts";
import { anyText, test } from "../../fixtures/decoding.ts";

/** Characters that no name may hold, by what is wrong with them. */
const NOT_ALLOWED = {
  "control characters": ["\0", "\t", "\n", "\r", "\x1b", "\x7f", "\x85", "\x9b"],
  "bidirectional controls": [
    ..."\u061C\u200E\u200F\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069",
  ],
  "line and paragraph separators": ["\u2028", "\u2029"],
  "halves of a surrogate pair": ["\uD800", "\uDBFF", "\uDC00", "\uDFFF"],
  "unassigned characters": ["\u0378", "\uFDD0", "\uFFFE", "\uFFFF", "\u{1FFFE}", "\u{10FFFF}"],
};

function reasonAgainst(text: string): string {
  const check = checkUserName(text);
  return check.ok ? "none" : check.reason;
}

test("names: names of all the world are allowed", () => {
  const names = [
    "a",
    "Ada Lovelace",
    "O'Brien",
    "bob@home#1",
    "José Ñandú",
    "Jürgen 😀",
    "李小龍",
    "Ольга",
    "עדה",
    "می‌خواهم",
    "प्रिया",
    "👩‍🚀",
    "e\u0301",
  ];
  for (const name of names) assertEquals(checkUserName(name), { ok: true, name });
});

test("names: white space around a name is taken off, within it it stays", () => {
  for (const around of [" ", "\t", "\r\n", "\u00A0", "\u3000", "\uFEFF", "\u2028"]) {
    assertEquals(checkUserName(`${around}Ada  L.${around}`), { ok: true, name: "Ada  L." });
  }
});

test("names: nothing, and nothing but white space, is no name", () => {
  for (const text of ["", " ", "\t\r\n", "\u00A0\u3000\uFEFF"]) {
    assertEquals(reasonAgainst(text), "expected a name of 1 to 64 characters, got 0");
  }
});

test("names: 64 UTF-16 units are allowed, 65 are not, white space around them doesn't count", () => {
  for (const name of ["a".repeat(64), "é".repeat(64), "😀".repeat(32)]) {
    assertEquals(checkUserName(` ${name} `), { ok: true, name });
    assertEquals(reasonAgainst(name + "a"), "expected a name of 1 to 64 characters, got 65");
  }
});

test("names: a name of which nothing can be seen is none", () => {
  const invisible = [
    ...["\u200B", "\u200C\u200D", "\u00AD", "\u034F", "\u2060", "\u{E0020}", "\uFE0F", "\u{E0100}"],
    ...["\u3164", "\u115F\u1160", "\uFFA0", "\u17B4", "\u180E", "\u2800", "\u2800 \u2800"],
    ...[
      "\u{1D159}",
      "\u200B \u00A0\u200B",
      "\uFFF9",
      "\u0301",
      "\u20DD",
      "\u{16FE4}",
      "\u3164\u0301",
    ],
  ];
  for (const name of invisible) {
    assertEquals(
      reasonAgainst(name),
      "expected a name of visible characters, got only invisible ones",
    );
    assertEquals(checkUserName(`${name}a${name}`).ok, true, "beside a letter");
  }
});

test("names: one letter, digit or sign of any kind is enough", () => {
  const names = [
    "_",
    "7",
    "½",
    "☺",
    "❤️",
    "👩‍🚀",
    "🇩🇪",
    "1️⃣",
    "#",
    "🏽",
    "\u2801",
    "ـ",
    "ん",
    "क्",
    "\uE000",
  ];
  for (const name of names) assertEquals(checkUserName(name), { ok: true, name });
});

for (const [what, characters] of Object.entries(NOT_ALLOWED)) {
  test(`names: ${what} are not allowed, and the reason names them without showing them`, () => {
    for (const character of characters) {
      const reason = reasonAgainst(`a${character}b`);
      const code = character.codePointAt(0) ?? 0;
      assertStringIncludes(reason, `U+${code.toString(16).toUpperCase().padStart(4, "0")} `);
      assertMatch(reason, /^[\x20-\x7e]+$/);
    }
  });
}

test("names: all halves, and every control and bidirectional character there is, are refused", () => {
  const refused = /[\p{Cc}\p{Cs}\p{Bidi_Control}]/u;
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    if (refused.test(character)) assert(!checkUserName(`a${character}b`).ok);
  }
});

test("names: an allowed name is allowed again, and stays the same", () => {
  fc.assert(fc.property(anyText(80), (text) => {
    const check = checkUserName(text);
    if (check.ok) assertEquals(checkUserName(check.name), check);
  }));
});
