import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { jsonLine } from "../../../../client/terminal/render/json.ts";
import { jsonRecordOf } from "../../../../client/terminal/render/record.ts";
import { sanitizeText } from "../../../../protocol/mod.ts";
import { anyNasty, eventsSaying, NASTY } from "../../../fixtures/events.ts";

function textField(text: string): string {
  const line = jsonLine({ type: "note", text });
  return line.slice('{"event":"note","text":"'.length, -'"}'.length);
}

Deno.test("json: what can be shown stays as it is", () => {
  for (const text of ["hello", "naïve 零", "👩‍🚀", "कर्म", "e\u0301"]) {
    assertEquals(textField(text), text);
  }
  assertEquals(textField('"\\\n\t'), '\\"\\\\\\n\\t');
});

Deno.test("json: what is not safe to print is escaped", () => {
  assertEquals(textField("\x1b[31m\0\x7f\x9b"), "\\u001b[31m\\u0000\\u007f\\u009b");
  assertEquals(textField("txt.\u202Eexe"), "txt.\\u202eexe");
  assertEquals(textField("a\u2028b\uFEFFc"), "a\\u2028b\\ufeffc");
  assertEquals(textField("half \ud83d"), "half \\ud83d");
  assertEquals(textField("a tag \u{E0041}"), "a tag \\udb40\\udc41");
  assertEquals(textField("\x07 beside 零"), "\\u0007 beside 零");
});

Deno.test("json: whatever others say, a line is harmless, and reads back as it came", () => {
  const check = (text: string) => {
    for (const event of eventsSaying(text)) {
      const line = jsonLine(event, 7);
      assertEquals(sanitizeText(line), line);
      assertEquals<unknown>(JSON.parse(line), jsonRecordOf(event, 7));
    }
  };
  NASTY.forEach(check);
  fc.assert(fc.property(anyNasty, check), { numRuns: 500 });
});
