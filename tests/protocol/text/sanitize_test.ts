import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { sanitizeName, sanitizeText } from "../../../protocol/mod.ts";
import { ATTACKS, everyCharacter, UNSAFE } from "../../fixtures/attacks.ts";
import { anyText, test } from "../../fixtures/decoding.ts";

/** Invisibles that may stand where emoji and joined letters need them. */
const JOINERS = /[\u200C\u200D\uFE0E\uFE0F]/gu;

test("text to show: of all code points alone, the unsafe become one visible character each", () => {
  for (const character of everyCharacter()) {
    const shown = sanitizeText(character);
    if (UNSAFE.test(character)) assert(shown.length === 1 && !UNSAFE.test(shown), shown);
    else assert(shown === character, shown);
  }
});

test("text to show: of all code points between letters, nothing unsafe is left", () => {
  for (const character of everyCharacter()) {
    const shown = sanitizeText(`a${character}b`);
    assert(UNSAFE.test(character) ? !UNSAFE.test(shown) : shown === `a${character}b`, shown);
  }
});

test("text to show: between emoji and joined letters only joiners are left of what is unsafe", () => {
  for (const character of everyCharacter()) {
    if (/\p{Cn}/u.test(character) || !UNSAFE.test(character)) continue;
    for (const [before, after] of [["😀", "😀"], ["م", "ن"], ["क\u094D", "ष"]] as const) {
      const shown = sanitizeText(before + character + after);
      assert(!UNSAFE.test(shown.replace(JOINERS, "")), shown);
      assert(shown.startsWith(before) && shown.endsWith(after), shown);
    }
  }
});

for (const [what, [text, shown]] of Object.entries(ATTACKS)) {
  test(`text to show: ${what} is shown, not done`, () => {
    assertEquals(sanitizeText(text), shown);
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
  for (const text of texts) assertEquals(sanitizeText(text), text);
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
      const shown = sanitizeText(text).replace(JOINERS, "");
      assert(!UNSAFE.test(shown));
      assert(!/\p{M}{9}/u.test(shown));
    }),
    { numRuns: 2000 },
  );
});

test("text to show: what is safe already is not changed again", () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const shown = sanitizeText(text);
      assertEquals(sanitizeText(shown), shown);
    }),
    { numRuns: 2000 },
  );
});

test("names to show: a user's name is shown as text, what is longer is cut and says so", () => {
  assertEquals(sanitizeName("ada"), "ada");
  assertEquals(sanitizeName("\x1b[2J"), "␛[2J");
  for (const blank of ["\u2800", "\u{1D159}", "\u3164", "", "\u2062"]) {
    assertEquals(sanitizeName(blank), "\uFFFD");
  }
  assertEquals(sanitizeName("b\u2800b"), "b\uFFFDb");
  assertEquals(sanitizeName(" bob\u3000\u00a0"), "␣bob␣␣");
  assertEquals(sanitizeName("\u0301"), "\uFFFD\u0301");
  assertEquals(sanitizeName("Ada L."), "Ada L.");
  assertEquals(sanitizeName("é".repeat(64)), "é".repeat(64));
  assertEquals(sanitizeName("é".repeat(65)), "é".repeat(64) + "…");
  assertEquals(sanitizeName("a" + "😀".repeat(32)), "a" + "😀".repeat(31) + "…");
  assertEquals(sanitizeName("x".repeat(32_000)).length, 65);
});
