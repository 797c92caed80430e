import { assertEquals, assertNotEquals } from "@std/assert";
import { IdentityKeys } from "../../../client/core/identity_keys.ts";
import { noisePublicKey } from "../../../protocol/mod.ts";
import { newKey } from "../../fixtures/keys.ts";

Deno.test("own keys: the static key is another one in each run, and not made of the identity", () => {
  const key = newKey();
  const [one, other] = [new IdentityKeys(key), new IdentityKeys(key)];
  assertEquals(one.identity, other.identity);
  assertNotEquals(one.staticPublicKey, other.staticPublicKey);
  for (const { staticPublicKey } of [one, other]) {
    assertNotEquals(staticPublicKey, noisePublicKey(key));
    assertNotEquals(staticPublicKey, new Uint8Array(one.identity));
  }
});
