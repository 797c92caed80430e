import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { MAX_REQUEST_LENGTH, parseRequest } from "../../../../client/window/api/parse_request.ts";
import { EVERY_REQUEST } from "../../../fixtures/requests.ts";

const TEXTS = [
  ...["text", "words", "name", "server", "requestId"],
  ...["alias", "note", "value", "passphrase", "emoji"],
];

Deno.test("parseRequest: reads every request", () => {
  for (const request of EVERY_REQUEST) assertEquals(parseRequest(JSON.stringify(request)), request);
});

Deno.test("parseRequest: ignores unknown fields", () => {
  const data = '{"type":"call","user":1,"__proto__":{"own":true},"constructor":1,"more":[1]}';
  assertEquals(Object.entries(parseRequest(data)), [["type", "call"], ["user", 1]]);
});

Deno.test("parseRequest: rejects a field that is missing, too long, or of another type", () => {
  for (const request of EVERY_REQUEST) {
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
