/** Claims of names that several servers settle in one store. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  createRotation,
  createSignature,
  identityOf,
  type KeyRotation,
} from "../../../protocol/mod.ts";
import { type ClaimRegistry, ClusterClaims } from "../../../server/cluster/cluster_claims.ts";
import {
  claimKeyOf,
  decodeClaimRecord,
  encodeClaimRecord,
} from "../../../server/cluster/claim_record.ts";
import type { NameAnswer } from "../../../server/cluster/name_inquiries.ts";
import type { ClaimSigner } from "../../../server/identity/mod.ts";
import { NameRegistry, type SharedClaim } from "../../../server/identity/name_registry.ts";
import { testKey } from "../../fixtures/keys.ts";
import { MemoryStore, signerAmong } from "../../helpers/record_store.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { FakeTime } from "../../helpers/time.ts";

const SERVER_KEY = testKey(9);
const [ADA, EVE] = [identityOf(testKey(1)), identityOf(testKey(2))];
const DAY_MS = 86_400_000;

/** A server's names, with a clock. */
class Server implements ClaimRegistry, Disposable {
  now = 1_000_000 * DAY_MS / 1_000;
  /** The server's keys, the present one last. */
  keys: readonly Uint8Array[] = [SERVER_KEY];
  readonly names: NameRegistry;
  readonly claimsOfAll: ClusterClaims;
  readonly #folder = new TempFolder();

  constructor(store?: MemoryStore) {
    this.names = new NameRegistry(`${this.#folder.path}/names.db`, 90, () => {});
    this.claimsOfAll = new ClusterClaims(this, 0, () => Promise.resolve("unknown"));
    this.claimsOfAll.connect(store);
  }

  claimOf(name: string) {
    return { claim: this.names.ownerOf(name) };
  }

  claims(which: "all" | "freed"): SharedClaim[] {
    return this.names.all(which);
  }

  adoptClaims(claims: readonly SharedClaim[]): boolean {
    this.names.adopt(claims, this.now);
    return true;
  }

  isClaimFree(claim: SharedClaim): boolean {
    return this.names.isFree(claim, this.now);
  }

  newClaim(name: string, identity: Uint8Array, before: number): SharedClaim {
    return { name, identity, claimed: Math.max(this.now, before + 1), used: this.now };
  }

  signClaim(claim: SharedClaim): Uint8Array {
    return createSignature({ type: "claim", ...claim }, this.keys.at(-1) ?? SERVER_KEY);
  }

  claimSigner(claim: SharedClaim, signature: Uint8Array): ClaimSigner | undefined {
    return signerAmong(this.keys, { type: "claim", ...claim }, signature);
  }

  /** Whether a value is signed with its present key. */
  hasSigned({ value }: { readonly value: Uint8Array }): boolean {
    const record = decodeClaimRecord(value);
    return record !== undefined &&
      this.claimSigner(record.claim, record.signature) === "present-key";
  }

  /** Connects it, as after an earlier run. */
  async join(store: MemoryStore, isFirst = false): Promise<void> {
    this.claimsOfAll.connect(store);
    const known = this.claimsOfAll.take(store.all, isFirst);
    await this.claimsOfAll.export(new Set(known), isFirst);
  }

  /** Whether a key gets a name: first settled with the others, then by the own copy. */
  async logIn(name: string, identity: Uint8Array, ...rotations: KeyRotation[]) {
    const isSettled = await (this.claimsOfAll.settle(name, identity, rotations) ?? true);
    if (!isSettled) return "later";
    return this.names.claim(name, identity, this.now, rotations) === undefined ? "taken" : "in";
  }

  owner(name: string): string | undefined {
    return this.names.ownerOf(name)?.identity.toHex();
  }

  [Symbol.dispose](): void {
    this.names[Symbol.dispose]();
    this.#folder[Symbol.dispose]();
  }
}

Deno.test("cluster claims: of two servers that claim a name at once one wins, and both say so", async () => {
  const store = new MemoryStore();
  using one = new Server(store);
  using two = new Server(store);
  const answers = await Promise.all([one.logIn("ada", ADA), two.logIn("Ada", EVE)]);
  assertEquals(answers.toSorted(), ["in", "taken"]);
  assertEquals(one.owner("ada"), two.owner("ada"));
  assertEquals(one.names.ownerOf("ada")?.claimed, two.names.ownerOf("ada")?.claimed);
  assertEquals(store.values.size, 1);
});

Deno.test("cluster claims: without the store known names are let in, and new ones wait", async () => {
  const store = new MemoryStore();
  using one = new Server(store);
  assertEquals(await one.logIn("ada", ADA), "in");
  store.isGone = true;
  for (const gone of [store, undefined]) {
    one.claimsOfAll.connect(gone);
    assertEquals(await one.logIn("ada", ADA), "in");
    assertEquals(await one.logIn("ada", EVE), "taken");
    assertEquals(await one.logIn("eve", EVE), "later");
    assertEquals(one.owner("eve"), undefined);
  }
  store.isGone = false;
  one.claimsOfAll.connect(store);
  assertEquals(await one.logIn("eve", EVE), "in");
});

Deno.test("cluster claims: a name that expired goes to another key, once", async () => {
  const store = new MemoryStore();
  using one = new Server(store);
  using two = new Server(store);
  assertEquals(await one.logIn("ada", ADA), "in");
  two.claimsOfAll.take(store.all, false);
  for (const server of [one, two]) server.now += 91 * DAY_MS;
  const answers = await Promise.all([one.logIn("ada", EVE), two.logIn("ada", ADA)]);
  assertEquals(answers.toSorted(), ["in", "taken"]);
  assertEquals(one.owner("ada"), two.owner("ada"));
});

Deno.test("cluster claims: use is told, so that a name does not expire elsewhere", async () => {
  const store = new MemoryStore();
  using one = new Server(store);
  using two = new Server(store);
  assertEquals(await one.logIn("ada", ADA), "in");
  for (const server of [one, two]) server.now += 60 * DAY_MS;
  one.names.recordUse([{ name: "ada", identity: ADA }], one.now);
  await one.claimsOfAll.recordUse([{ name: "ada", identity: ADA }]);
  two.claimsOfAll.take(store.all, false);
  for (const server of [one, two]) server.now += 60 * DAY_MS;
  assertEquals(await two.logIn("ada", EVE), "taken");
});

Deno.test("cluster claims: a name goes with a key that its owner rotated to", async () => {
  const store = new MemoryStore();
  using one = new Server(store);
  using two = new Server(store);
  assertEquals(await one.logIn("ada", ADA), "in");
  two.claimsOfAll.take(store.all, false);
  const rotation = createRotation(testKey(1), testKey(3), 5);
  assertEquals(await two.logIn("ada", identityOf(testKey(3)), rotation), "in");
  one.claimsOfAll.take(store.all, false);
  assertEquals(await one.logIn("ada", ADA), "taken");
  assertEquals(await one.logIn("ada", identityOf(testKey(3))), "in");
});

Deno.test("cluster claims: what the operator frees at one server is free at all", async () => {
  const store = new MemoryStore();
  using one = new Server(store);
  using two = new Server(store);
  assertEquals(await one.logIn("ada", ADA), "in");
  two.claimsOfAll.take(store.all, false);
  const owned = one.names.ownerOf("ada");
  assert(owned !== undefined);
  const before = store.all;
  one.names.adopt([{ ...owned, identity: new Uint8Array(0), used: 0 }], one.now); // as names free --now does
  await one.claimsOfAll.exportFreed();
  two.claimsOfAll.take(store.all, false);
  two.claimsOfAll.take(before, false); // a value of before that somebody publishes again
  assertEquals(await two.logIn("ada", EVE), "in");
  one.claimsOfAll.take(store.all, false);
  one.claimsOfAll.take(before, false);
  assertEquals(await one.logIn("ada", ADA), "taken");
});

Deno.test("cluster claims: at the first start the cluster's owners count, and nothing is overwritten", async () => {
  const store = new MemoryStore();
  using one = new Server(store);
  using two = new Server();
  assertEquals(await one.logIn("ada", ADA), "in");
  two.now += DAY_MS; // claimed later, by a server that was alone until now
  two.names.claim("ada", EVE, two.now);
  two.names.claim("bob", EVE, two.now);
  two.claimsOfAll.connect(store);
  two.claimsOfAll.take(store.all, true);
  await two.claimsOfAll.export(new Set(store.values.keys()), true);
  assertEquals(two.owner("ada"), ADA.toHex());
  one.claimsOfAll.take(store.all, false);
  assertEquals(one.owner("ada"), ADA.toHex());
  assertEquals(one.owner("bob"), EVE.toHex());
});

Deno.test("cluster claims: clocks that are an hour apart change no owner", async () => {
  const store = new MemoryStore();
  using one = new Server(store);
  using two = new Server(store);
  two.now += 3_600_000;
  assertEquals(await two.logIn("ada", ADA), "in");
  one.claimsOfAll.take(store.all, false);
  assertEquals(await one.logIn("ada", EVE), "taken");
  assertEquals(await one.logIn("bob", EVE), "in");
  two.claimsOfAll.take(store.all, false);
  assertEquals(await two.logIn("bob", ADA), "taken");
  for (const server of [one, two]) {
    server.names.recordUse([{ name: "ada", identity: ADA }], server.now);
    assertEquals(await server.logIn("ada", ADA), "in");
    assertEquals(server.names.ownerOf("ada")?.claimed, two.now);
  }
});

Deno.test("cluster claims: what this server's key has not signed, or for another name, is no claim", async () => {
  const store = new MemoryStore();
  using one = new Server(store);
  assertEquals(await one.logIn("ada", ADA), "in");
  const [value] = store.all;
  assert(value !== undefined);
  const claim = { name: "ada", identity: EVE, claimed: one.now * 2, used: one.now * 2 };
  const signature = createSignature({ type: "claim", ...claim }, testKey(8));
  const forged = { key: claimKeyOf("ada"), value: encodeClaimRecord({ claim, signature }) };
  const moved = { key: claimKeyOf("bob"), value: value.value };
  const garbage = { key: claimKeyOf("ada"), value: new Uint8Array([1, 2, 3]) };
  one.claimsOfAll.take([forged, moved, garbage], false);
  assertEquals(one.owner("ada"), ADA.toHex());
  assertEquals(one.owner("bob"), undefined);
  // Garbage over a claim, or its deletion, takes it from nobody, and gives it to nobody.
  for (const stored of [{ value: garbage.value, revision: 99 }, undefined]) {
    store.values.delete(forged.key);
    if (stored !== undefined) store.values.set(forged.key, stored);
    assertEquals(await one.logIn("ada", EVE), "taken");
    assertEquals(await one.logIn("ada", ADA), "in");
  }
});

Deno.test("cluster claims: who erases a claim gives the name to nobody, and it is written back", async () => {
  const store = new MemoryStore();
  using one = new Server();
  await one.join(store);
  assertEquals(await one.logIn("Bob", ADA), "in");
  const old = store.all;
  one.now += DAY_MS;
  const key = claimKeyOf("bob");
  const values = [new Uint8Array(0), crypto.getRandomValues(new Uint8Array(200))];
  const claim = { name: "bob", identity: EVE, claimed: one.now, used: one.now };
  const signature = createSignature({ type: "claim", ...claim }, testKey(8));
  values.push(encodeClaimRecord({ claim, signature }));
  let time = 0;
  for (const value of values) {
    time += 60_000;
    store.values.set(key, { value, revision: 1_000 + time });
    using two = new Server(); // it has no copy
    await two.join(store, true);
    assertEquals(await two.logIn("bob", EVE), "later");
    one.claimsOfAll.take(store.all, false);
    await one.claimsOfAll.restore(time);
    assert(store.all.every((stored) => one.hasSigned(stored)));
    two.claimsOfAll.take(store.all, false);
    assertEquals(await two.logIn("bob", EVE), "taken");
    assertEquals(two.names.ownerOf("bob")?.name, "Bob");
    // Somebody who does it again and again is not answered each time, but in the end.
    store.values.set(key, { value, revision: 1_001 + time });
    one.claimsOfAll.take(store.all, false);
    await one.claimsOfAll.restore(time + 1_000);
    assertEquals(store.values.get(key)?.value, value);
    await one.claimsOfAll.restore(time + 20_000);
    assert(store.all.every((stored) => one.hasSigned(stored)));
    // A value that was read is not replaced.
    const { size } = store.values;
    await one.claimsOfAll.restore(time + 40_000);
    assertEquals(store.values.size, size);
  }
  // A claim of before that somebody publishes again gives way, too.
  const rotation = createRotation(testKey(1), testKey(3), 5);
  assertEquals(await one.logIn("bob", identityOf(testKey(3)), rotation), "in");
  store.values.set(key, { value: old[0]?.value ?? new Uint8Array(0), revision: 9_999 });
  one.claimsOfAll.take(store.all, false);
  await one.claimsOfAll.restore(time + 80_000);
  using three = new Server();
  await three.join(store, true);
  assertEquals(three.owner("bob"), identityOf(testKey(3)).toHex());
});

Deno.test("cluster claims: who takes a name after all claims were erased does not keep it", async () => {
  const store = new MemoryStore();
  using one = new Server();
  await one.join(store);
  assertEquals(await one.logIn("ada", ADA), "in");
  store.values.clear(); // of which nobody is told
  using two = new Server(); // it asks nobody
  await two.join(store, true);
  two.now += DAY_MS;
  assertEquals(await two.logIn("ada", EVE), "in");
  one.claimsOfAll.noteErased();
  await one.join(store);
  assertEquals(one.owner("ada"), ADA.toHex());
  two.claimsOfAll.take(store.all, false);
  assertEquals(two.owner("ada"), ADA.toHex());
  // A name that is freed or moved later counts as ever.
  const rotation = createRotation(testKey(1), testKey(3), 5);
  assertEquals(await two.logIn("ada", identityOf(testKey(3)), rotation), "in");
  one.claimsOfAll.take(store.all, false);
  assertEquals(one.owner("ada"), identityOf(testKey(3)).toHex());
});

Deno.test("cluster claims: a name without a value is claimed only if the other servers know nothing of it", async () => {
  const store = new MemoryStore();
  using one = new Server();
  await one.join(store);
  assertEquals(await one.logIn("ada", ADA), "in");
  store.values.clear();
  using two = new Server();
  for (
    const [answer, expected] of [["unsure", false], ["known", false], ["unknown", true]] as const
  ) {
    const claims = new ClusterClaims(two, 0, () => Promise.resolve(answer));
    claims.connect(store);
    assertEquals(await claims.settle("bob", EVE), expected);
    assertEquals(two.owner("bob") === EVE.toHex(), expected);
  }
  const claims = new ClusterClaims(two, 0, async (key) => {
    return await one.claimsOfAll.recall(key) ? "known" : "unknown";
  });
  claims.connect(store);
  assertEquals(await claims.settle("ada", EVE), true);
  assertEquals(two.owner("ada"), ADA.toHex());
});

Deno.test("cluster claims: a name that a server has known goes to nobody once that one has stopped", async () => {
  const store = new MemoryStore();
  using one = new Server();
  await one.join(store);
  assertEquals(await one.logIn("ada", ADA), "in");
  store.values.clear();
  using two = new Server();
  const answers: NameAnswer[] = ["known"]; // it stops, and writes nothing back
  const claims = new ClusterClaims(two, 0, () => Promise.resolve(answers.shift() ?? "unknown"));
  claims.connect(store);
  assertEquals(await claims.settle("ada", EVE), false);
  assertEquals([two.owner("ada"), store.values.size], [undefined, 0]);
});

Deno.test("cluster claims: a name is known once it is written back, also to a store that is just opened", async () => {
  const store = new MemoryStore();
  using one = new Server();
  const claims = new ClusterClaims(one, 60_000, () => Promise.resolve("unknown"));
  claims.connect(store);
  assertEquals(await claims.settle("ada", ADA), true);
  for (const lost of [undefined, store]) {
    claims.connect(lost);
    store.isGone = true;
    const key = claimKeyOf("ada");
    const recalled = claims.recall(key);
    const opened = new MemoryStore();
    claims.connect(opened);
    assertEquals([await recalled, [...opened.values.keys()]], [true, [key]]);
  }
  // One that stops says that it knows the name all the same.
  claims.connect(undefined);
  const recalled = claims.recall(claimKeyOf("ada"));
  claims.close();
  assertEquals(await recalled, true);
});

Deno.test("cluster claims: an owner who is read while the others are asked keeps the name", async () => {
  const store = new MemoryStore();
  using one = new Server(store);
  using two = new Server();
  const claims = new ClusterClaims(two, 0, async () => {
    await one.logIn("ada", ADA);
    claims.take(store.all, false);
    store.values.clear(); // and is erased at once
    return "unknown";
  });
  claims.connect(store);
  assertEquals(await claims.settle("ada", EVE), true);
  assertEquals(two.owner("ada"), ADA.toHex());
});

Deno.test("cluster claims: claims that are erased during an export are no more exported by it", async () => {
  const store = new MemoryStore();
  using one = new Server();
  await one.join(store);
  assertEquals(await one.logIn("ada", ADA), "in");
  const other = new MemoryStore();
  using two = new Server(other); // it asks nobody
  two.now += DAY_MS;
  assertEquals(await two.logIn("ada", EVE), "in");
  store.values.clear();
  store.beforeWrite = () => {
    one.claimsOfAll.noteErased();
    one.claimsOfAll.connect(undefined);
    one.claimsOfAll.connect(other);
    return Promise.resolve();
  };
  await assertRejects(() => one.claimsOfAll.export(new Set(), false), Error);
  one.claimsOfAll.take(other.all, false);
  assertEquals(one.owner("ada"), ADA.toHex());
});

Deno.test("cluster claims: once the server stops, nobody waits for a store", async () => {
  using _time = new FakeTime();
  const store = new MemoryStore();
  using one = new Server();
  const claims = new ClusterClaims(one, 60_000, () => Promise.resolve("unknown"));
  claims.connect(store);
  store.isGone = true;
  const settling = claims.settle("ada", ADA);
  claims.close();
  assertEquals(await settling, false);
});

Deno.test("cluster claims: a value that is right again is not written back", async () => {
  const store = new MemoryStore();
  using one = new Server();
  await one.join(store);
  for (const name of ["ada", "bob"]) assertEquals(await one.logIn(name, ADA), "in");
  const right = store.all;
  for (const { key } of right) store.values.set(key, { value: new Uint8Array(3), revision: 99 });
  one.claimsOfAll.take(store.all, false);
  let writes = 0;
  store.beforeWrite = () => {
    writes++;
    one.claimsOfAll.take(right, false); // another server was faster
    return Promise.resolve();
  };
  await one.claimsOfAll.restore(0);
  assertEquals(writes, 1);
});

Deno.test("cluster claims: after the server's key has changed all names are known, also to new servers", async () => {
  const store = new MemoryStore();
  using one = new Server();
  await one.join(store);
  const keys = [SERVER_KEY, testKey(10)];
  for (const name of ["ada", "bob", "max"]) assertEquals(await one.logIn(name, ADA), "in");
  // Even if no server with a copy was there since then.
  using early = new Server();
  early.keys = keys;
  early.claimsOfAll.connect(store);
  assertEquals(await early.logIn("ada", EVE), "taken");
  one.keys = keys;
  store.values.set(claimKeyOf("max"), { value: new Uint8Array(3), revision: 99 });
  await one.join(store);
  assert(store.all.every((stored) => one.hasSigned(stored)));
  using late = new Server();
  late.keys = keys.slice(1);
  await late.join(store, true);
  for (const name of ["ada", "bob", "max"]) assertEquals(await late.logIn(name, EVE), "taken");
  // The earlier key, once that is done, takes nothing.
  const claim = { name: "ada", identity: EVE, claimed: one.now * 2, used: one.now * 2 };
  const signature = createSignature({ type: "claim", ...claim }, SERVER_KEY);
  const value = encodeClaimRecord({ claim, signature });
  store.values.set(claimKeyOf("ada"), { value, revision: 999 });
  one.claimsOfAll.take(store.all, false);
  assertEquals(one.owner("ada"), ADA.toHex());
  await one.claimsOfAll.restore(0);
  assert(store.all.every((stored) => one.hasSigned(stored)));
});
