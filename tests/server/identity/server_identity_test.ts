import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { ServerIdentity } from "../../../server/identity/server_identity.ts";
import { fillDiskOf, freeDiskOf, TempFolder } from "../../helpers/disk.ts";
import { LogRecords } from "../../helpers/log_records.ts";
import { Clock, WallClock } from "../../helpers/time.ts";

const DAY = 86_400_000;
const ADA = new Uint8Array(32).fill(1);
const EVE = new Uint8Array(32).fill(2);

function claims(server: ServerIdentity, name: string, key: Uint8Array): boolean {
  const certificate = server.certify(name, key);
  assertNotEquals(certificate, undefined);
  return certificate !== "taken";
}

for (const days of [100, 36_500, -100]) {
  Deno.test(`names: a wall clock that is ${days} days wrong for a moment gives no name away`, () => {
    using folder = new TempFolder();
    using time = new WallClock();
    {
      using server = new ServerIdentity(folder.path, 90);
      assertEquals(claims(server, "ada", ADA), true);
      time.advance(days * DAY);
      assertEquals(claims(server, "ada", EVE), false);
      server.recordUse([]);
      assertEquals([server.isTaken("ada"), claims(server, "ada", EVE)], [true, false]);
    }
    { // a start meanwhile
      using server = new ServerIdentity(folder.path, 90);
      server.recordUse([]);
      assertEquals([claims(server, "ada", EVE), claims(server, "eve", EVE)], [false, true]);
    }
    time.advance(-days * DAY);
    using server = new ServerIdentity(folder.path, 90);
    server.recordUse([]);
    assertEquals([claims(server, "ada", ADA), claims(server, "eve", ADA)], [true, false]);
  });
}

Deno.test("names: one that is not used while the server runs for its days is free again", () => {
  using folder = new TempFolder();
  using clock = new Clock();
  using server = new ServerIdentity(folder.path, 90);
  assertEquals([claims(server, "ada", ADA), claims(server, "eve", EVE)], [true, true]);
  for (let day = 0; day < 91; day++) {
    clock.advance(DAY);
    server.recordUse([{ name: "eve", identity: EVE }]);
  }
  assertEquals([server.isTaken("ada"), claims(server, "ada", EVE)], [false, true]);
  assertEquals(claims(server, "eve", ADA), false);
});

Deno.test("a server that has names but no key any more says that its key is new", async () => {
  using folder = new TempFolder();
  await using log = await LogRecords.start();
  const warnings = () => log.shown.filter((line) => line.startsWith("warning"));
  new ServerIdentity(folder.path, 0)[Symbol.dispose]();
  assertEquals(warnings(), [], "the first start");
  Deno.removeSync(`${folder.path}/server.key`);
  new ServerIdentity(folder.path, 0)[Symbol.dispose]();
  assertMatch(warnings()[0] ?? "", /server\.key was missing: this server has a new key/);
  new ServerIdentity(folder.path, 0)[Symbol.dispose]();
  assertEquals(warnings().length, 1, "once");
});

Deno.test("a server's files that everybody could write are closed, with a warning", {
  ignore: Deno.build.os === "windows",
}, async () => {
  using folder = new TempFolder();
  await using log = await LogRecords.start();
  const path = `${folder.path}/access.json`;
  Deno.writeTextFileSync(path, "{}");
  Deno.chmodSync(path, 0o666);
  new ServerIdentity(folder.path, 0)[Symbol.dispose]();
  assertEquals((Deno.statSync(path).mode ?? 0) & 0o777, 0o664);
  assertEquals(log.shown.filter((line) => line.includes(path)).length, 1);
});

Deno.test("names: what a cluster has settled while the disk is full counts, and is recorded later", () => {
  using folder = new TempFolder();
  using server = new ServerIdentity(folder.path, 90);
  assertEquals(claims(server, "bob", ADA), true);
  fillDiskOf(`${folder.path}/names.db`);
  const claimOf = (name: string, identity: Uint8Array) => ({
    ...server.newClaim(name, identity, Date.now()),
    name,
  });
  const settled = [claimOf("ada", ADA), claimOf("bob", EVE)];
  for (const claim of settled) assertEquals(server.adoptClaims([claim]), false);
  for (let count = 0; count < 2; count++) {
    server.retry();
    assertMatch(server.problem ?? "", /disk is full/);
    assertEquals(server.claimOf("ada"), { claim: settled[0] });
    assertEquals(server.isTaken("ada"), true);
    assertEquals(server.claims("all"), settled);
    assertEquals([server.certify("bob", ADA), server.certify("bob", EVE)], ["taken", undefined]);
  }
  freeDiskOf(`${folder.path}/names.db`);
  server.retry();
  assertEquals(server.problem, undefined);
  assertEquals(server.claimOf("bob"), { claim: settled[1] });
  assertEquals([claims(server, "ada", EVE), claims(server, "bob", EVE)], [false, true]);
});

Deno.test("names: a full disk is a problem until something can be written", () => {
  using folder = new TempFolder();
  using server = new ServerIdentity(folder.path, 90);
  assertEquals(claims(server, "ada", ADA), true);
  fillDiskOf(`${folder.path}/names.db`);
  server.recordUse([{ name: "ada", identity: ADA }]);
  for (let count = 0; count < 2; count++) {
    server.retry();
    assertMatch(server.problem ?? "", /disk is full/);
  }
  freeDiskOf(`${folder.path}/names.db`);
  server.retry();
  assertEquals(server.problem, undefined);
});
