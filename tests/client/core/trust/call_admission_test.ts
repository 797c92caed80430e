import { assertEquals } from "@std/assert";
import type { OnlineUser, Pin } from "../../../../client/core/mod.ts";
import {
  classicDoubt,
  mayCall,
  mayEnter,
  preferNewer,
  securityIn,
} from "../../../../client/core/trust/call_admission.ts";

const [K1, K2, K3] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

function pin(name: string, identity: Uint8Array, verified = false): Pin {
  return { server: "s", name, identity, verified, since: 1 };
}

function row(name: string, identity?: Uint8Array): OnlineUser {
  const details = {
    session: new Uint8Array(8),
    capabilities: 0,
    identity: identity ?? new Uint8Array(),
    certificate: undefined,
    availability: "online",
    status: "",
    reachability: "unknown",
    addresses: [],
  } as const;
  return { name, address: "192.0.2.1", port: 1, id: 1, own: false, details };
}

const classicServer: OnlineUser = { name: "bob", address: "192.0.2.1", port: 1, id: 1, own: false };

const CALLS: readonly (readonly [
  what: string,
  identity: Uint8Array | undefined,
  pin: Pin | undefined,
  classicOnce: boolean,
  expected: string,
])[] = [
  ["neither key nor pin", undefined, undefined, false, "classic"],
  ["neither key nor pin, whatever the user has said", undefined, undefined, true, "classic"],
  ["a key, and no pin", K1, undefined, false, "new"],
  ["a key, and its pin", K1, pin("bob", K1), false, "pinned"],
  ["a key that was compared", K1, pin("bob", K1, true), false, "verified"],
  ["another key than pinned", K2, pin("bob", K1), false, "blocked"],
  ["another key than the one that was compared", K2, pin("bob", K1, true), false, "blocked"],
  ["another key than pinned, though classic is allowed", K2, pin("bob", K1), true, "blocked"],
  ["no key, and a pin", undefined, pin("bob", K1), false, "blocked"],
  ["no key, and a pin, and the user allows it", undefined, pin("bob", K1), true, "classic"],
  ["a key, and its pin, though classic is allowed", K1, pin("bob", K1), true, "pinned"],
];

for (const [what, identity, pin, classicOnce, expected] of CALLS) {
  Deno.test(`trust: calling somebody with ${what} is ${expected}`, () => {
    const verdict = mayCall(identity, pin, classicOnce);
    assertEquals(verdict.type === "secure" ? verdict.security : verdict.type, expected);
    if (!classicOnce) {
      assertEquals(securityIn(identity, pin), expected === "blocked" ? "changed" : expected);
    }
  });
}

const ENTRIES: readonly (readonly [
  what: string,
  pins: readonly Pin[],
  table: readonly OnlineUser[],
  expected: string,
])[] = [
  ["nobody knows", [], [], "new"],
  ["the server knows", [], [row("bob", K1)], "new, confirmed"],
  ["the server knows among namesakes", [], [row("bob", K2), row("bob", K1)], "new, confirmed"],
  ["the server knows under two names", [], [row("al", K1), row("bob", K1)], "new, confirmed"],
  ["only a classic server knows", [], [classicServer], "new"],
  ["a classic client has the name, too", [], [row("bob")], "new"],
  ["others are in the table", [], [row("al", K2), row("ed")], "new"],
  ["is pinned", [pin("bob", K1)], [], "pinned, confirmed"],
  ["is pinned and compared", [pin("bob", K1, true)], [], "verified, confirmed"],
  ["is pinned, with other case and spaces", [pin("BOB ", K1)], [], "pinned, confirmed"],
  ["is pinned, whatever the server says", [pin("bob", K1)], [row("bob", K2)], "pinned, confirmed"],
  ["is pinned under another name too", [pin("al", K1), pin("bob", K1)], [], "pinned, confirmed"],
  ["has another key than pinned", [pin("bob", K2)], [], "blocked"],
  [
    "has another key than pinned, though the server says so",
    [pin("bob", K2)],
    [row("bob", K1)],
    "blocked",
  ],
  ["looks like a pinned name", [pin("Bob", K2)], [], "blocked"],
  ["has another key than the server knows", [], [row("bob", K2)], "blocked"],
  ["looks like a name that the server knows", [], [row("BOB", K2)], "blocked"],
  ["the server knows under another name", [], [row("al", K1)], "blocked"],
  ["is pinned under another name", [pin("al", K1)], [], "blocked"],
  ["has a new name that the server knows", [pin("al", K1)], [row("bob", K1)], "new, confirmed"],
  ["has somebody else's name and key", [pin("al", K1)], [row("bob", K3)], "blocked"],
];

for (const [what, pins, table, expected] of ENTRIES) {
  Deno.test(`trust: a caller who ${what} is ${expected}`, () => {
    const admission = mayEnter({ name: "bob", identity: K1 }, pins, table);
    const shown = admission.type === "blocked"
      ? "blocked"
      : admission.security + (admission.confirmed ? ", confirmed" : "");
    assertEquals(shown, expected);
  });
}

Deno.test("trust: who calls in classic MIM under a pinned name waits for the user's word", () => {
  assertEquals(classicDoubt(undefined), undefined);
  assertEquals(classicDoubt(pin("bob", K1)), { reason: "key-missing", contact: "bob" });
});

Deno.test("trust: of two links that crossed, both sides keep the one that the smaller key dialled", () => {
  const small = { identity: K1, staticKey: K3 };
  const large = { identity: K2, staticKey: K1 };
  const [mine, theirs] = [{ direction: "outgoing" }, { direction: "incoming" }] as const;
  // What the smaller dialled is "me" to it, and "them" to the other; whichever is newer.
  assertEquals(preferNewer(small, large, theirs, mine), true);
  assertEquals(preferNewer(small, large, mine, theirs), false);
  assertEquals(preferNewer(large, small, theirs, mine), false);
  assertEquals(preferNewer(large, small, mine, theirs), true);
  assertEquals(preferNewer(small, large, mine, mine), true);
  assertEquals(preferNewer(small, large, theirs, theirs), true);
  // Two programs of one user: their static keys tell them apart.
  assertEquals(preferNewer(small, { identity: K1, staticKey: K1 }, mine, theirs), true);
  assertEquals(preferNewer({ identity: K1, staticKey: K1 }, small, mine, theirs), false);
});
