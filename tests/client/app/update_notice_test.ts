/** The notice that a server runs a newer version: for those who want it, and from nobody else. */

import { assertEquals } from "@std/assert";
import { noticeUpdates } from "../../../client/app/update_notice.ts";
import { newIdentity } from "../../fixtures/keys.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";

Deno.test("updates: a newer version of the server is told of once, and only if that is wanted", async () => {
  for (
    const [version, isWanted, count] of [
      ["0.10.0", true, 1],
      ["0.9.1", true, 0],
      ["0.9.0", true, 0],
      ["1.0.0", false, 0],
      [undefined, true, 0],
      ["1.0.0 (\u001b[31mnew)", true, 0],
    ] as const
  ) {
    using folder = new TempFolder();
    await using env = TestEnvironment.fake();
    const { at } = env.serve({ data: folder.path, ...version !== undefined && { version } });
    const ada = env.user("ada", at, undefined, { identity: newIdentity() });
    const notes: string[] = [];
    noticeUpdates(ada, () => isWanted, (text) => notes.push(text), "0.9.1");
    await ada.login();
    ada.logout();
    await ada.login();
    assertEquals(notes.length, count, `${version}`);
    if (count === 0) continue;
    assertEquals(notes, [
      "The server runs MIM 0.10.0, and this is MIM 0.9.1; ask whoever gave you MIM whether there is " +
      "a newer one",
    ]);
  }
});
