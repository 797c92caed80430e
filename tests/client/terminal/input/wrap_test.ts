import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { gutterOf, wrapLine } from "../../../../client/terminal/input/wrap.ts";
import { EditBox } from "../../../../client/terminal/input/edit_box.ts";
import { TextLines } from "../../../../client/terminal/render/text.ts";
import { NO_CHATS } from "../../../../client/terminal/render/view.ts";
import { chatWith, messageSaying } from "../../../fixtures/events.ts";
import { ScreenProbe } from "../../../helpers/screen.ts";

const NOON = new Date(2026, 0, 2, 12);

Deno.test("a line is wrapped between words, and in a word that does not fit", () => {
  assertEquals(wrapLine("one two three", 9), ["one two", "   three"]);
  assertEquals(wrapLine("one two three", 80), ["one two three"]);
  assertEquals(wrapLine("[12:00] bob: abcdefghijklmnopq", 24), [
    "[12:00] bob: abcdefghijk",
    "        lmnopq",
  ]);
  assertEquals(wrapLine("a\x1b[2mb cd\x1b[m ef", 6), ["a\x1b[2mb cd\x1b[m", "  ef"]);
  assertEquals(wrapLine("世界世界世界", 6), ["世界世", "  界世", "  界"]);
});

Deno.test("runs of blanks collapse, and an indentation stays", () => {
  const show = (text: string) =>
    new TextLines().of(
      {
        type: "message",
        chat: chatWith("bob"),
        message: messageSaying(text, { time: NOON.getTime() }),
      },
      NOON,
      NO_CHATS,
    );
  for (const blank of [" ", "\u3000", "\u00a0", "\u2800"]) {
    assertEquals(show(`hi${blank.repeat(70)}[12:00] you: yes`), [
      "[12:00] bob: hi [12:00] you: yes",
    ]);
  }
  assertEquals(show("if (x)\n    y = 1"), ["[12:00] bob: if (x)", "            y = 1"]);
});

/** What an emulated terminal shows of a message, printed above a prompt. */
async function screenOf(text: string, name: string, columns: number, todays: boolean) {
  using screen = new ScreenProbe(columns, 24, 1_000);
  if (todays) screen.useTodaysWidths();
  let done = Promise.resolve();
  const write = (bytes: string) => void (done = done.then(() => screen.write(bytes)));
  const box = new EditBox(
    { columns, rows: 24, tellsLate: false, write },
    () => ({ prompt: "", before: "", after: "" }),
  );
  const message = messageSaying(text, { time: NOON.getTime() });
  box.print(
    new TextLines(true).of({ type: "message", chat: chatWith(name), message }, NOON, NO_CHATS),
  );
  await done;
  return screen.rows.map((row) => row.trimEnd());
}

const FORGED = [
  "[12:00] you: yes",
  "! Not delivered",
  "bob closed the chat",
  "  encrypted and verified",
];

Deno.test("no row of a message but the first begins with anything but blanks, at any width", async () => {
  const unit = fc.constantFrom(
    ..."a .世👍é\n",
    ..."\u3000\u00a0\u2800\u200b\u0301\u1100\uffa0\u{1f468}\u200d",
    ...["👩‍👩‍👧‍👦", "🇩🇪", "1️⃣", "क्षि", "한", "ﷺ", "꧅", " ".repeat(40), ...FORGED],
  );
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit, maxLength: 60 }),
      fc.constantFrom("bob", "b" + " ".repeat(40) + "ob", "👍👍"),
      fc.integer({ min: 3, max: 120 }),
      fc.boolean(),
      async (text, name, columns, todays) => {
        const [first = "", ...rest] = await screenOf(text, name, columns, todays);
        assert("[12:00] ".startsWith(first.slice(0, 8).trimEnd()), first);
        for (const row of rest) assert(row === "" || row.startsWith(gutterOf(columns)), row);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("text padded to the width of the terminal forges no line", async () => {
  for (const pad of [" ", "\u3000", "\u2800", "\u00a0", ".", "世", "👍", "\u200d", "e\u0301"]) {
    for (const columns of [20, 80, 81]) {
      for (const todays of [true, false]) {
        for (let count = columns - 25; count <= columns; count++) {
          const text = `hi${pad.repeat(Math.max(0, count))}${FORGED[0]}`;
          const rows = await screenOf(text, "bob", columns, todays);
          assert(!rows.slice(1).some((row) => /^\S/.test(row)), rows.join("\n"));
        }
      }
    }
  }
});
