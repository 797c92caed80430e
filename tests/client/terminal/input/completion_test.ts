import { assertEquals } from "@std/assert";
import { complete, extend } from "../../../../client/terminal/input/completion.ts";
import {
  keyOf,
  parseLeadingQuery,
  parseQuery,
  resolveOne,
  type UserCandidate,
  type UserQuery,
} from "../../../../client/app/user_query.ts";
import { testKey } from "../../../fixtures/keys.ts";

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
  for (const name of ["Ada L.", "42", '"x"', "@127.0.0.1", 'say "hi" \\o/', "bob"]) {
    const [talk = ""] = candidates("/talk ", name);
    assertEquals(parseQuery(talk).text, name);
    assertEquals(/^[\d@]/.test(name) && !parseQuery(talk).quoted, false);
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
  assertEquals(complete("ask @bo", 7, known("bob")), {
    ...{ from: 5, candidates: ["bob "], name: "bo" },
  });
  assertEquals(candidates("bo", "bob", "bob"), ["bob "]);
  assertEquals(candidates("ask bo", "bob"), []);
  assertEquals(candidates("", "bob"), []);
  assertEquals(complete("bo and more", 2, known("bob")), {
    ...{ from: 0, candidates: ["bob "], name: "bo" },
  });
  for (const line of ["/talk bo", '/msg "bo', "/whois"]) {
    const name = line === "/whois" ? undefined : "bo";
    assertEquals(complete(line, line.length, known()).name, name, "who is looked for");
  }
});

Deno.test("names that are not safe to show are put into the line as they are shown", () => {
  assertEquals(candidates("/talk b", "b\x1b[2J", "b\u202eb", "bob "), ["b␛[2J", "b�b", "bob␣"]);
  assertEquals(candidates("b", "b\uFDD0"), ["b� "]);
});

/** What Tab makes of a line, and what it lists if that is all it does. */
function tab(line: string, ...names: string[]): string | readonly string[] {
  const { from, candidates } = complete(line, line.length, known(...names));
  const extended = line.slice(0, from) + extend(line.slice(from), candidates);
  return extended === line ? candidates.map((each) => each.trimEnd()) : extended;
}

Deno.test("a name or command that is typed in full stays, and the longer ones are listed", () => {
  assertEquals(tab("/msg bo", "bob", "bobby"), "/msg bob");
  assertEquals(tab("/msg bob", "bob", "bobby"), ["bob", "bobby"]);
  assertEquals(tab("/forget bob", "bob", "bobby"), ["bob", "bobby"]);
  assertEquals(tab("/forget bobb", "bob", "bobby"), "/forget bobby");
  assertEquals(tab("/who"), ["/who", "/whoami"]);
  assertEquals(tab("/help who"), ["who", "whoami"]);
  assertEquals(tab("ask @bob", "bob", "bobby"), ["bob", "bobby"]);
  assertEquals(tab("bob", "bob", "bobby"), ["bob", "bobby"]);
  assertEquals(tab('/msg "Max', "Max", "Max M."), ['"Max"', '"Max M."']);
  assertEquals(tab("/verify Max", "Max", "Max M."), ["Max", '"Max M."']);
  assertEquals(tab("/msg bob", "bob"), "/msg bob ");
  assertEquals(tab("/talk bob", "bob"), ["bob"]);
  assertEquals(tab("/talk 4", "42"), [], "the number 4 of /who");
});

Deno.test("names that differ only in case are listed, and letters stay as typed", () => {
  for (const typed of ["ad", "ada", "Ada", "AD"]) {
    assertEquals(tab(`/msg ${typed}`, "Ada", "ada"), ["Ada", "ada"], typed);
    assertEquals(tab(`ask @${typed}`, "Ada", "ada"), ["Ada", "ada"], typed);
  }
  assertEquals(tab("/msg aN", "Anna", "anne"), "/msg aNn");
  assertEquals(tab("/msg aNN", "Anna", "anNe"), ["Anna", "anNe"]);
  assertEquals(tab("/msg AN", "anna"), "/msg anna ");
});

Deno.test("what all candidates have in common is never half a character", () => {
  assertEquals(extend("", ["😀", "😁"]), "");
  assertEquals(extend("x", []), "x");
});

Deno.test("what Tab writes means the one it stands for, whoever owns the name", () => {
  const [K1, K2] = [testKey(1), testKey(2)];
  const at = (name: string, host: number, identity: Uint8Array = new Uint8Array()) => ({
    ...{ name, address: `192.0.2.${host}`, port: 4000, details: { identity } },
  });
  const owner = { name: "ada", identity: K1 };
  const tables: readonly (readonly UserCandidate[])[] = [
    [at("ada", 1, K1), at("Ada", 2)],
    [at("ada", 1, K1), at("Ada", 2, K2), at("ADA", 3)],
    [at("ada", 1, K1), at("ada", 1, K2), at("ada", 1)],
    [at("ada", 1, K1), at("ada", 2), at("Ada", 3, K1)],
    [at("ada", 1, K1), at("ada@192.0.2.1", 2)],
    [at("Ada L.", 1, K1), at("ada l.", 1, K2)],
    [at("eve", 5), at("eve@*", 2), at("7", 3), at("７", 4)],
  ];
  for (const people of tables) {
    const owners = [owner, { ...owner, name: "Ada L." }];
    const whom = (who: UserQuery) => {
      try {
        return resolveOne(who, "online", people, owners);
      } catch {
        return undefined;
      }
    };
    for (const command of ["/talk ", "/msg "]) {
      const { candidates } = complete(command, command.length, { people, recent: [], whom });
      const meant = candidates.map((each) => whom(parseLeadingQuery(each).who));
      // A classic namesake at the owner's very address can't be written.
      const writable = people.filter((one) => keyOf(one) !== "" || one.address !== "192.0.2.1");
      const shown = (one?: UserCandidate) => one && `${one.name}@${one.address}#${keyOf(one)}`;
      assertEquals(meant.map(shown), writable.map(shown), `${candidates}`);
    }
  }
});

Deno.test("messages are completed by their numbers, and listed with what they say", () => {
  const messages = () => [" 1  bob: see you", " 2  you: lunch?", ...Array(9).fill("…")];
  const complete_ = (line: string) => complete(line, line.length, { ...known("bob"), messages });
  for (const command of ["reply", "edit", "delete", "react", "versions"]) {
    const { from, candidates, labels } = complete_(`/${command} `);
    assertEquals([from, candidates.slice(0, 2), labels?.slice(0, 2)], [
      command.length + 2,
      ["1 ", "2 "],
      [" 1  bob: see you", " 2  you: lunch?"],
    ]);
  }
  assertEquals(complete_("/reply 1").candidates, ["1 ", "10 ", "11 "]);
  assertEquals(complete_("/reply 2").candidates, ["2 "]);
  assertEquals(complete_("/reply yes").candidates, []);
  assertEquals(complete_("/history ").candidates, []);
});
