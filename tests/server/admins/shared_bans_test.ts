import { assert, assertEquals, assertThrows } from "@std/assert";
import { SharedBans } from "../../../server/admins/mod.ts";
import { DataDirError, MimServer } from "../../../server/mod.ts";
import { refusalCodes } from "../../../protocol/mod.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { Mim2Client } from "../../helpers/mim2_client.ts";

Deno.test("bans.json: what was stored is there at the next start, with or without a cluster", async () => {
  using folder = new TempFolder();
  const bans = new SharedBans(folder.path);
  const eve = { kind: "names", who: "eve", isBanned: true, number: 3 } as const;
  assert(bans.adopt(eve));
  assert(!bans.adopt({ ...eve, number: 2, isBanned: false }));
  assert(!bans.adopt({ ...eve, isBanned: false }));
  assert(bans.adopt({ kind: "networks", who: "192.0.2.0/24", isBanned: false, number: 1 }));
  await Promise.all([bans.save(), bans.save()]);
  assertEquals((Deno.statSync(bans.path).mode ?? 0) & 0o077, 0);
  const again = new SharedBans(folder.path);
  assertEquals(again.find("names", "EVE"), eve);
  assertEquals(again.entries, { keys: [], names: ["eve"], networks: [] });

  await using server = MimServer.listen({ hostname: "127.0.0.1", port: 0, data: folder.path });
  server.changeAccess({ ban: { names: ["bob"] } }); // as SIGHUP does: both lists count
  for (const name of ["eve", "bob"]) {
    assertEquals((await Mim2Client.refused(server.port, name))?.code, refusalCodes.banned);
  }
  assertEquals(await server.ban("names", "Eve", false), { ended: 0, reach: "server" });
  assertEquals(await server.ban("names", "Eve", false), undefined);
  using _ = await Mim2Client.login(server.port, "eve");
});

Deno.test("bans.json: a file that can't be read ends the start, so that nobody is let in by mistake", async () => {
  using folder = new TempFolder();
  for (
    const text of ["", "{}", "[7]", '[{"kind":"names","who":"eve","isBanned":true,"number":0}]']
  ) {
    await Deno.writeTextFile(`${folder.path}/bans.json`, text);
    assertThrows(() => new SharedBans(folder.path), DataDirError, "bans.json");
  }
});
