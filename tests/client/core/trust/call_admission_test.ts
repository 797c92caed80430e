import { assertEquals } from "@std/assert";
import type { OnlineUser, Pin } from "../../../../client/core/mod.ts";
import { confusableKey } from "../../../../protocol/mod.ts";
import {
  type CallAdmission,
  type CallVerdict,
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

/** A certified name, or one that nothing confirms; and by which name the key is known. */
const CERTIFIED = "certified";
const NOT = "not certified";
const AS_AL = "certified, and known as al";

const CALLS: readonly (readonly [
  what: string,
  identity: Uint8Array | undefined,
  pin: Pin | undefined,
  classicOnce: boolean,
  certified: string,
  expected: string,
])[] = [
  ["neither key nor pin", undefined, undefined, false, NOT, "classic"],
  ["neither key nor pin, whatever the user has said", undefined, undefined, true, NOT, "classic"],
  ["a certified key, and no pin", K1, undefined, false, CERTIFIED, "new"],
  ["a key that nothing certifies, and no pin", K1, undefined, false, NOT, "unconfirmed"],
  ["a key that is known by another name", K1, undefined, false, AS_AL, "pinned, known as al"],
  ["a key, and its pin", K1, pin("bob", K1), false, NOT, "pinned"],
  ["a key that was compared", K1, pin("bob", K1, true), false, NOT, "verified"],
  ["another key than pinned", K2, pin("bob", K1), false, NOT, "blocked"],
  ["another key than pinned, though certified", K2, pin("bob", K1), false, CERTIFIED, "blocked"],
  ["another key than the one compared", K2, pin("bob", K1, true), false, CERTIFIED, "blocked"],
  ["another key, though classic is allowed", K2, pin("bob", K1), true, CERTIFIED, "blocked"],
  ["no key, and a pin", undefined, pin("bob", K1), false, NOT, "blocked"],
  ["no key, and a pin, and the user allows it", undefined, pin("bob", K1), true, NOT, "classic"],
  ["a key, and its pin, though classic is allowed", K1, pin("bob", K1), true, NOT, "pinned"],
];

for (const [what, identity, pinned, classicOnce, certified, expected] of CALLS) {
  Deno.test(`trust: calling somebody with ${what} is ${expected}`, () => {
    const pinOfKey = certified === AS_AL ? pin("al", K1) : pinned;
    const evidence = { pin: pinned, pinOfKey, isCertified: certified !== NOT };
    const verdict = mayCall(identity, evidence, classicOnce);
    assertEquals(shown(verdict), expected);
    if (classicOnce) return;
    const [security] = expected.split(",");
    assertEquals(securityIn(identity, evidence), security === "blocked" ? "changed" : security);
  });
}

function shown(verdict: CallVerdict | CallAdmission): string {
  if (verdict.type !== "secure") return verdict.type;
  const { security, contact } = verdict;
  return contact === undefined ? security : `${security}, known as ${contact.name}`;
}

const ENTRIES: readonly (readonly [
  what: string,
  pins: readonly Pin[],
  table: readonly OnlineUser[],
  certified: typeof CERTIFIED | typeof NOT,
  expected: string,
])[] = [
  ["nobody knows", [], [], NOT, "unconfirmed"],
  ["shows a certificate", [], [], CERTIFIED, "new"],
  ["the server knows and certifies", [], [row("bob", K1)], CERTIFIED, "new"],
  ["the server lists and does not certify", [], [row("bob", K1)], NOT, "unconfirmed"],
  ["the server knows among namesakes", [], [row("bob", K2), row("bob", K1)], CERTIFIED, "new"],
  ["the server knows under two names", [], [row("al", K1), row("bob", K1)], CERTIFIED, "new"],
  ["only a classic server knows", [], [classicServer], NOT, "unconfirmed"],
  ["a classic client has the name, too", [], [row("bob")], NOT, "unconfirmed"],
  ["others are in the table", [], [row("al", K2), row("ed")], NOT, "unconfirmed"],
  ["is pinned", [pin("bob", K1)], [], NOT, "pinned"],
  ["is pinned and compared", [pin("bob", K1, true)], [], NOT, "verified"],
  ["is pinned, with other case and spaces", [pin("BOB ", K1)], [], NOT, "pinned"],
  ["is pinned, whatever the server says", [pin("bob", K1)], [row("bob", K2)], NOT, "pinned"],
  ["is pinned under another name too", [pin("al", K1), pin("bob", K1)], [], NOT, "pinned"],
  ["has another key than pinned", [pin("bob", K2)], [], NOT, "blocked"],
  ["has another key than pinned, and is certified", [pin("bob", K2)], [], CERTIFIED, "blocked"],
  [
    "has another key than pinned, though the server lists it",
    [pin("bob", K2)],
    [row("bob", K1)],
    CERTIFIED,
    "blocked",
  ],
  ["has a pinned name but for case", [pin("Bob", K2)], [], NOT, "blocked"],
  ["has a name that looks like a pinned one", [pin("bоb", K2)], [], CERTIFIED, "blocked"],
  ["has another key than the server knows", [], [row("bob", K2)], NOT, "blocked"],
  ["looks like a name that the server knows", [], [row("BOB", K2)], NOT, "blocked"],
  ["looks like a name in other letters there", [], [row("bоb", K2)], NOT, "blocked"],
  ["the server knows under another name", [], [row("al", K1)], NOT, "blocked"],
  ["is pinned under another name", [pin("al", K1)], [], NOT, "blocked"],
  [
    "is pinned under another name, and certified",
    [pin("al", K1)],
    [],
    CERTIFIED,
    "pinned, known as al",
  ],
  [
    "was compared under another name",
    [pin("al", K1, true)],
    [],
    CERTIFIED,
    "verified, known as al",
  ],
  ["has a new name in the table", [pin("al", K1)], [row("bob", K1)], NOT, "unconfirmed"],
  ["has somebody else's name and key", [pin("al", K1)], [row("bob", K3)], NOT, "blocked"],
];

for (const [what, pins, table, certified, expected] of ENTRIES) {
  Deno.test(`trust: a caller who ${what} is ${expected}`, () => {
    const admission = mayEnter({ name: "bob", identity: K1 }, {
      pin: pins.find(({ name }) => confusableKey(name) === "bob"),
      pinOfKey: pins.find(({ identity }) => identity === K1),
      isCertified: certified === CERTIFIED,
    }, table);
    assertEquals(shown(admission), expected);
  });
}

Deno.test("trust: who calls in classic MIM under a pinned name waits for the user's word", () => {
  const caller = { name: "bob", address: "192.0.2.7" };
  assertEquals(classicDoubt(caller, undefined, []), undefined);
  assertEquals(classicDoubt(caller, pin("bob", K1), []), {
    reason: "key-missing",
    contact: "bob",
  });
});

Deno.test("trust: a classic caller under the name of somebody online with a key waits, also at its address", () => {
  const caller = { name: "bob", address: "192.0.2.7" };
  const owner = row("bob", K1);
  const doubt = { reason: "key-missing", contact: "bob" } as const;
  for (const address of ["192.0.2.7", "192.0.2.8"]) {
    assertEquals(classicDoubt(caller, undefined, [{ ...owner, address }]), doubt);
  }
  const classic = { ...row("bob"), address: caller.address };
  assertEquals(
    classicDoubt(caller, undefined, [owner, classic]),
    undefined,
    "who is listed is known",
  );
  assertEquals(classicDoubt({ ...caller, name: "eve" }, undefined, [owner]), undefined);
});

Deno.test("trust: a classic caller whose name belongs to a key, as the server says, waits", () => {
  const caller = { name: "bob", address: "192.0.2.7" };
  const listed = { ...row("bob"), address: caller.address };
  const details = listed.details && { ...listed.details, isNameClaimed: true };
  assertEquals(classicDoubt(caller, undefined, [{ ...listed, ...details && { details } }]), {
    reason: "key-missing",
    contact: "bob",
  });
});

Deno.test("trust: of two links that crossed, both sides keep the one that the smaller key dialed", () => {
  const small = { identity: K1, staticKey: K3 };
  const large = { identity: K2, staticKey: K1 };
  const [mine, theirs] = [{ direction: "outgoing" }, { direction: "incoming" }] as const;
  // The link that the smaller key dialed is outgoing there and incoming at the other; whichever is newer.
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
