/** A server was refused, and the user has accepted it: whom one knows there is known by the key still. */

import { assertEquals } from "@std/assert";
import { MemoryStore } from "../../../../client/core/mod.ts";
import { encodeAdd } from "../../../../protocol/mod.ts";
import { assertRefused } from "../../../helpers/test_user.ts";
import { logIn, Mim2Server, row, Visit } from "../../../helpers/fake_server.ts";
import { newIdentity, newKey } from "../../../fixtures/keys.ts";
import { TestEnvironment } from "../../../helpers/test_environment.ts";
import { PATIENCE } from "../../../helpers/wait.ts";

const BOBS = new Uint8Array(32).fill(7);
const EVES = new Uint8Array(32).fill(8);

/** What the server has become, what it says of bob's key then, and how sure bob is. */
const CASES: readonly (readonly ["classic" | "another", Uint8Array | undefined, string])[] = [
  ["classic", undefined, "changed"],
  ["another", undefined, "changed"],
  ["another", EVES, "changed"],
  ["another", BOBS, "verified"],
];

for (const [becomes, key, expected] of CASES) {
  const has = key === undefined ? "no key" : key === BOBS ? "the same key" : "another key";
  const server = becomes === "classic" ? "a classic server" : "a server with another key";
  Deno.test(`accepted: at ${server}, somebody verified who has ${has} there is ${expected}`, async () => {
    await using env = TestEnvironment.fake();
    let calls = 0;
    const bob = env.listen(() => void calls++);
    const place = { name: "bob", address: bob.hostname, port: bob.port };
    const mim2 = new Mim2Server();
    let changed = false;
    const at = env.listen(async (wire) => {
      const identity = changed ? key : BOBS;
      if (changed && becomes === "classic") await logIn(wire, encodeAdd(place));
      else await new Visit(wire, mim2).logIn(row({ ...place, ...(identity && { identity }) }));
      await wire.hung();
    });
    const store = new MemoryStore();
    const ada = env.user("ada", at, undefined, { identity: newIdentity(), store });
    await ada.login();
    const pin = { name: "bob", identity: BOBS, verified: true, since: 1 };
    await store.keepPin({ ...pin, server: ada.serverId ?? "" });
    ada.logout();

    changed = true;
    if (becomes === "another") mim2.key = newKey();
    await assertRefused("server-key-mismatch", () => ada.login());
    await ada.serverTrust.accept();
    await ada.login();
    const there = await ada.users.find("bob", { timeoutMs: PATIENCE });
    assertEquals(ada.trust.securityOf(there), expected);
    if (expected === "changed") await assertRefused("peer-key-mismatch", () => ada.call(there));
    assertEquals([calls, ada.chats.all], [0, []], "nobody was dialed");
  });
}
