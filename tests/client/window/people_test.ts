/** Everyone who is known by a key, also while they are away, and settings that a machine locks. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { CONFIG_KEYS } from "../../../client/storage/config/mod.ts";
import { Profile } from "../../../client/storage/profile.ts";
import { chromiumTests } from "../../helpers/chromium.ts";
import { expectValue } from "../../helpers/page_assertions.ts";
import { TempFolder } from "../../helpers/disk.ts";
import { poll } from "../../helpers/wait.ts";
import { TestEnvironment } from "../../helpers/test_environment.ts";
import {
  chatRow,
  chatWith,
  closeButton,
  closePanel,
  hears,
  say,
  TestWindow,
} from "../../helpers/window.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

test("window: everyone known by a key is listed, with last seen, what waits, alias and note", async (browser) => {
  await using scenario = await Scenario.start(browser, { keys: true });
  const { ada } = scenario;
  const bob = await scenario.chatWithBob();
  await scenario.join("carol"); // whom ada does not know
  await chatWith(ada, "bob").getByRole("button", { name: "More" }).click();
  await ada.getByRole("menuitem", { name: "Profile and safety number" }).click();
  await ada.getByLabel("Your name for them").fill("Bobby");
  await ada.getByLabel("Notes, for you alone").fill("owes me lunch");
  await ada.getByRole("button", { name: "Save" }).click();
  const open = async () => {
    await ada.getByRole("button", { name: "People", exact: true }).click();
    return ada.getByRole("dialog", { name: "People" }).getByRole("listitem");
  };
  const people = await open();
  assertMatch(await people.innerText(), /bob \(Bobby\)\s+Online\s+owes me lunch/);
  await closePanel(ada);
  await scenario.leave(bob);
  await chatWith(ada, "bob").getByText("What you write is sent as soon as").waitFor();
  await say(ada, "bob", "two");
  await chatWith(ada, "bob").locator('.state[data-is="queued"]').waitFor();
  await open();
  await people.getByText("1 message waits").waitFor();
  assertMatch(
    await people.innerText(),
    /bob \(Bobby\)\s+Not online · last seen .+ · 1 message waits\s+owes me lunch/,
  );
  // The filter knows both names; nobody who is unknown is there.
  const filter = ada.getByRole("searchbox", { name: "Find by name" });
  await filter.fill("carol");
  await people.waitFor({ state: "detached" });
  await filter.fill("bobb");
  // A choice opens the chat and calls nobody.
  await people.getByRole("button").press("Enter");
  await ada.getByRole("dialog").waitFor({ state: "detached" });
  await chatWith(ada, "bob").waitFor();
  // Forgotten messages leave a row among those who are not online.
  await ada.getByRole("button", { name: "Cancel" }).click();
  await chatWith(ada, "bob").getByText("not sent").waitFor();
  await closeButton(ada, "bob").click();
  const again = await scenario.join("bob");
  await chatRow(ada, "Bobby").click();
  await say(ada, "bob", "three");
  await hears(again, "ada", "three");
});

test("window: what the machine's config locks is grey and says why", async (browser) => {
  await using env = TestEnvironment.real();
  using folder = new TempFolder();
  const { at } = env.serve({ data: `${folder.path}/server` });
  const path = `${folder.path}/system.json`;
  const locked = ["strangers", "history", "bell", "autofiles", "rooms", "name", "autologin"];
  const profile = new Profile(Deno.makeTempDirSync({ dir: folder.path }), {}, "", false, {
    ...{
      path,
      locked: ["strangers", "history", "bell", "autofiles", "rooms", "name", "autologin"],
    },
    config: {
      ...{ strangers: "ask", history: 30, bell: false, autofiles: 10, rooms: "all" },
      ...{ name: "ada", autologin: true },
    },
  });
  await using mim = await TestWindow.start(at, { profile, name: "ada" });
  const ada = await mim.page(browser);
  const note = `Set for everybody on this machine, in ${path}`;
  const name = ada.getByRole("textbox", { name: "Name", exact: true });
  assert(!await name.isEditable());
  assertEquals(await name.inputValue(), "ada");
  assert(await ada.getByLabel("Log in by itself when MIM starts").isDisabled());
  assertEquals(await ada.locator(".sign-in").getByText(note).count(), 2);
  assert(await ada.getByRole("textbox", { name: "Server" }).isEditable());
  await ada.getByRole("button", { name: "Login" }).click();
  await ada.waitForSelector("html[data-state=online]", { state: "attached" });
  await ada.getByRole("button", { name: "Settings" }).click();
  const panel = ada.getByRole("dialog", { name: "Settings" });
  for (
    const [label, value] of [
      ["Messages from people you have not written to", "ask"],
      ["Keep messages", "30"],
      ["Take files of people I know without asking, up to", "10"],
      ["Notifications of rooms", "all"],
    ] as const
  ) {
    const choice = panel.getByLabel(label);
    assert(await choice.isDisabled(), label);
    assertEquals(await choice.inputValue(), value);
    assertEquals(await choice.locator(`option[value="${value}"]`).count(), 1); // what is set is there once
    const described = await choice.getAttribute("aria-describedby");
    assertEquals(await panel.locator(`#${described}`).innerText(), note);
  }
  assert(await panel.getByLabel("Sound for messages").isDisabled());
  assert(await panel.getByLabel("Notifications", { exact: true }).isEnabled());
  assertEquals(await panel.getByText(note).count(), locked.length);
  // Every setting of /set is there.
  const settings = await panel.locator("[data-setting]").all();
  const listed = await Promise.all(settings.map((each) => each.getAttribute("data-setting")));
  assertEquals(listed.toSorted(), CONFIG_KEYS.toSorted());
  // All else can be changed, and what is wrong is refused.
  await panel.getByLabel("Tell me when the server runs a newer MIM").click();
  await poll(() => profile.config.updates === true, "the setting to be saved");
  await panel.getByLabel("Mention who comes and goes").selectOption("on");
  await poll(() => profile.config.joins === "on", "the setting to be saved");
  await panel.getByLabel("Server", { exact: true }).fill("lab.example, other.example:99999");
  await panel.getByLabel("Server", { exact: true }).press("Enter");
  await ada.getByText(/Expected server to be/).first().waitFor();
  await panel.getByLabel("Server", { exact: true }).fill("lab.example, other.example:4243");
  await panel.getByLabel("Server", { exact: true }).press("Enter");
  await poll(() => profile.config.server === "lab.example, other.example:4243", "the server");
  const listen = panel.getByLabel("Address at which others reach you");
  await listen.fill("not::an address");
  await listen.press("Enter");
  await ada.getByText(/Expected listen to be|expected .*ADDR/i).first().waitFor();
  await listen.fill(":47110");
  await listen.press("Enter");
  await poll(() => profile.config.listen === ":47110", "the address to be saved");
  assert(((await listen.boundingBox())?.width ?? 0) > 150, "an address can be read in its field");
  await listen.fill("192.0.2.7");
  await listen.press("Enter");
  await ada.getByText(/Others can't reach you at "192\.0\.2\.7"/).first().waitFor();
  await expectValue(listen, ":47110");
  await listen.fill("");
  await listen.press("Enter");
  await poll(() => profile.config.listen === undefined, "the address to be reset");
  // On a small screen nothing sticks out of the panel, or has no room.
  await ada.setViewportSize({ width: 320, height: 640 });
  const edge = await panel.boundingBox();
  for (const control of await panel.locator("select, input, button").all()) {
    const box = await control.boundingBox();
    const end = (box?.x ?? NaN) + (box?.width ?? NaN);
    assert(
      edge !== null && end <= edge.x + edge.width - 8,
      `${await control.innerText()} at ${end}`,
    );
    if (await control.getAttribute("type") !== "checkbox") assert((box?.width ?? 0) > 60);
  }
});
