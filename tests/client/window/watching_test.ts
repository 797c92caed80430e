/** The window at a server that tells only of those who are watched. */

import { assertEquals } from "@std/assert";
import { Profile } from "../../../client/storage/mod.ts";
import { chromiumTests } from "../../helpers/chromium.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { RawClient } from "../../helpers/raw_client.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import { TestWindow } from "../../helpers/window.ts";

const test = chromiumTests();

test("window: the search finds people whom the server does not tell of, and says that there are others", async (browser) => {
  using folder = new TempFolder();
  using data = new TempFolder();
  await using env = TestEnvironment.real();
  const { at } = env.serve({ data: folder.path, fullTable: 1 });
  using _bob = await RawClient.login(at.port, "bob");
  using _boris = await RawClient.login(at.port, "boris");
  const profile = await Profile.read(data.path);
  await using mim = await TestWindow.start(at, { profile, classic: false });
  const page = await mim.page(browser);
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("ada");
  await page.getByRole("textbox", { name: "Name", exact: true }).press("Enter");
  await page.waitForSelector("html[data-state=online]", { state: "attached" });
  await page.getByText("3 people are online: type to find them").waitFor();
  const list = page.getByRole("listbox");
  assertEquals(await list.getByRole("option").count(), 1, "the own row");
  await page.getByRole("searchbox").fill("bo");
  await list.getByRole("option", { name: /boris/ }).waitFor();
  await list.getByRole("option", { name: /^bob/ }).click();
  await page.getByRole("searchbox").fill("");
  await list.getByRole("option", { name: /boris/ }).waitFor(); // those who were found stay
});
