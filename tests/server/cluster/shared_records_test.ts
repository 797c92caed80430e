/** The records of a cluster's servers, at a server whose store comes and goes. */

import { assertEquals, assertMatch } from "@std/assert";
import { identityOf } from "../../../protocol/mod.ts";
import { SharedBans } from "../../../server/admins/mod.ts";
import { claimKeyOf, encodeClaimRecord } from "../../../server/cluster/claim_record.ts";
import { SharedRecords } from "../../../server/cluster/shared_records.ts";
import { ServerIdentity } from "../../../server/identity/mod.ts";
import { testKey } from "../../fixtures/keys.ts";
import { MemoryStore } from "../../helpers/record_store.ts";
import { hasReadAll } from "../../helpers/cluster_nodes.ts";
import { fillDiskOf, freeDiskOf, TempFolder } from "../../helpers/disk.ts";
import { LogRecords } from "../../helpers/log_records.ts";
import { poll } from "../../helpers/wait.ts";

const [ADA, EVE, BOB] = [identityOf(testKey(1)), identityOf(testKey(2)), identityOf(testKey(3))];

/** A server's identity; it has names from before it was in a cluster. */
function identityIn(folder: TempFolder): ServerIdentity {
  const identity = new ServerIdentity(folder.path, 90);
  for (const [name, key] of [["ada", EVE], ["bob", BOB]] as const) identity.certify(name, key);
  return identity;
}

function recordsOf(identity: ServerIdentity, { path: folder }: TempFolder): SharedRecords {
  const server = {
    ...{ identity, folder, bans: new SharedBans(folder) },
    ...{ onBans: () => {}, namesInUse: () => [] },
  };
  return new SharedRecords(server, "bucket", () => Promise.resolve("unknown"));
}

Deno.test("cluster records: a server joins only once all names of the store that it has now are read", async () => {
  using folder = new TempFolder();
  using identity = identityIn(folder);
  const records = recordsOf(identity, folder);
  // A write waits as the connection is lost, and what comes after it waits, too.
  const [first, second, store] = [new MemoryStore(), new MemoryStore(), new MemoryStore()];
  const [writing, written] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  first.beforeWrite = () => {
    writing.resolve();
    return written.promise;
  };
  records.connect(first, "");
  records.complete();
  await writing.promise;
  records.connect(second, "");
  records.complete();
  records.connect(store, "");
  written.resolve();
  await poll(() => first.values.size === 1, "the write");
  // Another server's claim comes, which counts at the first start.
  const claim = { name: "ada", identity: ADA, claimed: 1, used: 1 };
  const value = encodeClaimRecord({ claim, signature: identity.signClaim(claim) });
  await store.create(claimKeyOf("ada"), value);
  records.take(store.all);
  records.complete();
  await hasReadAll(folder);
  assertEquals(identity.claimOf("ada")?.claim?.identity, ADA);
  assertEquals([...store.values.keys()].sort(), ["ada", "bob"].map(claimKeyOf).sort());
  await records.close();
});

Deno.test("cluster records: a store that takes nothing is logged, and nothing can be claimed until it does", async () => {
  using folder = new TempFolder();
  using identity = new ServerIdentity(folder.path, 90);
  await using log = await LogRecords.start();
  const records = recordsOf(identity, folder);
  const store = new MemoryStore();
  store.beforeWrite = () => Promise.reject(new Error("insufficient resources"));
  records.connect(store, "");
  records.complete();
  assertEquals(records.canWrite, true);
  for (const name of ["cat", "dan"]) {
    assertEquals(await records.claims.settle(name, ADA), false);
    assertEquals([records.isReachable, records.canWrite], [true, false]);
    assertEquals(records.failure, "insufficient resources");
  }
  const shown = log.shown.filter((line) => line.includes("insufficient resources"));
  assertEquals(shown.length, 1);
  assertMatch(shown[0] ?? "", /^warning server: cluster: NATS is there, but has not taken .*room/);
  store.beforeWrite = () => Promise.resolve();
  await poll(() => {
    records.tick();
    return records.canWrite;
  }, "that it takes a value");
  assertEquals([...store.values.keys()], ["probe"]);
  assertEquals(await records.claims.settle("cat", ADA), true);
  assertEquals(records.failure, undefined);
  records.connect(undefined, "no quorum");
  assertEquals(records.failure, "no quorum");
  await records.close();
});

Deno.test("cluster records: what comes while the disk is full is in the copy once there is room", async () => {
  using folder = new TempFolder();
  using identity = identityIn(folder);
  const records = recordsOf(identity, folder);
  const store = new MemoryStore();
  records.connect(store, "");
  records.complete();
  await hasReadAll(folder);
  fillDiskOf(`${folder.path}/names.db`);
  const claim = identity.newClaim("cat", ADA, Date.now());
  const value = encodeClaimRecord({ claim, signature: identity.signClaim(claim) });
  await store.create(claimKeyOf("cat"), value);
  records.take(store.all);
  identity.retry();
  assertMatch(identity.problem ?? "", /disk is full/);
  // Whoever erases it in NATS does not get it.
  store.values.delete(claimKeyOf("cat"));
  assertEquals(records.claims.settle("cat", EVE), undefined, "it is known whose it is");
  assertEquals(identity.certify("cat", EVE), "taken");
  assertEquals(await records.claims.recall(claimKeyOf("cat")), true);
  freeDiskOf(`${folder.path}/names.db`);
  identity.retry();
  assertEquals(identity.problem, undefined);
  await records.close();
  identity[Symbol.dispose]();
  using again = new ServerIdentity(folder.path, 90);
  assertEquals(again.claimOf("cat"), { claim });
});

Deno.test("cluster records: a server whose first write fails joins all the same, a moment later", async () => {
  using folder = new TempFolder();
  using identity = identityIn(folder);
  const records = recordsOf(identity, folder);
  const store = new MemoryStore();
  let writes = 0;
  store.beforeWrite = () => ++writes === 2 ? Promise.reject(new Error("late")) : Promise.resolve();
  records.connect(store, "");
  records.complete();
  await poll(() => {
    records.tick();
    return store.values.size === 2;
  }, "both names");
  await hasReadAll(folder);
  await records.close();
});
