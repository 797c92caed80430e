/** A new key, by a command: what it tells of rooms, which know only the previous one. */

import { assertEquals, assertMatch } from "@std/assert";
import { keyCommand } from "../../../client/cli/key_command.ts";
import { loadIdentity, openStore, Profile } from "../../../client/storage/mod.ts";
import { createTestNetwork } from "../../../client/testing/mod.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { poll } from "../../helpers/wait.ts";

/** What `key rotate` says of rooms. */
async function rotate(folder: string): Promise<string[]> {
  const said: string[] = [];
  const task = { type: "key", way: "rotate" } as const;
  assertEquals(await keyCommand(task, new Profile(folder), (text) => said.push(text)), 0);
  return said.filter((text) => /room|invite/.test(text));
}

Deno.test("key rotate: names the rooms of which the new key is no member, and who can invite it", async () => {
  using folder = new TempFolder();
  {
    await using network = createTestNetwork();
    using store = await openStore(folder.path);
    const bob = await network.login("bob", { store, identity: await loadIdentity(folder.path) });
    const ada = await network.login("ada");
    const room = await ada.rooms.create("lab");
    const invited = bob.waitFor("room-invited", { timeoutMs: 60_000 });
    await room.invite(await ada.users.find("bob", { timeoutMs: 60_000 }));
    await (await invited).room.join();
    await bob.rooms.create("mine");
    await poll(() => bob.rooms.all.every(({ state }) => state === "joined"), "bob to be in both");
  }
  const [first = "", second, ...others] = await rotate(folder.path);
  assertMatch(
    first,
    /^The new key is not a member of your 2 rooms: (#lab, #mine|#mine, #lab)\. Ask someone there to invite it$/,
  );
  assertEquals([second, others], ["Nobody can invite it to #mine: make that anew", []]);
  // Whatever reads the rooms next finds that the key is another one; from then on no room is left behind.
  const [notice = "", ...more] = await rotate(folder.path);
  assertMatch(
    notice,
    /^You are no longer a member of 2 rooms \(#\w+, #\w+\): your key is another one/,
  );
  assertEquals([more, await rotate(folder.path)], [[], []]);
});
