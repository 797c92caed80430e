/** An admin of the server, by the window's menus. */

import { assertEquals } from "@std/assert";
import { Profile } from "../../../client/storage/profile.ts";
import { loadIdentity } from "../../../client/storage/identity/mod.ts";
import { newIdentity } from "../../fixtures/keys.ts";
import { BanList } from "../../helpers/ban_list.ts";
import { chromiumTests } from "../../helpers/chromium.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { poll } from "../../helpers/wait.ts";
import { chatRow, rowOf, say } from "../../helpers/window.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

test("window: an admin ends sessions and bans people from the menu, which asks first", async (browser) => {
  using folder = new TempFolder();
  const identity = await loadIdentity(folder.path);
  const admins = [identity.publicKey.toHex()];
  const bans = new BanList(admins);
  await using scenario = await Scenario.start(browser, {
    keys: true,
    server: { access: { admins }, onBan: bans.onBan },
    window: { profile: new Profile(folder.path) },
  });
  const { ada } = scenario;
  const bob = scenario.env.user("bob", scenario.at, undefined, { identity: newIdentity() });
  await bob.login();
  const key = bob.publicKey?.toHex() ?? "";
  const choose = async (entry: string) => {
    await rowOf(ada, "bob").click({ button: "right" });
    await ada.getByRole("menuitem", { name: entry }).click();
  };
  // Escape leaves everything as it was.
  await choose("Ban from the server…");
  await ada.getByRole("dialog").waitFor();
  await ada.keyboard.press("Escape");
  await ada.getByRole("dialog").waitFor({ state: "detached" });
  assertEquals([bob.state, bans.entries.size], ["online", 0]);
  await choose("End their sessions…");
  await ada.getByRole("dialog").getByRole("button", { name: "End the sessions" }).click();
  await ada.getByText("bob: 1 session has ended.").waitFor();
  await poll(() => bob.state === "offline", "bob to be offline");
  await bob.login();
  await choose("Ban from the server…");
  await ada.getByRole("dialog").getByRole("button", { name: "Ban", exact: true }).click();
  await ada.getByText("bob is banned from this server.").waitFor();
  assertEquals([...bans.entries], [`keys ${key}`]);
  await ada.getByRole("button", { name: "Undo" }).click();
  await ada.getByText("bob may log in again.").waitFor();
  assertEquals(bans.entries.size, 0);
  // A contact who is away can be banned, and let in again.
  await bob.login();
  await rowOf(ada, "bob").click();
  await say(ada, "bob", "hello");
  await bob.saw("message", { text: "hello" });
  await choose("Ban from the server…");
  await ada.getByRole("dialog").getByRole("button", { name: "Ban", exact: true }).click();
  await poll(() => bans.entries.size === 1, "the ban");
  await rowOf(ada, "bob").waitFor({ state: "detached" });
  await chatRow(ada, "bob").click({ button: "right" });
  await ada.getByRole("menuitem", { name: "Lift the ban" }).click();
  await poll(() => bans.entries.size === 0, "the ban to be lifted");
});

test("window: nobody else finds these entries in a menu", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  await scenario.join("bob");
  await rowOf(ada, "bob").click({ button: "right" });
  await ada.getByRole("menuitem", { name: "Ignore" }).waitFor();
  assertEquals(await ada.getByRole("menuitem", { name: /Ban|sessions/ }).count(), 0);
});
