/** Several programs with one data folder, and the files that come in. */

import { assert, assertEquals } from "@std/assert";
import { openFiles } from "../../../../client/storage/mod.ts";
import type { TransferRecord } from "../../../../client/core/mod.ts";
import { TempFolder } from "../../../helpers/disk.ts";

const ID = "0102030405060708";

Deno.test("claims: one program has an offer until it lets go, and leaves nothing behind", async () => {
  using folder = new TempFolder();
  using one = await openFiles(folder.path);
  using two = await openFiles(folder.path);
  const claim = await one.claim(ID);
  assert(claim !== undefined);
  assertEquals(await two.claim(ID), undefined);
  const other = await two.claim("0000");
  claim[Symbol.dispose]();
  const again = await two.claim(ID);
  assert(other !== undefined && again !== undefined);
  other[Symbol.dispose]();
  again[Symbol.dispose]();
  assertEquals([...Deno.readDirSync(`${folder.path}/taking`)], []);
});

Deno.test("claims: what is only offered in one program replaces nothing that another one has taken", async () => {
  using folder = new TempFolder();
  using one = await openFiles(folder.path);
  using two = await openFiles(folder.path);
  const record: Omit<TransferRecord, "state"> = {
    ...{ id: ID, direction: "incoming", name: "ada", time: 1 },
    identity: new Uint8Array(32),
    offer: new Uint8Array(1),
  };
  const states: (string | undefined)[] = [];
  const keep = async (state: TransferRecord["state"]) => {
    await one.keepTransfer({ ...record, state });
    await two.keepTransfer({ ...record, state: "offered" });
    states.push((await one.transfer(ID, "incoming"))?.state);
  };
  for (const state of ["accepted", "paused", "done", "failed"] as const) await keep(state);
  assertEquals(states, ["accepted", "paused", "done", "offered"]);
  await two.hasForeignChanges();
  assertEquals(await two.hasForeignChanges(), false);
  await one.keepTransfer({ ...record, state: "accepted" });
  assertEquals(await two.hasForeignChanges(), true);
});
