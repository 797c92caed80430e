import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Request } from "../../../../client/window/api/messages.ts";
import { MAX_REQUEST_LENGTH, parseRequest } from "../../../../client/window/api/parse_request.ts";

const ALL: readonly Request[] = [
  { t: "hello", version: 1 },
  { t: "login", name: "ada", server: "localhost" },
  { t: "logout" },
  { t: "trust-server" },
  { t: "talk", user: 7 },
  { t: "again", chat: 1 },
  { t: "close", chat: 1 },
  { t: "seen", chat: 1 },
  { t: "safety", chat: 1 },
  { t: "verify", chat: 1 },
  { t: "trust", chat: 1 },
  { t: "send", chat: 1, text: "hello\nbob", ref: "a" },
  { t: "older", chat: 1, before: -4, count: 100 },
  { t: "cancel", chat: 1, message: 3 },
  { t: "typing", chat: 1, typing: true },
  { t: "search", words: "lunch" },
  { t: "find", found: 12 },
  { t: "ignored" },
  { t: "accept", caller: 2 },
  { t: "refuse", caller: 2 },
  { t: "ignore", of: "user", id: 1 },
  { t: "unignore", id: 0 },
  { t: "strangers", policy: "ask" },
  { t: "status", availability: "away", text: "lunch" },
];

Deno.test("decodeUp: reads every intent", () => {
  for (const up of ALL) assertEquals(parseRequest(JSON.stringify(up)), up);
});

Deno.test("decodeUp: takes over nothing but the fields of the intent", () => {
  const data = '{"t":"talk","user":1,"__proto__":{"own":true},"constructor":1,"more":[1]}';
  assertEquals(Object.entries(parseRequest(data)), [["t", "talk"], ["user", 1]]);
});

Deno.test("decodeUp: a field that is missing, too long, or of another kind is refused", () => {
  for (const up of ALL) {
    for (const name of Object.keys(up)) {
      const { [name]: _, ...others }: Record<string, unknown> = { ...up };
      for (const value of [undefined, null, {}, [], "x".repeat(250_001), NaN, 1e300, "other"]) {
        const text = name === "text" || name === "words" || name === "name" || name === "server" ||
          name === "ref";
        if (text && value === "other") continue;
        assertThrows(() => parseRequest(JSON.stringify({ ...others, [name]: value })), SyntaxError);
      }
    }
  }
});

Deno.test("decodeUp: whatever is sent is an intent, or refused with a SyntaxError", () => {
  fc.assert(fc.property(fc.json(), (text) => {
    assertThrows(() => parseRequest(text), SyntaxError);
  }));
  for (
    const data of ["", "{", '"hello"', "x".repeat(MAX_REQUEST_LENGTH + 1), new Blob(), 1, undefined]
  ) {
    assertThrows(() => parseRequest(data), SyntaxError);
  }
});
