/** Nobody takes a contact's place under a name that looks the same, nor by a key that nobody compared. */

import { assertEquals, assertMatch } from "@std/assert";
import { testKey } from "../../../fixtures/keys.ts";
import { TableServer } from "../../../helpers/table_server.ts";
import type { TableUser } from "../../../helpers/table_user.ts";
import { assertRefused } from "../../../helpers/test_user.ts";

/** Names that look like bob's, from several scripts. */
const SAME_LOOKS = ["bоb", "Вob", "bᴏb", "ｂоｂ"];

/** Ada knows bob, who has left. */
async function meet(server: TableServer): Promise<{ ada: TableUser; bob: TableUser }> {
  const [ada, bob] = [await server.user("ada"), await server.user("bob", { key: testKey(2) })];
  await (await ada.call(bob)).close();
  await bob.leave();
  ada.events.clear();
  return { ada, bob };
}

function keysOf({ trust }: TableUser): [string, string][] {
  return trust.contacts.map(({ name, identity }) => [name, identity.toHex()]);
}

async function reasonOf(action: () => unknown): Promise<string> {
  const error = await assertRefused("invalid-state", () => Promise.try(action));
  return "reason" in error.details ? String(error.details.reason) : "";
}

for (const isCertified of [false, true]) {
  const what = isCertified ? "with" : "without";
  Deno.test(`other letters: a look-alike ${what} a certificate never takes a contact's place`, async () => {
    for (const name of SAME_LOOKS) {
      for (const key of [testKey(9), null]) {
        await using server = new TableServer();
        const { ada, bob } = await meet(server);
        const before = keysOf(ada);
        const eve = await server.user(name, { key, isCertified });
        await assertRefused("not-online", () => Promise.try(() => ada.trust.acceptKey("bob")));
        const own = ada.trust.safetyNumber("bob");
        for (let times = 0; times < 2; times++) {
          await assertRefused("not-online", () => Promise.try(() => ada.trust.acceptKey("bob")));
          assertEquals(await reasonOf(() => ada.trust.acceptKey(name)), "other-letters");
          if (key === null) continue;
          assertEquals(await reasonOf(() => ada.trust.safetyNumber(name)), "other-letters");
          assertEquals(await reasonOf(() => ada.trust.verify(name)), "not-compared");
        }
        const { message } = await assertRefused("peer-key-mismatch", () => ada.call(eve));
        assertMatch(message, /in other letters.*nothing confirms/);
        assertEquals([keysOf(ada), eve.events.all], [before, []]);
        await ada.trust.verify("bob");
        assertEquals([keysOf(ada), ada.trust.safetyNumber("bob")], [before, own]);
        await eve.leave();
        const again = await server.user("bob", { key: testKey(2) });
        assertEquals(
          (await ada.call(again)).security,
          "verified",
          "the true one is not locked out",
        );
        assertEquals(again.identity, bob.identity);
      }
    }
  });
}

Deno.test("other letters: of two unknown people who look the same each is compared alone", async () => {
  await using server = new TableServer();
  const ada = await server.user("ada");
  const eve = await server.user("bоb", { key: testKey(9), isCertified: false });
  await assertRefused("not-online", () => Promise.try(() => ada.trust.safetyNumber("bob")));
  ada.trust.safetyNumber(eve.name);
  assertEquals(await reasonOf(() => ada.trust.verify("bob")), "not-compared");
  const bob = await server.user("bob", { isCertified: false });
  ada.trust.safetyNumber("bob");
  await ada.trust.acceptKey("bob");
  assertEquals(await reasonOf(() => ada.trust.verify(eve.name)), "other-letters");
  assertEquals(keysOf(ada), [["bob", bob.identity.toHex()]]);
});

Deno.test("new key: one that nothing certifies is taken only once its number was shown", async () => {
  for (const decide of ["acceptKey", "verify"] as const) {
    await using server = new TableServer();
    const { ada } = await meet(server);
    ada.trust.safetyNumber("bob"); // of the key that is known
    const before = keysOf(ada);
    const again = await server.user("bob", { key: testKey(0x55), isCertified: false });
    for (let times = 0; times < 2; times++) {
      assertEquals(await reasonOf(() => ada.trust.acceptKey("bob")), "not-compared");
    }
    assertEquals(keysOf(ada), before);
    ada.trust.safetyNumber("bob");
    await ada.trust[decide]("bob");
    assertEquals(keysOf(ada), [["bob", again.identity.toHex()]]);
  }
});

Deno.test("new key: asking twice takes none that was not shown, and looking again does", async () => {
  for (const isCertified of [false, true]) {
    await using server = new TableServer();
    const { ada } = await meet(server);
    const shown = await server.user("bob", { key: testKey(0x55), isCertified });
    ada.trust.safetyNumber("bob");
    await shown.leave();
    const swapped = await server.user("bob", { key: testKey(0x66), isCertified });
    for (let times = 0; times < 2; times++) {
      assertEquals(await reasonOf(() => ada.trust.acceptKey("bob")), "compared-key-gone");
    }
    ada.trust.safetyNumber("bob");
    await ada.trust.acceptKey("bob");
    assertEquals(keysOf(ada), [["bob", swapped.identity.toHex()]]);
  }
});
