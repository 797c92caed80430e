/** A script's text goes to nobody by a name of the user's own. */

import { assertEquals } from "@std/assert";
import { MessageArchive } from "../../../client/app/mod.ts";
import { exitCodeOf } from "../../../client/app/exit_codes.ts";
import { refuseAliases } from "../../../client/cli/refuse_aliases.ts";
import { Profile } from "../../../client/storage/mod.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { assertRefused } from "../../helpers/test_user.ts";

Deno.test("send: a name of the user's own for somebody is refused as one that could mean several", async () => {
  using folder = new TempFolder();
  const profile = await Profile.read(folder.path);
  const send = (to: string) => refuseAliases({ type: "send", to, text: "hi" }, profile);
  await send("chief"); // there is no history yet
  const archive = new MessageArchive(profile, () => {});
  await archive.open();
  archive.keepThread({ thread: "dan", alias: "chief" });
  await archive.close();
  for (const to of ["chief", "Chief", "bob,chief"]) {
    const error = await assertRefused("not-online", () => send(to));
    assertEquals(exitCodeOf(error.code), 5);
  }
  const error = await assertRefused(
    "not-online",
    () => refuseAliases({ type: "ask", to: "chief", text: "hi", seconds: 1 }, profile),
  );
  assertEquals(
    error.message,
    '"chief" is your own name for dan: write dan, or chief@ADDRESS for whoever is called so',
  );
  for (const to of ["dan", "bob", "chief@192.0.2.1", "#chief"]) await send(to);
});
