/** Pending calls in the window. */

import { assert, assertEquals } from "@std/assert";
import { chromiumTests } from "../../helpers/chromium.ts";
import { expectValue } from "../../helpers/page_assertions.ts";
import {
  askFirst,
  call,
  chatRow,
  chatWith,
  closeButton,
  fieldFor,
  hasFocus,
  hears,
  say,
  until,
} from "../../helpers/window.ts";
import { Scenario } from "./scenarios.ts";

const test = chromiumTests();

test("window: calls of unknown users can be accepted, refused and ignored", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada, mim } = scenario;
  await askFirst(ada);
  // Every page shows the setting.
  const other = await mim.pageIn(ada.context());
  await other.getByRole("button", { name: "Settings" }).click();
  await until(other, `document.querySelector("[data-setting=strangers] select")?.value === "ask"`);
  await other.close();
  const [bob, eve] = await scenario.users("bob", "eve");
  const chat = await bob.call("ada");
  await chat.send("may I?");
  // Nothing else is open, so the request comes to the front.
  const request = ada.getByRole("region", { name: "bob" });
  await request.getByText("bob wants to talk to you").waitFor();
  // The caller's texts can be read before an answer, and how long he waits.
  await request.getByText("may I?", { exact: true }).waitFor();
  await request.getByText(/^Waits for your answer until \d/).waitFor();
  await request.getByText(/^127\.0\.0\.1:\d+$/).waitFor();
  await until(ada, 'document.title === "(1) MIM — ada"');
  assertEquals(await fieldFor(ada, "bob").count(), 0);
  await ada.getByRole("button", { name: "Accept bob" }).click();
  await hears(ada, "bob", "may I?");
  // Now a chat is open, so the next request is a row.
  await eve.call("ada");
  await ada.getByRole("option", { name: /^eve Somebody/ }).click();
  await ada.getByRole("button", { name: "Refuse eve" }).click();
  await eve.saw("chat-closed", { name: "ada" });
  await eve.call("ada");
  await ada.getByRole("option", { name: /^eve Somebody/ }).click();
  await ada.getByRole("button", { name: "Ignore eve" }).click();
  await eve.saw("chat-closed", { name: "ada" });
  await chatWith(ada, "bob").getByRole("button", { name: "More" }).click();
  await ada.getByRole("menuitem", { name: "Ignore" }).click();
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
  await ada.getByRole("option", { name: /^eve sorry/ }).click();
  await ada.getByRole("button", { name: "Accept eve" }).waitFor();
});

test("window: ignoring can be taken back at once", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const [bob] = await scenario.users("bob");
  await call(ada, "bob");
  await fieldFor(ada, "bob").fill("half a sen");
  await chatWith(ada, "bob").getByRole("button", { name: "More" }).click();
  await ada.getByRole("menuitem", { name: "Ignore" }).click();
  await bob.saw("chat-closed", { name: "ada" });
  await ada.getByText("You ignore bob.").waitFor();
  await ada.getByRole("button", { name: "Undo" }).click();
  await chatRow(ada, "bob").click();
  await expectValue(fieldFor(ada, "bob"), "half a sen");
  await say(ada, "bob", "sorry");
  await bob.saw("message", { text: "sorry" });
});

test("window: nothing moves under the mouse when a call comes", async (browser) => {
  await using scenario = await Scenario.start(browser);
  const { ada } = scenario;
  const [bob, eve] = await scenario.users("bob", "eve");
  await call(ada, "bob");
  await say(ada, "bob", "one");
  await bob.saw("message", { text: "one" });
  await askFirst(ada);
  const close = closeButton(ada, "bob");
  const before = [await close.boundingBox(), await fieldFor(ada, "bob").boundingBox()];
  await eve.call("ada");
  await ada.getByRole("option", { name: /^eve Somebody/ }).waitFor();
  assertEquals([await close.boundingBox(), await fieldFor(ada, "bob").boundingBox()], before);
});
