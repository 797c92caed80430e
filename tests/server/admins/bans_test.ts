/** Bans of a server, and of the cluster that it is part of. */

import { assertEquals, assertRejects } from "@std/assert";
import { LoginRules } from "../../../server/admission/mod.ts";
import { Bans, OnlineUsers, SharedBans } from "../../../server/admins/mod.ts";
import type { ServerOptions } from "../../../server/mod.ts";
import { encodeAdd } from "../../../protocol/mod.ts";
import { OnlineTable } from "../../../server/presence/mod.ts";
import type { UserSession } from "../../../server/session/mod.ts";
import { TempFolder } from "../../helpers/disk.ts";

function bansWith(
  shared: SharedBans,
  onBan: ServerOptions["onBan"],
  table = new OnlineTable<UserSession>(),
): Bans {
  const rules = new LoginRules({}, undefined);
  const users = new OnlineUsers(
    table,
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

Deno.test("bans: users of other servers count as disconnected once they are gone there", async () => {
  using folder = new TempFolder();
  const table = new OnlineTable<UserSession>();
  const [eve, other] = ["192.0.2.1", "192.0.2.2"].map((address) => {
    const session: UserSession = { address, end: () => {} };
    table.add(session, encodeAdd({ name: "eve", address, port: 4000 }));
    return session;
  });
  const bans = bansWith(new SharedBans(folder.path), undefined, table);
  // The server of one of them disconnects it at once, and the other one not.
  bans.spread = () => {
    if (eve !== undefined) table.delete(eve);
    return Promise.resolve(true);
  };
  const banned = bans.change("names", "eve", true);
  await bans.close();
  assertEquals(await banned, { ended: 1, reach: "cluster" });
  if (other !== undefined) table.delete(other);
});

Deno.test("bans: the answer waits for servers that disconnect somebody a moment later", async () => {
  using folder = new TempFolder();
  const table = new OnlineTable<UserSession>();
  const eve: UserSession = { address: "192.0.2.1", end: () => {} };
  table.add(eve, encodeAdd({ name: "eve", address: eve.address, port: 4000 }));
  const bans = bansWith(new SharedBans(folder.path), undefined, table);
  bans.spread = () => {
    setTimeout(() => table.delete(eve), 100);
    return Promise.resolve(true);
  };
  assertEquals(await bans.change("names", "eve", true), { ended: 1, reach: "cluster" });
  await bans.close();
});

Deno.test("bans: the answer says why a cluster that is there has not taken one", async () => {
  using folder = new TempFolder();
  const bans = bansWith(new SharedBans(folder.path), undefined);
  bans.spread = () => Promise.resolve(false);
  assertEquals(await bans.change("names", "eve", true), { ended: 0, reach: "cluster-later" });
  bans.whyNotSpread = () => "no room";
  assertEquals(await bans.change("names", "bob", true), {
    ended: 0,
    reach: "cluster-later",
    reason: "no room",
  });
  await bans.close();
});
