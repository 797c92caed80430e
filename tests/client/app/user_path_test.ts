import { assertEquals, assertThrows } from "@std/assert";
import { splitPaths, userPath } from "../../../client/app/mod.ts";

Deno.test("user path: an empty one is none, and never the current folder", () => {
  assertEquals(splitPaths('a "" b'), ["a", "", "b"]);
  assertThrows(() => splitPaths('""').map(userPath), SyntaxError, "got an empty one");
  assertEquals(userPath("/a/b"), "/a/b");
});
