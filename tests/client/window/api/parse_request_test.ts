import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Request } from "../../../../client/window/messages.ts";
import { MAX_REQUEST_LENGTH, parseRequest } from "../../../../client/window/api/parse_request.ts";

const ALL: readonly Request[] = [
  { type: "hello", version: 1 },
  { type: "login", name: "ada", server: "localhost" },
  { type: "logout" },
  { type: "trust-server" },
  { type: "allow-classic" },
  { type: "call", user: 7 },
  { type: "write-to", user: 7 },
  { type: "open", chat: 1 },
  { type: "call-again", chat: 1 },
  { type: "close", chat: 1 },
  { type: "mark-read", chat: 1, message: -7 },
  { type: "set-draft", chat: 1, text: "half a sen" },
  { type: "set-chat", chat: 1, muted: true, alias: "Bobby", note: "owes me lunch" },
  { type: "forget", chat: 1 },
  { type: "safety-number", chat: 1 },
  { type: "verify", chat: 1 },
  { type: "trust", chat: 1 },
  { type: "send", chat: 1, text: "hello\nbob", requestId: "a" },
  { type: "load-older", chat: 1, before: -4, count: 100 },
  { type: "cancel", chat: 1, message: 3 },
  { type: "set-typing", chat: 1, typing: true },
  { type: "search", words: "lunch", chat: 0, before: 0 },
  { type: "show-hit", hit: 12 },
  { type: "list-ignored" },
  { type: "accept", caller: 2 },
  { type: "reject", caller: 2 },
  { type: "ignore", target: "user", id: 1 },
  { type: "unignore", id: 0 },
  { type: "set-unknown-callers", policy: "ask" },
  { type: "set-auto-login", on: false },
  { type: "set-setting", key: "bell", value: "off" },
  { type: "export-key", passphrase: "correct horse" },
  { type: "set-status", availability: "away", text: "lunch" },
];

const TEXTS = [
  ...["text", "words", "name", "server", "requestId"],
  ...["alias", "note", "value", "passphrase"],
];

Deno.test("parseRequest: reads every request", () => {
  for (const request of ALL) assertEquals(parseRequest(JSON.stringify(request)), request);
});

Deno.test("parseRequest: ignores unknown fields", () => {
  const data = '{"type":"call","user":1,"__proto__":{"own":true},"constructor":1,"more":[1]}';
  assertEquals(Object.entries(parseRequest(data)), [["type", "call"], ["user", 1]]);
});

Deno.test("parseRequest: rejects a field that is missing, too long, or of another type", () => {
  for (const request of ALL) {
    for (const name of Object.keys(request)) {
      const { [name]: _, ...others }: Record<string, unknown> = { ...request };
      for (const value of [undefined, null, {}, [], "x".repeat(250_001), NaN, 1e300, "other"]) {
        const text = TEXTS.includes(name);
        if (text && value === "other") continue;
        assertThrows(() => parseRequest(JSON.stringify({ ...others, [name]: value })), SyntaxError);
      }
    }
  }
});

Deno.test("parseRequest: anything else is a SyntaxError", () => {
  fc.assert(fc.property(fc.json(), (text) => {
    assertThrows(() => parseRequest(text), SyntaxError);
  }));
  for (
    const data of ["", "{", '"hello"', "x".repeat(MAX_REQUEST_LENGTH + 1), new Blob(), 1, undefined]
  ) {
    assertThrows(() => parseRequest(data), SyntaxError);
  }
});
