/** Whom a typed WHO means, for any table: never somebody who was not named. */

import { assert } from "@std/assert";
import fc from "fast-check";
import type { Messenger, OnlineUser } from "../../../client/core/mod.ts";
import { formatAddress, nameKey } from "../../../protocol/mod.ts";
import { formatQuery, keyOf, parseQuery } from "../../../client/app/user_query.ts";
import { UserResolver } from "../../../client/app/user_resolver.ts";
import { complete } from "../../../client/terminal/input/completion.ts";
import { testKey } from "../../fixtures/keys.ts";

const KEYS = [undefined, testKey(1), testKey(2)];
const NAMES = [
  "ada",
  "Ada",
  "ADA",
  "1",
  "2",
  "１",
  "ada 1",
  "ada@192.0.2.1",
  "@192.0.2.1",
  "a",
  "#a",
];

const anyUser = fc.record({
  name: fc.constantFrom(...NAMES),
  address: fc.constantFrom("192.0.2.1", "192.0.2.2", "2001:db8::1"),
  port: fc.constantFrom(4000, 4001),
  key: fc.constantFrom(...KEYS),
});

interface Contact {
  readonly name: string;
  readonly identity: Uint8Array;
}

/** A client at which these are online, and some are known by a key. */
function resolverOf(users: readonly OnlineUser[], contacts: readonly Contact[]): UserResolver {
  const messenger = {
    users: Object.assign([...users], { ownsName: () => false }),
    chats: Object.assign([], { all: [], with: (contact: Contact) => contact }),
    calls: { pending: [] },
    trust: { contacts },
  };
  return new UserResolver(messenger as unknown as Messenger);
}

const anyTable = fc.array(anyUser, { minLength: 1, maxLength: 5 }).map((users) =>
  users.map(({ key, ...user }, id): OnlineUser => ({
    ...user,
    ...{ id, own: false },
    details: { identity: key ?? new Uint8Array() } as OnlineUser["details"],
  }))
);
const anyContacts = fc.array(
  fc.record({
    name: fc.constantFrom("ada", "Ada", "1", "a"),
    identity: fc.constantFrom(testKey(1)),
  }),
  { maxLength: 1 },
);

/** Whoever WHO means; undefined for nobody, or several. */
function found(resolver: UserResolver, line: string): OnlineUser | undefined {
  try {
    return resolver.find(parseQuery(line)) as OnlineUser;
  } catch {
    return undefined;
  }
}

Deno.test("WHO: whatever is typed, nobody is meant who was not named", () => {
  const typed = fc.constantFrom(
    ...NAMES,
    '"1"',
    '"Ada"',
    "ada@192.0.2.2",
    "3",
    "Ada@192.0.2.1:4000",
  );
  fc.assert(fc.property(anyTable, anyContacts, typed, (users, contacts, line) => {
    const resolver = resolverOf(users, contacts);
    const listed = resolver.list("");
    const one = found(resolver, line);
    if (one === undefined) return;
    const who = parseQuery(line);
    const { name, address, port } = one;
    const spellings = address === undefined // a contact, to whom messages wait
      ? [name]
      : [name, `${name}@${address}`, `${name}@${formatAddress(address, port)}`];
    const isNamed = spellings.some((spelling) => nameKey(spelling) === nameKey(who.text));
    // A contact is meant by the known name under any other, too.
    const isContact = contacts.some(({ name, identity }) =>
      nameKey(name) === nameKey(who.text) && keyOf(one) === identity.toHex()
    );
    const isNumbered = /^\d+$/.test(line) && listed[Number(line) - 1] === one;
    assert(isNamed || isNumbered || isContact, `${line} means ${formatQuery(name)}`);
    if (!isNumbered || isNamed || isContact) return;
    const others = [...users, ...contacts].filter((other) => nameKey(other.name) === nameKey(line));
    assert(others.length === 0, `${line} is also a name`);
  }));
});

Deno.test("WHO: what Tab and /who write means the very one, or nobody", () => {
  fc.assert(fc.property(anyTable, anyContacts, (users, contacts) => {
    const resolver = resolverOf(users, contacts);
    const people = [...users];
    const whom = (who: Parameters<UserResolver["whom"]>[0]) => resolver.whom(who, people);
    const { candidates } = complete("/talk ", 6, { people, recent: [], whom });
    for (const word of candidates) {
      const one = found(resolver, word);
      assert(one !== undefined, `${word} means nobody`);
      const isSame = people.some((user) =>
        keyOf(user) === keyOf(one) && user.address === one.address && user.name === one.name
      );
      assert(isSame, `${word} means ${one.name}`);
      assert(
        nameKey(word.replaceAll('"', "")).startsWith(nameKey(one.name)),
        `${word}: ${one.name}`,
      );
    }
    for (const [index, user] of resolver.list("").entries()) {
      const one = found(resolver, String(index + 1));
      assert(one === undefined || keyOf(one) === keyOf(user) && one.name === user.name);
    }
  }));
});
