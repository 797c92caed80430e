/** Bans of a server, and of the cluster that it is part of. */

import { assertEquals, assertRejects } from "@std/assert";
import { LoginRules } from "../../../server/admission/mod.ts";
import { Bans, OnlineUsers, SharedBans } from "../../../server/admins/mod.ts";
import type { ServerOptions } from "../../../server/mod.ts";
import { OnlineTable } from "../../../server/presence/mod.ts";
import type { UserSession } from "../../../server/session/mod.ts";
import { TempFolder } from "../../helpers/disk.ts";

function bansWith(shared: SharedBans, onBan: ServerOptions["onBan"]): Bans {
  const rules = new LoginRules({}, undefined);
  const users = new OnlineUsers(
    new OnlineTable<UserSession>(),
    rules,
    () => undefined,
  );
  return new Bans(users, onBan, shared);
}

Deno.test("bans: if the server's own file can't be changed, a ban of the cluster stays until it can", async () => {
  using folder = new TempFolder();
  const shared = new SharedBans(folder.path);
  shared.adopt({ kind: "names", who: "eve", isBanned: true, number: 1 });
  let isDamaged = true;
  const told: boolean[] = [];
  const bans = bansWith(shared, () => {
    return isDamaged ? Promise.reject(new Error("damaged")) : Promise.resolve(undefined);
  });
  bans.spread = ({ isBanned }) => {
    told.push(isBanned);
    return Promise.resolve(true);
  };
  await assertRejects(
    () => bans.change("names", "eve", false),
    Error,
    "damaged",
  );
  assertEquals(shared.find("names", "eve")?.isBanned, true);
  isDamaged = false;
  assertEquals(await bans.change("names", "eve", false), {
    ended: 0,
    reach: "cluster",
  });
  assertEquals(told, [false]);
  await bans.close();
});

Deno.test("bans: what is too long for a name is none, since other servers could not read it", async () => {
  using folder = new TempFolder();
  const shared = new SharedBans(folder.path);
  const bans = bansWith(shared, undefined);
  bans.spread = () => Promise.resolve(true);
  await assertRejects(
    () => bans.change("names", "e".repeat(65), true),
    RangeError,
  );
  assertEquals([...shared.all()], []);
  assertEquals(await bans.change("names", "e".repeat(64), true), {
    ended: 0,
    reach: "cluster",
  });
  await bans.close();
});
