import { assertEquals } from "@std/assert";
import { intoLine, Placeholders } from "../../../../client/terminal/input/placeholders.ts";

function pasted(text: string, standIns = new Placeholders()) {
  const { inserted, question } = standIns.paste(text) ?? { inserted: "", question: "refused" };
  return { shown: standIns.shown(inserted), text: standIns.textOf(inserted), question };
}

Deno.test("a paste keeps its line breaks and tabs, shown as stand-ins", () => {
  assertEquals(pasted("one\r\ntwo\rthree\n\tfour\n"), {
    shown: "one⏎two⏎three⏎ four",
    text: "one\ntwo\nthree\n\tfour",
    question: undefined,
  });
});

Deno.test("a ⏎ that was pasted stays one, and stand-ins can't be pasted", () => {
  assertEquals(pasted("a⏎b").text, "a⏎b");
  assertEquals(pasted("a\uFDD0b\uFDD3").text, "a\uFFFDb\uFFFD");
});

Deno.test("control characters in a paste do nothing", () => {
  assertEquals(pasted("\x1b]0;x\x07\x9b\u202e").text, "␛]0;x␇\uFFFD\uFFFD");
  assertEquals(intoLine("\x1b[2J\n"), "␛[2J\uFDD0");
});

Deno.test("a paste over ten lines or 4 KiB is a summary, and asked about", () => {
  const ten = Array.from({ length: 10 }, (_, line) => `line ${line}`).join("\n");
  assertEquals(pasted(ten).question, undefined);
  assertEquals(pasted(`${ten}\nmore\n`), {
    shown: "[paste of 11 lines]",
    text: `${ten}\nmore`,
    question: "Paste of 11 lines: Enter sends it, Ctrl-C discards it",
  });
  assertEquals(pasted("x".repeat(5000)).shown, "[paste of 5000 characters]");
});

Deno.test("text stands around a long paste; too many in one line are refused", () => {
  const standIns = new Placeholders();
  const long = "x".repeat(5000);
  const inserted = standIns.paste(long)?.inserted ?? "";
  assertEquals(standIns.textOf(`/msg bob ${inserted}!`), `/msg bob ${long}!`);
  for (let count = 1; count < 29; count++) standIns.paste(long);
  assertEquals(standIns.paste(long), undefined);
  standIns.clear();
  assertEquals(standIns.paste(long)?.inserted, inserted);
});

Deno.test("a paste with line breaks is never a command, one line is as typed", () => {
  assertEquals(pasted("/quit\n/quit"), {
    shown: "/quit⏎/quit",
    text: "//quit\n/quit",
    question: undefined,
  });
  assertEquals(pasted("/who\n").text, "/who");
  const long = "/quit\n".repeat(20);
  assertEquals(pasted(long).text, "/" + long.trimEnd());
  const standIns = new Placeholders();
  const inserted = standIns.paste("/etc\n/usr")?.inserted;
  assertEquals(standIns.textOf(`see ${inserted}`), "see /etc\n/usr");
});
