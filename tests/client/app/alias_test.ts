/** A name of one's own that somebody else is called by, too, means neither. */

import { assertEquals } from "@std/assert";
import { type Messenger, type OnlineUser, PublicKey } from "../../../client/core/mod.ts";
import { People } from "../../../client/app/people.ts";
import { parseQuery } from "../../../client/app/user_query.ts";
import { UserResolver } from "../../../client/app/user_resolver.ts";
import { testKey } from "../../fixtures/keys.ts";

const [DAN, ELI] = [1, 2].map(testKey) as [Uint8Array, Uint8Array];

function row(name: string, key: Uint8Array | undefined, address = "192.0.2.9"): OnlineUser {
  const details = { identity: key ?? new Uint8Array() } as OnlineUser["details"];
  return { name, address, port: 4000, id: 1, own: false, details };
}

/** Dan and Eli are known by a key; some are online, and some have an alias. */
function resolver(online: readonly OnlineUser[], aliases: Readonly<Record<string, string>>) {
  const contacts = [
    { name: "dan", identity: new PublicKey(DAN) },
    { name: "eli", identity: new PublicKey(ELI) },
  ];
  const messenger = {
    users: Object.assign([...online], { ownsName: () => false }),
    chats: Object.assign([], { all: [], with: ({ name }: { name: string }) => ({ name }) }),
    calls: { pending: [] },
    trust: { contacts },
  } as unknown as Messenger;
  const people = new People(messenger, undefined);
  for (const [name, alias] of Object.entries(aliases)) people.set(name, { alias });
  return new UserResolver(messenger, {
    withAlias: (alias) => people.named(alias),
    ofOtherName: () => undefined,
    all: () => [],
  });
}

/** The name of whoever is meant, or what is asked. */
function meant(users: UserResolver, line: string): string {
  try {
    return users.find(parseQuery(line)).name;
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
}

Deno.test("alias: it means its person while nobody else is called so", () => {
  const users = resolver([row("bob", undefined)], { dan: "chief" });
  assertEquals(meant(users, "chief"), "dan");
  assertEquals(meant(users, "CHIEF"), "dan");
  assertEquals(meant(users, "bob"), "bob");
});

Deno.test("alias: the person may be called so as well", () => {
  assertEquals(meant(resolver([row("chief", DAN)], { dan: "chief" }), "chief"), "chief");
  assertEquals(meant(resolver([row("dan", DAN)], { dan: "Dan" }), "dan"), "dan");
});

const BOTH =
  'chief could mean dan, whom you call "chief", or chief@192.0.2.9:4000; say which one, ' +
  "or take the alias away with /alias dan";

for (const [what, key] of [["no", undefined], ["another", ELI]] as const) {
  Deno.test(`alias: it means neither if somebody with ${what} key is called so`, () => {
    const users = resolver([row("chief", key)], { dan: "chief" });
    for (const line of ["chief", "Chief", '"chief"']) {
      const asTyped = BOTH.replace(/^chief|(?<=")chief/g, parseQuery(line).text);
      assertEquals(meant(users, line), asTyped, line);
    }
    assertEquals(meant(users, "dan"), "dan");
    assertEquals(meant(users, "chief@192.0.2.9"), "chief");
    assertEquals(users.whom(parseQuery("chief"), [row("chief", key)]), undefined);
  });
}

Deno.test("alias: it means neither if somebody who has left was called so", () => {
  const users = resolver([], { dan: "chief" });
  users.meet(row("chief", undefined));
  assertEquals(meant(users, "chief").replace("chief; say", "chief@192.0.2.9:4000; say"), BOTH);
});

Deno.test("alias: it means neither if a contact is called so, or two have it", () => {
  assertEquals(
    meant(resolver([], { dan: "eli" }), "eli"),
    'eli could mean dan, whom you call "eli", or eli; say which one, or take the alias away with ' +
      "/alias dan",
  );
  assertEquals(
    meant(resolver([row("chief", undefined)], { dan: "chief", eli: "Chief" }), "chief"),
    'chief could mean dan, whom you call "chief", eli, whom you call "chief", or ' +
      "chief@192.0.2.9:4000; say which one, or take the alias away with /alias dan",
  );
  assertEquals(
    meant(resolver([], { dan: "chief", eli: "Chief" }), "chief"),
    'chief could mean dan, whom you call "chief", or eli, whom you call "chief"; say which one, ' +
      "or take the alias away with /alias dan",
  );
});

Deno.test("alias: a number that is also a number of /who means neither", () => {
  const users = resolver([row("anna", undefined), row("boss", undefined)], { dan: "2" });
  assertEquals(meant(users, "2"), "dan");
  users.list("");
  assertEquals(
    meant(users, "2"),
    "2 could be dan, whom you call so, or number 2 of the last /who; write dan, or " +
      "boss@192.0.2.9:4000",
  );
  assertEquals(meant(users, "1"), "anna");
  const same = resolver([row("anna", undefined), row("dan", DAN)], { dan: "2" });
  same.list("");
  assertEquals(meant(same, "2"), "dan");
});
