import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Request } from "../../../../client/window/messages.ts";
import { MAX_REQUEST_LENGTH, parseRequest } from "../../../../client/window/api/parse_request.ts";

const ALL: readonly Request[] = [
  { type: "hello", version: 1 },
  { type: "login", name: "ada", server: "localhost" },
  { type: "logout" },
  { type: "trust-server" },
  { type: "talk", user: 7 },
  { type: "again", chat: 1 },
  { type: "close", chat: 1 },
  { type: "seen", chat: 1 },
  { type: "safety", chat: 1 },
  { type: "verify", chat: 1 },
  { type: "trust", chat: 1 },
  { type: "send", chat: 1, text: "hello\nbob", requestId: "a" },
  { type: "older", chat: 1, before: -4, count: 100 },
  { type: "cancel", chat: 1, message: 3 },
  { type: "typing", chat: 1, typing: true },
  { type: "search", words: "lunch" },
  { type: "find", found: 12 },
  { type: "ignored" },
  { type: "accept", caller: 2 },
  { type: "refuse", caller: 2 },
  { type: "ignore", of: "user", id: 1 },
  { type: "unignore", id: 0 },
  { type: "strangers", policy: "ask" },
  { type: "status", availability: "away", text: "lunch" },
];

Deno.test("decodeUp: reads every intent", () => {
  for (const up of ALL) assertEquals(parseRequest(JSON.stringify(up)), up);
});

Deno.test("decodeUp: takes over nothing but the fields of the intent", () => {
  const data = '{"type":"talk","user":1,"__proto__":{"own":true},"constructor":1,"more":[1]}';
  assertEquals(Object.entries(parseRequest(data)), [["type", "talk"], ["user", 1]]);
});

Deno.test("decodeUp: a field that is missing, too long, or of another kind is refused", () => {
  for (const up of ALL) {
    for (const name of Object.keys(up)) {
      const { [name]: _, ...others }: Record<string, unknown> = { ...up };
      for (const value of [undefined, null, {}, [], "x".repeat(250_001), NaN, 1e300, "other"]) {
        const text = name === "text" || name === "words" || name === "name" || name === "server" ||
          name === "requestId";
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
