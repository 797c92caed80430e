/** Names of users with keys that end like the tag of a key. */

import { assertEquals, assertMatch } from "@std/assert";
import { checkKeyName, endsLikeTag, identityOf, keyTag } from "../../../protocol/mod.ts";
import { testKey } from "../../fixtures/keys.ts";

const [ADA, EVE] = [identityOf(testKey(1)), identityOf(testKey(2))];

Deno.test("key name: one that ends like the tag of another key is for nobody, in whatever letters", () => {
  const tag = keyTag(ADA);
  for (const name of ["bob", "bob~", "bob~home", "~", "a-long-name", `bob ${tag}`, "bob~27vi"]) {
    assertEquals([endsLikeTag(name), checkKeyName(name, EVE)], [false, { ok: true, name }]);
  }
  for (const name of [`bob~${tag}`, `bob～${tag.replace("-", "–")}`, `b~${tag.toUpperCase()}`]) {
    assertEquals(endsLikeTag(name), true, name);
    const check = checkKeyName(name, EVE);
    assertMatch(check.ok ? "" : check.reason, new RegExp(`, ~${keyTag(EVE)}, `));
  }
  assertEquals(checkKeyName(` bob~${tag} `, ADA), { ok: true, name: `bob~${tag}` });
  assertEquals(checkKeyName(`bob~${keyTag(EVE)}~${tag}`, ADA).ok, true);
  assertEquals(checkKeyName(" ", ADA).ok, false);
});
