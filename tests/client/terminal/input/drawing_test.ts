/** Whatever is typed, and however the window changes: drawing ends no program and loses no message. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { EditBox } from "../../../../client/terminal/input/edit_box.ts";
import { layOut, rowsOf } from "../../../../client/terminal/input/layout.ts";
import { graphemesOf } from "../../../../protocol/mod.ts";

const texts = fc.string({
  unit: fc.constantFrom(
    ..."ab é世👍".split(/(?:)/u),
    ...["👩‍👩‍👧‍👦", "🇩🇪", "e\u0301", "\u0301", "\u200d", "क्षि", "1️⃣", "\uFDD0", "\ud83d", "한"],
  ),
  maxLength: 60,
});

Deno.test("rows: none is missing, and none begins within a character, at any width", () => {
  fc.assert(fc.property(texts, fc.integer({ min: 1, max: 30 }), (text, columns) => {
    const rows = rowsOf(text, columns);
    assertEquals([...rows].filter((row) => typeof row !== "string"), []);
    assertEquals(rows.join(""), text);
    assertEquals(rows.flatMap(graphemesOf).length, graphemesOf(text).length);
  }));
});

Deno.test("a line that is cut to fit is cut between characters", () => {
  fc.assert(fc.property(
    texts,
    texts,
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 4 }),
    (before, after, columns, most) => {
      const line = layOut({ prompt: "> ", before, after }, columns, most);
      const shown = line.before.replace(/^> /, "");
      if (shown.length < before.length) {
        assertEquals(
          graphemesOf(before).toReversed().slice(0, graphemesOf(shown).length).reverse().join(""),
          shown,
        );
      }
      assertEquals(
        graphemesOf(after).slice(0, graphemesOf(line.after).length).join(""),
        line.after,
      );
    },
  ));
});

Deno.test("an edit box is drawn, resized and printed above, whatever the size of the screen", () => {
  const size = fc.record({
    columns: fc.integer({ min: 1, max: 80 }),
    rows: fc.integer({ min: 1, max: 30 }),
    text: texts,
    answer: fc.option(fc.integer({ min: 0, max: 90 }), { nil: undefined }),
  });
  fc.assert(fc.property(fc.array(size, { maxLength: 6 }), fc.boolean(), (sizes, tellsLate) => {
    const line = { prompt: "ada> ", before: "", after: "" };
    let written = "";
    const canvas = { columns: 80, rows: 24, tellsLate, write: (text: string) => written += text };
    const box = new EditBox(canvas, () => line);
    box.draw();
    for (const [at, { columns, rows, text, answer }] of sizes.entries()) {
      line.before += text;
      box.draw();
      Object.assign(canvas, { columns, rows });
      box.resized();
      box.print([`m${at}`]);
      box.position(answer);
      assertEquals(written.includes(`m${at}`), true);
    }
    box.leave();
  }));
});

Deno.test("an emoji in a window of one column, and in a wide one again", () => {
  const line = { prompt: "> ", before: "👍", after: "" };
  const canvas = { columns: 80, rows: 24, tellsLate: false, write: () => {} };
  const box = new EditBox(canvas, () => line);
  for (const columns of [80, 1, 80, 2, 3, 1]) {
    canvas.columns = columns;
    box.draw();
    box.resized();
    box.position(0);
  }
});
