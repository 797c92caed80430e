/** Bans that the servers of a cluster share through one store. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createSignature } from "../../../protocol/mod.ts";
import { type SharedBan, SharedBans } from "../../../server/admins/mod.ts";
import { banKeyOf, decodeBanRecord, encodeBanRecord } from "../../../server/cluster/ban_record.ts";
import { type BanSigner, ClusterBans } from "../../../server/cluster/cluster_bans.ts";
import { testKey } from "../../fixtures/keys.ts";
import { MemoryStore, signerAmong } from "../../helpers/record_store.ts";
import { TempFolder } from "../../helpers/disk.ts";

const SERVER_KEY = testKey(9);
const EVE = { kind: "names", who: "eve" } as const;

/** A server with its copy of the bans. */
class Server implements BanSigner, Disposable {
  /** The server's keys, the present one last. */
  keys: readonly Uint8Array[] = [SERVER_KEY];
  readonly bans: SharedBans;
  readonly cluster: ClusterBans;
  /** The bans that it has learned, and those that it has told the others later. */
  readonly events: string[] = [];
  readonly #folder = new TempFolder();
  #store: MemoryStore | undefined;
  #now = 0;

  constructor() {
    this.bans = new SharedBans(this.#folder.path);
    this.cluster = new ClusterBans(this.bans, this, {
      onAdopt: (bans) => this.events.push(...bans.map((ban) => `learned ${describe(ban)}`)),
      onSpread: (ban) => this.events.push(`told ${describe(ban)}`),
    });
  }

  signBan(ban: SharedBan): Uint8Array {
    return createSignature({ type: "ban", ...ban }, this.keys.at(-1) ?? SERVER_KEY);
  }

  banSigner(ban: SharedBan, signature: Uint8Array) {
    return signerAmong(this.keys, { type: "ban", ...ban }, signature);
  }

  /** Connects, and reads all values. */
  async join(store: MemoryStore): Promise<void> {
    this.#store = store;
    this.cluster.connect(store);
    this.cluster.take(store.all);
    this.cluster.complete();
    await this.look();
  }

  leave(): void {
    this.#store = undefined;
    this.cluster.connect(undefined);
  }

  /** Sees what has changed in the store, and writes what it has to, a while later. */
  async look(): Promise<void> {
    this.#now += 11_000;
    if (this.#store === undefined) return;
    this.cluster.take(this.#store.all);
    await this.cluster.write(this.#now);
  }

  /** An order of the operator; resolves to whether the others can know of it at once. */
  async order(isBanned: boolean, entry: Pick<SharedBan, "kind" | "who"> = EVE): Promise<boolean> {
    const before = this.bans.find(entry.kind, entry.who);
    const ban = { ...entry, isBanned, number: (before?.number ?? 0) + 1 };
    assert(this.bans.adopt(ban));
    return await this.cluster.spread(ban);
  }

  bansEve(): boolean {
    return this.bans.find("names", "eve")?.isBanned ?? false;
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

function describe({ who, isBanned, number }: SharedBan): string {
  return `${isBanned ? "+" : "-"}${who} ${number}`;
}

function stored(store: MemoryStore): string | undefined {
  const record = decodeBanRecord(store.values.get(banKeyOf(EVE))?.value ?? new Uint8Array(0));
  return record && describe(record.ban);
}

function forge(store: MemoryStore, ban: SharedBan, key: Uint8Array, at = banKeyOf(ban)): void {
  const signature = createSignature({ type: "ban", ...ban }, key);
  put(store, at, encodeBanRecord({ ban, signature }));
}

/** Eve's ban as somebody has erased it. */
function erased() {
  return { key: banKeyOf(EVE), value: new Uint8Array(0) };
}

/** Somebody who reaches the store writes there. */
function put(store: MemoryStore, key: string, value: Uint8Array): void {
  const revision = (store.values.get(key)?.revision ?? 0) + 1_000;
  store.values.set(key, { value, revision });
}

Deno.test("cluster bans: a ban and its end hold at all servers, those that were away too", async () => {
  const store = new MemoryStore();
  using one = new Server();
  using two = new Server();
  using three = new Server();
  for (const server of [one, two, three]) await server.join(store);
  three.leave();
  assert(await one.order(true));
  await two.look();
  assertEquals([two.bansEve(), three.bansEve()], [true, false]);
  await three.join(store);
  assert(three.bansEve());
  three.leave();
  // In other letters it is the same name.
  assert(await two.order(false, { kind: "names", who: "EVE" }));
  await one.look();
  await three.join(store);
  assertEquals([one, two, three].map((server) => server.bansEve()), [false, false, false]);
  assertEquals(store.values.size, 1);
  assertEquals(three.events, ["learned +eve 1", "learned -EVE 2"]);
});

Deno.test("cluster bans: without NATS a ban holds here, and is told as soon as that is back", async () => {
  const store = new MemoryStore();
  using one = new Server();
  using two = new Server();
  await two.join(store);
  assertEquals(await one.order(true), false);
  await one.join(store);
  assertEquals(one.events, ["told +eve 1"]);
  store.isGone = true;
  assertEquals(await one.order(false), false);
  await one.cluster.write(100_000).catch(() => {});
  store.isGone = false;
  await one.look();
  assertEquals(one.events, ["told +eve 1", "told -eve 2"]);
  await two.look();
  assertEquals([two.bansEve(), stored(store)], [false, "-eve 2"]);
});

Deno.test("cluster bans: a store that is lost during the writes gets the rest as soon as it is back", async () => {
  const store = new MemoryStore();
  using one = new Server();
  const max = { kind: "names", who: "max" } as const;
  for (const entry of [EVE, max]) await one.order(true, entry);
  one.cluster.connect(store);
  one.cluster.complete();
  store.beforeWrite = () => {
    one.cluster.connect(undefined);
    return Promise.resolve();
  };
  await one.cluster.write(0).catch(() => {});
  one.cluster.connect(store);
  await one.cluster.write(1_000);
  assertEquals(one.events.toSorted(), ["told +eve 1", "told +max 1"]);
});

Deno.test("cluster bans: nobody without the key lifts one, and what is erased is written back", async () => {
  const store = new MemoryStore();
  using one = new Server();
  await one.join(store);
  assert(await one.order(true));
  const first = store.values.get(banKeyOf(EVE))?.value ?? new Uint8Array(0);
  assert(await one.order(false));
  const lifted = store.values.get(banKeyOf(EVE))?.value ?? new Uint8Array(0);
  assert(await one.order(true));
  assert(first.length > 0);
  const lift = { ...EVE, isBanned: false, number: 99 };
  const attacks: (() => void)[] = [
    () => store.values.delete(banKeyOf(EVE)),
    () => put(store, banKeyOf(EVE), new Uint8Array(0)),
    () => put(store, banKeyOf(EVE), crypto.getRandomValues(new Uint8Array(100))),
    () => put(store, banKeyOf(EVE), lifted), // again
    () => forge(store, lift, testKey(8)),
    () => forge(store, { ...lift, who: "bob" }, SERVER_KEY, banKeyOf(EVE)),
  ];
  for (const attack of attacks) {
    attack();
    one.cluster.take([
      { key: banKeyOf(EVE), value: store.values.get(banKeyOf(EVE))?.value ?? new Uint8Array(0) },
    ]);
    assert(one.bansEve());
    await one.look();
    assertEquals(stored(store), "+eve 3");
    using late = new Server();
    await late.join(store);
    assert(late.bansEve());
  }
  // Keys of the store that are no ban's harm nobody.
  for (const key of ["ban.", "ban.names", "ban.names.!", "ban.people.ZXZl", "ban.names.ZXZl.x"]) {
    one.cluster.take([{ key, value: lifted }]);
  }
  assert(one.bansEve());
});

Deno.test("cluster bans: what others tell counts if a key of the server has signed it, and is written back", async () => {
  const store = new MemoryStore();
  using one = new Server();
  assertEquals([...one.cluster.inParts()], []);
  // Nobody else has read it yet.
  for (let user = 0; user < 501; user++) {
    assert(one.bans.adopt({ kind: "names", who: `eve${user}`, isBanned: true, number: 1 }));
  }
  const parts = [...one.cluster.inParts()];
  assertEquals(parts.map(({ length }) => length), [500, 1]);
  using two = new Server();
  await two.join(store);
  for (const part of parts) two.cluster.hear(part);
  const number = (server: Server) => server.bans.entries.names?.length;
  assertEquals([number(two), two.events.length, store.values.size], [501, 501, 0]);
  for (let looks = 0; looks < 3; looks++) await two.look();
  assertEquals(store.values.size, 501);
  using three = new Server();
  three.keys = [testKey(10)];
  for (const part of parts) three.cluster.hear(part);
  three.cluster.hear([{ key: banKeyOf(EVE), value: new Uint8Array(0) }]);
  assertEquals([number(three), three.events], [0, []]);
});

Deno.test("cluster bans: a server that another one was faster than writes the next time at once", async () => {
  const store = new MemoryStore();
  using one = new Server();
  using two = new Server();
  for (const server of [one, two]) await server.join(store);
  assert(await one.order(true));
  await two.look();
  for (let times = 0; times < 2; times++) {
    store.values.clear();
    for (const server of [one, two]) server.cluster.take([erased()]);
    // The clock stands: each writes a value back only every now and then.
    for (const server of [one, two]) await server.cluster.write(100_000);
    assertEquals(stored(store), "+eve 1");
  }
});

Deno.test("cluster bans: a key of before a rotation changes nothing that is known, and lifts nothing", async () => {
  const store = new MemoryStore();
  const [old, fresh] = [SERVER_KEY, testKey(10)];
  using one = new Server();
  using two = new Server();
  await one.join(store);
  assert(await one.order(true));
  one.leave();
  for (const server of [one, two]) server.keys = [old, fresh];
  // A server without a copy believes an earlier key's ban, and signs it anew.
  await two.join(store);
  assert(two.bansEve());
  using three = new Server();
  three.keys = [fresh];
  await three.join(store);
  assert(three.bansEve());
  await one.join(store);
  forge(store, { ...EVE, isBanned: false, number: 99 }, old);
  for (const server of [one, two, three]) await server.look();
  assertEquals([one, two, three].map((server) => server.bansEve()), [true, true, true]);
  assertEquals(stored(store), "+eve 1");
  // Nor does it by way of a server that knows of no ban yet.
  forge(store, { ...EVE, isBanned: false, number: 99 }, old);
  using four = new Server();
  four.keys = [old, fresh];
  await four.join(store);
  assertEquals(four.bans.find("names", "eve"), undefined);
  await one.look();
  await four.look();
  assert(four.bansEve());
});

Deno.test("cluster bans: of two orders at once one counts, for all; of two nobody can compare, the ban", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          server: fc.nat(2),
          act: fc.constantFrom("ban", "lift", "leave", "join", "look"),
        }),
        { maxLength: 25 },
      ),
      async (steps) => {
        const store = new MemoryStore();
        using one = new Server();
        using two = new Server();
        using three = new Server();
        const servers = [one, two, three];
        for (const server of servers) await server.join(store);
        for (const { server: index, act } of steps) {
          const server = servers[index] ?? one;
          if (act === "leave") server.leave();
          else if (act === "join") await server.join(store);
          else if (act === "look") await server.look();
          else if (server.bansEve() !== (act === "ban")) await server.order(act === "ban");
        }
        for (const server of servers) await server.join(store);
        for (const server of servers) await server.look();
        const [first, ...others] = servers.map(({ bans }) => bans.find("names", "eve"));
        for (const other of others) assertEquals(other, first);
        assertEquals(stored(store), first && describe(first));
      },
    ),
    { numRuns: 50 },
  );
});
