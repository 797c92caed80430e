/** One window for a data folder: a second start opens a page of the first. */

import { assert, assertEquals } from "@std/assert";
import { Profile } from "../../../client/storage/profile.ts";
import { findRunningWindow } from "../../../client/window/running_window.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { inTime } from "../../helpers/wait.ts";
import { TestWindow } from "../../helpers/window.ts";

Deno.test("window: a second start opens a page of the window that runs, and ends", async () => {
  await using env = TestEnvironment.real();
  using folder = new TempFolder();
  const { at } = env.serve();
  const profile = () => new Profile(folder.path);
  assertEquals(await findRunningWindow(folder.path), undefined);
  {
    await using _ = await TestWindow.start(at, { profile: profile() });
    const { mode } = await Deno.stat(`${folder.path}/window.address`);
    if (Deno.build.os !== "windows") assertEquals((mode ?? 0) & 0o777, 0o600);
    await using second = await TestWindow.start(at, { profile: profile(), reuses: true });
    assertEquals(await inTime(second.ended, "the second window to end"), 0);
    // The address is one of the first window, valid once, and not the one in the file.
    const text = await Deno.readTextFile(`${folder.path}/window.address`);
    assert(second.address !== text.trim());
    assertEquals(new URL(second.address).origin, new URL(text).origin);
    const page = await fetch(second.address);
    assertEquals(page.status, 200);
    await page.text();
  }
  // An address of a window that has ended, or of no window, is not opened.
  assertEquals(await findRunningWindow(folder.path), undefined);
  for (
    const text of ["", "http://example.org/?token=x", "http://127.0.0.1:1/?token=" + "0".repeat(32)]
  ) {
    await Deno.writeTextFile(`${folder.path}/window.address`, text);
    assertEquals(await findRunningWindow(folder.path), undefined);
  }
});
