import { assert, assertEquals, assertNotMatch } from "@std/assert";
import fc from "fast-check";
import { plainField, plainLine } from "../../../../client/terminal/render/plain.ts";
import { recordOf } from "../../../../client/terminal/render/record.ts";
import { sanitizeText } from "../../../../protocol/mod.ts";
import {
  anyNasty,
  chatWith,
  eventsSaying,
  messageSaying,
  NASTY,
} from "../../../fixtures/events.ts";

Deno.test("plain: TAB, line ends and backslash have escapes of their own", () => {
  assertEquals(plainField("a\tb\nc\rd\\e"), "a\\tb\\nc\\rd\\\\e");
  assertEquals(plainField("\t\t\n"), "\\t\\t\\n");
  assertEquals(plainField("\\t is no TAB"), "\\\\t is no TAB");
});

Deno.test("plain: other unsafe characters have stand-ins", () => {
  assertEquals(plainField("\x1b[31m \x07 \0 \x7f \x9b"), "␛[31m ␇ ␀ ␡ \uFFFD");
  assertEquals(plainField("txt.\u202Eexe"), "txt.\uFFFDexe");
  assertEquals(plainField("a\u2028b"), "a\uFFFDb");
});

Deno.test("plain: what can be shown stays as it is", () => {
  for (const text of ["", "hello", "naïve 零 👩‍🚀", 'quotes "as they are"', "a, b", " spaces "]) {
    assertEquals(plainField(text), text);
  }
});

Deno.test("plain: numbers and lists", () => {
  assertEquals(plainField(4242), "4242");
  assertEquals(plainField([]), "");
  assertEquals(plainField(["you", "away"]), "you,away");
});

Deno.test("plain: nobody's text forges a field or an event", () => {
  const text = "x\nchat-closed\teve\tthem\r\n";
  const line = plainLine({
    type: "message",
    chat: chatWith("bob\teve"),
    message: messageSaying(text, { time: 7 }),
  });
  const more = "192.0.2.8:4000\t\tclassic\t7\t0102030405060708";
  assertEquals(line, `message\tbob\\teve\tx\\nchat-closed\\teve\\tthem\\r\\n\t${more}`);
});

Deno.test("plain: whatever others say, an event is one line of harmless fields", () => {
  const check = (text: string) => {
    for (const event of eventsSaying(text)) {
      const line = plainLine(event);
      assertNotMatch(line, /[\n\r]/);
      const fields = line.split("\t");
      assertEquals(fields.length, Object.keys(recordOf(event)).length);
      for (const field of fields) assertEquals(sanitizeText(field), field);
    }
  };
  NASTY.forEach(check);
  fc.assert(fc.property(anyNasty, check), { numRuns: 500 });
});

Deno.test("plain: text that was safe comes back by undoing the escapes", () => {
  const undone: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", "\\": "\\" };
  const safe = fc.string({
    unit: fc.oneof(fc.constantFrom("\t", "\n", "\r", "\\", "t", "é", "零")),
  });
  fc.assert(fc.property(safe, (text) => {
    const back = plainField(text).replace(/\\(.)/g, (_, letter) => undone[letter] ?? "?");
    assertEquals(back, text);
    assert(!plainField(text).includes("\t"));
  }));
});
