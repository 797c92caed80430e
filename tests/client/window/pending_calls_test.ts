/** Pending calls in the window. */

import { assert, assertEquals } from "@std/assert";
import type { Locator } from "playwright-core";
import { chromiumTests } from "../../helpers/chromium.ts";
import { call, chatWith, hasFocus, hears, say, until } from "../../helpers/window.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

test("window: calls of unknown users can be accepted, refused and ignored", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada, mim } = scenario;
  await ada.getByRole("button", { name: "Settings" }).click();
  await ada.getByLabel("When someone you don't know calls").selectOption("ask");
  await ada.getByRole("button", { name: "Close", exact: true }).click();
  // Every page shows the setting.
  const other = await mim.pageIn(ada.context());
  await until(other, `document.querySelector("#unknown-callers").value === "ask"`);
  await other.close();
  const [bob, eve] = await scenario.users("bob", "eve");
  const chat = await bob.call("ada");
  await chat.send("may I?");
  await ada.getByText(/bob \(127\.0\.0\.1:\d+\) wants to talk to you/).waitFor();
  assertEquals(await chatWith(ada, "bob").count(), 0);
  await ada.getByRole("button", { name: "Accept bob" }).click();
  await hears(ada, "bob", "may I?");
  await eve.call("ada");
  await ada.getByRole("button", { name: "Refuse eve" }).click();
  await eve.saw("chat-closed", { name: "ada" });
  await eve.call("ada");
  await ada.getByRole("button", { name: "Ignore eve" }).click();
  await eve.saw("chat-closed", { name: "ada" });
  await ada.getByRole("button", { name: "Ignore bob" }).click();
  await bob.saw("chat-closed", { name: "ada" });
  await ada.getByRole("button", { name: "Settings" }).click();
  const ignored = ada.getByRole("list", { name: "Ignored" });
  await ignored.getByRole("listitem").nth(1).waitFor();
  // A double click removes one entry.
  await ignored.getByRole("button", { name: /No longer ignore eve/ }).dblclick();
  await ignored.getByText(/^eve/).waitFor({ state: "detached" });
  await ada.keyboard.press("Escape");
  // Refused calls are counted, also while the settings are open.
  await bob.call("ada");
  await bob.saw("chat-closed", { name: "ada" });
  await ada.getByRole("button", { name: "Settings" }).click();
  await ignored.getByText(/^bob at 127\.0\.0\.1, 1 call refused$/).waitFor();
  const end = ignored.getByRole("button", { name: /No longer ignore bob/ });
  await end.focus();
  await bob.call("ada");
  await ignored.getByText(/^bob at 127\.0\.0\.1, 2 calls refused$/).waitFor();
  assert(await hasFocus(end));
  await ada.keyboard.press("Escape");
  // After that many silent calls, only a call with a message is shown.
  await (await eve.call("ada")).send("sorry");
  await ada.getByRole("button", { name: "Accept eve" }).waitFor();
});

test("window: a click hits nothing that a new or ended call has moved under it", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const [bob, eve] = await scenario.users("bob", "eve");
  await call(ada, "bob");
  await say(ada, "bob", "one");
  await bob.saw("message", { text: "one" });
  await ada.getByRole("button", { name: "Settings" }).click();
  await ada.getByLabel("When someone you don't know calls").selectOption("ask");
  await ada.getByRole("button", { name: "Close", exact: true }).click();
  const close = ada.getByRole("button", { name: "Close the chat with bob" });
  const refuse = ada.getByRole("button", { name: "Refuse eve" });
  const middleOf = async (button: Locator) => {
    const { x = 0, y = 0, width = 0, height = 0 } = await button.boundingBox() ?? {};
    return { x: x + width / 2, y: y + height / 2 };
  };
  const clickAt = ({ x, y }: { x: number; y: number }) => ada.mouse.click(x, y);
  const closeAt = await middleOf(close);
  // The page's clock stands still, so that the half second does not pass before the click.
  await ada.clock.install();
  await ada.clock.pauseAt(Date.now() + 60_000);
  await eve.call("ada");
  await refuse.waitFor();
  assert((await middleOf(close)).y > closeAt.y);
  await clickAt(await middleOf(refuse));
  await clickAt(await middleOf(close));
  await say(ada, "bob", "two");
  await bob.saw("message", { text: "two" });
  assert(await refuse.isVisible());
  await ada.clock.runFor(500);
  await clickAt(await middleOf(refuse));
  await eve.saw("chat-closed", { name: "ada" });
  await refuse.waitFor({ state: "detached" });
  assertEquals(await middleOf(close), closeAt);
  await clickAt(closeAt);
  await say(ada, "bob", "three");
  await bob.saw("message", { text: "three" });
  await ada.clock.runFor(500);
  await clickAt(closeAt);
  await bob.saw("chat-closed", { name: "ada" });
});
