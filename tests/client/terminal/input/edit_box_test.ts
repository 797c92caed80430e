import { assert, assertEquals } from "@std/assert";
import { EditBox } from "../../../../client/terminal/input/edit_box.ts";
import { ScreenProbe } from "../../../helpers/screen.ts";

const FAMILY = "👨‍👩‍👧‍👦";
const WAVE = "👋🏿";

/** A box on an emulated screen. */
function boxOn(screen: ScreenProbe, columns: number, tellsLate = false) {
  const line = { prompt: "ada> ", before: "", after: "" };
  const canvas = { columns, rows: 10, tellsLate, written: [] as string[], done: Promise.resolve() };
  const write = (text: string) => {
    canvas.written.push(text);
    canvas.done = canvas.done.then(() => screen.write(text));
  };
  const box = new EditBox(Object.assign(canvas, { write }), () => line);
  return { box, line, canvas };
}

/** Types and is told things in turn; all that was told must be there, in order, and the line once. */
async function talk(screen: ScreenProbe, typed: readonly string[], columns: number) {
  const { box, line, canvas } = boxOn(screen, columns);
  box.draw();
  for (const [index, text] of typed.entries()) {
    if (index % 3 === 2) line.after = text + line.after;
    else line.before += text;
    box.draw();
    box.print([`message ${index}`]);
  }
  await canvas.done;
  const rows = screen.rows.map((row) => row.trimEnd());
  const told = rows.filter((row) => row.startsWith("message"));
  assertEquals(told, typed.map((_, index) => `message ${index}`), rows.join("\n"));
  assert(rows.length <= told.length + 5, "more is left of the line than it takes");
  assert(rows.filter((row) => row.includes("ada>")).length <= 1, rows.join("\n"));
}

for (const todays of [true, false]) {
  const how = todays ? "today's" : "old";
  Deno.test(`edit box: whatever is typed, with ${how} widths nothing above it is lost`, async () => {
    for (const text of [FAMILY, WAVE, "🏳️‍🌈", "1️⃣", "世", "e\u0301", "क्षि", "👍 and words ", "🇩🇪"]) {
      using screen = new ScreenProbe(20, 10, 100);
      if (todays) screen.useTodaysWidths();
      await talk(screen, Array.from({ length: 24 }, () => text), 20);
    }
  });
}

Deno.test("edit box: a terminal that tells late of its width loses nothing", async () => {
  for (const [before, after] of [[80, 100], [80, 160], [100, 80], [80, 40], [40, 33]] as const) {
    using screen = new ScreenProbe(before, 20, 100);
    const { box, line, canvas } = boxOn(screen, before, true);
    line.before = Array.from({ length: 40 }, (_, index) => `word${index}`).join("-");
    for (let index = 0; index < 5; index++) box.print([`message ${index}`]);
    await canvas.done;
    screen.resize(after, 20);
    box.print(["in between"]);
    await canvas.done;
    canvas.columns = after;
    box.resized();
    box.position(screen.cursor[1]);
    box.print(["then"]);
    await canvas.done;
    const told = screen.rows.filter((row) => /^(message|in between|then)/.test(row));
    assertEquals(told.length, 7, `${before} to ${after}: ${screen.rows.join("\n")}`);
  }
});

Deno.test("edit box: what is printed is one write, shown at once", async () => {
  for (const text of ["half a line", "a line of more than a row ".repeat(3), FAMILY.repeat(9)]) {
    using screen = new ScreenProbe(40, 10);
    const { box, line, canvas } = boxOn(screen, 40);
    line.before = text;
    box.draw();
    canvas.written.length = 0;
    box.print(["message", "and more"]);
    assertEquals(canvas.written.length, 1);
    const [written = ""] = canvas.written;
    assert(written.startsWith("\x1b[?2026h") && written.endsWith("\x1b[?2026l"), written);
    assertEquals(written.split("\x1b[?2026").length, 3);
    await canvas.done;
  }
});

Deno.test("edit box: a line that is cut to half the rows says so at both ends", async () => {
  for (const text of ["word ".repeat(200), "世界".repeat(200), FAMILY.repeat(60)]) {
    using screen = new ScreenProbe(40, 10, 100);
    screen.useTodaysWidths();
    const { box, line, canvas } = boxOn(screen, 40);
    Object.assign(line, { before: text, after: text });
    box.draw();
    await canvas.done;
    assert(screen.rows[0]?.startsWith("…"), screen.rows.join("\n"));
    line.before = "";
    box.draw();
    await canvas.done;
    assertEquals(screen.rows[0]?.startsWith("ada> "), true);
    assert(canvas.written.at(-1)?.includes("…\x1b[m"), "cut at the end");
    line.after = "";
    box.draw();
    assert(!canvas.written.at(-1)?.includes("…"));
    await canvas.done;
  }
});
