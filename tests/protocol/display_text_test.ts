import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { displayName, displayText } from "../../protocol/mod.ts";
import { anyText, test } from "./decoding.ts";

/** What no screen may get: controls, halves, unassigned, line breaks, turners of text, invisibles. */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Cn}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/u;
/** Invisibles that may stand where emoji and joined letters need them. */
const JOINERS = /[\u200C\u200D\uFE0E\uFE0F]/gu;

/** All 1,114,112 code points, halves of surrogate pairs included. */
function* everyCharacter(): Generator<string> {
  for (let code = 0; code <= 0x10ffff; code++) yield String.fromCodePoint(code);
}

test("text to show: of all code points alone, the unsafe become one visible character each", () => {
  for (const character of everyCharacter()) {
    const shown = displayText(character);
    if (UNSAFE.test(character)) assert(shown.length === 1 && !UNSAFE.test(shown), shown);
    else assert(shown === character, shown);
  }
});

test("text to show: of all code points between letters, nothing unsafe is left", () => {
  for (const character of everyCharacter()) {
    const shown = displayText(`a${character}b`);
    assert(UNSAFE.test(character) ? !UNSAFE.test(shown) : shown === `a${character}b`, shown);
  }
});

test("text to show: between emoji and joined letters only joiners are left of what is unsafe", () => {
  for (const character of everyCharacter()) {
    if (/\p{Cn}/u.test(character) || !UNSAFE.test(character)) continue;
    for (const [before, after] of [["😀", "😀"], ["م", "ن"], ["क\u094D", "ष"]] as const) {
      const shown = displayText(before + character + after);
      assert(!UNSAFE.test(shown.replace(JOINERS, "")), shown);
      assert(shown.startsWith(before) && shown.endsWith(after), shown);
    }
  }
});

const ATTACKS: Record<string, [text: string, shown: string]> = {
  "an OSC that sets the window's title": ["\x1b]0;owned\x07", "␛]0;owned␇"],
  "an OSC 52 that writes the clipboard": ["\x1b]52;c;cm0gLXJm\x1b\\", "␛]52;c;cm0gLXJm␛\\"],
  "an OSC 8 link that lies": [
    "\x1b]8;;http://evil\x1b\\bank\x1b]8;;\x1b\\",
    "␛]8;;http://evil␛\\bank␛]8;;␛\\",
  ],
  "a DCS that asks the terminal to answer": ['\x1bP$q"p\x1b\\', '␛P$q"p␛\\'],
  "a CSI that clears the screen": ["\x1b[2J\x1b[H", "␛[2J␛[H"],
  "a CSI in one C1 byte": ["\x9b31mred", "\uFFFD31mred"],
  "an OSC in C1 bytes": ["\x9d0;owned\x9c", "\uFFFD0;owned\uFFFD"],
  "a carriage return that overwrites": ["100 euros\r1", "100 euros␍1"],
  "backspaces that take back": ["no\b\byes", "no␈␈yes"],
  "a line break that forges a line": ["hi\nada: yes", "hi␊ada: yes"],
  "other line breaks": ["a\vb\fc\x85d\u2028e\u2029f", "a␋b␌c\uFFFDd\uFFFDe\uFFFDf"],
  "a bell, a NUL and a DEL": ["\x07\0\x7f", "␇␀␡"],
  "a TAB that shifts columns": ["a\tb", "a␉b"],
  "an override that turns an ending around": ["photo\u202Egpj.exe", "photo\uFFFDgpj.exe"],
  "isolates and marks that turn text": ["\u2066a\u2069\u200Fb\u061C", "\uFFFDa\uFFFD\uFFFDb\uFFFD"],
  "invisible letters in a name": ["a\u200Bd\u00ADa\u2060\uFEFF", "a\uFFFDd\uFFFDa\uFFFD\uFFFD"],
  "a name of fillers": ["\u3164\u115F\u{E0001}", "\uFFFD\uFFFD\uFFFD"],
  "a text in tag characters": ["hi\u{E0068}\u{E0069}", "hi\uFFFD\uFFFD"],
  "a joiner where nothing is to be joined": ["a\u200Db\u200C", "a\uFFFDb\uFFFD"],
  "a joiner before an emoji yet to be assigned": ["😀\u200D\u{1F02C}", "😀\uFFFD\uFFFD"],
  "a joiner beside an invisible letter": ["\u1820\u200D\u180B", "\u1820\uFFFD\uFFFD"],
  "a joiner behind a selector that is no part of an emoji": ["☇\uFE0F\u200D😀", "☇\uFFFD\uFFFD😀"],
  "joiners in a row": ["م\u200C\u200Cن", "م\uFFFD\uFFFDن"],
  "variation selectors in a row": ["❤\uFE0F\uFE0F", "❤\uFE0F\uFFFD"],
  "halves of surrogate pairs": ["\uD83Da\uDE00\uDE00\uD83D", "\uFFFDa\uFFFD\uFFFD\uFFFD"],
  "characters that are not": ["\uFFFE\u0378\u{10FFFF}", "\uFFFD\uFFFD\uFFFD"],
  "1,000 marks over one letter": [
    "e" + "\u0301".repeat(1000) + "f",
    "e" + "\u0301".repeat(8) + "\uFFFDf",
  ],
  "1,000 marks with joiners among them": [
    "क" + "\u094D\u200D".repeat(1000) + "ष",
    "क" + "\u094D\u200D".repeat(7) + "\u094D\uFFFDष",
  ],
};

for (const [what, [text, shown]] of Object.entries(ATTACKS)) {
  test(`text to show: ${what} is shown, not done`, () => {
    assertEquals(displayText(text), shown);
  });
}

test("text to show: text to read comes back as it is", () => {
  const texts = [
    "",
    "The quick brown fox, 100 % ~ {}[]\\|",
    "naïve café — “quotes” … € ½ ©",
    "a\u00A0non-breaking space",
    "Tiếng Việt, e\u0301 and o\u0302\u0323",
    "Ελληνικά Русский ქართული Հայերեն",
    "שָׁלוֹם עולם",
    "مرحبا بالعالم",
    "می‌خواهم خانه‌ها",
    "क्‍ष हिन्दी श्रीमान्‌जी",
    "র‍্যাব বাংলা",
    "ශ්‍රී ලංකාව",
    "മലയാളം",
    "ภาษาไทย กำลัง",
    "你好，世界 𠮷 こんにちは 한국어",
    "😀 👍🏽 🇩🇪 ☎︎ ❤️ ©️",
    "1️⃣ #️⃣ *️⃣",
    "👨‍👩‍👧‍👦 🧑🏽‍🚀 👨‍🦰 🧑🏿‍🤝‍🧑🏻 👩🏽‍❤️‍💋‍👨🏿",
    "🏳️‍🌈 🏴‍☠️ 👁️‍🗨️ ❤️‍🔥 🐦‍⬛ 🙂‍↔️ 🏳️‍⚧️",
    "e" + "\u0301".repeat(8),
    "\uE000 private use",
    "␛ and \uFFFD",
  ];
  for (const text of texts) assertEquals(displayText(text), text);
});

const nasty = fc.array(
  fc.oneof(
    anyText(4),
    fc.constantFrom(
      ..."\u200C\u200D\uFE0E\uFE0F\u202E\x1b\n\uD83D\uDE00a1",
      ...["😀", "👍🏽", "❤", "\u2607", "\u{1F02C}", "م", "क", "\u094D", "\u1820", "\u180B", "\u0301"],
      "\u094D".repeat(5),
      "\u0301".repeat(9),
    ),
  ),
  { maxLength: 24 },
).map((parts) => parts.join(""));

test("text to show: whatever comes, nothing unsafe but joiners is left, and no tower of marks", () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const shown = displayText(text).replace(JOINERS, "");
      assert(!UNSAFE.test(shown));
      assert(!/\p{M}{9}/u.test(shown));
    }),
    { numRuns: 2000 },
  );
});

test("text to show: what is safe already is not changed again", () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const shown = displayText(text);
      assertEquals(displayText(shown), shown);
    }),
    { numRuns: 2000 },
  );
});

test("names to show: a user's name is shown as text, what is longer is cut and says so", () => {
  assertEquals(displayName("ada"), "ada");
  assertEquals(displayName("\x1b[2J"), "␛[2J");
  assertEquals(displayName("é".repeat(64)), "é".repeat(64));
  assertEquals(displayName("é".repeat(65)), "é".repeat(64) + "…");
  assertEquals(displayName("a" + "😀".repeat(32)), "a" + "😀".repeat(31) + "…");
  assertEquals(displayName("x".repeat(32_000)).length, 65);
});
