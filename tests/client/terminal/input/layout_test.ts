import { assertEquals } from "@std/assert";
import {
  cellAfter,
  cellAfterRows,
  isCertain,
  layOut,
  rowsOf,
} from "../../../../client/terminal/input/layout.ts";

Deno.test("a text wraps as a terminal does: wide characters stay whole, colours take no room", () => {
  assertEquals(cellAfter("abc", 10), { row: 0, column: 3 });
  assertEquals(cellAfter("0123456789", 10), { row: 1, column: 0 });
  assertEquals(cellAfter("012345678世", 10), { row: 1, column: 2 });
  assertEquals(cellAfter("01234567世", 10), { row: 1, column: 0 });
  assertEquals(cellAfter("\x1b[31mab\x1b[0m", 10), { row: 0, column: 2 });
});

Deno.test("a line longer than the rows there are is cut to those around the cursor", () => {
  const line = Array.from({ length: 100 }, (_, index) => String(index % 10)).join("");
  const at = (cursor: number) =>
    layOut({ prompt: "> ", before: line.slice(0, cursor), after: line.slice(cursor) }, 10, 3);
  const whole = layOut({ prompt: "> ", before: "abc", after: "def" }, 10, 3);
  assertEquals([whole.before, whole.after], ["> abc", "def"]);
  const start = at(0);
  assertEquals(start.before, "> ");
  assertEquals(start.end.row < 3, true);
  for (let cursor = 0; cursor <= 100; cursor++) {
    const { before, after, cursor: cell, end } = at(cursor);
    assertEquals(cellAfter(before, 10), cell);
    assertEquals(cellAfter(before + after, 10), end);
    assertEquals(end.row < 3, true, `${end.row} rows at ${cursor}`);
    assertEquals(`> ${line.slice(0, cursor)}`.endsWith(before), true);
    assertEquals(line.slice(cursor).startsWith(after), true);
  }
});

Deno.test("a text's rows are those that a terminal would make of it", () => {
  assertEquals(rowsOf("", 10), [""]);
  assertEquals(rowsOf("0123456789", 10), ["0123456789", ""]);
  assertEquals(rowsOf("012345678世a", 10), ["012345678", "世a"]);
  assertEquals(rowsOf("01234567世", 10), ["01234567世", ""]);
  assertEquals(rowsOf("012345678e\u0301x", 10), ["012345678e\u0301", "x"]);
  assertEquals(rowsOf("\x1b[31mab\x1b[0m", 10), ["\x1b[31mab\x1b[0m"]);
  assertEquals(cellAfterRows(["0123456789", "012", ""], 4), { row: 4, column: 0 });
  assertEquals(cellAfterRows(["01234567", "01234"], 4), { row: 3, column: 1 });
});

Deno.test("letters are as wide everywhere, emoji are not, also behind very many letters", () => {
  for (
    const text of ["", "ada ▸ bob> naïve Ελλάδα мир 世界 かな カナ 한글 a⏎b …", "\x1b[31mx\x1b[m"]
  ) {
    assertEquals(isCertain(text), true, text);
  }
  for (const text of ["👍", "👨‍👩‍👧", "e\u0301", "1️⃣", "क्षि"]) {
    assertEquals(isCertain(text), false, text);
  }
  assertEquals(isCertain("x".repeat(100_000) + "👍"), false);
});
