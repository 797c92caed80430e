/** Whose a name is: of whom the user knows, else by the server's word. */

import { assertEquals } from "@std/assert";
import type { OnlineUser } from "../../../client/core/mod.ts";
import { nameOwners } from "../../../client/app/name_owners.ts";
import type { UserCandidate } from "../../../client/app/user_query.ts";
import { testKey } from "../../fixtures/keys.ts";
import { pinOf } from "../storage/contacts/temp_store.ts";

const [K1, K2] = [1, 2].map(testKey) as [Uint8Array, Uint8Array];

/** Somebody in the table; certified where the server says that the name is that key's. */
function row(name: string, identity?: Uint8Array, certified = identity !== undefined): OnlineUser {
  const details = {
    session: new Uint8Array(8),
    capabilities: 0,
    identity: identity ?? new Uint8Array(),
    certificate: certified ? { claimed: 1, issued: 1, signature: new Uint8Array(64) } : undefined,
    availability: "online",
    status: "",
    reachability: "unknown",
    addresses: [],
  } as const;
  return { name, address: "192.0.2.1", port: 1, id: 1, own: false, details };
}

const classic = row("bob");
const certified = row("bob", K1);
const other = row("bob", K2);
const uncertified = row("bob", K1, false);
const alsoUncertified = row("bob", K2, false);
const calling: UserCandidate = { name: "bob", address: "192.0.2.9", port: 9, identity: K2 };

const CASES: readonly (readonly [
  what: string,
  online: readonly OnlineUser[],
  others: readonly UserCandidate[],
  owner: Uint8Array | undefined,
])[] = [
  ["nobody", [], [], undefined],
  ["somebody classic", [classic], [], undefined],
  ["the owner", [certified], [], K1],
  ["the owner and somebody classic", [classic, certified, classic], [], K1],
  ["the owner, twice", [certified, row("Bob", K1)], [], K1],
  ["the owner, and another key", [certified, alsoUncertified], [], K1],
  ["the owner, and a call with another key", [certified], [calling], K1],
  ["two that are certified", [certified, other, classic], [], undefined],
  ["one key alone", [uncertified, uncertified], [], K1],
  ["one key, and somebody classic", [uncertified, classic], [], undefined],
  ["two keys", [uncertified, alsoUncertified], [], undefined],
  ["a key, and a call with another", [uncertified], [calling], undefined],
];

for (const [what, online, others, owner] of CASES) {
  Deno.test(`owners: under a name there is ${what}`, () => {
    const messenger = {
      trust: { contacts: [] },
      users: Object.assign([...online], {
        ownsName: ({ details }: OnlineUser) => details?.certificate !== undefined,
      }),
    };
    const there = [...online, ...others];
    const keys = nameOwners("bob", messenger, there).map(({ identity }) => identity);
    assertEquals(keys, owner === undefined ? [] : [owner]);
    const contacts = [pinOf("Bob", { identity: K2 })];
    assertEquals(
      nameOwners("bob", { ...messenger, trust: { contacts } }, there),
      contacts,
      "known by a key",
    );
    assertEquals(nameOwners("eve", messenger, there), [], "another name");
  });
}
