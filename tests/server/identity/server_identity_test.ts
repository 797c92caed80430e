import { assertEquals } from "@std/assert";
import { ServerIdentity } from "../../../server/identity/server_identity.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { Clock, WallClock } from "../../helpers/time.ts";

const DAY = 86_400_000;
const ADA = new Uint8Array(32).fill(1);
const EVE = new Uint8Array(32).fill(2);

for (const days of [100, 36_500, -100]) {
  Deno.test(`names: a wall clock that is ${days} days wrong for a moment gives no name away`, () => {
    using folder = new TempFolder();
    using time = new WallClock();
    {
      using server = new ServerIdentity(folder.path, 90);
      assertEquals(server.claim("ada", ADA), true);
      time.advance(days * DAY);
      assertEquals(server.claim("ada", EVE), false);
      server.recordUse([]);
      assertEquals([server.isTaken("ada"), server.claim("ada", EVE)], [true, false]);
    }
    { // a start meanwhile
      using server = new ServerIdentity(folder.path, 90);
      server.recordUse([]);
      assertEquals([server.claim("ada", EVE), server.claim("eve", EVE)], [false, true]);
    }
    time.advance(-days * DAY);
    using server = new ServerIdentity(folder.path, 90);
    server.recordUse([]);
    assertEquals([server.claim("ada", ADA), server.claim("eve", ADA)], [true, false]);
  });
}

Deno.test("names: one that is not used while the server runs for its days is free again", () => {
  using folder = new TempFolder();
  using clock = new Clock();
  using server = new ServerIdentity(folder.path, 90);
  assertEquals([server.claim("ada", ADA), server.claim("eve", EVE)], [true, true]);
  for (let day = 0; day < 91; day++) {
    clock.advance(DAY);
    server.recordUse([{ name: "eve", identity: EVE }]);
  }
  assertEquals([server.isTaken("ada"), server.claim("ada", EVE)], [false, true]);
  assertEquals(server.claim("eve", ADA), false);
});
