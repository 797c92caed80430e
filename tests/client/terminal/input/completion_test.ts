import { assert, assertEquals } from "@std/assert";
import { commonStart, complete } from "../../../../client/terminal/input/completion.ts";
import { parseLeadingQuery, parseQuery } from "../../../../client/app/user_query.ts";

function known(...names: string[]) {
  return {
    people: names.map((name, index) => ({ name, address: "192.0.2.7", port: 4000 + index })),
    recent: ["carol"],
  };
}

function candidates(line: string, ...names: string[]): readonly string[] {
  return complete(line, line.length, known(...names)).candidates;
}

Deno.test("commands are completed, and what they take", () => {
  assertEquals(candidates("/TAL"), ["/talk "]);
  assertEquals(candidates("/help tal"), ["talk"]);
  assertEquals(candidates("/who "), []);
  assertEquals(candidates("/quit b", "bob"), []);
});

Deno.test("names are completed whatever their case, those of late first", () => {
  assertEquals(candidates("/talk ", "bob", "carol"), ["carol", "bob"]);
  assertEquals(candidates("/talk AD", "ada", "bob"), ["ada"]);
  assertEquals(candidates("/msg b", "bob"), ["bob "]);
  assertEquals(candidates("/msg bob b", "bob"), []);
});

Deno.test("a name that needs quotes is found without them, too", () => {
  assertEquals(candidates("/msg ad", "Ada L.", "bob"), ['"Ada L." ']);
  assertEquals(candidates('/msg "ad', "Ada L.", "bob"), ['"Ada L." ']);
});

Deno.test("a name is written so that the command reads it", () => {
  for (const name of ["Ada L.", "42", '"x"', 'say "hi" \\o/', "bob"]) {
    const [talk = ""] = candidates("/talk ", name);
    assertEquals(parseQuery(talk).text, name);
    assertEquals(/^\d+$/.test(name) && !parseQuery(talk).quoted, false);
    const [message = ""] = candidates("/msg ", name);
    assertEquals(parseLeadingQuery(`${message}text`), {
      who: { text: name, quoted: message.startsWith('"') },
      rest: "text",
    });
  }
  assertEquals(candidates('/msg "Ada', "Ada L."), ['"Ada L." ']);
  assertEquals(candidates("/talk b", "bob", "bob"), ["bob@192.0.2.7:4000", "bob@192.0.2.7:4001"]);
});

Deno.test("in a text names stand at its start and after @", () => {
  assertEquals(complete("ask @bo", 7, known("bob")), { from: 5, candidates: ["bob "] });
  assertEquals(candidates("bo", "bob", "bob"), ["bob "]);
  assertEquals(candidates("ask bo", "bob"), []);
  assertEquals(candidates("", "bob"), []);
  assertEquals(complete("bo and more", 2, known("bob")), { from: 0, candidates: ["bob "] });
});

Deno.test("names that are not safe to show are put into the line as they are shown", () => {
  assertEquals(candidates("/talk b", "b\x1b[2J", "b\u202eb", "bob "), ["b␛[2J", "b�b", "bob␣"]);
  assertEquals(candidates("b", "b\uFDD0"), ["b� "]);
});

Deno.test("several candidates have a common start, but for case", () => {
  assertEquals(commonStart(["Anna", "anton", "AN"]), "An");
  assertEquals(commonStart([]), "");
  assert(commonStart(["😀", "😁"]).length === 0);
});
